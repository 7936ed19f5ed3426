/** Computing the runs of models that compute one run at a time. */
#ifndef DG_SINGLES_H
#define DG_SINGLES_H

#include "host/engine/call.h"

/** Most runs that are computed before they are stored. */
#define DG_SINGLES_TOGETHER 1024

/**
 * How many runs, from one on, are computed and held before they are stored: at most
 * DG_SINGLES_TOGETHER and options->batch, and what fits half of the memory; at least 1.
 *
 * @param run      [left] indices in the experiment; NULL: those from `first` on
 * @param sharing  as in dg_run_selection
 */
size_t dg_singles_together(const dg_experiment *experiment, const size_t *run, size_t first,
                           size_t left, const dg_options *options, int32_t sharing);

/** Compute all runs that are left with dg_model.compute, and store them. */
DG_MUST_CHECK dg_status dg_engine_singles(dg_engine *engine);

#endif
