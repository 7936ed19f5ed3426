/**
 * Observation by all agents on the CPU (MODEL.md, section 3.2): costs of all candidates, then draws. Loops
 * only; the formulas are observe.h's.
 */
#ifndef DG_OBSERVATION_CPU_H
#define DG_OBSERVATION_CPU_H

#include "kernels/cpu/gather.h"
#include "kernels/cpu/lane_sums.h"
#include "kernels/cpu/observation_tile.h"
#include "kernels/cpu/probe.h"
#include "kernels/cpu/select.h"
#include "kernels/cpu/step.h"
#include "kernels/science/observe.h"

/* Beyond so many agents a step waits for the columns it gathers, which lie far from the core: asking early
   is faster at N = 300 and slower at N = 99 (bench/NOTES.md); this lies between. */
enum { DG_NEAR_AGENTS = 128, DG_CACHE_LINE = 64 };

/** The message that the recommender offers of each agent, and the agents that cannot be drawn. */
static inline void dg_offer_messages(const dg_step_view *v)
{
    const int32_t silent = v->p->silent;
    for (int32_t j = 0; j < v->s->row; j++) {
        const int32_t offered = dg_observe_offered(silent, v->st.message[j], v->st.last_message[j]);
        const int32_t barred = j >= v->s->agents || dg_observe_barred(silent, offered);
        v->ws.offered[j] = offered;
        v->ws.closed[j] = barred ? DG_OBSERVE_NEVER : -DG_OBSERVE_NEVER;
        v->ws.step_views[j] = 0;
    }
}

/** Gaps between every belief and what is offered. */
static inline void dg_make_gaps(const dg_step_view *v)
{
    const int32_t row = v->s->row;
    for (int32_t b = 0; b < v->s->values; b++) {
        DG_SIMD
        for (int32_t j = 0; j < row; j++)
            v->ws.gap[(int64_t)b * row + j] = dg_observe_gap(b, v->ws.offered[j]);
    }
}

/** Costs of all candidates of receiver i into ws.cost; the least of them. */
DG_INLINE float dg_candidate_costs(const dg_step_view *v, int32_t i, int32_t row)
{
    const float *static_cost = v->st.static_cost + (int64_t)i * row;
    const float *gap = v->ws.gap + (int64_t)v->st.belief[i] * row;
    const float *closed = v->ws.closed, *self = v->ws.self + row - i;
    const float factor = v->p->belief_factor;
    float *cost = v->ws.cost, least[DG_ROW_ALIGN];
    for (int l = 0; l < DG_ROW_ALIGN; l++) least[l] = DG_OBSERVE_NEVER;
    for (int32_t tile = 0; tile < row; tile += DG_ROW_ALIGN) {
        DG_SIMD
        for (int32_t l = 0; l < DG_ROW_ALIGN; l++) {
            const int32_t j = tile + l;
            float c = dg_observe_cost(static_cost[j], factor, gap[j]);
            c = c > closed[j] ? c : closed[j];
            c = c > self[j] ? c : self[j];
            cost[j] = c;
            least[l] = c < least[l] ? c : least[l];
        }
    }
    return dg_lanes_least(least);
}

/** Sparsity drops the candidates of smallest weight, i.e. largest cost. */
static inline void dg_drop_candidates(const dg_step_view *v)
{
    float *cost = v->ws.cost;
    for (int32_t j = 0; j < v->s->row; j++) cost[j] = -cost[j];
    dg_select_mark(cost, v->ws.spare, v->s->agents, v->p->observation_dropped, -DG_OBSERVE_NEVER);
    for (int32_t j = 0; j < v->s->row; j++) cost[j] = -cost[j];
}

/** Prefetch the columns that the next step gathers: those of agent i's genotype for the agents it observed. */
DG_INLINE void dg_ask_for_columns(const dg_step_view *v, const dg_group_shape *group, int32_t i)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    const float *genotype =
        v->st.genotype + group->genotype + (int64_t)(i - group->first) * group->stride;
    for (int32_t slot = 0; slot < group->capacity && observed[slot] >= 0; slot++)
        for (int32_t u = 0; u < group->hidden; u += DG_CACHE_LINE / (int32_t)sizeof(float))
            __builtin_prefetch(genotype + (int64_t)observed[slot] * group->hidden + u, 0, 2);
}

/* ---- by sums --------------------------------------------------------------------------------- */

/** Insert an index into an ascending list. */
DG_INLINE void dg_list_insert(int32_t *list, int32_t count, int32_t j)
{
    for (; count > 0 && list[count - 1] > j; count--) list[count] = list[count - 1];
    list[count] = j;
}

/** Draw up to `capacity` agents by sums, listed in ascending index; ws.cost of those becomes NEVER. */
DG_INLINE int32_t dg_draw_by_sums(const dg_step_view *v, float least, int32_t capacity,
                                  const uint32_t *word)
{
    const dg_sums sums = dg_sums_of(v, v->s->row);
    for (int32_t count = 0; count < capacity; count++) {
        if (count == 0 || dg_sums_total(&sums) < DG_SUMS_ENOUGH) {
            if (count > 0) least = dg_sums_least(v->ws.cost, v->s->row);
            if (!(least < DG_OBSERVE_NEVER)) return count;
            dg_sums_weigh_row(&sums, v->ws.cost, least);
        }
        const int32_t j = dg_sums_draw(&sums, word[count]);
        v->ws.cost[j] = DG_OBSERVE_NEVER;
        dg_list_insert(v->ws.list, count, j);
    }
    return capacity;
}

/* ---- by a race ------------------------------------------------------------------------------- */

/** The agents whose clocks ring first, listed in ascending index. */
DG_INLINE int32_t dg_draw_by_race(const dg_step_view *v, int32_t capacity,
                                  const float *log_exponential)
{
    float *cost = v->ws.cost;
    DG_SIMD
    for (int32_t j = 0; j < v->s->row; j++)
        cost[j] = cost[j] < DG_OBSERVE_NEVER ? dg_observe_clock(cost[j], log_exponential[j])
                                             : DG_OBSERVE_NEVER;
    return dg_select_smallest(v->ws.list, cost, v->ws.spare, v->s->row, capacity);
}

/* ---- the phase ------------------------------------------------------------------------------- */

/** A register of i holds what j offers; j < 0: the slot is empty. */
DG_INLINE void dg_note_observed(const dg_step_view *v, int32_t i, int32_t slot, int32_t j)
{
    const int64_t at = (int64_t)i * v->s->capacity + slot;
    const int64_t lane = (int64_t)slot * v->s->row + i;
    v->st.observed[at] = v->ws.seen[lane] = j;
    v->st.registers[at] = v->ws.held[lane] = j < 0 ? -1 : v->ws.offered[j];
    if (j >= 0) v->ws.step_views[j]++;
}

/** Costs of agent i's candidates, less those that sparsity drops; the least of them. */
DG_INLINE float dg_costs_of(const dg_step_view *v, int32_t i, int32_t row)
{
    float least = dg_candidate_costs(v, i, row);
    if (v->p->observation_dropped > 0) {
        dg_drop_candidates(v);
        least = dg_sums_least(v->ws.cost, v->s->row);
    }
    dg_probe_floats(v, DG_PROBE_COST, i, v->ws.cost, v->s->agents);
    return least;
}

/** Agent i observes; its words or clocks begin at element `at` of its tile's. */
DG_INLINE void dg_observe_of_row(const dg_step_view *v, int32_t i, int32_t capacity, int64_t at)
{
    const float least = dg_costs_of(v, i, v->s->row);
    const int32_t count = dg_observe_sums(v->s->agents)
                              ? dg_draw_by_sums(v, least, capacity, v->ws.word + at)
                              : dg_draw_by_race(v, capacity, v->ws.clock + at);
    for (int32_t slot = 0; slot < v->s->capacity; slot++)
        dg_note_observed(v, i, slot, slot < count ? v->ws.list[slot] : -1);
}

/** Words or clocks of a tile of agents; the words from one agent to the next. */
DG_INLINE int64_t dg_observation_words(const dg_step_view *v, dg_agent_tile tile)
{
    const int32_t sums = dg_observe_sums(v->s->agents);
    const dg_elements elements = sums ? dg_every_slot(v) : dg_every_sender(v);
    if (sums)
        (void)dg_tile_words(v, dg_draw_at(v, DG_STREAM_OBSERVE), elements, tile);
    else
        (void)dg_tile_clocks(v, DG_STREAM_RACE, elements, tile);
    return dg_words_apart(elements);
}

/** All agents one after another; their words or clocks tile by tile. */
static inline void dg_observe_rows(const dg_step_view *v)
{
    const dg_group_shape *group = v->s->group;
    dg_make_gaps(v);
    for (dg_agent_tile t = dg_tile_at(0, v->s->agents); t.count > 0; t = dg_tile_next(t)) {
        const int64_t apart = dg_observation_words(v, t);
        for (int32_t a = 0; a < t.count; a++) {
            const int32_t i = t.first + a;
            if (i == group->first + group->size) group++;
            dg_observe_of_row(v, i, group->capacity, a * apart);
            if (v->s->agents > DG_NEAR_AGENTS) dg_ask_for_columns(v, group, i);
        }
    }
}

/** An agent observes by itself. */
static __attribute__((noinline)) void dg_observe_alone(const dg_step_view *v, int32_t i,
                                                       int32_t capacity)
{
    dg_make_gaps(v);
    (void)dg_observation_words(v, dg_tile_at(i, i + 1));
    dg_observe_of_row(v, i, capacity, 0);
}

/** What the registers of 16 agents from `first` on hold, slot by slot. */
DG_INLINE void dg_hold_lanes(const dg_step_view *v, int32_t first, const dg_observation_lanes *o,
                             int32_t most)
{
    for (int32_t k = 0; k < most; k++) {
        int32_t *seen = v->ws.seen + k * v->s->row + first;
        int32_t *held = v->ws.held + k * v->s->row + first;
        int32_t at[DG_AGENT_TILE], offered[DG_AGENT_TILE];
        DG_SIMD
        for (int l = 0; l < DG_AGENT_TILE; l++) {
            seen[l] = o->place[k][first + l];
            at[l] = seen[l] < 0 ? 0 : seen[l];
        }
        dg_look_up_16(offered, v->ws.offered, at);
        DG_SIMD
        for (int l = 0; l < DG_AGENT_TILE; l++) held[l] = seen[l] < 0 ? -1 : offered[l];
    }
}

/** Few agents, who draw so many each. `most`: the shape's capacity. */
DG_INLINE void dg_observe_lanes(const dg_step_view *v, const int32_t *capacity, int32_t most)
{
    dg_observation_lanes lanes;
    dg_draw_lanes(v, &lanes, capacity, most);
    for (int32_t first = 0; first < v->s->agents; first += DG_AGENT_TILE)
        dg_hold_lanes(v, first, &lanes, most);
    for (int32_t i = 0; i < v->s->agents; i++) {
        if (lanes.low[i]) {
            dg_observe_alone(v, i, capacity[i]);
            continue;
        }
        dg_probe_lane(v, DG_PROBE_COST, i, &lanes.cost[0][i], DG_TILE_AGENTS, v->s->agents);
        for (int32_t k = 0; k < most; k++) {
            const int32_t j = lanes.place[k][i];
            v->st.observed[i * most + k] = j;
            v->st.registers[i * most + k] = v->ws.held[k * v->s->row + i];
            if (j >= 0) v->ws.step_views[j]++;
        }
    }
}

/** All of few agents at once; the usual capacity gets loops of known length. */
static inline void dg_observe_few(const dg_step_view *v)
{
    int32_t capacity[DG_TILE_AGENTS] = {0};
    for (int32_t i = 0, g = 0; i < v->s->agents; i++) {
        g = dg_group_from(v->s, g, i);
        capacity[i] = v->s->group[g].capacity;
    }
    if (v->s->capacity == 4)
        dg_observe_lanes(v, capacity, 4);
    else
        dg_observe_lanes(v, capacity, v->s->capacity);
}

DG_PHASE void dg_observation_phase(const dg_step_view *v)
{
    dg_offer_messages(v);
    if (dg_tile_observation(v))
        dg_observe_few(v);
    else
        dg_observe_rows(v);
    DG_SIMD
    for (int32_t j = 0; j < v->s->agents; j++)
        v->ws.step_views[j] = dg_observe_received(v->st.message[j]) ? v->ws.step_views[j] : 0;
}

#endif
