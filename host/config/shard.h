/**
 * The order in which a sweep is computed, and the part of it that a shard takes.
 *
 * Seeds are the slowest, whatever the order of the file: a sweep cut off half-way has every condition
 * with half of its seeds. A shard takes every n-th run of that order, moved on by one whenever n and the
 * number of conditions would have it meet the same conditions again and again.
 */
#ifndef DG_SHARD_H
#define DG_SHARD_H

#include "host/config/config.h"

/** Shard 1 ... count of count; 0 of 0: all runs. */
typedef struct dg_shard {
    int32_t index, count;
} dg_shard;

/** DG_OK, or DG_ERR_ARGUMENT if it is no shard. */
DG_MUST_CHECK dg_status dg_shard_check(dg_shard shard);

/** All runs in the order of computing. */
typedef struct dg_shard_order {
    size_t *run; /* [runs] indices within the experiment */
    size_t runs, conditions;
} dg_shard_order;

/** DG_ERR_MEMORY; freed by dg_shard_order_free(). */
DG_MUST_CHECK dg_status dg_shard_order_make(dg_shard_order *out, const dg_experiment *experiment);

/** Accepts a zeroed one. */
void dg_shard_order_free(dg_shard_order *order);

/** Which of `shards` >= 1 takes the k-th run of the order, 1 ... shards. */
int32_t dg_shard_of(const dg_shard_order *order, size_t k, int32_t shards);

/**
 * Runs of a shard in the order of computing.
 *
 * @param run    receives [*count] indices within the experiment, freed by the caller
 * @param count  may be 0: there are more shards than runs
 */
DG_MUST_CHECK dg_status dg_shard_runs(size_t **run, size_t *count, const dg_experiment *experiment,
                                      dg_shard shard);

#endif
