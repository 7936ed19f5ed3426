/**
 * Sums over lanes of a tile of DG_VALUE_FOLD values.
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

#endif
