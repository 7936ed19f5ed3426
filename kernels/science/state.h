/**
 * State of one run: what changes while it runs. One list of fields drives declaration, allocation, copy,
 * checkpoint, hash and comparison.
 */
#ifndef DG_STATE_H
#define DG_STATE_H

#include "kernels/science/shape.h"

/* clang-format off */
/* What the steps of a generation change; all else is changed between generations, by evolution or by what
   ends a run. */
/*    type     name           elements                           meaning [unit]: what computes it */
#define DG_STATE_STEP_FIELDS(X)                                                                    \
    /* a step */                                                                                   \
    X(int32_t, belief,        s->row,                            "b_i, 0 ... V-1: drawn by dg_contagion_drawn()") \
    X(int32_t, message,       s->row,                            "m_i of this step, -1: silent: drawn by dg_policy_logit()") \
    X(int32_t, last_message,  s->row,                            "latest m_i >= 0, -1: none yet; what dg_observe_offered() repeats") \
    X(int32_t, observed,      (int64_t)s->agents * s->capacity,  "observed agents, ascending; -1: none: drawn by dg_observe_cost()") \
    X(int32_t, registers,     (int64_t)s->agents * s->capacity,  "their messages as registers hold them: dg_observe_offered()") \
    X(float,   weight,        (int64_t)s->agents * s->row,       "W_ij, row i: dg_weight_initial(), then dg_weight_next()") \
    X(float,   momentum,      (int64_t)s->agents * s->row,       "Delta W_ij, row i: dg_momentum_initial(), then dg_weight_next()") \
    /* a generation */                                                                             \
    X(int32_t, views,         s->row,                            "views of this generation so far: sum of dg_observe_received()") \
    X(int32_t, penalty,       s->row,                            "|b_i - m_i| of this generation so far, unscaled: sum of dg_reward_penalty()")

#define DG_STATE_FIELDS(X)                                                                         \
    /* made by the start of the run, constant after it */                                          \
    X(float,   static_cost,   (int64_t)s->agents * s->row,       "-log S_ij, row i; own entry 0: dg_observe_static_cost()") \
    X(float,   recombination, s->row,                            "w by rank within the group, 0 from mu on: dg_evolve_weights()") \
    DG_STATE_STEP_FIELDS(X)                                                                        \
    /* evolution */                                                                                \
    X(float,   genotype,      s->genotypes,                      "policy parameters W1, b1, W2, b2: dg_evolve_sample()") \
    X(float,   base,          (int64_t)s->agents * s->hidden,    "b1 - sum of W1's columns: dg_policy_base_term()") \
    X(float,   mean,          s->solvers,                        "m, per group: dg_evolve_mean()") \
    X(float,   variance,      s->solvers,                        "diagonal of C, per group: dg_evolve_variance()") \
    X(float,   path_sigma,    s->solvers,                        "p_sigma, per group: dg_evolve_path_sigma()") \
    X(float,   path_c,        s->solvers,                        "p_c, per group: dg_evolve_path_c()") \
    X(float,   sigma,         DG_MAX_GROUPS,                     "step size, per group: dg_evolve_sigma()") \
    X(float,   path_decay,    DG_MAX_GROUPS,                     "(1 - c_sigma)^(2 updates), per group: dg_evolve_decay()") \
    X(int32_t, ended,         DG_ROW_ALIGN,                      "what ends the run early, by dg_ended_word: dg_weight_sound(), dg_evolve_sound(), dg_convergence_follow()")
/* clang-format on */

/** Words of the field `ended`. The first two are 0 while nothing ends the run. */
typedef enum dg_ended_word {
    DG_ENDED_NONFINITE, /* 1 + generation that met a number that is not finite */
    DG_ENDED_CONVERGED, /* 1 + generation by which beliefs had converged for long enough */
    DG_ENDED_STREAK     /* converged generations in a row up to now */
} dg_ended_word;

/** The fields of one run, as pointers into one block. */
typedef struct dg_state {
#define DG_STATE_POINTER(type, name, elements, meaning) type *name;
    DG_STATE_FIELDS(DG_STATE_POINTER)
#undef DG_STATE_POINTER
} dg_state;

/** Bytes of one run's block; every field starts on a 64-byte boundary. */
DG_HD int64_t dg_state_bytes(const dg_shape *s)
{
    int64_t bytes = 0;
#define DG_STATE_ADD(type, name, elements, meaning)                                                \
    bytes += dg_round_up((int64_t)sizeof(type) * (elements), 64);
    DG_STATE_FIELDS(DG_STATE_ADD)
#undef DG_STATE_ADD
    return bytes;
}

/** Point the fields into a block of dg_state_bytes(). */
DG_HD dg_state dg_state_at(const dg_shape *s, void *block)
{
    dg_state state;
    char *at = (char *)block;
#define DG_STATE_PLACE(type, name, elements, meaning)                                              \
    state.name = (type *)(void *)at;                                                               \
    at += dg_round_up((int64_t)sizeof(type) * (elements), 64);
    DG_STATE_FIELDS(DG_STATE_PLACE)
#undef DG_STATE_PLACE
    return state;
}

/**
 * Generations after which a run ended by itself, of its field `ended`; 0: it runs to its last one.
 * The words are set in one generation, the last that is computed.
 */
DG_HD int32_t dg_ended_after(const int32_t *ended)
{
    return ended[DG_ENDED_NONFINITE] ? ended[DG_ENDED_NONFINITE] : ended[DG_ENDED_CONVERGED];
}

#endif
