/**
 * Belief weights of one agent on its warp: their rule in each step, the return to W(0), the watch over
 * their size. The formulas are weights.h's of science.
 */
#ifndef DG_WEIGHTS_CUDA_H
#define DG_WEIGHTS_CUDA_H

#include "kernels/cuda/draws.h"
#include "kernels/cuda/reward.h"
#include "kernels/science/weights.h"

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

/* ---- between generations ------------------------------------------------------------------------- */

/** carry: generation brings W and Delta back to the start of the run, which the seed still knows. */
template <bool Packed>
DG_DEVICE void dg_restore_rows(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    const dg_draw weight = dg_draw_of(v.p->seed, DG_STREAM_WEIGHT, 0, 0);
    const dg_draw momentum = dg_draw_of(v.p->seed, DG_STREAM_MOMENTUM, 0, 0);
    if (v.p->update == DG_UPDATE_FIXED && !v.p->clip) return; /* nothing moved them */
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
    if (v.p->update == DG_UPDATE_FIXED) return;
    bool unsound = false;
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES)
        unsound = unsound || !dg_weight_sound(a.weight[j]);
    /* it was 0 when the launch began; whoever finds trouble writes the same */
    if (dg_ballot(unsound) != 0 && dg_lane() == 0)
        DG_HELD(v, ended)[DG_ENDED_NONFINITE] = v.generation + 1;
}

#endif
