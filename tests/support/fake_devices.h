/** Fake GPUs: a backend named "cuda" that computes with the functions of the CPU backend. */
#ifndef DG_TEST_FAKE_DEVICES_H
#define DG_TEST_FAKE_DEVICES_H

#include "host/backends/devices.h"

#include <stdatomic.h>

enum { FAKE_MOST = 4 };

/** Properties of the devices; zeroed: there are none. */
typedef struct fake_settings {
    int32_t devices;                /* number of devices */
    int64_t memory_free[FAKE_MOST]; /* bytes; 0: unknown */
    int64_t run_bytes;              /* memory of a run in bytes; 0: as on a CPU */
    bool cublas;                    /* accept policy.forward: cublas (and compute gather) */
    bool
        meet; /* each device's first batch, and its first portion, waits for those of all devices */
    int32_t failing;               /* 1 + device on which advances fail; 0: none */
    int32_t capability[FAKE_MOST]; /* compute capability x 10; 0: 90 */
    int32_t agents_most;           /* most agents of a run that fits; 0: no limit */
    bool silent[FAKE_MOST];        /* describe() fails */
    int32_t portion;     /* generations after which an advance waits for a pause; 0: never */
    volatile int *stop;  /* set to 1 when the first portion ends, or memory fails; may be NULL */
    int32_t room;        /* runs of a batch that there is memory for; -1: of none, 0: of any */
    int32_t room_agents; /* agents of all runs of a batch that there is memory for; 0: any */
    double download_seconds; /* duration of a download(), so that saving is slow */
    int32_t broken; /* number of advances, on all devices, before all later ones fail; 0: none */
} fake_settings;

/** Counts of the calls so far. */
typedef struct fake_seen {
    atomic_int batches[FAKE_MOST];  /* created on each device */
    atomic_int portions[FAKE_MOST]; /* advanced on each device, where devices meet */
    atomic_int opened;
    atomic_int runs;
    atomic_int largest; /* runs of the largest batch */
    atomic_int held;    /* batches not destroyed */
    atomic_int advances;
    atomic_int restored; /* runs that continued from a later generation than 0 */
} fake_seen;

extern fake_seen fake_seen_so_far;

/** The fake backend with these settings from now on; resets the counts. */
const dg_backend *fake_backend(const fake_settings *settings);

/** All its devices, as for `--device cuda`. */
dg_devices fake_devices(const fake_settings *settings);

/** The CPU backend with only `portion`, `stop`, `download_seconds` and `broken` of the settings. */
dg_devices fake_cpu(const fake_settings *settings);

#endif
