/**
 * Which value an agent chooses, on its warp: by sums, with P(v) = exp(x_v) / sum exp(x), or the first of the
 * largest. Values of one tile lie in pairs of lanes (fold.h); those of several tiles in the warp's scratch.
 */
#ifndef DG_VALUES_CUDA_H
#define DG_VALUES_CUDA_H

#include "kernels/cuda/fold.h"
#include "kernels/cuda/select.h"
#include "kernels/cuda/sums.h"
#include "kernels/cuda/words.h"

/** Cost of a value; of one that is not there: never chosen. */
DG_DEVICE float dg_value_cost(float x, bool there)
{
    return there ? -x : DG_OBSERVE_NEVER;
}

/* ---- one tile: value v in lanes 2v and 2v + 1 ------------------------------------------------- */

/** Draw by sums: at most 16 weights, whose sum is at most 2^31. */
DG_DEVICE int32_t dg_draw_value(float cost, uint32_t word)
{
    /* a lane of a pair adds those of its kind */
    const uint32_t prefix = dg_warp_prefix<2>(dg_sums_weight(cost - dg_least_cost(cost)));
    const dg_lane_sums sums = {0, prefix, dg_shuffle(prefix, DG_LANES - 1)};
    return dg_find_lane(sums, word) >> 1;
}

/** Two values: drawn by the even lanes of the pairs, and by the odd ones. */
typedef struct dg_two_values {
    int32_t even, odd;
} dg_two_values;

/** Two draws at once: even lanes bring costs and the word of the first, odd lanes those of the second. */
DG_DEVICE dg_two_values dg_draw_two_values(float cost, uint32_t word)
{
    const bool odd = dg_lane() & 1;
    const uint32_t key = dg_cost_key(cost);
    const uint32_t least_even = dg_warp_least(odd ? DG_KEY_NEVER : key);
    const uint32_t least_odd = dg_warp_least(odd ? key : DG_KEY_NEVER);
    const float least = dg_number_of(odd ? least_odd : least_even);
    const uint32_t prefix = dg_warp_prefix<2>(dg_sums_weight(cost - least));
    const uint32_t total = dg_shuffle(prefix, dg_lane() | (DG_LANES - 2));
    const uint32_t before = dg_ballot(prefix <= dg_product_high(word, total));
    const dg_two_values drawn = {dg_bits_set(before & 0x55555555u),
                                 dg_bits_set(before & 0xaaaaaaaau)};
    return drawn;
}

/** The value of least cost, the first of equals. */
DG_DEVICE int32_t dg_least_value(float cost)
{
    const uint32_t key = dg_key_of(cost);
    return dg_lowest_bit(dg_ballot(key == dg_warp_least(key))) >> 1;
}

/* ---- several tiles ---------------------------------------------------------------------------- */

/** Cost of this lane's value of a tile into the scratch. */
DG_DEVICE void dg_put_value(const dg_block_view<false> &v, const dg_agent_view &a, int32_t tile,
                            float x)
{
    const int32_t value = dg_folded_value(tile);
    if (value < v.s->values && (dg_lane() & 1) == 0) a.cost[value] = dg_bits_of(-x);
}

DG_DEVICE int32_t dg_draw_value_of_row(const dg_block_view<false> &v, const dg_agent_view &a,
                                       uint32_t word)
{
    dg_row_sums sums = dg_row_of(a.cost, v.s->values);
    dg_weigh_row(&sums); /* no cost is NEVER */
    const int32_t value = dg_find_place(sums, word).at;
    dg_warp_barrier(); /* the scratch is free */
    return value;
}

DG_DEVICE int32_t dg_least_value_of_row(const dg_block_view<false> &v, const dg_agent_view &a)
{
    dg_warp_barrier();
    for (int32_t k = dg_lane(); k < v.s->values; k += DG_LANES)
        a.cost[k] = dg_key_of(dg_float_of(a.cost[k]));
    const int32_t value = dg_bound_of(a.cost, v.s->values, 1).index;
    dg_warp_barrier();
    return value;
}

#endif
