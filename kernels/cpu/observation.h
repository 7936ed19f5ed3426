/**
 * Observation by all agents on the CPU (MODEL.md, section 3.2): costs of all candidates, then draws. Loops only; the formulas are observe.h's.
 */
#ifndef DG_OBSERVATION_CPU_H
#define DG_OBSERVATION_CPU_H

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
        v->ws.offered[j] = dg_observe_offered(silent, v->st.message[j], v->st.last_message[j]);
        v->ws.barred[j] = j >= v->s->agents || dg_observe_barred(silent, v->ws.offered[j]);
        v->ws.step_views[j] = 0;
    }
}

/** Cost of candidate j for receiver i; the padding of a row is barred like i itself. */
DG_INLINE float dg_candidate_cost(const dg_step_view *v, const float *static_cost, int32_t belief,
                                  int32_t i, int32_t j)
{
    const float open =
        dg_observe_cost(static_cost[j], v->p->belief_factor, belief, v->ws.offered[j]);
    const int32_t barred = v->ws.barred[j] | (v->ws.index[j] == i);
    return barred ? DG_OBSERVE_NEVER : open;
}

/** Costs of all candidates of receiver i into ws.cost. */
DG_INLINE void dg_candidate_costs(const dg_step_view *v, int32_t i)
{
    const float *static_cost = v->st.static_cost + (int64_t)i * v->s->row;
    const int32_t belief = v->st.belief[i];
    float *cost = v->ws.cost;
    DG_SIMD
    for (int32_t j = 0; j < v->s->row; j++)
        cost[j] = dg_candidate_cost(v, static_cost, belief, i, j);
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

/** Weights of the candidates that are left, relative to the least of their costs; 0: nobody is left. */
DG_INLINE int32_t dg_weigh_candidates(const dg_step_view *v, dg_sums *sums)
{
    const float *cost = v->ws.cost;
    float least = DG_OBSERVE_NEVER;
#pragma omp simd reduction(min : least)
    for (int32_t j = 0; j < v->s->row; j++) least = cost[j] < least ? cost[j] : least;
    if (!(least < DG_OBSERVE_NEVER)) return 0;
    DG_SIMD
    for (int32_t j = 0; j < v->s->row; j++) sums->weight[j] = dg_sums_weight(least - cost[j]);
    dg_sums_add(sums);
    return 1;
}

/** Insert an index into an ascending list. */
DG_INLINE void dg_list_insert(int32_t *list, int32_t count, int32_t j)
{
    for (; count > 0 && list[count - 1] > j; count--) list[count] = list[count - 1];
    list[count] = j;
}

/** Draw up to `capacity` agents by sums, listed in ascending index; ws.cost of those becomes NEVER. */
DG_INLINE int32_t dg_draw_by_sums(const dg_step_view *v, int32_t capacity, const uint32_t *word)
{
    dg_sums sums = dg_sums_of(v, v->s->row);
    int32_t count = 0;
    for (; count < capacity; count++) {
        if (sums.total < DG_SUMS_ENOUGH && !dg_weigh_candidates(v, &sums)) break;
        const int32_t j = dg_sums_find(&sums, word[count]);
        dg_sums_take(&sums, j);
        v->ws.cost[j] = DG_OBSERVE_NEVER;
        dg_list_insert(v->ws.list, count, j);
    }
    return count;
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

/** The registers of i hold what `count` listed agents offer. */
DG_INLINE void dg_note_observed(const dg_step_view *v, int32_t i, int32_t count)
{
    int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    int32_t *registers = v->st.registers + (int64_t)i * v->s->capacity;
    for (int32_t slot = 0; slot < count; slot++) {
        const int32_t j = v->ws.list[slot];
        observed[slot] = j;
        registers[slot] = v->ws.offered[j];
        v->ws.step_views[j] += dg_observe_received(v->st.message[j]);
    }
    for (int32_t slot = count; slot < v->s->capacity; slot++) observed[slot] = registers[slot] = -1;
}

DG_INLINE void dg_group_observation(const dg_step_view *v, const dg_group_shape *group)
{
    const int32_t sums = dg_observe_sums(v->s->agents);
    const dg_elements elements = sums ? dg_every_slot(v) : dg_every_sender(v);
    const int64_t apart = dg_words_apart(elements);
    for (dg_agent_tile t = dg_tile_of_group(group); t.count > 0; t = dg_tile_next(t)) {
        if (sums)
            (void)dg_tile_words(v, dg_draw_at(v, DG_STREAM_OBSERVE), elements, t);
        else
            (void)dg_tile_clocks(v, DG_STREAM_RACE, elements, t);
        for (int32_t a = 0; a < t.count; a++) {
            const int32_t i = t.first + a, capacity = group->capacity;
            dg_candidate_costs(v, i);
            if (v->p->observation_dropped > 0) dg_drop_candidates(v);
            dg_note_observed(v, i,
                             sums ? dg_draw_by_sums(v, capacity, v->ws.word + a * apart)
                                  : dg_draw_by_race(v, capacity, v->ws.clock + a * apart));
            if (v->s->agents > DG_NEAR_AGENTS) dg_ask_for_columns(v, group, i);
        }
    }
}

DG_PHASE void dg_observation_phase(const dg_step_view *v)
{
    dg_offer_messages(v);
    for (int32_t g = 0; g < v->s->groups; g++) dg_group_observation(v, &v->s->group[g]);
}

#endif
