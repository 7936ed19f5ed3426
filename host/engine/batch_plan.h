/** Dividing the runs of an experiment into batches: of one shape, as large as memory allows. */
#ifndef DG_BATCH_PLAN_H
#define DG_BATCH_PLAN_H

#include "host/backends/devices.h"

/** A batch: runs with the same shape, traced generations, and use of cuBLAS. */
typedef struct dg_batch_plan {
    dg_shape shape;
    dg_batch_options options; /* options.runs: number of runs */
    int32_t first; /* generation from which all runs continue; 0 on a CPU, where they may differ */
    size_t order;  /* position before sorting by work */
    size_t *run;   /* [options.runs] indices in the experiment, in the order of computing */
} dg_batch_plan;

/** Which runs to compute, and from which generation on. */
typedef struct dg_run_selection {
    const size_t *run;    /* [count] in order of computing */
    const int32_t *begun; /* [count] finished generations of each */
    size_t count;
    int32_t sharing; /* calls on this machine that share its memory, as for dg_memory_available() */
} dg_run_selection;

/** Agent-steps of a batch that are left to compute: the measure of its work. */
double dg_batch_work(const dg_batch_plan *plan);

/**
 * How many runs like those of `plan` a device can hold at once, by 90 % of the free device memory
 * and half of the free host memory. May be 0 on a GPU; on a CPU at least 1.
 *
 * @param sharing  as in dg_run_selection
 */
int32_t dg_batch_room(const dg_batch_plan *plan, const dg_devices *devices, int32_t sharing);

/**
 * Divide an experiment into batches. A batch has at most how->batch runs, and not more than
 * dg_batch_room(); with several devices it has about one device's share of the work, and the
 * batches with most work come first. On a GPU all runs of a batch continue from the same
 * generation.
 *
 * @param out    receives *count plans; free with dg_batch_plans_free()
 * @param which  the runs to compute; NULL: all, from the start
 * @param how    batch, threads and vector are used
 * @return DG_OK, DG_ERR_MEMORY (also if a single run does not fit a GPU), DG_ERR_UNSUPPORTED (a
 *         shape that one of the devices cannot compute)
 */
DG_MUST_CHECK dg_status dg_batch_plans_make(dg_batch_plan **out, size_t *count,
                                            const dg_experiment *experiment,
                                            const dg_run_selection *which, const dg_options *how,
                                            const dg_devices *devices);

void dg_batch_plans_free(dg_batch_plan **plans, size_t count);

#endif
