/** Which runs of an experiment are held together: batches of one shape, as large as memory allows. */
#ifndef DG_BATCH_PLAN_H
#define DG_BATCH_PLAN_H

#include "host/backends/devices.h"

/** Runs of one shape and one choice of traced generations; with cuBLAS all of them or none. */
typedef struct dg_batch_plan {
    dg_shape shape;
    dg_batch_options options; /* options.runs = how many */
    int32_t first;            /* generation at which all its runs begin; a CPU takes any: 0 */
    size_t order; /* its place among the batches, before those of most work come first */
    size_t *run;  /* [options.runs] indices within the experiment, in order of computing */
} dg_batch_plan;

/** Which runs to compute, and from which generation on. */
typedef struct dg_run_selection {
    const size_t *run;    /* [count] in order of computing */
    const int32_t *begun; /* [count] generations that are done */
    size_t count;
} dg_run_selection;

/** Agent-steps of a batch that are left: the measure of its work. */
double dg_batch_work(const dg_batch_plan *plan);

/**
 * Runs like `plan`'s that one of the devices may hold at once: as many as 90 % of the free device
 * memory and half of the free host memory take. May be 0 on a GPU, never on a CPU.
 */
int32_t dg_batch_room(const dg_batch_plan *plan, const dg_devices *devices);

/**
 * Cut an experiment into batches. A batch holds at most how->batch runs, and no more than its device
 * has room for; on several devices, about one device's share of the work, the batches of most work
 * first. Runs of a batch on a GPU begin at one generation.
 *
 * @param which  the runs to compute; NULL: all, from the start
 * @param out    receives `count` plans; free with dg_batch_plans_free()
 * @return DG_OK, DG_ERR_MEMORY (also where a single run does not fit a GPU), DG_ERR_UNSUPPORTED (a
 *         shape that one of the devices cannot compute)
 */
DG_MUST_CHECK dg_status dg_batch_plans_make(dg_batch_plan **out, size_t *count,
                                            const dg_experiment *experiment,
                                            const dg_run_selection *which, const dg_options *how,
                                            const dg_devices *devices);

void dg_batch_plans_free(dg_batch_plan **plans, size_t count);

#endif
