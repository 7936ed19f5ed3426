/**
 * Messages of one agent on its warp (policy.h): hidden units over lanes, then tiles of values.
 */
#ifndef DG_MESSAGES_CUDA_H
#define DG_MESSAGES_CUDA_H

#include "kernels/cuda/fold.h"
#include "kernels/cuda/probe.h"
#include "kernels/cuda/values.h"

/** Units u and u + 32 of a lane, of which the second may be missing. */
typedef struct dg_two_units {
    float low, high;
} dg_two_units;

/**
 * Their pre-activations by gathering the observed columns onto the base vector. Four columns are asked
 * for before one is used: they come from the second-level cache. An empty slot holds -1 as its message,
 * too, and is passed like silence.
 */
template <bool Packed>
DG_DEVICE dg_two_units dg_gather(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                 int32_t hidden, int32_t u)
{
    enum { AHEAD = 4 };
    const bool two = u + DG_LANES < hidden;
    dg_two_units sum = {a.base[u], two ? a.base[u + DG_LANES] : 0.0f};
    for (int32_t slot = 0; slot < v.s->capacity; slot += AHEAD) {
        int32_t message[AHEAD];
        float low[AHEAD], high[AHEAD];
#pragma unroll
        for (int32_t k = 0; k < AHEAD; k++) {
            message[k] = slot + k < v.s->capacity ? a.registers[slot + k] : -1;
            const int32_t j = message[k] >= 0 ? a.observed[slot + k] : 0;
            const float *column = a.genotype + (int64_t)j * hidden + u;
            low[k] = column[0];
            high[k] = two ? column[DG_LANES] : 0.0f;
        }
#pragma unroll
        for (int32_t k = 0; k < AHEAD; k++) {
            if (message[k] < 0) continue;
            sum.low = dg_policy_gather_term(sum.low, low[k], message[k]);
            sum.high = dg_policy_gather_term(sum.high, high[k], message[k]);
        }
    }
    return sum;
}

/** The same from all registers, the reference; `observed` ascends. */
template <bool Packed>
DG_DEVICE float dg_dense(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t hidden,
                         int32_t u)
{
    float sum = a.genotype[dg_policy_layout_of(v.s->agents, hidden, v.s->values).bias_1 + u];
    int32_t slot = 0;
    for (int32_t j = 0; j < v.s->agents; j++) {
        const bool observed = slot < v.s->capacity && a.observed[slot] == j;
        const int32_t reg = observed ? a.registers[slot] : -1;
        slot += observed;
        sum = dg_policy_dense_term(sum, a.genotype[(int64_t)j * hidden + u], reg);
    }
    return sum;
}

/** Activations of a lane's units u and u + 32. */
template <bool Packed>
DG_DEVICE dg_two_units dg_activations(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                      int32_t hidden, int32_t u)
{
    const bool two = u + DG_LANES < hidden;
    dg_two_units sum;
    if (dg_policy_gathers(v.p->policy_forward)) {
        sum = dg_gather(v, a, hidden, u);
    } else {
        sum.low = dg_dense(v, a, hidden, u);
        sum.high = two ? dg_dense(v, a, hidden, u + DG_LANES) : 0.0f;
    }
    sum.low = dg_policy_hidden(sum.low);
    sum.high = dg_policy_hidden(sum.high);
    return sum;
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

/* ---- small policies: two units a lane, one tile of values ------------------------------------- */

/**
 * Logits; lanes 2v and 2v + 1 receive that of value v. Partial l of sum.h has the terms of unit l, then
 * of unit l + 32; a unit or value that is not there has weight 0.
 */
DG_DEVICE float dg_logits_packed(const dg_agent_view &a, const dg_two_units &h)
{
    const float *row = a.second + dg_lane() * DG_LANE_ROW;
    float sum[DG_VALUE_FOLD];
#pragma unroll
    for (int32_t q = 0; q < DG_VALUE_FOLD; q += 4) {
        const dg_four low = *reinterpret_cast<const dg_four *>(row + q);
        const dg_four high = *reinterpret_cast<const dg_four *>(row + DG_VALUE_FOLD + q);
#pragma unroll
        for (int32_t k = 0; k < 4; k++)
            sum[q + k] = dg_sum_term(dg_sum_term(0.0f, h.low, low.k[k]), h.high, high.k[k]);
    }
    return dg_policy_logit(dg_fold_crossed(sum), row[2 * DG_VALUE_FOLD]);
}

/** The message of an agent whose policy is small (dg_shape_tiles()). */
template <bool Packed>
DG_DEVICE int32_t dg_message_of_tile(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                     int32_t step, const dg_draws &draws)
{
    const int32_t hidden = v.s->group[a.group].hidden;
    const dg_two_units none = {0.0f, 0.0f};
    float logit;
    if (v.b->cublas)
        logit = dg_logits_given(v, a, 0);
    else
        logit = dg_logits_packed(a, dg_lane() < hidden ? dg_activations(v, a, hidden, dg_lane())
                                                       : none);
    const bool there = dg_folded_value(0) < v.s->values;
    dg_probe_float(v, a, DG_PROBE_LOGIT, step, dg_folded_value(0), logit,
                   there && (dg_lane() & 1) == 0);
    const float cost = dg_value_cost(logit, there);
    return dg_policy_samples(v.p->policy_output) ? dg_draw_value(cost, dg_message_word(draws))
                                                 : dg_least_value(cost);
}

DG_DEVICE int32_t dg_policy_message(const dg_block_view<true> &v, const dg_agent_view &a,
                                    int32_t step, const dg_draws &draws)
{
    return dg_message_of_tile(v, a, step, draws);
}

/* ---- any shape ------------------------------------------------------------------------------- */

/** Activations of all units into the warp's scratch; a lane reads back its own. */
DG_DEVICE void dg_hidden_layer(const dg_block_view<false> &v, const dg_agent_view &a,
                               int32_t hidden)
{
    for (int32_t u = dg_lane(); u < hidden; u += 2 * DG_LANES) {
        const dg_two_units h = dg_activations(v, a, hidden, u);
        a.hidden[u] = h.low;
        if (u + DG_LANES < hidden) a.hidden[u + DG_LANES] = h.high;
    }
}

/** Logits of a tile of values; lanes 2k and 2k + 1 receive that of value tile + k. */
DG_DEVICE float dg_logits(const dg_block_view<false> &v, const dg_agent_view &a, int32_t hidden,
                          int32_t tile)
{
    const int32_t stride = v.s->hidden, left = v.s->values - tile;
    const float *weight = a.second + (int64_t)tile * stride;
    float sum[DG_VALUE_FOLD];
#pragma unroll
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++) sum[k] = 0.0f;
    for (int32_t u = dg_lane(); u < hidden; u += DG_LANES) {
        const float h = a.hidden[u];
#pragma unroll
        for (int32_t k = 0; k < DG_VALUE_FOLD; k++)
            if (k < left) sum[k] = dg_sum_term(sum[k], h, weight[k * stride + u]);
    }
    const float total = dg_fold(sum);
    const int64_t bias = (int64_t)v.s->values * stride + dg_folded_value(tile);
    return dg_policy_logit(total, dg_folded_value(tile) < v.s->values ? a.second[bias] : 0.0f);
}

DG_DEVICE int32_t dg_policy_message(const dg_block_view<false> &v, const dg_agent_view &a,
                                    int32_t step, const dg_draws &draws)
{
    const int32_t hidden = v.s->group[a.group].hidden;
    if (dg_shape_tiles(v.s)) return dg_message_of_tile(v, a, step, draws);
    if (!v.b->cublas) dg_hidden_layer(v, a, hidden);
    for (int32_t tile = 0; tile < v.s->values; tile += DG_VALUE_FOLD) {
        const int32_t value = dg_folded_value(tile);
        const float logit =
            v.b->cublas ? dg_logits_given(v, a, tile) : dg_logits(v, a, hidden, tile);
        dg_probe_float(v, a, DG_PROBE_LOGIT, step, value, logit,
                       value < v.s->values && (dg_lane() & 1) == 0);
        dg_put_value(v, a, tile, logit);
    }
    return dg_policy_samples(v.p->policy_output)
               ? dg_draw_value_of_row(v, a, dg_message_word(draws))
               : dg_least_value_of_row(v, a);
}

/* ---- the phase ------------------------------------------------------------------------------- */

/** The agent posts a message or is silent; the message is written for the other warps. */
template <bool Packed>
DG_DEVICE void dg_message_phase(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t step, const dg_draws &draws)
{
    const bool acts = dg_policy_acts(step, v.p->group[a.group].act_period);
    const int32_t message = acts ? dg_policy_message(v, a, step, draws) : -1;
    if (dg_lane() != 0) return;
    dg_shared_message(v)[dg_half(v, step) + a.i] = message;
    if (acts) dg_shared_last(v)[a.i] = message;
}

#endif
