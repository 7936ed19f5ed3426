/** Which runs of an experiment are held together: batches of one shape, as large as memory allows. */
#ifndef DG_BATCH_PLAN_H
#define DG_BATCH_PLAN_H

#include "host/config.h"
#include "kernels/backend.h"

/** Runs of one shape and one choice of traced generations. */
typedef struct dg_batch_plan {
    dg_shape shape;
    dg_batch_options options; /* options.runs = how many */
    size_t *run;              /* [options.runs] indices within the experiment, ascending */
} dg_batch_plan;

/** Shape and trace of one run; options->runs is 1, threads and vector come from `how`. */
void dg_batch_describe(const dg_config *config, const dg_options *how, dg_shape *shape,
                       dg_batch_options *options);

/**
 * Cut an experiment into batches. A batch holds at most how->batch runs, or as many as half of the
 * free memory takes.
 *
 * @param out    receives `count` plans; free with dg_batch_plans_free()
 */
DG_MUST_CHECK dg_status dg_batch_plans_make(dg_batch_plan **out, size_t *count,
                                            const dg_experiment *experiment, const dg_options *how,
                                            const dg_backend *backend);

void dg_batch_plans_free(dg_batch_plan **plans, size_t count);

#endif
