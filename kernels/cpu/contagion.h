/**
 * Contagion among all agents on the CPU (MODEL.md, section 3.5): sums of weights, exponents, draw. Loops
 * only; the formulas are contagion.h's of science.
 */
#ifndef DG_CONTAGION_CPU_H
#define DG_CONTAGION_CPU_H

#include "kernels/cpu/contagion_tile.h"
#include "kernels/cpu/fold.h"
#include "kernels/cpu/probe.h"
#include "kernels/cpu/select.h"
#include "kernels/cpu/step.h"
#include "kernels/science/contagion.h"

/** Sources `all`: row j of `spoken` is 1 at the value that j believes, else 0. */
static inline void dg_mark_beliefs(const dg_step_view *v)
{
    const int64_t stride = dg_value_stride(v->s), rows = dg_round_up(v->s->agents, DG_LANES);
    memset(v->ws.spoken, 0, (size_t)(rows * stride) * sizeof *v->ws.spoken);
    for (int32_t j = 0; j < v->s->agents; j++) v->ws.spoken[j * stride + v->st.belief[j]] = 1.0f;
}

/** i's row of W; under belief sparsity a copy in which agents outside J_i have weight 0. */
DG_INLINE const float *dg_source_weights(const dg_step_view *v, int32_t i)
{
    const float *weight = v->st.weight + (int64_t)i * v->s->row;
    if (v->p->contagion_dropped == 0) return weight;
    memcpy(v->ws.sources, weight, (size_t)v->s->row * sizeof *weight);
    dg_select_mark(v->ws.sources, v->ws.spare, v->s->agents, v->p->contagion_dropped, 0.0f);
    return v->ws.sources;
}

/** A source that i received: its value, -1 where the register holds none, and its weight. */
typedef struct dg_source {
    int32_t value;
    float weight;
} dg_source;

DG_INLINE dg_source dg_received_source(const dg_step_view *v, int32_t i, const float *weight,
                                       int32_t slot)
{
    const int32_t j = v->st.observed[(int64_t)i * v->s->capacity + slot];
    const int32_t registers = v->st.registers[(int64_t)i * v->s->capacity + slot];
    if (j < 0 || registers < 0) return (dg_source){-1, 0};
    return (dg_source){dg_contagion_content(v->p->content, registers, v->st.belief[j]), weight[j]};
}

/** Sum of W_ij per value over what i received, in ascending j. */
static inline void dg_received_sums(const dg_step_view *v, int32_t i, const float *weight)
{
    float *sum = v->ws.logit;
    memset(sum, 0, (size_t)dg_value_stride(v->s) * sizeof *sum);
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const dg_source from = dg_received_source(v, i, weight, slot);
        if (from.value >= 0) sum[from.value] += from.weight;
    }
}

/** The same for up to 16 values: +0 goes to the others, which alters no sum that began at +0. */
DG_INLINE void dg_received_sums_of_16(const dg_step_view *v, int32_t i, const float *weight)
{
    float *sum = v->ws.logit;
    memset(sum, 0, DG_VALUE_TILE * sizeof *sum);
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const dg_source from = dg_received_source(v, i, weight, slot);
        DG_SIMD
        for (int32_t k = 0; k < DG_VALUE_TILE; k++)
            sum[k] += v->ws.index[k] == from.value ? from.weight : 0.0f;
    }
}

/**
 * Sum of W_ij per value over all agents, in the order of sum.h. Padded weights and rows are 0 and add
 * nothing, so up to 32 agents make one loop of known length.
 */
static inline void dg_all_sums(const dg_step_view *v, const float *weight)
{
    const int64_t stride = dg_value_stride(v->s);
    if (v->s->row == DG_LANES && stride == DG_VALUE_TILE) {
        dg_sum_rows(v->ws.logit, weight, v->ws.spoken, DG_VALUE_TILE, DG_LANES);
        return;
    }
    for (int64_t tile = 0; tile < stride; tile += DG_VALUE_TILE)
        dg_sum_rows(v->ws.logit + tile, weight, v->ws.spoken + tile, stride, v->s->agents);
}

/** C_b / D of all gaps between a value and a belief: scale[value - belief + stride]. */
static inline void dg_make_scales(const dg_step_view *v)
{
    const int32_t stride = (int32_t)dg_value_stride(v->s);
    for (int32_t k = 0; k < 2 * stride; k++)
        v->ws.scale[k] = dg_contagion_scale(
            v->p->contagion_factor,
            dg_contagion_distance(k, stride, v->p->distance, v->p->contagion_delta));
}

/** Sums of weights into exponents, in place; the largest of them and 0. */
DG_INLINE float dg_exponents(const dg_step_view *v, int32_t belief, float *x)
{
    const int32_t values = v->s->values;
    const float *scale = v->ws.scale + dg_value_stride(v->s) - belief;
    float largest = 0;
    for (int32_t tile = 0; tile < values; tile += DG_VALUE_TILE) {
#pragma omp simd reduction(max : largest)
        for (int32_t k = tile; k < tile + DG_VALUE_TILE; k++) {
            x[k] = dg_contagion_exponent(scale[k], x[k]);
            largest = x[k] > largest ? x[k] : largest;
        }
    }
    return largest;
}

/** The value that agent i believes next. Sums beyond the last value are 0, and never chosen. */
static inline int32_t dg_next_belief(const dg_step_view *v, int32_t i, uint32_t word)
{
    const int32_t values = v->s->values;
    const float *weight = dg_source_weights(v, i);
    float *x = v->ws.logit;
    if (dg_contagion_everyone(v->p->sources, v->p->content))
        dg_all_sums(v, weight);
    else if (values <= DG_VALUE_TILE)
        dg_received_sums_of_16(v, i, weight);
    else
        dg_received_sums(v, i, weight);
    const float largest = dg_exponents(v, v->st.belief[i], x);
    dg_probe_floats(v, DG_PROBE_EXPONENT, i, x, values);
    const int32_t uniform = dg_contagion_uniform(v->p->overflow, largest);
    for (int32_t tile = 0; tile < values; tile += DG_VALUE_TILE) {
        DG_SIMD
        for (int32_t k = tile; k < tile + DG_VALUE_TILE; k++)
            x[k] = dg_contagion_drawn(x[k], uniform);
    }
    return dg_draw_value(v, x, word);
}

static inline void dg_group_contagion(const dg_step_view *v, const dg_group_shape *group)
{
    const uint32_t *word = dg_choice_words(v, DG_CHOICE_BELIEF);
    for (int32_t i = group->first; i < group->first + group->size; i++)
        v->ws.next_belief[i] = dg_next_belief(v, i, word[i]);
}

/** Beliefs after the step, of groups whose beliefs are free; of others they may be anything. */
static inline void dg_make_next_beliefs(const dg_step_view *v)
{
    if (dg_tile_contagion(v)) {
        for (dg_agent_tile t = dg_tile_at(0, v->s->agents); t.count > 0; t = dg_tile_next(t))
            dg_next_beliefs(v, t);
        return;
    }
    if (dg_contagion_everyone(v->p->sources, v->p->content)) dg_mark_beliefs(v);
    for (int32_t g = 0; g < v->s->groups; g++)
        if (!v->p->group[g].belief_fixed) dg_group_contagion(v, &v->s->group[g]);
}

/** All agents change their beliefs at once. */
DG_PHASE void dg_contagion_phase(const dg_step_view *v)
{
    dg_make_next_beliefs(v);
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        if (v->p->group[g].belief_fixed) continue;
        memcpy(v->st.belief + group->first, v->ws.next_belief + group->first,
               (size_t)group->size * sizeof(int32_t));
    }
}

#endif
