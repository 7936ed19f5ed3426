/**
 * What the store_*.c files share: sizes, ids of variables, and how one is defined.
 *
 * store_file.c: temporary name, sync, rename. store_room.c: disk space.
 * store_sizes.c: lengths. store_variable.c: one variable. store_define.c: all of them.
 * store_groups.c: those of groups. store_axes.c: coordinates of the sweep.
 * store_provenance.c: attributes. store_write.c: one run. store_agents.c: per-agent output.
 * store_niches.c: where agents live. store_echo.c: the echo-chamber model.
 */
#ifndef DG_STORE_INTERNAL_H
#define DG_STORE_INTERNAL_H

#include "host/store/netcdf.h"
#include "host/models/statistics.h"
#include "host/store/store.h"

/** Most dimensions of a variable. */
#define DG_STORE_RANK 4

/** Length along each dimension of the file; 0: the file has no such dimension. */
/* clang-format off */
#define DG_DIMENSION_LIST(X)                                                                       \
    X(run) X(generation) X(group) X(other_group) X(belief) X(diversity_generation)                 \
    X(recorded_generation) X(step) X(agent) X(niche) X(snapshot)
/* clang-format on */

typedef enum dg_dimension {
#define DG_DIMENSION_ENUM(name) DG_DIMENSION_##name,
    DG_DIMENSION_LIST(DG_DIMENSION_ENUM)
#undef DG_DIMENSION_ENUM
        DG_DIMENSIONS
} dg_dimension;

struct dg_store {
    const dg_experiment *experiment;
    /* file */
    char *path;      /* directory/results.nc */
    char *part;      /* the same with .part */
    bool made;       /* part is ours to remove */
    int room;        /* descriptor of part, to claim disk space; -1: none */
    int64_t pending; /* bytes claimed since HDF5 last wrote all it held */
    int file;        /* netCDF id; -1: none */
    /* sizes, over all runs */
    size_t length[DG_DIMENSIONS];
    int dimension[DG_DIMENSIONS]; /* netCDF ids */
    int32_t *diversity_slot;      /* [generation] place along diversity_generation, -1: none */
    int32_t *recorded_slot;       /* [generation] place along recorded_generation, -1: none */
    char *coordinates; /* "seed ai_type ...": the CF attribute of every variable of runs */
    int64_t run_bytes; /* of one run, before compression */
    /* one run at a time */
    float *column;  /* [quantities][generation][group] */
    int32_t *count; /* [generation][group][belief] */
    int16_t *trace; /* [step][agent] */
    /* variables of a run */
    int hash, status, seed, generations_completed;
    int last[DG_DOMINANCE_QUANTITIES], mean[DG_DOMINANCE_QUANTITIES];
    int group_size, group_kind;
    /* of a run and generation */
    int dominance[DG_DOMINANCE_QUANTITIES];
    int health[2][DG_HEALTH_QUANTITIES]; /* by dg_scope */
    int group_quantity[DG_GROUP_QUANTITIES];
    int belief_count, genotype_distance;
    int last_appearance[2]; /* by dg_scope */
    int trace_variable[DG_TRACES], agent_group;
    /* of an echo-chamber run */
    int echo_step, echo_belief, echo_evidence, echo_initial, echo_utility, echo_deviation;
    int echo_radicalisation, echo_sign;
};

/** Ends the dimensions of a variable; DG_WHOLE: all of it is written before any run. */
enum { DG_END = -1, DG_WHOLE = -2 };

/** A variable to be. */
typedef struct dg_variable {
    const char *name;
    nc_type type;
    const char *unit; /* NULL: a label, no unit */
    const char *meaning;
    int dimensions[DG_STORE_RANK + 1]; /* dg_dimension, then DG_END or DG_WHOLE */
} dg_variable;

/** Define a variable with its attributes, chunks and compression. *id receives its netCDF id. */
DG_MUST_CHECK dg_status dg_store_define(dg_store *store, const dg_variable *variable, int *id);

/** Set a text attribute of a variable. */
DG_MUST_CHECK dg_status dg_store_text(dg_store *store, int id, const char *name, const char *text);

/** Find the sizes of the file and make room for one run. */
DG_MUST_CHECK dg_status dg_store_measure(dg_store *store);

/** Dimensions and all variables of the experiment's model, with what is known before any run. */
DG_MUST_CHECK dg_status dg_store_define_all(dg_store *store);

/** Coordinates of the sweep and each run's configuration. */
DG_MUST_CHECK dg_status dg_store_define_axes(dg_store *store);

/** Names, sizes and kinds of groups. */
DG_MUST_CHECK dg_status dg_store_define_groups(dg_store *store);

/** Variables of per-agent output, of the niches that its agents live in, of the echo-chamber model. */
DG_MUST_CHECK dg_status dg_store_define_agents(dg_store *store);
DG_MUST_CHECK dg_status dg_store_define_niches(dg_store *store);
DG_MUST_CHECK dg_status dg_store_define_echo(dg_store *store);

/** Make sure that `bytes` more fit on the disk before they are written. */
DG_MUST_CHECK dg_status dg_store_claim(dg_store *store, int64_t bytes);

/** Per-agent output of one run. */
DG_MUST_CHECK dg_status dg_store_write_agents(dg_store *store, const dg_run_result *result);

/** Hash, status and finished generations of a run. */
DG_MUST_CHECK dg_status dg_store_write_outcome(dg_store *store, size_t run, uint64_t hash,
                                               dg_run_status status, int32_t generations);

/** What the file is of, and which program made it. */
DG_MUST_CHECK dg_status dg_store_provenance(dg_store *store);

/** Set a global text attribute. */
DG_MUST_CHECK dg_status dg_store_attribute(dg_store *store, const char *name, const char *text);

#endif
