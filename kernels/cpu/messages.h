/**
 * Messages of all agents on the CPU (MODEL.md, section 3.1): hidden layer, logits, draw. Loops only;
 * the formulas are policy.h's.
 *
 * Agents are taken in tiles of as many as a vector has lanes. The hidden layer and the partial sums of
 * the logits have one agent in all lanes; the last folds of those, and the draw, one agent in each.
 */
#ifndef DG_MESSAGES_CPU_H
#define DG_MESSAGES_CPU_H

#include "kernels/cpu/lane_sums.h"
#include "kernels/cpu/probe.h"
#include "kernels/cpu/step.h"
#include "kernels/science/policy.h"

DG_INLINE const float *dg_genotype_of(const dg_step_view *v, const dg_group_shape *group, int32_t i)
{
    return v->st.genotype + group->genotype + (int64_t)(i - group->first) * group->stride;
}

/* ---- hidden layer ---------------------------------------------------------------------------- */

/** Hidden units that stay in registers while the observed columns pass. */
enum { DG_UNITS = 64 };

/** The base vector and the observed columns of DG_UNITS hidden units, `first` ... */
DG_INLINE void dg_gather_units(const dg_step_view *v, int32_t i, const float *genotype,
                               int32_t hidden, int32_t first, float *h)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    const int32_t *registers = v->st.registers + (int64_t)i * v->s->capacity;
    dg_lanes sum[DG_UNITS / DG_LANES_WIDTH];
    dg_lanes_read(sum, v->st.base + (int64_t)i * v->s->hidden + first, DG_UNITS / DG_LANES_WIDTH);
    for (int32_t slot = 0; slot < v->s->capacity && observed[slot] >= 0; slot++) {
        const float *column = genotype + (int64_t)observed[slot] * hidden + first;
        if (registers[slot] < 0) continue;
        const dg_lanes level = dg_lanes_all(dg_policy_level(registers[slot]));
#pragma GCC unroll 16
        for (int l = 0; l < DG_UNITS / DG_LANES_WIDTH; l++) /* dg_policy_gather_term() */
            sum[l] = dg_lanes_sum_term(sum[l], level, dg_lanes_load(column + l * DG_LANES_WIDTH));
    }
    dg_lanes_write(h, sum, DG_UNITS / DG_LANES_WIDTH);
}

/** Hidden layer by gathering the observed columns onto the base vector. */
DG_INLINE void dg_hidden_gather(const dg_step_view *v, int32_t i, const float *genotype,
                                int32_t hidden, float *h)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    const int32_t *registers = v->st.registers + (int64_t)i * v->s->capacity;
    const float *base = v->st.base + (int64_t)i * v->s->hidden;
    int32_t first = 0;
    for (; first + DG_UNITS <= hidden; first += DG_UNITS)
        dg_gather_units(v, i, genotype, hidden, first, h + first);
    if (first == hidden) return;
    memcpy(h + first, base + first, (size_t)(hidden - first) * sizeof *h);
    for (int32_t slot = 0; slot < v->s->capacity && observed[slot] >= 0; slot++) {
        const float *column = genotype + (int64_t)observed[slot] * hidden;
        const int32_t message = registers[slot];
        if (message < 0) continue;
        DG_SIMD
        for (int32_t u = first; u < hidden; u++)
            h[u] = dg_policy_gather_term(h[u], column[u], message);
    }
}

/** Hidden layer from all registers, the reference. */
DG_INLINE void dg_hidden_dense(const dg_step_view *v, int32_t i, const float *genotype,
                               int32_t hidden, float *h)
{
    int32_t *reg = v->ws.reg;
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

/** Hidden layer of one agent before its activation. */
DG_INLINE void dg_hidden_of(const dg_step_view *v, int32_t i, const float *genotype, int32_t hidden,
                            float *h)
{
    if (dg_policy_gathers(v->p->policy_forward))
        dg_hidden_gather(v, i, genotype, hidden, h);
    else
        dg_hidden_dense(v, i, genotype, hidden, h);
}

/** The same in rows of s->hidden, +0 beyond its units; the common size gets loops of known length. */
DG_INLINE void dg_hidden_sums(const dg_step_view *v, const dg_group_shape *group, int32_t i,
                              float *h)
{
    if (group->hidden == DG_UNITS)
        dg_hidden_of(v, i, dg_genotype_of(v, group, i), DG_UNITS, h);
    else
        dg_hidden_of(v, i, dg_genotype_of(v, group, i), group->hidden, h);
    for (int32_t u = group->hidden; u < v->s->hidden; u++) h[u] = 0;
}

/** Activation of several agents' hidden units, which leaves +0 as it is. */
DG_PHASE void dg_activate(float *h, int64_t units)
{
    DG_SIMD
    for (int64_t u = 0; u < units; u++) h[u] = dg_policy_hidden(h[u]);
}

/* ---- second layer ---------------------------------------------------------------------------- */

/** Four values of as many units as a vector has lanes, from [units][values] to [values][units]. */
DG_INLINE void dg_pack_block(const float *from, int32_t values, float *to, int64_t apart,
                             int32_t wanted)
{
    float quarter[4][DG_LANES_WIDTH]; /* those of the last values reach into what follows the row */
    for (int u = 0; u < DG_LANES_WIDTH; u++)
        memcpy(&quarter[u % 4][u / 4 * 4], from + (int64_t)u * values, 4 * sizeof *from);
    dg_lanes row[4];
    dg_lanes_read(row, quarter[0], 4);
    dg_lanes_transpose(row);
    for (int r = 0; r < 4 && r < wanted; r++) dg_lanes_write(to + r * apart, &row[r], 1);
}

/** W2 of one agent to rows of s->hidden units; +0 beyond its units. What follows W2 is b2, and padding. */
static inline void dg_pack_second_layer(const dg_shape *s, const float *from, int32_t hidden,
                                        float *to)
{
    const int32_t values = s->values;
    memset(to, 0, (size_t)values * (size_t)s->hidden * sizeof *to);
    int32_t u = 0;
    for (; u + DG_LANES_WIDTH <= hidden; u += DG_LANES_WIDTH)
        for (int32_t k = 0; k < values; k += 4)
            dg_pack_block(from + (int64_t)u * values + k, values, to + (int64_t)k * s->hidden + u,
                          s->hidden, values - k);
    for (; u < hidden; u++)
        for (int32_t k = 0; k < values; k++)
            to[(int64_t)k * s->hidden + u] = from[(int64_t)u * values + k];
}

/** W2 of every agent by value, and b2 of every value by agent, for the length of a generation. */
static inline void dg_pack_second_layers(const dg_step_view *v)
{
    const int64_t page = (int64_t)v->s->values * v->s->hidden;
    for (int32_t i = 0, g = 0; i < v->s->agents; i++) {
        g = dg_group_from(v->s, g, i);
        const dg_group_shape *group = &v->s->group[g];
        const float *genotype = dg_genotype_of(v, group, i);
        const dg_policy_layout at = dg_policy_layout_of(v->s->agents, group->hidden, v->s->values);
        dg_pack_second_layer(v->s, genotype + at.weight_2, group->hidden, v->ws.second + i * page);
        for (int32_t k = 0; k < v->s->values; k++)
            v->ws.bias[(int64_t)k * v->s->row + i] = genotype[at.bias_2 + k];
    }
}

/** Partials of a tile's logits for DG_VALUE_TILE values, folded to one vector each. */
typedef dg_lanes dg_partials[DG_VALUE_TILE][DG_LANES_WIDTH];

/**
 * One agent's partials of up to DG_VALUE_TILE logits into its lane's place of each. A partial begins with
 * its first product instead of adding that to +0: only the sign of a zero differs, which no weight keeps.
 */
DG_INLINE void dg_logit_partials(dg_partials partial, int32_t lane, const float *h,
                                 const float *weight, int32_t hidden, int32_t values)
{
    enum { VECTORS = DG_LANES / DG_LANES_WIDTH };
    for (int32_t k = 0; k < values; k++, weight += hidden) {
        dg_lanes sum[VECTORS];
#pragma GCC unroll 8
        for (int c = 0; c < VECTORS; c++)
            sum[c] =
                dg_lanes_load(h + c * DG_LANES_WIDTH) * dg_lanes_load(weight + c * DG_LANES_WIDTH);
        for (int32_t u = DG_LANES; u < hidden; u += DG_LANES) {
#pragma GCC unroll 8
            for (int c = 0; c < VECTORS; c++) {
                const int32_t at = u + c * DG_LANES_WIDTH;
                sum[c] =
                    dg_lanes_sum_term(sum[c], dg_lanes_load(h + at), dg_lanes_load(weight + at));
            }
        }
#pragma GCC unroll 3
        for (int width = VECTORS / 2; width > 0; width /= 2) {
#pragma GCC unroll 4
            for (int c = 0; c < width; c++) sum[c] += sum[c + width];
        }
        partial[k][lane] = sum[0];
    }
}

/* ---- tiles of agents ------------------------------------------------------------------------- */

/** Those of a tile who act in this step: lanes in ascending order. */
typedef struct dg_actors {
    int32_t count, lane[DG_LANES_WIDTH], group[DG_LANES_WIDTH];
} dg_actors;

DG_INLINE dg_actors dg_tile_actors(const dg_step_view *v, dg_lane_tile t)
{
    dg_actors act = {0, {0}, {0}};
    for (int32_t l = 0, g = 0; l < t.count; l++) {
        g = dg_group_from(v->s, g, t.first + l);
        if (!dg_policy_acts(v->step, v->p->group[g].act_period)) continue;
        act.group[act.count] = g;
        act.lane[act.count++] = l;
    }
    return act;
}

/** Hidden layers of `count` of those who act, from the a-th on. */
DG_PHASE void dg_tile_hidden(const dg_step_view *v, dg_lane_tile t, const dg_actors *act, int32_t a,
                             int32_t count)
{
    float *h = v->ws.hidden + (int64_t)a * v->s->hidden;
    for (int32_t k = 0; k < count; k++)
        dg_hidden_sums(v, &v->s->group[act->group[a + k]], t.first + act->lane[a + k],
                       h + k * v->s->hidden);
    dg_activate(h, (int64_t)count * v->s->hidden);
}

/**
 * Logits of DG_VALUE_TILE values from `first` on of those who act, into ws.tile_logit; with the first of them the
 * hidden layers, into ws.hidden: two agents at a time, so that arithmetic goes on while the next W2 arrives.
 */
DG_PHASE void dg_tile_logits(const dg_step_view *v, dg_lane_tile t, const dg_actors *act,
                             int32_t first)
{
    dg_partials partial;
    dg_lane_row *logit = (dg_lane_row *)v->ws.tile_logit + first;
    const int32_t hidden = v->s->hidden, left = v->s->values - first;
    const int32_t values = left < DG_VALUE_TILE ? left : DG_VALUE_TILE;
    for (int32_t a = 0; a < act->count; a++) {
        const int32_t lane = act->lane[a];
        const int64_t row = (int64_t)(t.first + lane) * v->s->values + first;
        const float *h = v->ws.hidden + (int64_t)a * hidden, *weight = v->ws.second + row * hidden;
        if (first == 0 && a % 2 == 0) dg_tile_hidden(v, t, act, a, a + 1 < act->count ? 2 : 1);
        if (hidden == DG_UNITS) /* the common size stays in registers */
            dg_logit_partials(partial, lane, h, weight, DG_UNITS, values);
        else
            dg_logit_partials(partial, lane, h, weight, hidden, values);
    }
    const float *bias = v->ws.bias + (int64_t)first * v->s->row + t.first;
    for (int32_t k = 0; k < values; k++, bias += v->s->row) {
        const dg_lanes sum = dg_lanes_fold(partial[k]);
        float last[DG_LANES_WIDTH];
        memcpy(last, &sum, sizeof sum);
        DG_SIMD
        for (int l = 0; l < DG_LANES_WIDTH; l++) logit[k][l] = dg_policy_logit(last[l], bias[l]);
    }
}

/** The value that a lane's logits choose where there are many values. */
static inline int32_t dg_choose_value(const dg_step_view *v, int32_t lane, uint32_t word)
{
    const dg_lane_row *logit = (const dg_lane_row *)v->ws.tile_logit;
    for (int32_t k = 0; k < v->s->values; k++) v->ws.logit[k] = logit[k][lane];
    return dg_draw_value(v, v->ws.logit, word);
}

/** The messages that those who act in a tile draw by their logits. */
DG_PHASE void dg_draw_messages(const dg_step_view *v, dg_lane_tile t, const dg_actors *act,
                               int32_t *message)
{
    const dg_lane_row *logit = (const dg_lane_row *)v->ws.tile_logit;
    const uint32_t *word = dg_choice_words(v, DG_CHOICE_MESSAGE) + t.first;
    for (int32_t a = 0; a < act->count; a++)
        dg_probe_lane(v, DG_PROBE_LOGIT, t.first + act->lane[a], &logit[0][act->lane[a]],
                      DG_LANES_WIDTH, v->s->values);
    if (!dg_policy_samples(v->p->policy_output)) {
        dg_lane_largest(logit, v->s->values, message);
    } else if (v->s->values <= DG_VALUE_TILE) {
        dg_lane_softmax(logit, v->s->values, word, message);
    } else {
        for (int32_t a = 0; a < act->count; a++)
            message[act->lane[a]] = dg_choose_value(v, act->lane[a], word[act->lane[a]]);
    }
}

/** A tile's messages; -1: silent. */
static inline void dg_tile_messages(const dg_step_view *v, dg_lane_tile t)
{
    const dg_actors act = dg_tile_actors(v, t);
    for (int32_t l = 0; l < t.count; l++) v->st.message[t.first + l] = -1;
    if (act.count == 0) return;
    for (int32_t k = 0; k < v->s->values; k += DG_VALUE_TILE) dg_tile_logits(v, t, &act, k);
    int32_t message[DG_LANES_WIDTH];
    dg_draw_messages(v, t, &act, message);
    for (int32_t a = 0; a < act.count; a++) {
        const int32_t i = t.first + act.lane[a];
        v->st.message[i] = v->st.last_message[i] = message[act.lane[a]];
    }
}

/** Each agent acts or is silent. */
static inline void dg_messages_phase(const dg_step_view *v, int64_t *record)
{
    for (int32_t g = 0; g < v->s->groups; g++)
        if (dg_policy_acts(v->step, v->p->group[g].act_period))
            record[dg_record_group(v->s, g) + DG_COUNT_MESSAGES] += v->s->group[g].size;
    for (int32_t first = 0; first < v->s->agents; first += DG_LANES_WIDTH)
        dg_tile_messages(v, dg_lane_tile_at(v->s, first));
}

#endif
