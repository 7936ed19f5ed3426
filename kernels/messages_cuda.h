/**
 * Messages of one agent on its warp (policy.h): hidden units over lanes, then tiles of values.
 */
#ifndef DG_MESSAGES_CUDA_H
#define DG_MESSAGES_CUDA_H

#include "draws_cuda.h"
#include "fold_cuda.h"

/** Pre-activations of two units of a lane, of which one may be missing. */
typedef struct dg_two_units {
    float low, high;
} dg_two_units;

/**
 * Units u and u + 32 by gathering the observed columns onto the base vector. A slot is looked up once
 * for both; an empty one holds -1 as its message, too, and is passed like silence.
 */
template <bool Packed>
DG_DEVICE dg_two_units dg_gather(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                 int32_t hidden, int32_t u)
{
    const bool two = u + DG_LANES < hidden;
    dg_two_units sum = {a.base[u], two ? a.base[u + DG_LANES] : 0.0f};
#pragma unroll 4
    for (int32_t slot = 0; slot < v.s->capacity; slot++) {
        const int32_t message = a.heard[slot];
        if (message < 0) continue;
        const float *column = a.genotype + (int64_t)a.seen[slot] * hidden + u;
        sum.low = dg_policy_gather_term(sum.low, column[0], message);
        if (two) sum.high = dg_policy_gather_term(sum.high, column[DG_LANES], message);
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
    if (v.p->forward == DG_FORWARD_DENSE) {
        for (int32_t u = dg_lane(); u < hidden; u += DG_LANES)
            a.hidden[u] = dg_policy_hidden(dg_dense(v, a, hidden, u));
        return;
    }
    for (int32_t u = dg_lane(); u < hidden; u += 2 * DG_LANES) {
        const dg_two_units sum = dg_gather(v, a, hidden, u);
        a.hidden[u] = dg_policy_hidden(sum.low);
        if (u + DG_LANES < hidden) a.hidden[u + DG_LANES] = dg_policy_hidden(sum.high);
    }
}

/**
 * A lane's partials of the logits of a tile of values.
 *
 * @param stride  floats from a value's weights to the next one's; a constant where the caller knows it,
 *                so that addresses need no arithmetic
 */
DG_DEVICE void dg_logit_partials(float (&sum)[DG_VALUE_FOLD], const float *activation,
                                 const float *weight, int32_t hidden, int32_t values,
                                 int32_t stride)
{
#pragma unroll
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++) sum[k] = 0.0f;
#pragma unroll 2
    for (int32_t u = dg_lane(); u < hidden; u += DG_LANES) {
        const float h = activation[u];
#pragma unroll
        for (int32_t k = 0; k < DG_VALUE_FOLD; k++)
            if (k < values) sum[k] = dg_sum_term(sum[k], h, weight[k * stride + u]);
    }
}

/** Logits of a tile of values; lanes 2k and 2k + 1 receive that of value tile + k. */
template <bool Packed>
DG_DEVICE float dg_logits(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t hidden,
                          int32_t tile)
{
    enum { USUAL = 64 };
    float sum[DG_VALUE_FOLD];
    const int32_t stride = v.s->hidden, left = v.s->values - tile;
    const float *weight = a.second + (int64_t)tile * stride;
    if (hidden == USUAL && stride == USUAL)
        dg_logit_partials(sum, a.hidden, weight, USUAL, left, USUAL);
    else
        dg_logit_partials(sum, a.hidden, weight, hidden, left, stride);
    const float total = dg_fold(sum);
    const int64_t bias = (int64_t)v.s->values * stride + dg_folded_value(tile);
    return dg_policy_logit(total, a.second[bias]); /* biases are padded to whole tiles */
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
