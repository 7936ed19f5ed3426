/**
 * Draws of one value each by a few agents at once, an agent a lane: their random words, and the race of
 * all values (rng.h). Loops only; what a clock is, policy.h and contagion.h say.
 */
#ifndef DG_RACE_CPU_H
#define DG_RACE_CPU_H

#include "kernels/cpu/noise.h"
#include "kernels/cpu/schedule.h"

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

/** log E of `count` <= 4 values from 4 `block` on: words of that block, by value and agent. */
DG_INLINE void dg_lane_clocks(dg_lane_row *clock, dg_draw draw, int32_t block, int32_t first,
                              int32_t count)
{
    const dg_noise noise = dg_noise_of_indices(draw, (uint32_t)block, (uint32_t)first);
    uint32_t word[4][DG_LANES_WIDTH];
    for (int w = 0; w < 4; w++) {
        const dg_lanes lanes = dg_noise_gather(&noise, w);
        memcpy(word[w], &lanes, sizeof lanes);
    }
    for (int w = 0; w < count; w++) {
        DG_SIMD
        for (int l = 0; l < DG_LANES_WIDTH; l++) clock[w][l] = dg_log_exponential(word[w][l]);
    }
}

/** log E of all values of a tile, [whole blocks of values]. */
DG_INLINE void dg_race_clocks(dg_lane_row *clock, dg_draw draw, int32_t first, int32_t values)
{
    for (int32_t k = 0; k < values; k += 4)
        dg_lane_clocks(clock + k, draw, k / 4, first, values - k < 4 ? values - k : 4);
}

/** The earliest clock of each agent so far, and whose it is. */
typedef struct dg_race {
    dg_lanes least;
    dg_lanes_index value;
} dg_race;

DG_INLINE dg_race dg_race_begin(void)
{
    return (dg_race){(dg_lanes){0} + (float)INFINITY, {0}};
}

/** The clocks of one more value, in ascending order of values: ties go to the smaller. */
DG_INLINE void dg_race_enter(dg_race *race, const float *clock, int32_t value)
{
    const dg_lanes ring = dg_lanes_load(clock);
    const dg_lanes_index ahead = ring < race->least;
    race->least =
        (dg_lanes)dg_lanes_choose(ahead, (dg_lanes_index)ring, (dg_lanes_index)race->least);
    race->value = dg_lanes_choose(ahead, (dg_lanes_index){0} + value, race->value);
}

#endif
