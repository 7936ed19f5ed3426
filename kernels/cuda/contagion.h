/** Contagion of one agent on its warp: sums of weights, exponents, draw (contagion.h of science). */
#ifndef DG_CONTAGION_CUDA_H
#define DG_CONTAGION_CUDA_H

#include "kernels/cuda/counts.h"
#include "kernels/cuda/probe.h"
#include "kernels/cuda/values.h"
#include "kernels/science/contagion.h"

/** C_b / D of every distance, for the launch; all see it after the next barrier of the block. */
template <bool Packed> DG_DEVICE void dg_make_scales(const dg_block_view<Packed> &v)
{
    const int32_t whole = static_cast<int32_t>(dg_round_up(v.s->values, DG_VALUE_FOLD));
    for (int32_t d = dg_thread(); d < whole; d += dg_threads()) DG_MINE(v, float, scale)
    [d] = dg_contagion_scale(v.p->contagion_factor,
                             dg_contagion_distance(d, 0, v.p->distance, v.p->contagion_delta));
}

/** Who leaves J_i under belief sparsity: the smallest W_ij. */
template <bool Packed>
DG_DEVICE dg_bound dg_unheard(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    const dg_bound nobody = {0, -1};
    if (v.p->contagion_dropped == 0) return nobody;
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES) a.row[j] = dg_key_of(a.weight[j]);
    return dg_bound_of(a.row, v.s->agents, v.p->contagion_dropped);
}

/** The same with a sender a lane, as a mask of lanes. */
template <bool Packed>
DG_DEVICE uint32_t dg_unheard_lanes(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    if (v.p->contagion_dropped == 0) return 0;
    const bool sender = dg_lane() < v.s->agents;
    const uint32_t key = sender ? dg_key_of(a.weight[dg_lane()]) : DG_KEY_NEVER;
    return dg_pick_lanes(key, v.p->contagion_dropped);
}

/** Those who leave J_i, in the form that the shape asks for. */
typedef struct dg_silenced {
    dg_bound bound;
    uint32_t lanes;
} dg_silenced;

DG_DEVICE dg_silenced dg_nobody_silenced(void)
{
    const dg_silenced nobody = {{0, -1}, 0};
    return nobody;
}

template <bool Packed>
DG_DEVICE dg_silenced dg_silenced_of(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    dg_silenced silenced = dg_nobody_silenced();
    if (Packed)
        silenced.lanes = dg_unheard_lanes(v, a);
    else
        silenced.bound = dg_unheard(v, a);
    return silenced;
}

/** W_ij, 0 for those who left J_i. */
template <bool Packed>
DG_DEVICE float dg_source_weight(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                 const dg_silenced &silenced, int32_t j)
{
    const float weight = a.weight[j];
    if (v.p->contagion_dropped == 0) return weight;
    const bool left =
        Packed ? (silenced.lanes >> j & 1) != 0 : dg_within(silenced.bound, dg_key_of(weight), j);
    return left ? 0.0f : weight;
}

/** Sum of W_ij over what i received for this lane's value, in ascending j. */
template <bool Packed>
DG_DEVICE float dg_received_sum(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t step, const dg_silenced &silenced, int32_t value)
{
    float sum = 0.0f;
#pragma unroll 4
    for (int32_t slot = 0; slot < v.s->capacity; slot++) {
        const int32_t registers = a.registers[slot];
        if (registers < 0) continue; /* silent, or nobody */
        const int32_t j = a.observed[slot];
        const float weight = dg_source_weight(v, a, silenced, j);
        const int32_t belief =
            dg_contagion_of_beliefs(v.p->content) ? dg_belief_of(v, step, j) : registers;
        if (dg_contagion_content(v.p->content, registers, belief) == value) sum += weight;
    }
    return sum;
}

/** Add the weight of a sender to the partial of the value that it believes, of a tile. */
DG_DEVICE void dg_everyone_terms(float (&sum)[DG_VALUE_FOLD], float weight, int32_t value)
{
    const int32_t slot = dg_crossed_value(value);
#pragma unroll
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++)
        sum[k] = dg_sum_term(sum[k], weight, slot == k ? 1.0f : 0.0f);
}

/** Sum of W_ij over all agents that believe a value, in the order of sum.h. */
template <bool Packed>
DG_DEVICE float dg_everyone_sum(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t step, const dg_silenced &silenced, int32_t tile)
{
    float sum[DG_VALUE_FOLD];
#pragma unroll
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++) sum[k] = 0.0f;
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES)
        dg_everyone_terms(sum, dg_source_weight(v, a, silenced, j),
                          dg_belief_of(v, step, j) - tile);
    return dg_fold_crossed(sum);
}

/** The same of a sender a lane; none: weight 0. */
DG_DEVICE float dg_everyone_lanes(float weight, int32_t belief)
{
    float sum[DG_VALUE_FOLD];
#pragma unroll
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++) sum[k] = 0.0f;
    dg_everyone_terms(sum, weight, belief);
    return dg_fold_crossed(sum);
}

/** x_i(v) of this lane's value, from the sum of weights that speak for it; where the lane has no value, any number. */
template <bool Packed>
DG_DEVICE float dg_exponent_of(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                               int32_t belief, float sum, int32_t value)
{
    const int32_t gap = value - belief;
    const float x = dg_contagion_exponent(DG_MINE(v, float, scale)[gap < 0 ? -gap : gap], sum);
    dg_probe_float(v, a, DG_PROBE_EXPONENT, step, value, x,
                   value < v.s->values && (dg_lane() & 1) == 1);
    return x;
}

/** Sum of W_ij of this lane's value of a tile. */
template <bool Packed>
DG_DEVICE float dg_weight_sum(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                              const dg_silenced &silenced, int32_t tile)
{
    return dg_contagion_everyone(v.p->sources, v.p->content)
               ? dg_everyone_sum(v, a, step, silenced, tile)
               : dg_received_sum(v, a, step, silenced, dg_folded_value(tile));
}

/** Key of the largest exponent of the lanes that hold one, and of 0. */
DG_DEVICE uint32_t dg_largest(float exponent, bool held)
{
    const uint32_t zero = dg_key_of(0.0f),
                   largest = ~dg_warp_least(held ? ~dg_key_of(exponent) : ~zero);
    return largest > zero ? largest : zero;
}

/** Cost of this lane's value, of one tile of values, from its sum of weights: what the next belief is drawn by. */
template <bool Packed>
DG_DEVICE float dg_belief_cost(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                               int32_t belief, float sum)
{
    const bool held = dg_folded_value(0) < v.s->values;
    float x = dg_exponent_of(v, a, step, belief, sum, dg_folded_value(0));
    if (dg_contagion_overflows(v.p->overflow))
        x = dg_contagion_drawn(
            x, dg_contagion_uniform(v.p->overflow, dg_number_of(dg_largest(x, held))));
    return dg_value_cost(x, held);
}

template <bool Packed>
DG_DEVICE int32_t dg_next_of_tile(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                  int32_t step, uint32_t word)
{
    const float sum = dg_weight_sum(v, a, step, dg_silenced_of(v, a), 0);
    return dg_draw_value(dg_belief_cost(v, a, step, dg_belief_of(v, step, a.i), sum), word);
}

/** The same of several tiles. */
DG_DEVICE int32_t dg_next_of_tiles(const dg_block_view<false> &v, const dg_agent_view &a,
                                   int32_t step, uint32_t word)
{
    const dg_silenced silenced = dg_silenced_of(v, a);
    uint32_t most = dg_key_of(0.0f);
    for (int32_t tile = 0; tile < v.s->values; tile += DG_VALUE_FOLD) {
        const float x =
            dg_exponent_of(v, a, step, dg_belief_of(v, step, a.i),
                           dg_weight_sum(v, a, step, silenced, tile), dg_folded_value(tile));
        const uint32_t largest = dg_largest(x, dg_folded_value(tile) < v.s->values);
        most = largest > most ? largest : most;
        dg_put_value(v, a, tile, x);
    }
    if (dg_contagion_uniform(v.p->overflow, dg_number_of(most)))
        for (int32_t tile = 0; tile < v.s->values; tile += DG_VALUE_FOLD)
            dg_put_value(v, a, tile, dg_contagion_drawn(0.0f, 1));
    return dg_draw_value_of_row(v, a, word);
}

DG_DEVICE int32_t dg_next_belief(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                                 uint32_t word)
{
    return dg_next_of_tile(v, a, step, word);
}

DG_DEVICE int32_t dg_next_belief(const dg_block_view<false> &v, const dg_agent_view &a,
                                 int32_t step, uint32_t word)
{
    return v.s->values <= DG_VALUE_FOLD ? dg_next_of_tile(v, a, step, word)
                                        : dg_next_of_tiles(v, a, step, word);
}

/** Contagion: the new belief is counted and written for the other warps. */
template <bool Packed>
DG_DEVICE void dg_contagion_phase(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                  int32_t step, const dg_draws &draws, dg_tally *tally)
{
    const int32_t belief = v.p->group[a.group].belief_fixed
                               ? dg_belief_of(v, step, a.i)
                               : dg_next_belief(v, a, step, dg_belief_word(draws));
    dg_count_belief(v, a, belief, tally);
    if (dg_lane() == 0) dg_shared_belief(v)[dg_half(v, step + 1) + a.i] = belief;
}

#endif
