/**
 * Sums over lanes, and races between lanes, of a tile of DG_VALUE_FOLD values.
 */
#ifndef DG_FOLD_CUDA_H
#define DG_FOLD_CUDA_H

#include "kernels/cuda/block.h"
#include "kernels/science/sum.h"

/** One width of the fold: a lane keeps `Half` of its sums and gives away the others. */
template <int Half> DG_DEVICE void dg_fold_half(float (&sum)[DG_VALUE_FOLD])
{
    const bool upper = dg_lane() & (2 * Half);
#pragma unroll
    for (int32_t k = 0; k < Half; k++) {
        const float keep = upper ? sum[k + Half] : sum[k];
        const float give = upper ? sum[k] : sum[k + Half];
        sum[k] = keep + dg_shuffle_float_across(give, 2 * Half);
    }
}

/**
 * Fold 16 sums whose partials lie one a lane, in the order of sum.h; lanes 2v and 2v + 1 receive the
 * sum of value v. 16 trees take 16 shuffles instead of 80. a + b is b + a: it does not matter which
 * lane adds.
 */
DG_DEVICE float dg_fold(float (&sum)[DG_VALUE_FOLD])
{
    dg_fold_half<8>(sum);
    dg_fold_half<4>(sum);
    dg_fold_half<2>(sum);
    dg_fold_half<1>(sum);
    return sum[0] + dg_shuffle_float_across(sum[0], 1);
}

/** The value that slot k of a lane holds where sums are crossed. */
DG_DEVICE int32_t dg_crossed_value(int32_t k)
{
    return k ^ (dg_lane() / 2);
}

/**
 * As dg_fold(), of sums that lie crossed: then every lane keeps the first half of its slots and gives the
 * second, which is what the lane across keeps, and nothing need be chosen.
 */
DG_DEVICE float dg_fold_crossed(float (&sum)[DG_VALUE_FOLD])
{
#pragma unroll
    for (int32_t k = 0; k < 8; k++) sum[k] += dg_shuffle_float_across(sum[k + 8], 16);
#pragma unroll
    for (int32_t k = 0; k < 4; k++) sum[k] += dg_shuffle_float_across(sum[k + 4], 8);
#pragma unroll
    for (int32_t k = 0; k < 2; k++) sum[k] += dg_shuffle_float_across(sum[k + 2], 4);
    sum[0] += dg_shuffle_float_across(sum[1], 2);
    return sum[0] + dg_shuffle_float_across(sum[0], 1);
}

/** The value of a folded tile that a lane holds. */
DG_DEVICE int32_t dg_folded_value(int32_t tile)
{
    return tile + dg_lane() / 2;
}

/** The winner so far: the smallest clock, ties to the smaller value. */
typedef struct dg_race {
    uint32_t key;
    int32_t value;
} dg_race;

DG_DEVICE dg_race dg_race_begin(void)
{
    const dg_race race = {0xffffffffu, 0};
    return race;
}

/** Clocks of a tile of values, held by the lanes that `runs`. */
DG_DEVICE void dg_race_tile(dg_race *race, int32_t tile, float clock, bool runs)
{
    const uint32_t key = runs ? dg_key_of(clock) : 0xffffffffu;
    const uint32_t least = dg_warp_least(key);
    const uint32_t first = dg_ballot(key == least);
    if (least >= race->key) return;
    race->key = least;
    race->value = tile + dg_lowest_bit(first) / 2;
}

#endif
