/**
 * The configuration of one run, and how a file becomes a list of them.
 *
 * A value reaches a run in this order, the later over the earlier: the key's default, the reading,
 * the AI type, the file's base, the sweep, `--set`. One table (fields.c) holds every key with its
 * type, bounds, default, unit, source and help: reading, checking, printing, `--help`, configs and
 * coordinates of the result all come from it.
 */
#ifndef DG_CONFIG_H
#define DG_CONFIG_H

#include "digico/digico.h"
#include "kernels/science/echo.h"
#include "kernels/science/params.h"
#include "kernels/science/state.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DG_NAME_LENGTH 32 /* bytes of a group or condition name, terminator included */
#define DG_KEY_LENGTH  96 /* bytes of a full key, terminator included */

/* clang-format off */
#define DG_MODEL_LIST(X) X(DG_MODEL_DIGICO, "digico") X(DG_MODEL_ECHO, "echo-chamber")
#define DG_READING_LIST(X) X(DG_READING_TEXT, "text") X(DG_READING_TABLES, "tables")
#define DG_AI_TYPE_LIST(X)                                                          \
    X(DG_AI_NONE, "none") X(DG_AI_ACT, "act") X(DG_AI_EVOLVE, "evolve")             \
    X(DG_AI_INFLUENCE, "influence") X(DG_AI_FIX, "fix") X(DG_AI_ALL, "all")         \
    X(DG_AI_FIX_AT_ZERO, "fix_at_zero") X(DG_AI_ALL_ZERO, "all_zero")
/* clang-format on */

#define DG_CHOICE_ENUM(code, word) code,
typedef enum dg_model_kind { DG_MODEL_LIST(DG_CHOICE_ENUM) } dg_model_kind;
typedef enum dg_reading { DG_READING_LIST(DG_CHOICE_ENUM) } dg_reading;
typedef enum dg_ai_type { DG_AI_TYPE_LIST(DG_CHOICE_ENUM) } dg_ai_type;
#undef DG_CHOICE_ENUM

/* `belief` of a group: free, fixed (its random initial value), or fixed_at: v with v >= 0 */
#define DG_BELIEF_FREE  (-2)
#define DG_BELIEF_FIXED (-1)

/** One group as configured; every number is effective, nothing is left to a default. */
typedef struct dg_group_config {
    char name[DG_NAME_LENGTH];
    int32_t kind; /* dg_kind */
    int64_t size;
    int64_t act_period;
    int64_t evolve_period; /* 0: never */
    double influence_bonus;
    int64_t belief; /* DG_BELIEF_FREE, DG_BELIEF_FIXED or a value */
    int64_t observation_capacity;
    int64_t hidden;
} dg_group_config;

/** `nan` in a double below means `not set` (null in YAML), where the help says it may. */
typedef struct dg_config {
    /* what */
    int32_t model;   /* dg_model_kind */
    int32_t reading; /* dg_reading */
    int32_t ai_type; /* dg_ai_type */
    uint64_t seed;
    char condition[DG_NAME_LENGTH]; /* name of the sweep's condition, "" if none */
    /* sizes */
    int64_t agents, values, generations, steps;
    int32_t group_count;
    dg_group_config group[DG_MAX_GROUPS];
    /* niche */
    int64_t niche_points, niche_dimensions, niche_centroids, niche_iterations;
    /* policy */
    int64_t policy_hidden; /* H of groups that state none */
    int32_t policy_output, policy_forward;
    /* observation */
    double coordinate_factor, influence_factor, belief_factor; /* K_c, K_I, K_b */
    double observation_sparsity;
    int64_t observation_capacity; /* N_o of groups that state none */
    int32_t silent;
    /* reward */
    double truthfulness; /* lambda */
    bool penalise_silence;
    /* belief weights */
    int32_t update, carry;
    bool clip;
    double clip_low, clip_high;
    double random_sigma, momentum_sigma, momentum_factor, reward_scale;
    /* contagion */
    int32_t sources, content, distance, overflow;
    double contagion_factor, contagion_delta, contagion_sparsity;
    /* evolution */
    int32_t variant, sampling;
    double sigma, mean_rate, covariance_rate; /* rates: nan = not set */
    /* early stop: ours, not the paper's (DESIGN.md, section 9) */
    double early_stop_share; /* nan = not set: never */
    int64_t early_stop_generations;
    int32_t early_stop_scope; /* dg_scope */
    /* measures and output */
    int64_t diversity_every;
    bool output_agents; /* per-agent output (measures.h, dg_trace_field) at chosen generations */
    int64_t output_first, output_last, output_every; /* the chosen generations, 0-based */
    int64_t output_compression;                      /* deflate level 0 ... 9 */
    double checkpoint_minutes;                       /* 0: none but when stopped */
    /* echo-chamber model (MODEL.md, section 10) */
    int64_t echo_agents, echo_steps, echo_snapshot_every;
    double echo_rate, echo_scale, echo_confidence;
    int32_t echo_utility; /* dg_echo_utility */
} dg_config;

/* ---- one table of keys (fields.c) ----------------------------------------------------------- */

typedef enum dg_field_type {
    DG_FIELD_INTEGER, /* int64_t */
    DG_FIELD_SEED,    /* uint64_t */
    DG_FIELD_REAL,    /* double */
    DG_FIELD_BOOL,    /* bool */
    DG_FIELD_CHOICE,  /* int32_t, one of `words` */
    DG_FIELD_BELIEF,  /* int64_t: free | fixed | {fixed_at: v}; as text also fixed_at_<v> */
    DG_FIELD_CLIP,    /* none | [lo, hi]: clip, clip_low, clip_high */
    DG_FIELD_TEXT     /* char[DG_NAME_LENGTH], a name */
} dg_field_type;

/** One key. Keys of a group stand in the table once, without their prefix `groups.<name>.`. */
typedef struct dg_field {
    const char *key; /* dotted path, "contagion.factor" */
    dg_field_type type;
    size_t offset;            /* within dg_config or, of a group key, dg_group_config */
    double low, high;         /* inclusive bounds of numbers */
    bool nullable;            /* null allowed: not set */
    bool constant;            /* the same in all runs of an experiment: no axis may vary it */
    const char *const *words; /* of a choice, NULL-terminated */
    const char *fallback;     /* default as text; NULL where `rule` decides */
    const char *rule;         /* what decides the default: "reading", "ai_type", "agents" */
    const char *unit;         /* "1" where there is none */
    const char *source;       /* "Eq. 2; MODEL.md 3.5" */
    const char *help;         /* one line */
} dg_field;

extern const dg_field dg_run_fields[];   /* ends with key == NULL */
extern const dg_field dg_group_fields[]; /* ends with key == NULL */

/**
 * Field of a full key ("seed", "groups.ai.size"); NULL if there is none. *group receives the
 * group's index within `config`, or -1 for a key of the run.
 */
const dg_field *dg_field_find(const dg_config *config, const char *key, int32_t *group);

/** Value of a field as its YAML text, at most `size` bytes with the terminator; returns `text`. */
const char *dg_field_format(const dg_config *config, const dg_field *field, int32_t group,
                            char *text, size_t size);

/** Numeric value of a number, boolean, belief or seed field; nan where it has none. */
double dg_field_number(const dg_config *config, const dg_field *field, int32_t group);

/** Full key of a field ("groups.ai.size"), at most `size` bytes; returns `text`. */
const char *dg_field_key(const dg_config *config, const dg_field *field, int32_t group, char *text,
                         size_t size);

/** Whether a key has a meaning in a dg_model_kind; `model`, `seed` and the like do in both. */
bool dg_field_applies(const dg_field *field, int32_t group, int32_t model);

/** The table for a reader at a terminal. */
void dg_fields_print(FILE *file);

/** The table as a commented YAML file: configs/default.yaml is this, byte for byte. */
void dg_fields_manual(FILE *file);

/* ---- experiments ---------------------------------------------------------------------------- */

/** Most runs of an experiment, before exclusions; lowered only to test the loader cheaply. */
extern size_t dg_runs_limit;

/** A key that the sweep varies, in sweep order: conditions, zipped keys, product keys. */
typedef struct dg_axis {
    char *key;   /* "ai_type", "groups.ai.influence_bonus", "condition" */
    size_t size; /* distinct points along it */
} dg_axis;

struct dg_experiment {
    char *name;    /* file it came from */
    char *text;    /* its bytes as read, with the overrides appended as comment lines */
    size_t source; /* bytes of `text` that were read */
    char **set;    /* [sets] the overrides */
    size_t sets;
    dg_config *run; /* [runs] effective configurations, in sweep order, last axis fastest */
    size_t runs;
    dg_axis *axis; /* [axes] */
    size_t axes;
};

/** Name of an experiment's file without its folders, which differ between machines. */
static inline const char *dg_experiment_file(const dg_experiment *experiment)
{
    const char *slash = strrchr(experiment->name, '/');
    return slash ? slash + 1 : experiment->name;
}

/** A contradiction: the keys that may be to blame, most specific first, and what each should be. */
typedef struct dg_fault {
    size_t count; /* 0: none */
    struct {
        char key[DG_KEY_LENGTH];
        char why[160]; /* "expected ..." */
    } at[DG_MAX_GROUPS + 4];
} dg_fault;

/**
 * Look for what no single key can show: group sizes sum to `agents`, capacity < agents, fixed_at <
 * V, groups that evolve have >= 2 agents, AI groups first, and the like. config_check.c
 *
 * @return true if all is well; else false, with the first contradiction found in *fault
 */
bool dg_config_consistent(const dg_config *config, dg_fault *fault);

/** dg_config_consistent() for one key and text, each of at most `size` bytes. */
bool dg_config_check(const dg_config *config, char *key, char *why, size_t size);

/**
 * Defaults, then the reading, then the AI type, over the groups already named in `config`. What the
 * other keys decide is left open for dg_config_complete(): numbers at -1 or 0. presets.c
 */
void dg_config_preset(dg_config *config, int32_t reading, int32_t type);

/** Decide what is still open: group sizes, capacities, hidden units, sampling, output.last. */
void dg_config_complete(dg_config *config);

/** A checked `digico` configuration of three groups without any key set. */
void dg_config_default(dg_config *config);

/** Effective values of one run as YAML, appended to `file`; loads again to the same values. */
void dg_config_write(const dg_config *config, FILE *file);

#endif
