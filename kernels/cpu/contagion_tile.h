/**
 * Contagion of 16 agents at once on the CPU, an agent a lane (MODEL.md, section 3.5): for few sources, all
 * received, fewer than there are values. Then some value is sent by nobody, and what an agent draws from is the
 * exponents of its sources and one of 0 for every other value.
 */
#ifndef DG_CONTAGION_TILE_CPU_H
#define DG_CONTAGION_TILE_CPU_H

#include "kernels/cpu/gather.h"
#include "kernels/cpu/lane_sums.h"
#include "kernels/cpu/probe.h"
#include "kernels/cpu/step.h"
#include "kernels/science/contagion.h"

/** Most sources of an agent; beyond, the comparisons of all pairs cost more than a row of values. */
enum { DG_SOURCES = 8 };

/** Sources of a tile, [slot][agent]. */
typedef struct dg_source_tile {
    int32_t value[DG_SOURCES][DG_AGENT_TILE]; /* -1: no source */
    float weight[DG_SOURCES][DG_AGENT_TILE];  /* W_ij, their sums, then exponents */
    float scale[DG_SOURCES][DG_AGENT_TILE];   /* C_b / D */
    uint32_t sum[DG_SOURCES][DG_AGENT_TILE];  /* integer weight of its value */
    uint32_t quiet[DG_AGENT_TILE];            /* that of a value that nobody sends */
} dg_source_tile;

/** Does the shape allow it, and what is asked for? */
DG_INLINE int32_t dg_tile_contagion(const dg_step_view *v)
{
    return v->s->capacity <= DG_SOURCES && v->s->capacity < v->s->values &&
           v->s->values <= DG_VALUE_TILE && v->p->contagion_dropped == 0 &&
           !dg_contagion_everyone(v->p->sources, v->p->content);
}

/** Sources of a tile, slot by slot. */
DG_INLINE void dg_fill_sources(const dg_step_view *v, dg_source_tile *tile, dg_agent_tile t,
                               int32_t capacity)
{
    const int32_t by_belief = dg_contagion_of_beliefs(v->p->content);
    const int32_t row = v->s->row;
    const float *weight = v->st.weight + (int64_t)t.first * row;
    for (int32_t k = 0; k < capacity; k++) {
        const int32_t *seen = v->ws.seen + (int64_t)k * row + t.first;
        const int32_t *held = v->ws.held + (int64_t)k * row + t.first;
        int32_t sender[DG_AGENT_TILE], pair[DG_AGENT_TILE], gap[DG_AGENT_TILE];
        DG_SIMD
        for (int32_t l = 0; l < DG_AGENT_TILE; l++) {
            const int32_t known = (l < t.count) & (held[l] >= 0);
            sender[l] = known ? seen[l] : 0;
            pair[l] = known ? l * row + seen[l] : 0;
            tile->value[k][l] = known ? held[l] : -1;
        }
        for (int32_t l = 0; by_belief && l < DG_AGENT_TILE; l++)
            tile->value[k][l] = tile->value[k][l] < 0 ? -1 : v->st.belief[sender[l]];
        DG_SIMD
        for (int32_t l = 0; l < DG_AGENT_TILE; l++)
            gap[l] = tile->value[k][l] - v->st.belief[t.first + l] + DG_VALUE_TILE;
        dg_gather_16(tile->weight[k], weight, pair);
        dg_look_up_16(tile->scale[k], v->ws.scale, gap);
    }
}

/** Add up the weights of sources of one value, in ascending slot, in the first of them. */
DG_INLINE void dg_join_sources(dg_source_tile *tile, int32_t capacity)
{
    for (int32_t a = 0; a + 1 < capacity; a++)
        for (int32_t b = a + 1; b < capacity; b++) {
            DG_SIMD
            for (int32_t l = 0; l < DG_AGENT_TILE; l++) {
                const int32_t same = tile->value[a][l] == tile->value[b][l];
                tile->weight[a][l] += same ? tile->weight[b][l] : 0.0f;
                tile->value[b][l] = same ? -1 : tile->value[b][l];
            }
        }
}

#ifdef DG_PROBE
static inline void dg_probe_sources(const dg_step_view *v, dg_agent_tile t,
                                    const dg_source_tile *tile)
{
    for (int32_t a = 0; a < t.count; a++)
        for (int32_t k = 0; k < v->s->capacity && dg_probe_believes(v, t.first + a); k++)
            if (tile->value[k][a] >= 0)
                dg_probe_float(v, DG_PROBE_EXPONENT, t.first + a, tile->value[k][a],
                               tile->weight[k][a]);
}
#else
#define dg_probe_sources(v, t, tile) ((void)(t))
#endif

/** Integer weights of all sources and of the values that nobody sends. */
DG_INLINE void dg_weigh_sources(const dg_step_view *v, dg_agent_tile t, dg_source_tile *tile,
                                int32_t capacity)
{
    float largest[DG_AGENT_TILE] = {0};
    const int32_t overflow = v->p->overflow;
    for (int32_t k = 0; k < capacity; k++) {
        DG_SIMD
        for (int32_t l = 0; l < DG_AGENT_TILE; l++) {
            const float x = dg_contagion_exponent(tile->scale[k][l], tile->weight[k][l]);
            tile->weight[k][l] = x;
            largest[l] = tile->value[k][l] >= 0 && x > largest[l] ? x : largest[l];
        }
    }
    dg_probe_sources(v, t, tile);
    if (dg_contagion_overflows(overflow)) {
        for (int32_t l = 0; l < DG_AGENT_TILE; l++) {
            const int32_t uniform = dg_contagion_uniform(overflow, largest[l]);
            largest[l] = dg_contagion_drawn(largest[l], uniform);
            for (int32_t k = 0; k < capacity; k++)
                tile->weight[k][l] = dg_contagion_drawn(tile->weight[k][l], uniform);
        }
    }
    DG_SIMD
    for (int32_t l = 0; l < DG_AGENT_TILE; l++) tile->quiet[l] = dg_sums_weight(largest[l]);
    for (int32_t k = 0; k < capacity; k++) {
        DG_SIMD
        for (int32_t l = 0; l < DG_AGENT_TILE; l++)
            tile->sum[k][l] = dg_sums_weight(largest[l] - tile->weight[k][l]);
    }
}

/** Draw a value for every lane. */
DG_INLINE void dg_draw_tile(const dg_source_tile *tile, int32_t values, int32_t capacity,
                            const uint32_t *word, int32_t *value)
{
    uint32_t upto[DG_VALUE_TILE][DG_AGENT_TILE], total[DG_AGENT_TILE] = {0};
    for (int32_t q = 0; q < values; q++) {
        DG_SIMD
        for (int32_t l = 0; l < DG_AGENT_TILE; l++) {
            uint32_t here = tile->quiet[l];
#pragma GCC unroll 8
            for (int32_t k = 0; k < capacity; k++)
                here = tile->value[k][l] == q ? tile->sum[k][l] : here;
            upto[q][l] = total[l] += here;
        }
    }
    dg_lane_find(upto[0], values, DG_AGENT_TILE, word, value);
}

/** The next beliefs of a tile of agents. `capacity`: the shape's. */
DG_INLINE void dg_next_beliefs_of(const dg_step_view *v, dg_agent_tile t, int32_t capacity)
{
    dg_source_tile tile;
    int32_t value[DG_AGENT_TILE];
    dg_fill_sources(v, &tile, t, capacity);
    dg_join_sources(&tile, capacity);
    dg_weigh_sources(v, t, &tile, capacity);
    dg_draw_tile(&tile, v->s->values, capacity, dg_choice_words(v, DG_CHOICE_BELIEF) + t.first,
                 value);
    memcpy(v->ws.next_belief + t.first, value, (size_t)t.count * sizeof *value);
}

/** The same; the usual capacity gets loops of known length. */
DG_INLINE void dg_next_beliefs(const dg_step_view *v, dg_agent_tile t)
{
    if (v->s->capacity == 4)
        dg_next_beliefs_of(v, t, 4);
    else
        dg_next_beliefs_of(v, t, v->s->capacity);
}

#endif
