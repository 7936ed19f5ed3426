/**
 * Contagion among all agents on the CPU (MODEL.md, section 3.5): sums of weights, exponents, race. Loops
 * only; the formulas are contagion.h's of science.
 */
#ifndef DG_CONTAGION_CPU_H
#define DG_CONTAGION_CPU_H

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
    static const dg_tile_index value = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    dg_tile sum = {0};
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const dg_source from = dg_received_source(v, i, weight, slot);
        const dg_tile_index bits = (dg_tile_index){0} + (int32_t)dg_bits_of(from.weight);
        sum += (dg_tile)(bits & (value == from.value));
    }
    memcpy(v->ws.logit, &sum, sizeof sum);
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

/** Distances of all gaps between a value and a belief: distance[value - belief + stride]. */
static inline void dg_make_distances(const dg_step_view *v)
{
    const int32_t stride = (int32_t)dg_value_stride(v->s);
    for (int32_t k = 0; k < 2 * stride; k++)
        v->ws.distance[k] = dg_contagion_distance(k, stride, v->p->distance, v->p->contagion_delta);
}

/** Sums of weights into exponents, in place; the largest of them and 0. */
DG_INLINE float dg_exponents(const dg_step_view *v, int32_t belief, float *x)
{
    const int32_t values = v->s->values;
    const float *distance = v->ws.distance + dg_value_stride(v->s) - belief;
    const float factor = v->p->contagion_factor;
    float largest = 0;
    for (int32_t tile = 0; tile < values; tile += DG_VALUE_TILE) {
#pragma omp simd reduction(max : largest)
        for (int32_t k = tile; k < tile + DG_VALUE_TILE; k++) {
            x[k] = dg_contagion_exponent(factor, x[k], distance[k]);
            largest = x[k] > largest ? x[k] : largest;
        }
    }
    return largest;
}

/** The value that agent i believes next. Sums beyond the last value are 0, and never chosen. */
static inline int32_t dg_next_belief(const dg_step_view *v, int32_t i, const float *log_exponential)
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
    const int32_t uniform = dg_contagion_uniform(v->p->overflow, largest);
    dg_probe_floats(v, DG_PROBE_EXPONENT, i, x, values);
    for (int32_t tile = 0; tile < values; tile += DG_VALUE_TILE) {
        DG_SIMD
        for (int32_t k = tile; k < tile + DG_VALUE_TILE; k++)
            x[k] = dg_contagion_clock(x[k], log_exponential[k], uniform);
    }
    dg_probe_floats(v, DG_PROBE_BELIEF_CLOCK, i, x, values);
    return dg_select_first(x, values);
}

static inline void dg_group_contagion(const dg_step_view *v, const dg_group_shape *group)
{
    const dg_elements values = dg_every_value(v);
    const int64_t apart = dg_words_apart(values);
    for (dg_agent_tile t = dg_tile_of_group(group); t.count > 0; t = dg_tile_next(t)) {
        const float *clocks = dg_tile_clocks(v, DG_STREAM_CONTAGION, values, t);
        for (int32_t a = 0; a < t.count; a++)
            v->ws.next_belief[t.first + a] = dg_next_belief(v, t.first + a, clocks + a * apart);
    }
}

/** All agents change their beliefs at once. */
DG_PHASE void dg_contagion_phase(const dg_step_view *v)
{
    if (dg_contagion_everyone(v->p->sources, v->p->content)) dg_mark_beliefs(v);
    memcpy(v->ws.next_belief, v->st.belief, (size_t)v->s->agents * sizeof(int32_t));
    for (int32_t g = 0; g < v->s->groups; g++)
        if (!v->p->group[g].belief_fixed) dg_group_contagion(v, &v->s->group[g]);
    memcpy(v->st.belief, v->ws.next_belief, (size_t)v->s->agents * sizeof(int32_t));
}

#endif
