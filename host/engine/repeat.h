/** Computing a run again in memory, to compare the hash of its final state. */
#ifndef DG_REPEAT_H
#define DG_REPEAT_H

#include "host/config/config.h"

/**
 * Compute the first run of an experiment from start to end. Thread-safe.
 *
 * @param options  device, threads and vector are used; dg_model.compute always runs on the CPU
 * @param hash     receives the hash of the final state
 * @return DG_OK, or as dg_ensemble_create() and dg_ensemble_advance()
 */
DG_MUST_CHECK dg_status dg_run_repeat(const dg_experiment *experiment, const dg_options *options,
                                      uint64_t *hash);

#endif
