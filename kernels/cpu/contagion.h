/**
 * Contagion among all agents on the CPU (MODEL.md, section 3.5): sums of weights, exponents, race. Loops
 * only; the formulas are contagion.h's of science.
 */
#ifndef DG_CONTAGION_CPU_H
#define DG_CONTAGION_CPU_H

#include "kernels/cpu/fold.h"
#include "kernels/cpu/race.h"
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

/** Sum of W_ij per value over what i received, in ascending j, into i's lane. */
DG_INLINE void dg_received_sums(const dg_step_view *v, int32_t i, const float *weight,
                                dg_lane_row *sum, int lane)
{
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const dg_source from = dg_received_source(v, i, weight, slot);
        if (from.value >= 0) sum[from.value][lane] += from.weight;
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

/** Sums of W_ij of a tile's agents by value and agent, into ws.race. */
DG_INLINE void dg_tile_sums(const dg_step_view *v, dg_lane_tile t)
{
    dg_lane_row *sum = (dg_lane_row *)v->ws.race;
    const int32_t values = v->s->values;
    const int32_t everyone = dg_contagion_everyone(v->p->sources, v->p->content);
    memset(sum, 0, (size_t)values * sizeof *sum);
    for (int32_t l = 0; l < t.count; l++) {
        const float *weight = dg_source_weights(v, t.first + l);
        if (everyone) {
            dg_all_sums(v, weight);
            for (int32_t k = 0; k < values; k++) sum[k][l] = v->ws.logit[k];
        } else {
            dg_received_sums(v, t.first + l, weight, sum, l);
        }
    }
}

/** Sums into exponents, in place; the largest of each agent and 0. */
DG_INLINE void dg_exponents(const dg_step_view *v, const int32_t *belief, float *largest)
{
    dg_lane_row *x = (dg_lane_row *)v->ws.race;
    const float factor = v->p->contagion_factor, delta = v->p->contagion_delta;
    const int32_t kind = v->p->distance;
    for (int l = 0; l < DG_LANES_WIDTH; l++) largest[l] = 0;
    for (int32_t k = 0; k < v->s->values; k++) {
        DG_SIMD
        for (int l = 0; l < DG_LANES_WIDTH; l++) {
            const float distance = dg_contagion_distance(k, belief[l], kind, delta);
            x[k][l] = dg_contagion_exponent(factor, x[k][l], distance);
            largest[l] = x[k][l] > largest[l] ? x[k][l] : largest[l];
        }
    }
}

/** The beliefs that a tile's agents draw by their sums of weights in ws.race. */
DG_INLINE dg_race dg_draw_beliefs(const dg_step_view *v, dg_lane_tile t, const int32_t *belief)
{
    dg_lane_row *x = (dg_lane_row *)v->ws.race, *clock = (dg_lane_row *)v->ws.clocks;
    dg_lane_row largest;
    int32_t uniform[DG_LANES_WIDTH];
    /* first the words: sums are stored one by one, and a vector load would wait for such stores */
    dg_race_clocks(clock, dg_draw_at(v, DG_STREAM_CONTAGION), t.first, v->s->values);
    dg_exponents(v, belief, largest);
    for (int l = 0; l < DG_LANES_WIDTH; l++)
        uniform[l] = dg_contagion_uniform(v->p->overflow, largest[l]);
    dg_race race = dg_race_begin();
    for (int32_t k = 0; k < v->s->values; k++) {
        dg_lane_row ring;
        DG_SIMD
        for (int l = 0; l < DG_LANES_WIDTH; l++)
            ring[l] = dg_contagion_clock(x[k][l], clock[k][l], uniform[l]);
        dg_race_enter(&race, ring, k);
    }
    return race;
}

/** Next beliefs of a tile; those of fixed beliefs keep theirs. */
DG_INLINE void dg_tile_contagion(const dg_step_view *v, dg_lane_tile t)
{
    int32_t moves[DG_LANES_WIDTH], belief[DG_LANES_WIDTH] = {0}, any = 0;
    for (int32_t l = 0, g = 0; l < t.count; l++) {
        g = dg_group_from(v->s, g, t.first + l);
        moves[l] = !v->p->group[g].belief_fixed;
        belief[l] = v->st.belief[t.first + l];
        any |= moves[l];
    }
    if (!any) return;
    dg_tile_sums(v, t);
    const dg_race race = dg_draw_beliefs(v, t, belief);
    for (int32_t l = 0; l < t.count; l++)
        if (moves[l]) v->ws.next_belief[t.first + l] = race.value[l];
}

/** All agents change their beliefs at once. */
DG_PHASE void dg_contagion_phase(const dg_step_view *v)
{
    if (dg_contagion_everyone(v->p->sources, v->p->content)) dg_mark_beliefs(v);
    memcpy(v->ws.next_belief, v->st.belief, (size_t)v->s->agents * sizeof(int32_t));
    for (int32_t first = 0; first < v->s->agents; first += DG_LANES_WIDTH)
        dg_tile_contagion(v, dg_lane_tile_at(v->s, first));
    memcpy(v->st.belief, v->ws.next_belief, (size_t)v->s->agents * sizeof(int32_t));
}

#endif
