/**
 * What the phases of a step share on the CPU: the run, tiles of agents, and their random words.
 *
 * Agents are taken in tiles, so that the random words of a tile fill whole vectors.
 */
#ifndef DG_STEP_CPU_H
#define DG_STEP_CPU_H

#include "kernels/cpu/noise.h"
#include "kernels/cpu/schedule.h"
#include "kernels/cpu/workspace.h"

/** A run in one of its steps. */
typedef struct dg_step_view {
    const dg_run_cpu *run;
    const dg_shape *s;
    const dg_params *p;
    dg_state st;
    dg_workspace ws;
    int32_t step;
} dg_step_view;

/** A phase is a function of its own: registers are allotted to one phase at a time. */
#define DG_PHASE static __attribute__((noinline))

/** A stream's draw in this step. */
DG_INLINE dg_draw dg_draw_at(const dg_step_view *v, dg_stream stream)
{
    return dg_draw_of(v->p->seed, stream, v->run->generation, v->step);
}

/** Floats between two rows of values in `spoken`: whole tiles. */
DG_INLINE int64_t dg_value_stride(const dg_shape *s)
{
    return dg_round_up(s->values, DG_VALUE_TILE);
}

/* ---- tiles of agents ------------------------------------------------------------------------- */

/** Up to DG_AGENT_TILE agents, first ... first + count - 1; no agent: the range is at its end. */
typedef struct dg_agent_tile {
    int32_t first, count;
    int32_t end; /* of the range of agents that is cut into tiles */
} dg_agent_tile;

/** The tile that begins at agent `first`, of a range that ends before agent `end`. */
DG_INLINE dg_agent_tile dg_tile_at(int32_t first, int32_t end)
{
    const int32_t left = end - first;
    return (dg_agent_tile){first, left < DG_AGENT_TILE ? left : DG_AGENT_TILE, end};
}

DG_INLINE dg_agent_tile dg_tile_next(dg_agent_tile tile)
{
    return dg_tile_at(tile.first + DG_AGENT_TILE, tile.end);
}

/** The first tile of a group. */
DG_INLINE dg_agent_tile dg_tile_of_group(const dg_group_shape *group)
{
    return dg_tile_at(group->first, group->first + group->size);
}

/* ---- random words of a tile ------------------------------------------------------------------ */

/** The elements that each agent of a tile draws for, and the counters of all their blocks. */
typedef struct dg_elements {
    const uint32_t *block, *agent;
    int32_t count; /* for each agent */
} dg_elements;

DG_INLINE dg_elements dg_every_sender(const dg_step_view *v)
{
    return (dg_elements){v->ws.sender_block, v->ws.sender_agent, v->s->agents};
}

/** Words from one agent of a tile to the next. */
DG_INLINE int64_t dg_words_apart(dg_elements e)
{
    return dg_round_up(e.count, 4);
}

/** Words of all agents of a tile into ws.word. */
DG_INLINE const uint32_t *dg_tile_words(const dg_step_view *v, dg_draw draw, dg_elements e,
                                        dg_agent_tile tile)
{
    const int64_t blocks = tile.count * (dg_words_apart(e) / 4);
    for (int64_t b = 0; b < blocks; b += DG_NOISE_BLOCKS)
        dg_noise_words(v->ws.word + 4 * b, draw, e.block + b, e.agent + b, (uint32_t)tile.first);
    return v->ws.word;
}

/** The same, turned into the log E of clocks, into ws.clock. */
DG_INLINE const float *dg_tile_clocks(const dg_step_view *v, dg_stream stream, dg_elements e,
                                      dg_agent_tile tile)
{
    const uint32_t *word = dg_tile_words(v, dg_draw_at(v, stream), e, tile);
    float *clock = v->ws.clock;
    const int64_t words = dg_round_up(tile.count * dg_words_apart(e), DG_ROW_ALIGN);
    DG_SIMD
    for (int64_t k = 0; k < words; k++) clock[k] = dg_log_exponential(word[k]);
    return clock;
}

#endif
