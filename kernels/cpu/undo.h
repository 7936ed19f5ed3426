/**
 * Leaving a generation on the CPU: what its steps change is kept before the first of them.
 *
 * Genotypes and solvers, nearly all of a large state, change only after the last step, and then the
 * generation is ended: so what is kept is little beside the state (3 % at 3,000 agents).
 */
#ifndef DG_UNDO_CPU_H
#define DG_UNDO_CPU_H

#include "kernels/cpu/workspace.h"

#include <string.h>

/** Keep the state before the generation, if anybody may ask to leave it. */
static inline void dg_undo_keep(const dg_run_cpu *run, const dg_workspace *ws)
{
    const dg_shape *s = run->shape;
    char *at = ws->before;
    size_t bytes;
    if (!run->watch) return;
#define DG_UNDO_KEEP(type, name, elements, meaning)                                                \
    bytes = sizeof(type) * (size_t)(elements);                                                     \
    memcpy(at, run->state.name, bytes);                                                            \
    at += bytes;
    DG_STATE_STEP_FIELDS(DG_UNDO_KEEP)
#undef DG_UNDO_KEEP
    memcpy(at, run->state.ended, DG_ROW_ALIGN * sizeof *run->state.ended);
}

/** Set the state back to what dg_undo_keep() found. */
static inline void dg_undo(const dg_run_cpu *run, const dg_workspace *ws)
{
    const dg_shape *s = run->shape;
    const char *at = ws->before;
    size_t bytes;
#define DG_UNDO_BACK(type, name, elements, meaning)                                                \
    bytes = sizeof(type) * (size_t)(elements);                                                     \
    memcpy(run->state.name, at, bytes);                                                            \
    at += bytes;
    DG_STATE_STEP_FIELDS(DG_UNDO_BACK)
#undef DG_UNDO_BACK
    memcpy(run->state.ended, at, DG_ROW_ALIGN * sizeof *run->state.ended);
}

#endif
