/** GPUs that are none: a backend named "cuda" whose devices hand all work to the CPU's functions. */
#ifndef DG_TEST_FAKE_DEVICES_H
#define DG_TEST_FAKE_DEVICES_H

#include "host/backends/devices.h"

#include <stdatomic.h>

enum { FAKE_MOST = 4 };

/** What the devices are like; zeroed: none answers. */
typedef struct fake_settings {
    int32_t devices;
    int64_t memory_free[FAKE_MOST]; /* 0: unknown */
    int64_t run_bytes;              /* what a run takes; 0: as on a CPU */
    bool cublas;                    /* takes policy.forward: cublas (and computes the gather) */
    bool meet;                      /* the first batches wait until every device has one */
    int32_t failing;                /* 1 + device whose first batch fails to advance; 0: none */
    int32_t capability[FAKE_MOST];  /* 0: 90 */
    int32_t agents_most;            /* of a shape that fits; 0: any */
    bool silent[FAKE_MOST];         /* fails to describe itself */
    int32_t portion;         /* generations after which an advance waits to be paused; 0: never */
    volatile int *stop;      /* set to 1 by the first portion that ends; may be NULL */
    double download_seconds; /* that reading a run back takes, so that saving is slow */
    int32_t broken;          /* advances of all devices after which every one fails; 0: none does */
} fake_settings;

/** What they were asked. */
typedef struct fake_seen {
    atomic_int batches[FAKE_MOST];
    atomic_int runs;
    atomic_int largest; /* runs of the largest batch */
    atomic_int held;    /* batches not destroyed */
    atomic_int advances;
    atomic_int restored; /* runs that began at a later generation */
} fake_seen;

extern fake_seen fake_seen_so_far;

/** The backend, from now on like this; forgets what was seen. */
const dg_backend *fake_backend(const fake_settings *settings);

/** All its devices, as `--device cuda` finds them. */
dg_devices fake_devices(const fake_settings *settings);

/** The CPU, of which `portion`, `stop`, `download_seconds` and `broken` alone are as in the settings. */
dg_devices fake_cpu(const fake_settings *settings);

#endif
