/**
 * After the observation, one agent on its warp: reward (reward.h), belief weights (weights.h) and
 * contagion (contagion.h). All of it reads what was told and writes what the agent owns.
 */
#ifndef DG_SPREAD_CUDA_H
#define DG_SPREAD_CUDA_H

#include "kernels/science/contagion.h"
#include "draws.h"
#include "fold.h"
#include "kernels/science/observe.h"
#include "kernels/science/reward.h"
#include "select.h"
#include "kernels/science/weights.h"

/* ---- reward -------------------------------------------------------------------------------------- */

template <bool Packed>
DG_DEVICE int32_t dg_penalty_of(const dg_block_view<Packed> &v, int32_t step, int32_t j)
{
    return dg_reward_penalty(dg_belief_of(v, step, j), dg_message_of(v, step, j),
                             v.p->penalise_silence);
}

/** r_j of this step. */
template <bool Packed>
DG_DEVICE float dg_reward_of(const dg_block_view<Packed> &v, int32_t step, int32_t j)
{
    return dg_reward(dg_views_of(v, step, j), dg_penalty_of(v, step, j), v.p->truthfulness);
}

/**
 * What an agent's steps add up to; packed only, where they wait in registers for the end of the launch.
 * Lane l counts the steps after which the agent believed value l; the others are the same in all lanes.
 */
typedef struct dg_tally {
    int32_t believed, views, penalty, messages;
} dg_tally;

/** Add the step to the agent's sums of the generation. */
DG_DEVICE void dg_count_reward(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                               dg_tally *tally)
{
    tally->views += dg_views_of(v, step, a.i);
    tally->penalty += dg_penalty_of(v, step, a.i);
    tally->messages += dg_message_of(v, step, a.i) >= 0;
}

DG_DEVICE void dg_count_reward(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                               dg_tally *tally)
{
    (void)tally;
    if (dg_lane() != 0) return;
    int64_t *count = DG_MINE(v, dg_pages, pages)->record + dg_record_group(v.s, a.group);
    dg_add(DG_HELD(v, views) + a.i, dg_views_of(v, step, a.i));
    dg_add(DG_HELD(v, penalty) + a.i, dg_penalty_of(v, step, a.i));
    dg_add_long(count + DG_COUNT_MESSAGES, dg_message_of(v, step, a.i) >= 0);
}

/** Count the belief after the step. */
DG_DEVICE void dg_count_belief(const dg_block_view<true> &v, const dg_agent_view &a, int32_t belief,
                               dg_tally *tally)
{
    (void)v;
    (void)a;
    tally->believed += dg_lane() == belief;
}

DG_DEVICE void dg_count_belief(const dg_block_view<false> &v, const dg_agent_view &a,
                               int32_t belief, dg_tally *tally)
{
    (void)tally;
    if (dg_lane() != 0) return;
    int64_t *count = DG_MINE(v, dg_pages, pages)->record + dg_record_group(v.s, a.group);
    dg_add_long(count + DG_COUNTS + belief, 1);
}

/* ---- belief weights -------------------------------------------------------------------------------- */

/** random and momentum, of one pair. */
template <bool Packed>
DG_DEVICE void dg_noisy_weight(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t j,
                               float normal)
{
    if (v.p->update == DG_UPDATE_MOMENTUM) {
        const float delta =
            dg_momentum_next(a.momentum[j], normal, v.p->momentum_factor, v.p->momentum_sigma);
        a.momentum[j] = delta;
        a.weight[j] = dg_weight_momentum(a.weight[j], delta);
    } else {
        a.weight[j] = dg_weight_random(a.weight[j], normal, v.p->random_sigma);
    }
}

/** All senders: four of a block of philox, two pairs of normals, a lane. */
template <bool Packed>
DG_DEVICE void dg_noisy_row(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step)
{
    const dg_draw draw = dg_draw_at(v, DG_STREAM_NOISE, step);
    for (int32_t q = dg_lane(); 4 * q < v.s->agents; q += DG_LANES) {
        const dg_philox_block block =
            dg_philox(draw, static_cast<uint32_t>(q), static_cast<uint32_t>(a.i));
        float normal[4];
        dg_normal_block(normal, block);
#pragma unroll
        for (int32_t k = 0; k < 4; k++)
            if (4 * q + k < v.s->agents) dg_noisy_weight(v, a, 4 * q + k, normal[k]);
    }
}

/** reward: weights of those received from in this step; a lane a slot. */
template <bool Packed>
DG_DEVICE void dg_rewarded_row(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step)
{
    for (int32_t slot = dg_lane(); slot < v.s->capacity; slot += DG_LANES) {
        const int32_t j = a.observed[slot];
        if (j < 0 || dg_message_of(v, step, j) < 0) continue;
        a.weight[j] = dg_weight_reward(a.weight[j], dg_reward_of(v, step, a.i),
                                       dg_reward_of(v, step, j), v.p->reward_scale);
    }
}

template <bool Packed>
DG_DEVICE void dg_clip_row(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES)
        a.weight[j] = dg_weight_clip(a.weight[j], 1, v.p->clip_low, v.p->clip_high);
}

template <bool Packed>
DG_DEVICE void dg_weights_phase(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t step, const dg_draws &draws)
{
    if (v.p->update == DG_UPDATE_FIXED && !v.p->clip) return;
    if (dg_noisy(v.p) && !Packed) dg_noisy_row(v, a, step);
    if (dg_noisy(v.p) && Packed && dg_lane() < v.s->agents)
        dg_noisy_weight(v, a, dg_lane(), draws.normal);
    if (v.p->update == DG_UPDATE_REWARD) dg_rewarded_row(v, a, step);
    dg_warp_meet();
    if (!v.p->clip) return;
    dg_clip_row(v, a);
    dg_warp_meet();
}

/* ---- contagion --------------------------------------------------------------------------------------- */

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

template <bool Packed>
DG_DEVICE dg_silenced dg_silenced_of(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    dg_silenced silenced = {{0, -1}, 0};
    if (Packed)
        silenced.lanes = dg_unheard_lanes(v, a);
    else
        silenced.bound = dg_unheard(v, a);
    return silenced;
}

/** W_ij, 0 for those who left J_i. */
template <bool Packed>
DG_DEVICE float dg_source_weight(const dg_agent_view &a, const dg_silenced &silenced, int32_t j)
{
    const float weight = a.weight[j];
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
        const float weight = dg_source_weight<Packed>(a, silenced, j);
        const int32_t belief =
            v.p->content == DG_CONTENT_MESSAGE ? registers : dg_belief_of(v, step, j);
        if (dg_contagion_content(v.p->content, registers, belief) == value) sum += weight;
    }
    return sum;
}

/** Sum of W_ij over all agents that believe a value, in the order of sum.h. */
template <bool Packed>
DG_DEVICE float dg_everyone_sum(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t step, const dg_silenced &silenced, int32_t tile)
{
    float sum[DG_VALUE_FOLD];
#pragma unroll
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++) sum[k] = 0.0f;
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES) {
        const float weight = dg_source_weight<Packed>(a, silenced, j);
        const int32_t slot = dg_crossed_value(dg_belief_of(v, step, j) - tile);
#pragma unroll
        for (int32_t k = 0; k < DG_VALUE_FOLD; k++)
            sum[k] = dg_sum_term(sum[k], weight, slot == k ? 1.0f : 0.0f);
    }
    return dg_fold_crossed(sum);
}

/** x_i(v) of this lane's value of a tile. */
template <bool Packed>
DG_DEVICE float dg_exponent(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                            const dg_silenced &silenced, int32_t tile)
{
    const int32_t value = dg_folded_value(tile);
    const float sum = dg_contagion_everyone(v.p->sources, v.p->content)
                          ? dg_everyone_sum(v, a, step, silenced, tile)
                          : dg_received_sum(v, a, step, silenced, value);
    const float distance = dg_contagion_distance(value, dg_belief_of(v, step, a.i), v.p->distance,
                                                 v.p->contagion_delta);
    return dg_contagion_exponent(v.p->contagion_factor, sum, distance);
}

/** Key of the largest exponent of the lanes that hold one, and of 0. */
DG_DEVICE uint32_t dg_largest(float exponent, bool held)
{
    const uint32_t zero = dg_key_of(0.0f),
                   largest = ~dg_warp_least(held ? ~dg_key_of(exponent) : ~zero);
    return largest > zero ? largest : zero;
}

/** The value that agent i believes next: one tile of values. */
DG_DEVICE int32_t dg_next_belief(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                                 const dg_draws &draws)
{
    const dg_silenced silenced = dg_silenced_of(v, a);
    const float x = dg_exponent(v, a, step, silenced, 0);
    const bool held = dg_folded_value(0) < v.s->values;
    int32_t uniform = 0;
    if (v.p->overflow == DG_OVERFLOW_FLOAT32)
        uniform = dg_contagion_uniform(v.p->overflow, dg_number_of(dg_largest(x, held)));
    dg_race race = dg_race_begin();
    dg_race_tile(&race, 0, dg_contagion_clock(x, draws.value, uniform),
                 held && (dg_lane() & 1) == 1);
    return race.value;
}

/** All exponents into the warp's scratch; would a float32 softmax of them overflow? */
DG_DEVICE int32_t dg_exponents(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                               const dg_silenced &silenced)
{
    uint32_t most = dg_key_of(0.0f);
    for (int32_t tile = 0; tile < v.s->values; tile += DG_VALUE_FOLD) {
        const float x = dg_exponent(v, a, step, silenced, tile);
        if (dg_lane() & 1) a.exponent[dg_folded_value(tile)] = x; /* this lane reads it again */
        const uint32_t largest = dg_largest(x, dg_folded_value(tile) < v.s->values);
        most = largest > most ? largest : most;
    }
    return dg_contagion_uniform(v.p->overflow, dg_number_of(most));
}

DG_DEVICE int32_t dg_next_belief(const dg_block_view<false> &v, const dg_agent_view &a,
                                 int32_t step, const dg_draws &draws)
{
    const dg_silenced silenced = dg_silenced_of(v, a);
    const int32_t uniform = dg_exponents(v, a, step, silenced);
    dg_race race = dg_race_begin();
    (void)draws;
    for (int32_t tile = 0; tile < v.s->values; tile += DG_VALUE_FOLD) {
        const int32_t value = dg_folded_value(tile);
        const bool runs = value < v.s->values && (dg_lane() & 1) == 1;
        const float log_exponential = dg_value_draw(v, DG_STREAM_CONTAGION, step, a.i, value);
        const float x = runs ? a.exponent[value] : 0.0f;
        dg_race_tile(&race, tile, dg_contagion_clock(x, log_exponential, uniform), runs);
    }
    return race.value;
}

/** Messages of this step that agent i holds in its registers: of all agents, of AI agents. */
template <bool Packed>
DG_DEVICE void dg_trace_received(const dg_block_view<Packed> &v, int32_t i, int32_t step,
                                 int16_t *all, int16_t *of_ai)
{
    const int32_t *observed = DG_ROW_OF(v, int32_t, observed, i, v.s->capacity);
    int32_t sum = 0, sum_ai = 0;
    for (int32_t slot = 0; slot < v.s->capacity; slot++) {
        const int32_t j = observed[slot];
        if (j < 0 || !dg_observe_received(dg_message_of(v, step, j))) continue;
        sum++;
        sum_ai += v.s->group[dg_group_of(v.s, j)].kind == DG_KIND_AI;
    }
    *all = static_cast<int16_t>(sum);
    *of_ai = static_cast<int16_t>(sum_ai);
}

/**
 * One step of the trace, by the lane that owns the agent. What it tells is looked up again: values that
 * waited for it would take registers where nothing is traced, too.
 */
template <bool Packed>
DG_DEVICE void dg_trace_phase(const dg_block_view<Packed> &v, int32_t i, int32_t step)
{
    int16_t *trace = DG_MINE(v, dg_pages, pages)->trace;
    if (!trace || dg_lane() != 0) return;
    const int64_t page = (int64_t)v.s->steps * v.s->agents;
    int16_t *at = trace + (int64_t)step * v.s->agents + i;
    at[DG_TRACE_BELIEF * page] =
        static_cast<int16_t>(dg_shared_belief(v)[dg_half(v, step + 1) + i]);
    at[DG_TRACE_MESSAGE * page] = static_cast<int16_t>(dg_message_of(v, step, i));
    at[DG_TRACE_VIEWS * page] = static_cast<int16_t>(dg_views_of(v, step, i));
    dg_trace_received(v, i, step, at + DG_TRACE_RECEIVED * page, at + DG_TRACE_RECEIVED_AI * page);
}

/** Contagion: the new belief is counted and told. */
template <bool Packed>
DG_DEVICE void dg_contagion_phase(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                  int32_t step, const dg_draws &draws, dg_tally *tally)
{
    const int32_t belief = v.p->group[a.group].belief_fixed ? dg_belief_of(v, step, a.i)
                                                            : dg_next_belief(v, a, step, draws);
    dg_count_belief(v, a, belief, tally);
    if (dg_lane() == 0) dg_shared_belief(v)[dg_half(v, step + 1) + a.i] = belief;
}

/** All that follows the observation. */
template <bool Packed>
DG_DEVICE void dg_spread_phase(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                               const dg_draws &draws, dg_tally *tally)
{
    dg_count_reward(v, a, step, tally);
    dg_weights_phase(v, a, step, draws);
    dg_contagion_phase(v, a, step, draws, tally);
    dg_trace_phase(v, a.i, step);
}

#endif
