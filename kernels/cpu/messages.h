/**
 * Messages of all agents on the CPU (MODEL.md, section 3.1): hidden layer, logits, race. Loops only;
 * the formulas are policy.h's.
 */
#ifndef DG_MESSAGES_CPU_H
#define DG_MESSAGES_CPU_H

#include "kernels/cpu/fold.h"
#include "kernels/cpu/probe.h"
#include "kernels/cpu/select.h"
#include "kernels/cpu/step.h"
#include "kernels/science/policy.h"

/** Hidden layer by gathering the observed columns onto the base vector. */
DG_INLINE void dg_hidden_gather(const dg_step_view *v, int32_t i, const float *genotype,
                                int32_t hidden)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    const int32_t *registers = v->st.registers + (int64_t)i * v->s->capacity;
    const float *base = v->st.base + (int64_t)i * v->s->hidden;
    float *h = v->ws.hidden;
    memcpy(h, base, (size_t)hidden * sizeof *h);
    for (int32_t slot = 0; slot < v->s->capacity && observed[slot] >= 0; slot++) {
        const float *column = genotype + (int64_t)observed[slot] * hidden;
        const int32_t message = registers[slot];
        if (message < 0) continue;
        DG_SIMD
        for (int32_t u = 0; u < hidden; u++) h[u] = dg_policy_gather_term(h[u], column[u], message);
    }
}

/** Hidden layer from all registers, the reference. */
static inline void dg_hidden_dense(const dg_step_view *v, int32_t i, const float *genotype,
                                   int32_t hidden)
{
    int32_t *reg = v->ws.reg;
    float *h = v->ws.hidden;
    for (int32_t j = 0; j < v->s->agents; j++) reg[j] = -1;
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const int32_t j = v->st.observed[(int64_t)i * v->s->capacity + slot];
        if (j >= 0) reg[j] = v->st.registers[(int64_t)i * v->s->capacity + slot];
    }
    const dg_policy_layout at = dg_policy_layout_of(v->s->agents, hidden, v->s->values);
    memcpy(h, genotype + at.bias_1, (size_t)hidden * sizeof *h);
    for (int32_t j = 0; j < v->s->agents; j++)
        for (int32_t u = 0; u < hidden; u++)
            h[u] = dg_policy_dense_term(h[u], genotype[(int64_t)j * hidden + u], reg[j]);
}

/** W2 of every agent with rows of whole tiles, for the length of a generation. */
static inline void dg_pack_second_layers(const dg_step_view *v)
{
    const int64_t stride = dg_value_stride(v->s), page = v->s->hidden * stride;
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        const dg_policy_layout at = dg_policy_layout_of(v->s->agents, group->hidden, v->s->values);
        for (int32_t a = 0; a < group->size; a++) {
            const float *from =
                v->st.genotype + group->genotype + (int64_t)a * group->stride + at.weight_2;
            float *to = v->ws.second + (group->first + a) * page;
            for (int32_t u = 0; u < group->hidden; u++)
                for (int32_t k = 0; k < v->s->values; k++)
                    to[u * stride + k] = from[u * v->s->values + k];
        }
    }
}

/** Policy of one agent: hidden layer, logits, race. `stride` is dg_value_stride(). */
DG_INLINE int32_t dg_policy_message(const dg_step_view *v, int32_t i, const float *genotype,
                                    int32_t hidden, int64_t stride, const float *log_exponential)
{
    const float *second = v->ws.second + (int64_t)i * v->s->hidden * stride;
    float *h = v->ws.hidden;
    float *logit = v->ws.logit;
    if (dg_policy_gathers(v->p->policy_forward))
        dg_hidden_gather(v, i, genotype, hidden);
    else
        dg_hidden_dense(v, i, genotype, hidden);
    DG_SIMD
    for (int32_t u = 0; u < hidden; u++) h[u] = dg_policy_hidden(h[u]);
    dg_lanes_to_memory(h);
    const float *bias = genotype + dg_policy_layout_of(v->s->agents, hidden, v->s->values).bias_2;
    const int32_t output = v->p->policy_output;
    for (int64_t tile = 0; tile < stride; tile += DG_VALUE_TILE) {
        dg_sum_rows(logit + tile, h, second + tile, stride, hidden);
        dg_probe_logits(v, i, logit, bias, tile);
        DG_SIMD
        for (int64_t k = tile; k < tile + DG_VALUE_TILE; k++)
            logit[k] =
                dg_policy_clock(dg_policy_logit(logit[k], bias[k]), log_exponential[k], output);
    }
    dg_probe_floats(v, DG_PROBE_MESSAGE_CLOCK, i, logit, v->s->values);
    return dg_select_first(logit, v->s->values);
}

/** Messages of a group that acts in this step; the common sizes get loops of known length. */
static inline void dg_group_messages(const dg_step_view *v, const dg_group_shape *group)
{
    const dg_elements values = dg_every_value(v);
    const int64_t apart = dg_words_apart(values), stride = dg_value_stride(v->s);
    for (dg_agent_tile t = dg_tile_of_group(group); t.count > 0; t = dg_tile_next(t)) {
        const float *clocks = dg_tile_clocks(v, DG_STREAM_MESSAGE, values, t);
        for (int32_t a = 0; a < t.count; a++) {
            const int32_t i = t.first + a;
            const float *genotype =
                v->st.genotype + group->genotype + (int64_t)(i - group->first) * group->stride;
            const float *clock = clocks + a * apart;
            v->st.message[i] =
                group->hidden == 64 && stride == DG_VALUE_TILE
                    ? dg_policy_message(v, i, genotype, 64, DG_VALUE_TILE, clock)
                    : dg_policy_message(v, i, genotype, group->hidden, stride, clock);
            v->st.last_message[i] = v->st.message[i];
        }
    }
}

/** Each agent acts or is silent. */
DG_PHASE void dg_messages_phase(const dg_step_view *v, int64_t *record)
{
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        if (dg_policy_acts(v->step, v->p->group[g].act_period)) {
            dg_group_messages(v, group);
            record[dg_record_group(v->s, g) + DG_COUNT_MESSAGES] += group->size;
        } else {
            for (int32_t i = 0; i < group->size; i++) v->st.message[group->first + i] = -1;
        }
    }
}

#endif
