/** Estimates of an experiment before it is run: batches, memory, time, disk space. */
#ifndef DG_ESTIMATE_H
#define DG_ESTIMATE_H

#include "host/backends/devices.h"
#include "host/config/config.h"

/** Runs with the same sizes; the engine does not mix them with others in a batch. */
typedef struct dg_estimate_shape {
    dg_config config; /* of its first run */
    size_t runs;
    int64_t agent_steps; /* of one run: agents x steps x generations */
    int64_t run_bytes;   /* memory of one run on the device, bytes */
    int64_t file_bytes;  /* of one run in results.nc, before compression */
    int32_t in_flight;   /* number of runs in its largest batch */
    int32_t room;        /* number of runs that a device could hold at once */
    int32_t probed;      /* number of runs that were timed together; 1 on a CPU */
    double run_seconds;  /* including its start; nan: not measured. CPU: one run on one thread;
                             GPU: `probed` runs together / probed */
} dg_estimate_shape;

typedef struct dg_estimate {
    size_t runs;
    dg_estimate_shape *shape; /* [shapes] in order of first appearance */
    size_t shapes;
    dg_devices devices;  /* on which the runs would be computed */
    size_t batches;      /* number; each device computes one at a time */
    int64_t held_bytes;  /* memory of the largest batch on the device */
    int threads;         /* CPU threads */
    int64_t memory_free; /* bytes, of the device with the least; 0: unknown */
    /* of all runs; double, as they may exceed 64 bits */
    double agent_steps;
    double file_bytes;    /* of results.nc, before compression */
    double batch_bytes;   /* of all batch files, before compression */
    int64_t saved_bytes;  /* upper bound: two checkpoints per device, before compression */
    double seconds;       /* wall time of all runs; nan: not measured */
    double merge_seconds; /* of writing results.nc on one thread: estimated, not measured */
    int64_t list_bytes;   /* memory of the list of runs in a call that goes on, one shard or all */
} dg_estimate;

/**
 * Estimate memory, time and disk space. For the time the first run of each shape is advanced, 0.3 s
 * in total; on GPUs a batch of them, as the runs of a batch share the device.
 *
 * @param out      receives the estimate; freed with dg_estimate_free()
 * @param options  device, threads, vector and batch are used; may be NULL
 * @return DG_OK, DG_ERR_ARGUMENT (options), DG_ERR_UNSUPPORTED (device, policy.forward),
 *         DG_ERR_MEMORY (also if a run does not fit a GPU)
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

/** Free the members of an estimate. */
void dg_estimate_free(dg_estimate *plan);

#endif
