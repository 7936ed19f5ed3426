/** What an experiment will take - runs, memory, time, disk - found out before anything starts. */
#ifndef DG_ESTIMATE_H
#define DG_ESTIMATE_H

#include "host/backends/devices.h"
#include "host/config/config.h"

/** Runs that agree on their sizes; the engine holds them in batches of their own. */
typedef struct dg_estimate_shape {
    dg_config config; /* of the first of them */
    size_t runs;
    int64_t agent_steps; /* of one run: agents x steps x generations */
    int64_t run_bytes;   /* memory of one run while it is held, of the device */
    int64_t file_bytes;  /* of one run in the result, before compression */
    int32_t in_flight;   /* runs in its largest batch */
    int32_t room;        /* runs that a device could hold at once */
    int32_t probed;      /* runs that were timed together; on a CPU 1 */
    double run_seconds;  /* start included; nan: not measured. CPU: of one run on one thread;
                             GPU: of `probed` runs together / probed */
} dg_estimate_shape;

typedef struct dg_estimate {
    size_t runs;
    dg_estimate_shape *shape; /* [shapes] in order of first appearance */
    size_t shapes;
    dg_devices devices;  /* that the plan is for */
    size_t batches;      /* the engine's, one after the other on each device */
    int64_t held_bytes;  /* memory of the largest batch, of the device */
    int threads;         /* CPU threads */
    int64_t memory_free; /* of the device with the least of it, bytes; 0: unknown */
    int64_t agent_steps; /* of all runs */
    int64_t file_bytes;  /* of the result, before compression */
    int64_t batch_bytes; /* of the batches that it is made of, before compression */
    int64_t
        saved_bytes; /* of checkpoints at most: two of a batch on each device, before compression */
    double seconds;  /* wall time of all runs; nan: not measured */
} dg_estimate;

/**
 * Count, add up and time: the first run of each shape is advanced for a moment, 0.3 s in all.
 *
 * @param out      filled in; freed with dg_estimate_free()
 * On GPUs a whole batch is: runs of a batch share the device, so one alone would tell nothing.
 *
 * @param options  device, threads, vector and batch count; may be NULL
 * @return DG_OK, DG_ERR_ARGUMENT (options), DG_ERR_UNSUPPORTED (device, policy.forward),
 *         DG_ERR_MEMORY (also where a run does not fit a GPU)
 */
DG_MUST_CHECK dg_status dg_estimate_make(dg_estimate *out, const dg_experiment *experiment,
                                         const dg_options *options);

/**
 * Seconds of a run that takes `start` to begin and of which a generation cut to `steps` steps takes
 * `generation`; of several runs together where these are.
 */
double dg_estimate_run_seconds(const dg_config *config, double start, double generation,
                               int64_t steps);

/** Wall time of all runs from the time of one run of each shape, on a host of `cores` cores. */
double dg_estimate_wall_seconds(const dg_estimate *plan, int cores);

/** Free what the plan holds. */
void dg_estimate_free(dg_estimate *plan);

#endif
