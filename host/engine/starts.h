/** Creating a batch and uploading the states from which its runs start or continue. */
#ifndef DG_STARTS_H
#define DG_STARTS_H

#include "host/engine/batch_plan.h"
#include "host/directory/inventory.h"

/** Checkpoints from which runs may continue. */
typedef struct dg_starts_source {
    const dg_inventory *inventory;
    const dg_fingerprint *id; /* [runs of the experiment] */
} dg_starts_source;

/**
 * Create a batch; upload the initial state of each run, or the state, records and trace of its
 * latest checkpoint. Uses plan->options.threads threads; tessellations are made once for all runs
 * that share them.
 *
 * @param batch    receives the batch; the caller frees it with backend->destroy()
 * @param params   receives [plan->options.runs] parameters, freed by the caller; may be NULL
 * @param source   NULL: all runs start at generation 0
 * @param seconds  the elapsed time is added; may be NULL
 */
DG_MUST_CHECK dg_status dg_starts_make(dg_batch **batch, dg_params **params,
                                       const dg_backend *backend, const dg_experiment *experiment,
                                       const dg_batch_plan *plan, const dg_starts_source *source,
                                       double *seconds);

#endif
