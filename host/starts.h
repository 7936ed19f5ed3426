/** The starts of a batch: niches made once for all runs that share them, states uploaded. */
#ifndef DG_STARTS_H
#define DG_STARTS_H

#include "host/batch_plan.h"

/**
 * Create a batch and bring every run of it to generation 0, on all threads.
 *
 * @param batch    receives the batch; the caller destroys it
 * @param params   receives [plan->options.runs] parameters; freed by the caller. May be NULL
 * @param seconds  added to: time of the threads together; may be NULL
 */
DG_MUST_CHECK dg_status dg_starts_make(dg_batch **batch, dg_params **params,
                                       const dg_backend *backend, const dg_experiment *experiment,
                                       const dg_batch_plan *plan, double *seconds);

#endif
