/**
 * Sums over lanes, and races between lanes, of a tile of DG_VALUE_FOLD values.
 */
#ifndef DG_FOLD_CUDA_H
#define DG_FOLD_CUDA_H

#include "block_cuda.h"
#include "sum.h"

/**
 * Fold 16 sums whose partials lie one a lane, in the order of sum.h; lanes 2v and 2v + 1 receive the
 * sum of value v.
 *
 * At each width a lane keeps one half of its values and gives away the other, so that 16 trees take 16
 * shuffles instead of 80. a + b is b + a: it does not matter which lane adds.
 */
DG_DEVICE float dg_fold(float (&sum)[DG_VALUE_FOLD])
{
    const int32_t lane = dg_lane();
#pragma unroll
    for (int32_t half = DG_VALUE_FOLD / 2; half > 0; half /= 2) {
        const bool upper = lane & (2 * half);
#pragma unroll
        for (int32_t k = 0; k < half; k++) {
            const float keep = upper ? sum[k + half] : sum[k];
            const float give = upper ? sum[k] : sum[k + half];
            sum[k] = keep + dg_shuffle_float_across(give, 2 * half);
        }
    }
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
