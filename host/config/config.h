/**
 * The configuration of one run, and how a file becomes a list of them.
 *
 * A value reaches a run in this order, the later over the earlier: the key's default, the reading,
 * the AI type, the file's base, the sweep, `--set`. One list of keys (keys.h) makes the members below
 * and the table (fields.c) that everything else asks: reading, checking, printing, `--help`,
 * configs and the coordinates of a result.
 */
#ifndef DG_CONFIG_H
#define DG_CONFIG_H

#include "digico/digico.h"
#include "host/config/keys.h"
#include "kernels/science/params.h"
#include "kernels/science/state.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DG_NAME_LENGTH 32 /* bytes of a group or condition name, terminator included */
#define DG_KEY_LENGTH  96 /* bytes of a full key, terminator included */

typedef enum dg_model_kind { DG_MODEL_LIST(DG_CHOICE_CODE) } dg_model_kind;
enum { DG_MODEL_COUNT = DG_CHOICES(DG_MODEL_LIST) };

/* `belief` of a group: free, fixed (its random initial value), or fixed_at: v with v >= 0 */
#define DG_BELIEF_FREE  (-2)
#define DG_BELIEF_FIXED (-1)

/** One group as configured; every number is effective, nothing is left to a default. */
typedef struct dg_group_config {
    char name[DG_NAME_LENGTH];
    DG_GROUP_KEYS(DG_MEMBER)
} dg_group_config;

/** `nan` in a double means `not set` (null in YAML), where the help says it may. */
typedef struct dg_config {
    int32_t group_count;
    dg_group_config group[DG_MAX_GROUPS];
    DG_KEY_LISTS(DG_MEMBERS)
} dg_config;

/* ---- one table of keys (fields.c) ------------------------------------------------------------ */

/* clang-format off */
/*    enumerator         what it is  what a message expects                                        */
#define DG_FIELD_TYPE_LIST(X)                                                                      \
    X(DG_FIELD_INTEGER,  "integer",  "an integer in") /* int64_t */                                \
    X(DG_FIELD_SEED,     "integer",  "an integer in") /* uint64_t */                               \
    X(DG_FIELD_REAL,     "number",   "a number in")   /* double */                                 \
    X(DG_FIELD_BOOL,     "boolean",  "one of")        /* bool */                                   \
    X(DG_FIELD_CHOICE,   "word",     "one of")        /* int32_t, one of `words` */                \
    X(DG_FIELD_BELIEF,   "belief",   "one of")        /* int64_t: free | fixed | {fixed_at: v} */  \
    X(DG_FIELD_CLIP,     "interval", "one of")        /* dg_interval: none | [low, high] */        \
    X(DG_FIELD_TEXT,     "name",     "a name of")     /* char[DG_NAME_LENGTH] */

/* when a key may change during a run (an event sets it): never, between generations, at any step */
#define DG_MAY_CHANGE_LIST(X)                                                                      \
    X(DG_CHANGE_NEVER, "never") X(DG_CHANGE_GENERATION, "generation") X(DG_CHANGE_STEP, "step")
/* clang-format on */

typedef enum dg_field_type { DG_FIELD_TYPE_LIST(DG_CHOICE_CODE) } dg_field_type;
typedef enum dg_may_change { DG_MAY_CHANGE_LIST(DG_CHOICE_CODE) } dg_may_change;

/** Bounds, or none. */
typedef struct dg_interval {
    bool set;
    double low, high; /* 0 where there are none */
} dg_interval;

/** One key. Keys of a group stand in the table once, without their prefix `groups.<name>.`. */
typedef struct dg_field {
    const char *key; /* dotted path, "contagion.factor" */
    dg_field_type type;
    uint32_t models;          /* bit m: it has a meaning in model m of dg_model_kind */
    size_t offset;            /* within dg_config or, of a group key, dg_group_config */
    double low, high;         /* inclusive bounds of numbers */
    bool nullable;            /* null allowed: not set */
    bool constant;            /* the same in all runs of an experiment: no axis may vary it */
    bool identity;            /* part of what tells runs apart; false: no result depends on it */
    dg_may_change may_change; /* never, if it is constant */
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

/** Whether a key has a meaning in a dg_model_kind; `model`, `seed` and the like do in all. */
static inline bool dg_field_applies(const dg_field *field, int32_t model)
{
    return (field->models >> model & 1) != 0;
}

/** The table for a reader at a terminal. */
void dg_fields_print(FILE *file);

/** The table as a commented YAML file: configs/default.yaml is this, byte for byte. */
void dg_fields_manual(FILE *file);

/* ---- experiments ----------------------------------------------------------------------------- */

/** Most runs of an experiment, before exclusions; lowered only to test the loader cheaply. */
extern size_t dg_runs_limit;

/** A key that the sweep varies, in sweep order: conditions, zipped keys, product keys. */
typedef struct dg_axis {
    char *key;   /* "ai_type", "groups.ai.influence_bonus", "condition" */
    size_t size; /* distinct points along it */
} dg_axis;

/** What a run does not share with the other runs of its condition. */
typedef struct dg_run {
    uint64_t seed;
    uint32_t condition; /* index */
} dg_run;

struct dg_experiment {
    char *name;    /* file it came from */
    char *text;    /* its bytes as read, with the overrides appended as comment lines */
    size_t source; /* bytes of `text` that were read */
    char **set;    /* [sets] the overrides */
    size_t sets;
    /* effective configurations without the seed, which is 0. Each has a run; some may be equal, as
       where a seed stands in a zip */
    dg_config *condition; /* [conditions] */
    size_t conditions;
    dg_run *run; /* [runs] in sweep order, last axis fastest: dg_run_config() */
    size_t runs;
    dg_axis *axis; /* [axes] */
    size_t axes;
};

/** Effective configuration of a run. */
static inline dg_config dg_run_config(const dg_experiment *experiment, size_t run)
{
    dg_config config = experiment->condition[experiment->run[run].condition];
    config.seed = experiment->run[run].seed;
    return config;
}

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
 * V, groups that evolve have >= 2 agents, AI groups first, and the like. check.c
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

/**
 * Round the values that kernels get as float32 to it: configurations that are equal then give equal
 * runs. params.c
 */
void dg_config_round(dg_config *config);

/** Sizes of a `digico` run, complete (dg_shape_build). params.c */
void dg_config_shape(const dg_config *from, dg_shape *to);

/** Parameters of a `digico` run of that shape. DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_config_params(const dg_config *from, const dg_shape *shape,
                                         dg_params *to);

/** Parameters of an echo-chamber run. */
dg_echo_params dg_config_echo_params(const dg_config *from);

/**
 * What `config` would hold had nobody set a key: the defaults of this model version for its groups, its
 * reading and its AI type. A default that hangs on other keys follows these as they are in `config`.
 * `reading` and `ai_type` have their own defaults; the kind of groups that are not the default ones
 * has none: -1. presets.c
 */
void dg_config_unset(dg_config *out, const dg_config *config);

/* ---- as text (write.c) ----------------------------------------------------------------------- */

/** Appends YAML to `file`. */
typedef void dg_config_writer(const dg_config *config, FILE *file);

/** Every key with its effective value; loads again to the same values. */
void dg_config_write(const dg_config *config, FILE *file);

/** Keys that differ from dg_config_unset(), after a line that names the model version; loads again to
 *  the same values. */
void dg_config_write_differences(const dg_config *config, FILE *file);

/** The same without keys that no result depends on: what a run's fingerprint is made of. */
void dg_config_write_identity(const dg_config *config, FILE *file);

/** The defaults that no other key decides, of the model of `config`. */
void dg_config_write_defaults(const dg_config *config, FILE *file);

/** The text of one of the above, freed by the caller. DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_config_text(char **out, const dg_config *config,
                                       dg_config_writer *write);

#endif
