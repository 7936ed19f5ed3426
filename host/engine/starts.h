/** The starts of a batch: niches made once for all runs that share them, states uploaded. */
#ifndef DG_STARTS_H
#define DG_STARTS_H

#include "host/engine/batch_plan.h"
#include "host/directory/inventory.h"

/** Where runs stand that were begun before. */
typedef struct dg_starts_source {
    const dg_inventory *inventory;
    const dg_fingerprint *id; /* [runs of the experiment] */
} dg_starts_source;

/**
 * Create a batch and bring every run of it to generation 0, or to where a checkpoint left it, on all
 * threads.
 *
 * @param batch    receives the batch; the caller destroys it
 * @param params   receives [plan->options.runs] parameters; freed by the caller. May be NULL
 * @param source   checkpoints; NULL: all runs begin at generation 0
 * @param seconds  added to: time of the threads together; may be NULL
 */
DG_MUST_CHECK dg_status dg_starts_make(dg_batch **batch, dg_params **params,
                                       const dg_backend *backend, const dg_experiment *experiment,
                                       const dg_batch_plan *plan, const dg_starts_source *source,
                                       double *seconds);

#endif
