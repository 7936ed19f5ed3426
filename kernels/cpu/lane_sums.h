/**
 * Draws of one value each by a few agents at once, an agent a lane (sums.h of science). Lanes of agents that do
 * not take part hold anything.
 */
#ifndef DG_LANE_SUMS_CPU_H
#define DG_LANE_SUMS_CPU_H

#include "kernels/cpu/lanes.h"
#include "kernels/science/shape.h"
#include "kernels/science/sums.h"

/** A number for each of the agents of a tile. */
typedef float dg_lane_row[DG_LANES_WIDTH];

/** Up to DG_LANES_WIDTH agents, first ... first + count - 1, of whatever groups. */
typedef struct dg_lane_tile {
    int32_t first, count;
} dg_lane_tile;

DG_INLINE dg_lane_tile dg_lane_tile_at(const dg_shape *s, int32_t first)
{
    const int32_t left = s->agents - first;
    return (dg_lane_tile){first, left < DG_LANES_WIDTH ? left : DG_LANES_WIDTH};
}

/** The group of agent i, of an agent at or after the first of group g. */
DG_INLINE int32_t dg_group_from(const dg_shape *s, int32_t g, int32_t i)
{
    while (i >= s->group[g].first + s->group[g].size) g++;
    return g;
}

/**
 * Of sums by value and lane, upto[value * lanes + lane], of `values` <= DG_VALUE_TILE: the first value of each lane
 * whose sum exceeds the mark.
 */
DG_INLINE void dg_lane_find(const uint32_t *upto, int32_t values, int lanes, const uint32_t *word,
                            int32_t *chosen)
{
    const uint32_t *total = upto + (int64_t)(values - 1) * lanes;
    uint32_t mark[DG_AGENT_TILE];
    DG_SIMD
    for (int l = 0; l < lanes; l++) mark[l] = (uint32_t)dg_sums_mark(word[l], total[l]);
    memset(chosen, 0, (size_t)lanes * sizeof *chosen);
    for (int32_t k = 0; k + 1 < values; k++) { /* all but the last are below 2^31 */
        DG_SIMD
        for (int l = 0; l < lanes; l++)
            chosen[l] += (int32_t)upto[k * lanes + l] <= (int32_t)mark[l];
    }
}

/** Draw k with probability exp(x_k) / sum exp(x) in every lane, of `values` <= DG_VALUE_TILE. */
DG_INLINE void dg_lane_softmax(const dg_lane_row *x, int32_t values, const uint32_t *word,
                               int32_t *chosen)
{
    uint32_t upto[DG_VALUE_TILE][DG_LANES_WIDTH], total[DG_LANES_WIDTH];
    dg_lane_row largest;
    memcpy(largest, x[0], sizeof largest);
    for (int32_t k = 1; k < values; k++) {
        DG_SIMD
        for (int l = 0; l < DG_LANES_WIDTH; l++)
            largest[l] = x[k][l] > largest[l] ? x[k][l] : largest[l];
    }
    memset(total, 0, sizeof total);
    for (int32_t k = 0; k < values; k++) {
        DG_SIMD
        for (int l = 0; l < DG_LANES_WIDTH; l++)
            upto[k][l] = total[l] += dg_sums_weight(largest[l] - x[k][l]);
    }
    dg_lane_find(upto[0], values, DG_LANES_WIDTH, word, chosen);
}

/** The first of the largest in every lane. */
DG_INLINE void dg_lane_largest(const dg_lane_row *x, int32_t values, int32_t *chosen)
{
    dg_lane_row largest;
    memcpy(largest, x[0], sizeof largest);
    memset(chosen, 0, DG_LANES_WIDTH * sizeof *chosen);
    for (int32_t k = 1; k < values; k++) {
        DG_SIMD
        for (int l = 0; l < DG_LANES_WIDTH; l++) {
            const int32_t ahead = x[k][l] > largest[l];
            chosen[l] = ahead ? k : chosen[l];
            largest[l] = ahead ? x[k][l] : largest[l];
        }
    }
}

#endif
