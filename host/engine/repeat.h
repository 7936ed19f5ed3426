/** A run computed once more, in memory: its hash tells whether it is the same. */
#ifndef DG_REPEAT_H
#define DG_REPEAT_H

#include "host/config/config.h"

/**
 * Compute the first run of an experiment from start to end. Several threads may repeat different runs.
 *
 * @param options  device (a model that computes by itself takes the CPU), threads, vector
 * @param hash     receives the hash of its final state
 * @return DG_OK, or what creating and advancing an ensemble returns
 */
DG_MUST_CHECK dg_status dg_run_repeat(const dg_experiment *experiment, const dg_options *options,
                                      uint64_t *hash);

#endif
