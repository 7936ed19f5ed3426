/**
 * The CPU schedule: one thread takes one run through a generation, then through evolution.
 *
 * Between two steps, and while diversity is measured, the watch may ask to leave a generation; it is then
 * as if it had not begun (undo.h).
 *
 * Each function exists once per instruction set (lanes.h); host/backends/cpu.c picks a set at run time.
 * The sources contain only loops: every formula is in a science header.
 */
#ifndef DG_SCHEDULE_CPU_H
#define DG_SCHEDULE_CPU_H

#include "kernels/backend.h"
#include "kernels/science/measures.h"
#include "kernels/science/params.h"
#include "kernels/science/state.h"

#include <time.h>

/**
 * Instruction sets, widest first; those that the build has. The last one runs on every CPU of the architecture.
 *
 * aarch64 has one: NEON, 128 bits with fused multiply-add, is part of every ARMv8-A. SVE is no set of its own: the
 * four vector units of a Neoverse V2 (Grace) are 128 bits wide for SVE as for NEON.
 */
#if defined(__x86_64__)
#define DG_VECTOR_LIST(X) X(avx512) X(avx2) X(generic)
#elif defined(__aarch64__)
#define DG_VECTOR_LIST(X) X(neon)
#else
#define DG_VECTOR_LIST(X) X(generic)
#endif

/** The run that a thread computes. */
typedef struct dg_run_cpu {
    const dg_shape *shape;
    const dg_params *params;
    dg_state state;
    void *workspace;       /* dg_workspace_bytes(shape), 64-byte aligned; contents don't matter */
    int32_t generation;    /* the one to compute */
    int64_t *record;       /* [dg_record_words], written */
    int16_t *trace;        /* [DG_TRACES][steps][agents], written; NULL: no trace */
    double *stage_seconds; /* [DG_STAGES] added to; NULL: not timed */
    const dg_watch *watch; /* asked between steps; NULL: no generation is ever left */
} dg_run_cpu;

/** Add the time since *since to a stage, where stages are timed. */
static inline void dg_stage_end(const dg_run_cpu *run, dg_stage stage, double *since)
{
    if (!run->stage_seconds) return;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    const double now = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    if (*since > 0) run->stage_seconds[stage] += now - *since;
    *since = now;
}

#define DG_SCHEDULE_DECLARE(set)                                                                     \
    /** The first samples of every solver, for generation 0. */                                      \
    void dg_evolve_begin_##set(const dg_run_cpu *run);                                               \
    /** All steps of a generation; measures into the record. Returns the steps done: fewer than    \
        all where the watch asked to leave, and then the state is that before the generation. */ \
    int32_t dg_generation_##set(const dg_run_cpu *run);                                              \
    /** Genotype diversity into the record; absent where it is not due. 0: the watch asked to      \
        leave, and the record is not whole. */ \
    int dg_diversity_##set(const dg_run_cpu *run);                                                   \
    /** dg_diversity(), then each solver that is due: update, new samples. 0: the watch asked to   \
        leave before the update; the state is that before the generation. */ \
    int dg_evolve_##set(const dg_run_cpu *run);
DG_VECTOR_LIST(DG_SCHEDULE_DECLARE)
#undef DG_SCHEDULE_DECLARE

/** Scratch of a thread, by field: one list makes its size and its pointers. */
/* clang-format off */
/*    type      name           elements; s: dg_shape                                  meaning */
#define DG_WORKSPACE_FIELDS(X)                                                                     \
    X(uint32_t, choice,        4 * dg_round_up(s->agents, DG_AGENT_TILE),                          \
      "[words][agents] words of the choices of two steps: dg_choice_word()")                       \
    X(uint32_t, slot_block,    DG_TILE_WORDS(s->capacity) / 4,                                     \
      "counters of a tile that observes: word 0")                                                  \
    X(uint32_t, slot_agent,    DG_TILE_WORDS(s->capacity) / 4,                                     \
      "their word 1, less the first agent")                                                        \
    X(uint32_t, sender_block,  DG_TILE_WORDS(s->agents) / 4,                                       \
      "counters of a tile that draws for every sender: word 0")                                    \
    X(uint32_t, sender_agent,  DG_TILE_WORDS(s->agents) / 4,                                       \
      "their word 1, less the first agent")                                                        \
    X(uint32_t, word,          DG_TILE_WORDS(s->agents) + DG_ROW_ALIGN,                            \
      "random words of a tile")                                                                    \
    X(float,    clock,         DG_TILE_WORDS(s->agents) + DG_ROW_ALIGN,                            \
      "log E of these words")                                                                      \
    X(float,    hidden,        DG_AGENT_TILE * s->hidden,                                          \
      "hidden layers of a tile")                                                                   \
    X(float,    second,        (int64_t)s->agents * s->values * s->hidden,                         \
      "[agents][values][hidden] W2, rows of whole lanes of sum.h")                                 \
    X(float,    bias,          (int64_t)s->values * s->row + DG_ROW_ALIGN,                         \
      "[values][row] b2 by agent")                                                                 \
    X(float,    tile_logit,    DG_AGENT_TILE * dg_round_up(s->values, DG_VALUE_TILE),              \
      "[values][lanes] logits of a tile")                                                          \
    X(float,    logit,         dg_round_up(s->values, DG_VALUE_TILE),                              \
      "logits of an agent, or its x_i(v)")                                                         \
    X(float,    scale,         2 * dg_round_up(s->values, DG_VALUE_TILE),                          \
      "C_b / D(|v - b|) by v - b, from half its length on")                                        \
    X(float,    spoken,        dg_round_up(s->agents, DG_LANES) * dg_round_up(s->values, DG_VALUE_TILE), \
      "[agents][values] 1 where j believes v, else 0")                                             \
    X(int32_t,  reg,           s->row,                                                             \
      "all registers of an agent")                                                                 \
    X(int32_t,  index,         s->row,                                                             \
      "0 ... row - 1: a load vectorises where a counter did not")                                  \
    X(int32_t,  offered,       dg_round_up(s->row, 2 * DG_ROW_ALIGN),                                                    \
      "what j offers in this step")                                                                \
    X(float,    gap,           s->values * (int64_t)s->row,                                        \
      "[beliefs][agents] |b - m_j| of what j offers")                                              \
    X(float,    closed,        s->row,                                                             \
      "+infinity: nobody may draw j, else -infinity")                                              \
    X(float,    self,          2 * s->row,                                                         \
      "+infinity at element `row`, else -infinity")                                                \
    X(float,    turned_cost,   s->row <= 32 ? 32 * 32 : 0,                                         \
      "[senders][receivers] -log S_ij, own entry +infinity")                                       \
    X(float,    cost,          s->row,                                                             \
      "costs of an agent's candidates, then their clocks; its normals")                            \
    X(uint32_t, sums_weight,   dg_sums_row(s),                                                     \
      "integer weights of what is drawn from")                                                     \
    X(uint64_t, sums_upto,     dg_sums_row(s) / DG_ROW_ALIGN,                                      \
      "sums of their tiles up to each")                                                            \
    X(float,    spare,         s->row,                                                             \
      "scratch of a selection")                                                                    \
    X(int32_t,  list,          s->row,                                                             \
      "whom an agent drew")                                                                        \
    X(int32_t,  seen,          (int64_t)s->capacity * s->row,                                      \
      "[slots][agents] whom they observe; -1: nobody")                                             \
    X(int32_t,  held,          (int64_t)s->capacity * s->row,                                      \
      "[slots][agents] what their registers hold")                                                 \
    X(int32_t,  step_views,    s->row,                                                             \
      "views of j in this step")                                                                   \
    X(float,    reward,        s->row,                                                             \
      "r_j of this step")                                                                          \
    X(int32_t,  received,      s->row,                                                             \
      "1: an agent received a message from j in this step")                                        \
    X(float,    sources,       s->row,                                                             \
      "an agent's row of W, 0 where j left J_i")                                                   \
    X(int32_t,  next_belief,   s->row,                                                             \
      "beliefs after the step, while it lasts")                                                    \
    X(float,    fitness,       s->row,                                                             \
      "f_i of a group")                                                                            \
    X(int32_t,  order,         s->row,                                                             \
      "agents of a group by rank")                                                                 \
    X(float,    step_mean,     dg_longest_genotype(s),                                             \
      "y_w of a group")                                                                            \
    X(float,    rank_mu,       dg_longest_genotype(s),                                             \
      "sum of w_i y_i^2 of a group; then sigma sqrt(C), for its samples")                              \
    X(char,     before,        dg_undo_bytes(s),                                                   \
      "what steps change, as it was before the generation: undo.h")
/* clang-format on */

/** Random words of a tile of agents, each drawing `elements`: whole blocks, whole vectors. */
#define DG_TILE_WORDS(elements) dg_round_up(dg_round_up(elements, 4) * DG_AGENT_TILE, 64)

typedef struct dg_workspace {
#define DG_WORKSPACE_POINTER(type, name, elements, meaning) type *name;
    DG_WORKSPACE_FIELDS(DG_WORKSPACE_POINTER)
#undef DG_WORKSPACE_POINTER
} dg_workspace;

/** Bytes of what the steps of a generation change, and of what ends a run. */
static inline int64_t dg_undo_bytes(const dg_shape *s)
{
    int64_t bytes = DG_ROW_ALIGN * (int64_t)sizeof(int32_t);
#define DG_UNDO_ADD(type, name, elements, meaning) bytes += (int64_t)sizeof(type) * (elements);
    DG_STATE_STEP_FIELDS(DG_UNDO_ADD)
#undef DG_UNDO_ADD
    return bytes;
}

/** Weights of a draw by sums: of all values, or of all agents. */
static inline int64_t dg_sums_row(const dg_shape *s)
{
    return dg_round_up(s->values > s->row ? s->values : s->row, DG_ROW_ALIGN);
}

static inline int64_t dg_longest_genotype(const dg_shape *s)
{
    int64_t longest = 0;
    for (int32_t g = 0; g < s->groups; g++)
        longest = s->group[g].stride > longest ? s->group[g].stride : longest;
    return longest;
}

#endif
