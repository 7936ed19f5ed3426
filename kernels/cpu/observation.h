/**
 * Observation by all agents on the CPU (MODEL.md, section 3.2): clocks of all candidates, the smallest
 * of them. Loops only; the formulas are observe.h's.
 */
#ifndef DG_OBSERVATION_CPU_H
#define DG_OBSERVATION_CPU_H

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

/** Clocks of all candidates of receiver i into ws.cost. */
DG_INLINE void dg_candidate_clocks(const dg_step_view *v, int32_t i, const float *log_exponential)
{
    const float *static_cost = v->st.static_cost + (int64_t)i * v->s->row;
    const int32_t belief = v->st.belief[i];
    float *clock = v->ws.cost;
    for (int32_t tile = 0; tile < v->s->row; tile += DG_ROW_ALIGN) {
        DG_SIMD
        for (int32_t j = tile; j < tile + DG_ROW_ALIGN; j++) {
            const float cost = dg_candidate_cost(v, static_cost, belief, i, j);
            const float some = dg_observe_clock(cost, log_exponential[j]);
            clock[j] = cost < DG_OBSERVE_NEVER ? some : DG_OBSERVE_NEVER;
        }
    }
}

/** The same where sparsity drops the candidates of smallest weight, i.e. largest cost. */
static inline void dg_sparse_clocks(const dg_step_view *v, int32_t i, const float *log_exponential)
{
    const int32_t agents = v->s->agents;
    const float *static_cost = v->st.static_cost + (int64_t)i * v->s->row;
    float *cost = v->ws.cost;
    for (int32_t j = 0; j < v->s->row; j++)
        cost[j] = -dg_candidate_cost(v, static_cost, v->st.belief[i], i, j);
    dg_select_mark(cost, v->ws.spare, agents, v->p->observation_dropped, -DG_OBSERVE_NEVER);
    for (int32_t j = 0; j < v->s->row; j++)
        cost[j] = -cost[j] < DG_OBSERVE_NEVER ? dg_observe_clock(-cost[j], log_exponential[j])
                                              : DG_OBSERVE_NEVER;
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

/** Draw up to `capacity` agents; the registers list them in ascending index. */
DG_INLINE void dg_draw_observed(const dg_step_view *v, int32_t i, int32_t capacity)
{
    int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    int32_t *registers = v->st.registers + (int64_t)i * v->s->capacity;
    int32_t *list = v->ws.list;
    const int32_t count = dg_select_smallest(list, v->ws.cost, v->ws.spare, v->s->row, capacity);
    for (int32_t slot = 0; slot < count; slot++) {
        const int32_t j = list[slot];
        observed[slot] = j;
        registers[slot] = v->ws.offered[j];
        v->ws.step_views[j] += dg_observe_received(v->st.message[j]);
    }
    for (int32_t slot = count; slot < v->s->capacity; slot++) observed[slot] = registers[slot] = -1;
}

DG_INLINE void dg_group_observation(const dg_step_view *v, const dg_group_shape *group)
{
    const dg_elements senders = dg_every_sender(v);
    const int64_t apart = dg_words_apart(senders);
    for (dg_agent_tile t = dg_tile_of_group(group); t.count > 0; t = dg_tile_next(t)) {
        const float *clocks = dg_tile_clocks(v, DG_STREAM_OBSERVE, senders, t);
        for (int32_t a = 0; a < t.count; a++) {
            if (v->p->observation_dropped > 0)
                dg_sparse_clocks(v, t.first + a, clocks + a * apart);
            else
                dg_candidate_clocks(v, t.first + a, clocks + a * apart);
            dg_probe_floats(v, DG_PROBE_CANDIDATE_CLOCK, t.first + a, v->ws.cost, v->s->agents);
            dg_draw_observed(v, t.first + a, group->capacity);
            if (v->s->agents > DG_NEAR_AGENTS) dg_ask_for_columns(v, group, t.first + a);
        }
    }
}

DG_PHASE void dg_observation_phase(const dg_step_view *v)
{
    dg_offer_messages(v);
    for (int32_t g = 0; g < v->s->groups; g++) dg_group_observation(v, &v->s->group[g]);
}

#endif
