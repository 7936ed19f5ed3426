/**
 * Messages of one agent on its warp (policy.h): hidden units over lanes, then tiles of values.
 */
#ifndef DG_MESSAGES_CUDA_H
#define DG_MESSAGES_CUDA_H

#include "draws_cuda.h"
#include "fold_cuda.h"

/** Pre-activation of unit u by gathering the observed columns onto the base vector. */
template <bool Packed>
DG_DEVICE float dg_gather(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t hidden,
                          int32_t u)
{
    float sum = a.base[u];
#pragma unroll 4
    for (int32_t slot = 0; slot < v.s->capacity; slot++) {
        const int32_t j = a.seen[slot], message = a.heard[slot];
        if (j < 0) break;
        if (message >= 0)
            sum = dg_policy_gather_term(sum, a.genotype[(int64_t)j * hidden + u], message);
    }
    return sum;
}

/** The same from all registers, the reference; `seen` ascends. */
template <bool Packed>
DG_DEVICE float dg_dense(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t hidden,
                         int32_t u)
{
    float sum = a.genotype[dg_policy_layout_of(v.s->agents, hidden, v.s->values).bias_1 + u];
    int32_t slot = 0;
    for (int32_t j = 0; j < v.s->agents; j++) {
        const bool seen = slot < v.s->capacity && a.seen[slot] == j;
        const int32_t reg = seen ? a.heard[slot] : -1;
        slot += seen;
        sum = dg_policy_dense_term(sum, a.genotype[(int64_t)j * hidden + u], reg);
    }
    return sum;
}

/** Activations of a lane's units lane, lane + 32, ... into the warp's scratch. */
template <bool Packed>
DG_DEVICE void dg_hidden_layer(const dg_block_view<Packed> &v, const dg_agent_view &a,
                               int32_t hidden)
{
    const bool dense = v.p->forward == DG_FORWARD_DENSE;
    for (int32_t u = dg_lane(); u < hidden; u += DG_LANES)
        a.hidden[u] =
            dg_policy_hidden(dense ? dg_dense(v, a, hidden, u) : dg_gather(v, a, hidden, u));
}

/** Logits of a tile of values; lanes 2k and 2k + 1 receive that of value tile + k. */
template <bool Packed>
DG_DEVICE float dg_logits(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t hidden,
                          int32_t tile)
{
    float sum[DG_VALUE_FOLD];
#pragma unroll
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++) sum[k] = 0.0f;
    for (int32_t u = dg_lane(); u < hidden; u += DG_LANES) {
        const float h = a.hidden[u];
#pragma unroll
        for (int32_t k = 0; k < DG_VALUE_FOLD; k++)
            if (tile + k < v.s->values)
                sum[k] = dg_sum_term(sum[k], h, a.second[(tile + k) * v.s->hidden + u]);
    }
    const float total = dg_fold(sum);
    const int32_t value = dg_folded_value(tile);
    const int64_t bias = (int64_t)v.s->values * v.s->hidden + value; /* padded to whole tiles */
    return dg_policy_logit(total, a.second[bias]);
}

/** Logits that a library made. */
template <bool Packed>
DG_DEVICE float dg_logits_given(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t tile)
{
    const int32_t value = dg_folded_value(tile);
    const int64_t row = ((int64_t)v.run * v.s->agents + a.i) * v.s->values;
    return value < v.s->values ? v.b->logits[row + value] : 0.0f;
}

/** The message that the policy chooses. */
template <bool Packed>
DG_DEVICE int32_t dg_policy_message(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                    int32_t step, const dg_draws &draws)
{
    const int32_t hidden = v.s->group[a.group].hidden;
    dg_race race = dg_race_begin();
    if (!v.b->cublas) dg_hidden_layer(v, a, hidden);
    for (int32_t tile = 0; tile < v.s->values; tile += DG_VALUE_FOLD) {
        const int32_t value = dg_folded_value(tile);
        const bool runs = value < v.s->values && (dg_lane() & 1) == 0;
        const float log_exponential =
            Packed ? draws.value : dg_value_draw(v, DG_STREAM_MESSAGE, step, a.i, value);
        const float logit =
            v.b->cublas ? dg_logits_given(v, a, tile) : dg_logits(v, a, hidden, tile);
        dg_race_tile(&race, tile, dg_policy_clock(logit, log_exponential, v.p->output), runs);
    }
    return race.value;
}

/** The agent acts or is silent, and tells. */
template <bool Packed>
DG_DEVICE void dg_message_phase(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t step, const dg_draws &draws)
{
    const bool acts = dg_policy_acts(step, v.p->group[a.group].act_period);
    const int32_t message = acts ? dg_policy_message(v, a, step, draws) : -1;
    if (dg_lane() != 0) return;
    dg_told_message(v)[dg_half(v, step) + a.i] = message;
    if (!acts) return;
    dg_told_last(v)[a.i] = message;
}

#endif
