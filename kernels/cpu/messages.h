/**
 * Messages of all agents on the CPU (MODEL.md, section 3.1): hidden layer, logits, draw. Loops only;
 * the formulas are policy.h's.
 */
#ifndef DG_MESSAGES_CPU_H
#define DG_MESSAGES_CPU_H

#include "kernels/cpu/fold.h"
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

/** The value that logits choose: drawn, or the first of the largest. */
DG_INLINE int32_t dg_chosen_value(const dg_step_view *v, float *logit, uint32_t word)
{
    int32_t first = 0;
    if (dg_policy_samples(v->p->policy_output)) return dg_draw_value(v, logit, word);
    for (int32_t k = 1; k < v->s->values; k++)
        if (logit[k] > logit[first]) first = k;
    return first;
}

/** Policy of one agent: hidden layer, logits, draw. `stride` is dg_value_stride(). */
DG_INLINE int32_t dg_policy_message(const dg_step_view *v, int32_t i, const float *genotype,
                                    int32_t hidden, int64_t stride, uint32_t word)
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
    for (int64_t tile = 0; tile < stride; tile += DG_VALUE_TILE) {
        dg_sum_rows(logit + tile, h, second + tile, stride, hidden);
        DG_SIMD
        for (int64_t k = tile; k < tile + DG_VALUE_TILE; k++)
            logit[k] = dg_policy_logit(logit[k], bias[k]);
    }
    return dg_chosen_value(v, logit, word);
}

/** Messages of a group that acts in this step; the common sizes get loops of known length. */
static inline void dg_group_messages(const dg_step_view *v, const dg_group_shape *group)
{
    const int64_t stride = dg_value_stride(v->s);
    for (int32_t a = 0; a < group->size; a++) {
        const int32_t i = group->first + a;
        const float *genotype = v->st.genotype + group->genotype + (int64_t)a * group->stride;
        const uint32_t word = dg_word_of_choice(v, i, DG_CHOICE_MESSAGE);
        v->st.message[i] = group->hidden == 64 && stride == DG_VALUE_TILE
                               ? dg_policy_message(v, i, genotype, 64, DG_VALUE_TILE, word)
                               : dg_policy_message(v, i, genotype, group->hidden, stride, word);
        v->st.last_message[i] = v->st.message[i];
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
