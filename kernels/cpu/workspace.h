/** Scratch of the CPU schedule: its layout, and the counters that repeat for every tile. */
#ifndef DG_WORKSPACE_CPU_H
#define DG_WORKSPACE_CPU_H

#include "kernels/cpu/lanes.h"
#include "kernels/cpu/schedule.h"

/** Scratch of one thread, in bytes. */
static inline int64_t dg_workspace_bytes(const dg_shape *s)
{
    int64_t bytes = 0;
#define DG_WORKSPACE_ADD(type, name, elements, meaning)                                            \
    bytes += dg_round_up((int64_t)sizeof(type) * (elements), 64);
    DG_WORKSPACE_FIELDS(DG_WORKSPACE_ADD)
#undef DG_WORKSPACE_ADD
    return bytes;
}

/** Point the fields into a block of dg_workspace_bytes(). */
static inline dg_workspace dg_workspace_at(const dg_shape *s, void *block)
{
    dg_workspace ws;
    char *at = (char *)block;
#define DG_WORKSPACE_PLACE(type, name, elements, meaning)                                          \
    ws.name = (type *)(void *)at;                                                                  \
    at += dg_round_up((int64_t)sizeof(type) * (elements), 64);
    DG_WORKSPACE_FIELDS(DG_WORKSPACE_PLACE)
#undef DG_WORKSPACE_PLACE
    return ws;
}

/** Counter words 0 and 1 of a tile: agent after agent, each round_up(elements, 4) / 4 blocks. */
static inline void dg_tile_counters(uint32_t *block, uint32_t *agent, int32_t elements)
{
    const int64_t blocks = dg_round_up(elements, 4) / 4;
    for (int64_t b = 0; b < DG_TILE_WORDS(elements) / 4; b++) {
        block[b] = (uint32_t)(b % blocks);
        agent[b] = (uint32_t)(b / blocks);
    }
}

static inline void dg_workspace_tables(const dg_shape *s, dg_workspace *ws)
{
    dg_tile_counters(ws->slot_block, ws->slot_agent, s->capacity);
    /* of lanes beyond the last agent as well */
    memset(ws->seen, 0xff, (size_t)s->capacity * (size_t)s->row * sizeof *ws->seen);
    memset(ws->held, 0xff, (size_t)s->capacity * (size_t)s->row * sizeof *ws->held);
    for (int32_t j = 0; j < s->row; j++) ws->index[j] = j;
    for (int32_t j = 0; j < 2 * s->row; j++)
        ws->self[j] = j == s->row ? (float)INFINITY : -(float)INFINITY;
    dg_tile_counters(ws->sender_block, ws->sender_agent, s->agents);
}

#endif
