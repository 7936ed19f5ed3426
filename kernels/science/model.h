/**
 * Sizes, parameters and state of Digico runs: what both schedules and the host share.
 *
 * dg_shape holds what all runs of a batch agree on, dg_params what may differ from run to run,
 * DG_STATE_FIELDS what changes. The choices that MODEL.md names are lists: the configuration's
 * words and the enumerators come from the same line.
 */
#ifndef DG_MODEL_H
#define DG_MODEL_H

#include "hd.h"

/** Most groups a run may have; a bound of arrays, not of the model. */
#define DG_MAX_GROUPS 16

/** Rows of per-agent vectors are padded to this many elements; the padding stays 0. */
#define DG_ROW_ALIGN 16

/* ---- choices: enumerator, word in the configuration ---------------------------------------- */

#define DG_KIND_LIST(X)   X(DG_KIND_AI, "ai") X(DG_KIND_HUMAN, "human")
#define DG_OUTPUT_LIST(X) X(DG_OUTPUT_SAMPLE, "sample") X(DG_OUTPUT_ARGMAX, "argmax")
#define DG_FORWARD_LIST(X)                                                                         \
    X(DG_FORWARD_GATHER, "gather") X(DG_FORWARD_DENSE, "dense") X(DG_FORWARD_CUBLAS, "cublas")
#define DG_SILENT_LIST(X)                                                                          \
    X(DG_SILENT_MARKER, "marker") X(DG_SILENT_EXCLUDED, "excluded") X(DG_SILENT_LAST, "last")
#define DG_UPDATE_LIST(X)                                                                          \
    X(DG_UPDATE_FIXED, "fixed")                                                                    \
    X(DG_UPDATE_RANDOM, "random") X(DG_UPDATE_MOMENTUM, "momentum") X(DG_UPDATE_REWARD, "reward")
#define DG_CARRY_LIST(X)    X(DG_CARRY_RUN, "run") X(DG_CARRY_GENERATION, "generation")
#define DG_SOURCES_LIST(X)  X(DG_SOURCES_RECEIVED, "received") X(DG_SOURCES_ALL, "all")
#define DG_CONTENT_LIST(X)  X(DG_CONTENT_MESSAGE, "message") X(DG_CONTENT_BELIEF, "belief")
#define DG_DISTANCE_LIST(X) X(DG_DISTANCE_FLOOR, "floor") X(DG_DISTANCE_OFFSET, "offset")
#define DG_OVERFLOW_LIST(X) X(DG_OVERFLOW_EXACT, "exact") X(DG_OVERFLOW_FLOAT32, "float32")
#define DG_VARIANT_LIST(X)  X(DG_VARIANT_EVOSAX, "evosax") X(DG_VARIANT_ROS_HANSEN, "ros-hansen")
#define DG_SAMPLING_LIST(X)                                                                        \
    X(DG_SAMPLING_ISOTROPIC, "isotropic") X(DG_SAMPLING_DIAGONAL, "diagonal")
/* whose beliefs are counted */
#define DG_SCOPE_LIST(X) X(DG_SCOPE_HUMANS, "humans") X(DG_SCOPE_POPULATION, "population")

#define DG_CHOICE_ENUM(code, word) code,
typedef enum dg_kind { DG_KIND_LIST(DG_CHOICE_ENUM) } dg_kind;
typedef enum dg_output { DG_OUTPUT_LIST(DG_CHOICE_ENUM) } dg_output;
typedef enum dg_forward { DG_FORWARD_LIST(DG_CHOICE_ENUM) } dg_forward;
typedef enum dg_silent { DG_SILENT_LIST(DG_CHOICE_ENUM) } dg_silent;
typedef enum dg_update { DG_UPDATE_LIST(DG_CHOICE_ENUM) } dg_update;
typedef enum dg_carry { DG_CARRY_LIST(DG_CHOICE_ENUM) } dg_carry;
typedef enum dg_sources { DG_SOURCES_LIST(DG_CHOICE_ENUM) } dg_sources;
typedef enum dg_content { DG_CONTENT_LIST(DG_CHOICE_ENUM) } dg_content;
typedef enum dg_distance { DG_DISTANCE_LIST(DG_CHOICE_ENUM) } dg_distance;
typedef enum dg_overflow { DG_OVERFLOW_LIST(DG_CHOICE_ENUM) } dg_overflow;
typedef enum dg_variant { DG_VARIANT_LIST(DG_CHOICE_ENUM) } dg_variant;
typedef enum dg_sampling { DG_SAMPLING_LIST(DG_CHOICE_ENUM) } dg_sampling;
typedef enum dg_scope { DG_SCOPE_LIST(DG_CHOICE_ENUM) } dg_scope;
#undef DG_CHOICE_ENUM

/* ---- sizes --------------------------------------------------------------------------------- */

/** One group; AI groups come first. */
typedef struct dg_group_shape {
    int32_t first;      /* index of its first agent */
    int32_t size;       /* agents, >= 1 */
    int32_t kind;       /* dg_kind */
    int32_t capacity;   /* observation capacity N_o, 1 ... N-1 */
    int32_t hidden;     /* hidden units H, >= 1 */
    int32_t parameters; /* n = N H + H + H V + V */
    int32_t stride;     /* floats from one genotype to the next: n rounded up, see dg_shape_build */
    int32_t reserved;   /* 0: shapes are compared as bytes */
    int64_t genotype;   /* offset of its first genotype within the field `genotype` */
    int64_t solver;     /* offset of its row within `mean`, `variance`, `path_sigma`, `path_c` */
} dg_group_shape;

/** What all runs of a batch agree on. Zero-initialised padding: shapes compare by memcmp. */
typedef struct dg_shape {
    int32_t agents;          /* N */
    int32_t values;          /* V */
    int32_t groups;          /* 1 ... DG_MAX_GROUPS */
    int32_t steps;           /* T */
    int32_t generations;     /* G */
    int32_t diversity_every; /* genotype diversity every so many generations, and at the last one;
                                0: never */
    int32_t row;             /* N rounded up to DG_ROW_ALIGN */
    int32_t capacity;        /* largest of the groups' */
    int32_t hidden;          /* largest of the groups', rounded up to DG_LANES */
    int32_t reserved;
    int64_t genotypes; /* floats of the field `genotype` */
    int64_t solvers;   /* floats of `mean` and its like */
    dg_group_shape group[DG_MAX_GROUPS];
} dg_shape;

/* ---- parameters of one run ------------------------------------------------------------------ */

/** sep-CMA-ES constants of one group (MODEL.md, section 4); made by dg_evolve_constants_make(). */
typedef struct dg_evolve_constants {
    int32_t parents;  /* mu */
    int32_t diagonal; /* 1: sqrt(C) shapes the samples; 0: isotropic */
    float rate_mean;  /* c_m */
    float rate_one;   /* c_1 */
    float rate_mu;    /* c_mu */
    float rate_sigma; /* c_sigma */
    float keep_sigma; /* 1 - c_sigma */
    float gain_sigma; /* sqrt(c_sigma (2 - c_sigma) mu_eff) */
    float rate_path;  /* c_c */
    float keep_path;  /* 1 - c_c */
    float gain_path;  /* sqrt(c_c (2 - c_c) mu_eff) */
    float stall;      /* c_c (2 - c_c), kept variance while h_sigma = 0 */
    float damping;    /* c_sigma / d_sigma */
    float norm;       /* chi_n = E ||N(0, I)|| */
    float threshold;  /* (1.4 + 2 / (n + 1)) chi_n */
} dg_evolve_constants;

/** What a group brings beside its sizes. */
typedef struct dg_group_params {
    int32_t act_period;    /* acts when t mod act_period = 0; >= 1 */
    int32_t evolve_period; /* evolves when (g + 1) mod evolve_period = 0; 0: never */
    int32_t belief_fixed;  /* 1: contagion skips the group */
    int32_t reserved;
    dg_evolve_constants evolve;
} dg_group_params;

/** What may differ between the runs of a batch. */
typedef struct dg_params {
    uint64_t seed;
    int32_t output;              /* dg_output */
    int32_t forward;             /* dg_forward */
    int32_t silent;              /* dg_silent */
    int32_t observation_dropped; /* round(s N) candidates whose weight becomes 0 */
    float belief_factor;         /* K_b */
    float truthfulness;          /* lambda */
    int32_t penalise_silence;    /* 1: |b_i - (-1)| counts while silent */
    int32_t update;              /* dg_update */
    int32_t carry;               /* dg_carry */
    int32_t clip;                /* 1: W stays within [clip_low, clip_high] */
    float clip_low;
    float clip_high;
    float random_sigma;        /* sigma_R */
    float momentum_sigma;      /* sigma_M */
    float momentum_factor;     /* beta */
    float reward_scale;        /* rho */
    int32_t sources;           /* dg_sources */
    int32_t content;           /* dg_content */
    int32_t distance;          /* dg_distance */
    int32_t overflow;          /* dg_overflow */
    int32_t contagion_dropped; /* round(s N) smallest W_ij that leave J_i */
    float contagion_factor;    /* C_b */
    float contagion_delta;     /* delta */
    float sigma;               /* initial step size */
    int32_t early_stop_count;  /* pairs of the scope that one belief holds; 0: never stop early */
    int32_t early_stop_generations; /* in a row, >= 1 */
    int32_t early_stop_scope;       /* dg_scope */
    dg_group_params group[DG_MAX_GROUPS];
} dg_params;

/* ---- state of one run ----------------------------------------------------------------------- */

/* clang-format off */
/*    type     name          elements                      meaning [unit] */
#define DG_STATE_FIELDS(X)                                                                         \
    /* made by the start of the run, constant after it */                                          \
    X(float,   static_cost,  (int64_t)s->agents * s->row,  "-log S_ij, row i; own entry 0")        \
    X(float,   recombination, s->row,                      "w by rank within the group, 0 from mu on") \
    /* a step */                                                                                   \
    X(int32_t, belief,       s->row,                       "b_i, 0 ... V-1")                       \
    X(int32_t, message,      s->row,                       "m_i of this step, -1: silent")         \
    X(int32_t, last_message, s->row,                       "latest m_i >= 0, -1: none yet")        \
    X(int32_t, observed,         (int64_t)s->agents * s->capacity, "observed agents, ascending; -1: none") \
    X(int32_t, registers,        (int64_t)s->agents * s->capacity, "their messages as registers hold them") \
    X(float,   weight,       (int64_t)s->agents * s->row,  "W_ij, row i")                          \
    X(float,   momentum,     (int64_t)s->agents * s->row,  "Delta W_ij, row i")                    \
    /* a generation */                                                                             \
    X(int32_t, views,        s->row,                       "views of this generation so far")      \
    X(int32_t, penalty,      s->row,                       "sum of |b_i - m_i| so far, unscaled")  \
    /* evolution */                                                                                \
    X(float,   genotype,     s->genotypes,                 "policy parameters: W1, b1, W2, b2")    \
    X(float,   base,         (int64_t)s->agents * s->hidden, "b1 - sum of W1's columns")           \
    X(float,   mean,         s->solvers,                   "m, per group")                         \
    X(float,   variance,     s->solvers,                   "diagonal of C, per group")             \
    X(float,   path_sigma,   s->solvers,                   "p_sigma, per group")                   \
    X(float,   path_c,       s->solvers,                   "p_c, per group")                       \
    X(float,   sigma,        DG_MAX_GROUPS,                "step size, per group")                 \
    X(float,   path_decay,   DG_MAX_GROUPS,                "(1 - c_sigma)^(2 updates), per group") \
    X(int32_t, ended,        DG_ROW_ALIGN,                 "what ends the run early, by dg_ended_word")
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

/** Round up to a multiple. */
DG_HD int64_t dg_round_up(int64_t x, int64_t multiple)
{
    return (x + multiple - 1) / multiple * multiple;
}

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
 * Generations after which a run ended by itself, of its field `ended`; 0: it goes on to its last one.
 * Whatever says so does it in one generation, the last that is computed.
 */
DG_HD int32_t dg_ended_after(const int32_t *ended)
{
    return ended[DG_ENDED_NONFINITE] ? ended[DG_ENDED_NONFINITE] : ended[DG_ENDED_CONVERGED];
}

/** Fill in everything that follows from the sizes and each group's size, capacity and hidden. */
DG_HD void dg_shape_build(dg_shape *s)
{
    s->row = (int32_t)dg_round_up(s->agents, DG_ROW_ALIGN);
    s->capacity = 0;
    s->hidden = 0;
    s->genotypes = 0;
    s->solvers = 0;
    int32_t first = 0;
    for (int32_t g = 0; g < s->groups; g++) {
        dg_group_shape *group = &s->group[g];
        const int64_t n = (int64_t)s->agents * group->hidden + group->hidden +
                          (int64_t)group->hidden * s->values + s->values;
        group->first = first;
        group->parameters = (int32_t)n;
        /* whole philox blocks of whole lanes, and room to read a full vector past the last row */
        group->stride = (int32_t)dg_round_up(n + DG_ROW_ALIGN, 64);
        group->genotype = s->genotypes;
        group->solver = s->solvers;
        first += group->size;
        s->genotypes += (int64_t)group->size * group->stride;
        s->solvers += group->stride;
        s->capacity = group->capacity > s->capacity ? group->capacity : s->capacity;
        s->hidden = group->hidden > s->hidden ? group->hidden : s->hidden;
    }
    s->hidden = (int32_t)dg_round_up(s->hidden, DG_LANES);
}

/** Index of the group that an agent belongs to. */
DG_HD int32_t dg_group_of(const dg_shape *s, int32_t agent)
{
    int32_t g = 0;
    while (g + 1 < s->groups && agent >= s->group[g + 1].first) g++;
    return g;
}

#endif
