/**
 * Observation by all of up to 32 agents at once on the CPU, an agent a lane (MODEL.md, section 3.2): costs, weights
 * and prefix sums candidate by candidate, then the draws of all lanes.
 *
 * Weights are not taken out of the prefix sums. A mark counts in what is left; it is carried over to the sums of all,
 * past every agent already drawn that lies before it. A lane that needs weights anew is left to observation.h.
 */
#ifndef DG_OBSERVATION_TILE_CPU_H
#define DG_OBSERVATION_TILE_CPU_H

#include "kernels/cpu/gather.h"
#include "kernels/cpu/step.h"
#include "kernels/science/observe.h"

/** Most agents, all of them lanes: 31 weights have a sum below 2^32. And most draws of an agent. */
enum { DG_TILE_AGENTS = 32, DG_TILE_DRAWS = 8 };

#define DG_SUMS_SIGN 0x80000000u

/** Draws of all; sums are less 2^31, so that comparisons are of signed numbers. */
typedef struct dg_observation_lanes {
    float cost[DG_TILE_AGENTS][DG_TILE_AGENTS];
    uint32_t upto[DG_TILE_AGENTS + 1][DG_TILE_AGENTS]; /* sums of the weights before a candidate */
    /* who was drawn, ascending, then those who draw no more, -1 */
    int32_t place[DG_TILE_DRAWS][DG_TILE_AGENTS];
    uint32_t begin[DG_TILE_DRAWS][DG_TILE_AGENTS]; /* the sum before each; -1: the largest number */
    uint32_t weight[DG_TILE_DRAWS][DG_TILE_AGENTS]; /* and its weight */
    uint32_t total[DG_TILE_AGENTS];                 /* of the weights that are left */
    uint32_t low[DG_TILE_AGENTS];                   /* 1: weights have to be made anew */
} dg_observation_lanes;

/** Does the shape allow it, and what is asked for? */
DG_INLINE int32_t dg_tile_observation(const dg_step_view *v)
{
    return v->s->agents <= DG_TILE_AGENTS && v->s->capacity <= DG_TILE_DRAWS &&
           v->p->observation_dropped == 0;
}

/** Static costs by sender and receiver, for the length of a generation; nobody draws itself. */
static inline void dg_turn_costs(const dg_step_view *v)
{
    if (!dg_tile_observation(v)) return;
    memset(v->ws.turned_cost, 0, DG_TILE_AGENTS * DG_TILE_AGENTS * sizeof *v->ws.turned_cost);
    for (int32_t i = 0; i < v->s->agents; i++)
        for (int32_t j = 0; j < v->s->agents; j++)
            v->ws.turned_cost[j * DG_TILE_AGENTS + i] =
                i == j ? DG_OBSERVE_NEVER : v->st.static_cost[(int64_t)i * v->s->row + j];
}

/** Costs of all candidates; the least of each lane. */
DG_INLINE void dg_lane_costs(const dg_step_view *v, dg_observation_lanes *o, float *least)
{
    const float factor = v->p->belief_factor;
    int32_t belief[DG_TILE_AGENTS] = {0};
    memcpy(belief, v->st.belief, (size_t)v->s->agents * sizeof *belief);
    for (int l = 0; l < DG_TILE_AGENTS; l++) least[l] = DG_OBSERVE_NEVER;
    for (int32_t j = 0; j < v->s->agents; j++) {
        const float *static_cost = v->ws.turned_cost + j * DG_TILE_AGENTS;
        const int32_t offered = v->ws.offered[j];
        const float closed = v->ws.closed[j];
        DG_SIMD
        for (int l = 0; l < DG_TILE_AGENTS; l++) {
            float c = dg_observe_cost(static_cost[l], factor, dg_observe_gap(belief[l], offered));
            c = c > closed ? c : closed;
            o->cost[j][l] = c;
            least[l] = c < least[l] ? c : least[l];
        }
    }
}

/** Weights of all candidates, and their sums. */
DG_INLINE void dg_lane_weights(dg_observation_lanes *o, int32_t agents, const float *least)
{
    for (int l = 0; l < DG_TILE_AGENTS; l++) o->upto[0][l] = DG_SUMS_SIGN;
    for (int32_t j = 0; j < agents; j++) {
        DG_SIMD
        for (int l = 0; l < DG_TILE_AGENTS; l++)
            o->upto[j + 1][l] = o->upto[j][l] + dg_sums_weight(o->cost[j][l] - least[l]);
    }
    DG_SIMD
    for (int l = 0; l < DG_TILE_AGENTS; l++) {
        o->total[l] = o->upto[agents][l] - DG_SUMS_SIGN;
        o->low[l] = !(least[l] < DG_OBSERVE_NEVER);
    }
}

/** Where the words point among the sums of all, after `k` draws: the first number beyond. */
DG_INLINE void dg_lane_marks(const dg_observation_lanes *o, int32_t k, const uint32_t *word,
                             uint32_t *mark)
{
    DG_SIMD
    for (int l = 0; l < DG_TILE_AGENTS; l++)
        mark[l] = (uint32_t)dg_sums_mark(word[l], o->total[l]) + DG_SUMS_SIGN;
    for (int32_t d = 0; d < k; d++) {
        DG_SIMD
        for (int l = 0; l < DG_TILE_AGENTS; l++)
            mark[l] += (int32_t)mark[l] >= (int32_t)o->begin[d][l] ? o->weight[d][l] : 0;
    }
    DG_SIMD
    for (int l = 0; l < DG_TILE_AGENTS; l++) mark[l]++; /* `<` is one comparison, `<=` is two */
}

/** Sort the k-th of the drawn of each lane in before those that lie behind it. */
DG_INLINE void dg_lane_sort(dg_observation_lanes *o, int32_t k)
{
    for (int32_t d = k; d > 0; d--) {
        DG_SIMD
        for (int l = 0; l < DG_TILE_AGENTS; l++) {
            const int32_t here = (int32_t)o->begin[d][l], before = (int32_t)o->begin[d - 1][l];
            const uint32_t of_here = o->weight[d][l], of_before = o->weight[d - 1][l];
            const int32_t at_here = o->place[d][l], at_before = o->place[d - 1][l];
            o->begin[d][l] = (uint32_t)(here > before ? here : before);
            o->begin[d - 1][l] = (uint32_t)(here > before ? before : here);
            o->weight[d][l] = here > before ? of_here : of_before;
            o->weight[d - 1][l] = here > before ? of_before : of_here;
            o->place[d][l] = here > before ? at_here : at_before;
            o->place[d - 1][l] = here > before ? at_before : at_here;
        }
    }
}

/** The k-th draw of all lanes that draw so many. */
DG_INLINE void dg_lane_draw(dg_observation_lanes *o, int32_t k, int32_t agents,
                            const uint32_t *word, const int32_t *capacity)
{
    uint32_t mark[DG_TILE_AGENTS], begin[DG_TILE_AGENTS], end[DG_TILE_AGENTS];
    int32_t place[DG_TILE_AGENTS] = {0},
            at[DG_TILE_AGENTS]; /* who is drawn; of the sum before it */
    dg_lane_marks(o, k, word, mark);
#pragma GCC unroll 4
    for (int32_t j = 1; j < agents; j++) {
        DG_SIMD
        for (int l = 0; l < DG_TILE_AGENTS; l++)
            place[l] += (int32_t)o->upto[j][l] < (int32_t)mark[l];
    }
    DG_SIMD
    for (int l = 0; l < DG_TILE_AGENTS; l++) at[l] = place[l] * DG_TILE_AGENTS + l;
    for (int l = 0; l < DG_TILE_AGENTS; l += DG_AGENT_TILE) {
        dg_gather_16(begin + l, o->upto[0], at + l);
        dg_gather_16(end + l, o->upto[1], at + l);
    }
    DG_SIMD
    for (int l = 0; l < DG_TILE_AGENTS; l++) {
        const int32_t draws = k < capacity[l];
        o->low[l] |= (uint32_t)(draws & (o->total[l] < (uint32_t)DG_SUMS_ENOUGH));
        o->place[k][l] = draws ? place[l] : -1;
        o->begin[k][l] = draws ? begin[l] : ~DG_SUMS_SIGN;
        o->weight[k][l] = draws ? end[l] - begin[l] : 0;
        o->total[l] -= o->weight[k][l];
    }
    dg_lane_sort(o, k);
}

/** Words of all draws, [draw][lane]. */
DG_INLINE void dg_lane_words(const dg_step_view *v, uint32_t (*word)[DG_TILE_AGENTS])
{
    const dg_draw draw = dg_draw_at(v, DG_STREAM_OBSERVE);
    for (int32_t k = 0; k < v->s->capacity; k += 4)
        for (int32_t l = 0; l < DG_TILE_AGENTS; l += DG_LANES_WIDTH) {
            const dg_noise noise = dg_noise_of_indices(draw, (uint32_t)(k / 4), (uint32_t)l);
            for (int w = 0; w < 4; w++) {
                const dg_lanes lanes = dg_noise_gather(&noise, w);
                memcpy(word[k + w] + l, &lanes, sizeof lanes);
            }
        }
}

/** Draws of agents who draw so many each: o->place, but where o->low. `most`: the shape's capacity. */
DG_INLINE void dg_draw_lanes(const dg_step_view *v, dg_observation_lanes *o,
                             const int32_t *capacity, int32_t most)
{
    uint32_t word[DG_TILE_DRAWS][DG_TILE_AGENTS];
    float least[DG_TILE_AGENTS];
    dg_lane_words(v, word);
    dg_lane_costs(v, o, least);
    dg_lane_weights(o, v->s->agents, least);
    for (int32_t k = 0; k < most; k++) dg_lane_draw(o, k, v->s->agents, word[k], capacity);
}

#endif
