/**
 * Belief weights of one agent on its warp: their rule in each step, the return to W(0), the watch over
 * their size. The formulas are weights.h's of science.
 */
#ifndef DG_WEIGHTS_CUDA_H
#define DG_WEIGHTS_CUDA_H

#include "kernels/cuda/words.h"
#include "kernels/cuda/reward.h"
#include "kernels/science/observe.h"
#include "kernels/science/weights.h"

/** Senders whose messages an agent received in this step: a mask of lanes if packed, else marks in its row. */
template <bool Packed>
DG_DEVICE uint32_t dg_mark_received(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                    int32_t step)
{
    uint32_t own = 0;
    if (!Packed)
        for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES) a.row[j] = 0;
    dg_warp_barrier();
    for (int32_t slot = dg_lane(); slot < v.s->capacity; slot += DG_LANES) {
        const int32_t j = a.observed[slot];
        if (j < 0 || !dg_observe_received(dg_message_of(v, step, j))) continue;
        if (Packed)
            own |= 1u << j;
        else
            a.row[j] = 1;
    }
    dg_warp_barrier();
    return dg_warp_total(own); /* a sum of bits that are distinct */
}

/* `Rule` is a constant, so that the code of each rule holds none of the others' */

/** W_ij after one step, of what it was before. */
template <dg_update Rule, bool Packed>
DG_DEVICE dg_weight dg_weight_moved(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                    int32_t step, int32_t j, const dg_weight &before, float normal,
                                    bool received)
{
    const dg_weight_inputs in = {
        normal, received, received ? dg_reward_of(v, step, j) - dg_reward_of(v, step, a.i) : 0.0f};
    return dg_weight_next(v.p, Rule, before, in);
}

/** One step of W_ij. */
template <dg_update Rule, bool Packed>
DG_DEVICE void dg_move_weight(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                              int32_t j, float normal, bool received)
{
    const bool moves_momentum = (dg_weight_needs(Rule) & DG_WEIGHT_MOMENTUM) != 0;
    const dg_weight before = {a.weight[j], moves_momentum ? a.momentum[j] : 0.0f};
    const dg_weight after = dg_weight_moved<Rule>(v, a, step, j, before, normal, received);
    a.weight[j] = after.weight;
    if (moves_momentum) a.momentum[j] = after.momentum;
}

/** A rule that moves the weights of all others: a sender a lane. */
template <dg_update Rule>
DG_DEVICE void dg_move_row(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                           const dg_draws &draws)
{
    const bool asks = (dg_weight_needs(Rule) & DG_WEIGHT_RECEIVED) != 0;
    const uint32_t received = asks ? dg_mark_received(v, a, step) : 0;
    if (dg_lane() >= v.s->agents) return;
    dg_move_weight<Rule>(v, a, step, dg_lane(), draws.normal, (received >> dg_lane() & 1) != 0);
}

/** The same of any number of senders: four of a block of philox, two pairs of normals, a lane. */
template <dg_update Rule>
DG_DEVICE void dg_move_row(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                           const dg_draws &draws)
{
    const bool asks = (dg_weight_needs(Rule) & DG_WEIGHT_RECEIVED) != 0;
    const dg_draw draw = dg_draw_at(v, DG_STREAM_NOISE, step);
    (void)draws;
    if (asks) dg_mark_received(v, a, step);
    for (int32_t q = dg_lane(); 4 * q < v.s->agents; q += DG_LANES) {
        float normal[4] = {0.0f, 0.0f, 0.0f, 0.0f};
        if (dg_weight_noisy(Rule))
            dg_normal_block(normal,
                            dg_philox(draw, static_cast<uint32_t>(q), static_cast<uint32_t>(a.i)));
#pragma unroll
        for (int32_t k = 0; k < 4; k++) {
            const int32_t j = 4 * q + k;
            if (j < v.s->agents)
                dg_move_weight<Rule>(v, a, step, j, normal[k], asks && a.row[j] != 0);
        }
    }
}

/** A rule that moves the weights of those whose message i received, and of nobody else: a slot a lane. */
template <dg_update Rule, bool Packed>
DG_DEVICE void dg_move_received(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t step)
{
    const dg_draw draw = dg_draw_at(v, DG_STREAM_NOISE, step);
    for (int32_t slot = dg_lane(); slot < v.s->capacity; slot += DG_LANES) {
        const int32_t j = a.observed[slot];
        if (j < 0 || !dg_observe_received(dg_message_of(v, step, j))) continue;
        const uint32_t element = static_cast<uint32_t>(j), index = static_cast<uint32_t>(a.i);
        dg_move_weight<Rule>(v, a, step, j,
                             dg_weight_noisy(Rule) ? dg_normal(draw, element, index) : 0.0f, true);
    }
}

template <dg_update Rule, bool Packed>
DG_DEVICE void dg_move_weights(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                               const dg_draws &draws)
{
    const int32_t needs = dg_weight_needs(Rule);
    if (needs & DG_WEIGHT_OTHERS)
        dg_move_row<Rule>(v, a, step, draws);
    else if (needs & DG_WEIGHT_RECEIVED)
        dg_move_received<Rule>(v, a, step);
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
    if (dg_weight_still(v.p)) return;
    switch (static_cast<dg_update>(v.p->update)) {
#define DG_MOVE(code, word)                                                                        \
    case code: dg_move_weights<code>(v, a, step, draws); break;
        DG_UPDATE_LIST(DG_MOVE)
#undef DG_MOVE
    }
    dg_warp_barrier();
    if (!v.p->clip) return;
    dg_clip_row(v, a);
    dg_warp_barrier();
}

/* ---- between generations --------------------------------------------------------------------- */

/** carry: generation brings W and Delta back to the start of the run, which the seed still knows. */
template <bool Packed>
DG_DEVICE void dg_restore_rows(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    const dg_draw weight = dg_draw_of(v.p->seed, DG_STREAM_WEIGHT, 0, 0);
    const dg_draw momentum = dg_draw_of(v.p->seed, DG_STREAM_MOMENTUM, 0, 0);
    if (dg_weight_still(v.p)) return; /* they never left it */
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES) {
        const uint32_t element = static_cast<uint32_t>(j), index = static_cast<uint32_t>(a.i);
        a.weight[j] = dg_weight_initial(dg_word(weight, element, index));
        a.momentum[j] = dg_momentum_initial(dg_word(momentum, element, index));
    }
}

/** Weights that left the range of float32 end the run. */
template <bool Packed>
DG_DEVICE void dg_watch_row(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    if (dg_weight_needs(v.p->update) == 0) return;
    bool unsound = false;
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES)
        unsound = unsound || !dg_weight_sound(a.weight[j]);
    /* it was 0 when the launch began; every warp that finds an unsound weight writes the same value */
    if (dg_ballot(unsound) != 0 && dg_lane() == 0)
        DG_HELD(v, ended)[DG_ENDED_NONFINITE] = v.generation + 1;
}

#endif
