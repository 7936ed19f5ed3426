/**
 * What tests may ask of the emulated devices, beside the CUDA interface. Plain C.
 *
 * Environment, read once:
 *   DIGICO_EMULATOR_SEED              as dg_emulator_seed(); 1
 *   DIGICO_EMULATOR_SCHEDULE          ascending, descending, random, ahead or mixed; mixed
 *   DIGICO_EMULATOR_FAIL_ALLOCATION   as dg_emulator_fail_allocation(); 0
 *   DIGICO_EMULATED_DEVICES           devices that answer; 0: none, below: no driver; 1
 *   DIGICO_EMULATED_MULTIPROCESSORS   of each device; 4
 *   DIGICO_EMULATED_MEMORY            bytes of each device; 1 GiB
 */
#ifndef DG_EMULATOR_CONTROL_H
#define DG_EMULATOR_CONTROL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who goes on where several could. No correct kernel can tell them apart. */
typedef enum dg_emulator_order {
    DG_EMULATOR_ASCENDING, /* lanes, warps, blocks by index, in turn; streams as late as possible */
    DG_EMULATOR_DESCENDING, /* the other way round; streams as early as possible */
    DG_EMULATOR_RANDOM,     /* another warp at every barrier; several blocks at once */
    DG_EMULATOR_AHEAD,      /* one warp runs until it must wait for others */
    DG_EMULATOR_MIXED       /* one of the above for each launch */
} dg_emulator_order;

/** Start the sequence of random choices again. */
void dg_emulator_seed(uint64_t seed);

void dg_emulator_schedule(dg_emulator_order order);

/** The count-th allocation from now on fails, device or host; 0: none. */
void dg_emulator_fail_allocation(int64_t count);

/** What an emulated machine has instead of its defaults; 0: the default. */
typedef struct dg_emulator_machine {
    int32_t
        driver; /* version of CUDA that the driver is for, such as 12020; default: the runtime's */
    int32_t
        capability;   /* of all devices, such as 75; default 90. The program has code from 80 on */
    int32_t busy;     /* 1 + the device that another process holds alone */
    int32_t together; /* most blocks of a cooperative launch, whatever the occupancy promises */
} dg_emulator_machine;

/** Before the first call of a test that depends on it. */
void dg_emulator_machine_set(const dg_emulator_machine *machine);

/** What has been asked of all devices so far. */
typedef struct dg_emulator_counts {
    int64_t launches; /* kernels executed, those of graphs included */
    int64_t graphs;   /* graph launches */
    int64_t synchronisations;
    int64_t bytes_to_host;
    int64_t bytes_to_device;
    int64_t bytes_held;      /* device memory not freed */
    int64_t host_bytes_held; /* page-locked memory not freed */
    int64_t switches;        /* between threads of kernels */
} dg_emulator_counts;

dg_emulator_counts dg_emulator_counted(void);

#ifdef __cplusplus
}
#endif

#endif
