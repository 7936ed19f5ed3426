/**
 * What writes into a result file: the files of this folder, and the models.
 *
 * file.c: temporary name, sync, rename. room.c: disk space. variable.c: one variable. define.c: dimensions
 * and what every model has of a run. axes.c: coordinates of the sweep. provenance.c: attributes.
 */
#ifndef DG_WRITER_H
#define DG_WRITER_H

#include "host/store/netcdf.h"
#include "host/store/store.h"

/** Most dimensions of a variable. */
#define DG_STORE_RANK 4

/** Every dimension that a file may have, in the order in which they are defined. */
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
    const dg_store_layout *layout;
    void *own; /* the model's */
    /* file */
    char *path;      /* directory/results.nc */
    char *part;      /* the same with .part */
    bool made;       /* part is ours to remove */
    int room;        /* descriptor of part, to claim disk space; -1: none */
    int64_t pending; /* bytes claimed since HDF5 last wrote all it held */
    int file;        /* netCDF id; -1: none */
    /* sizes, over all runs */
    size_t length[DG_DIMENSIONS]; /* 0: the file has no such dimension */
    int dimension[DG_DIMENSIONS]; /* netCDF ids */
    char *coordinates; /* "seed ai_type ...": the CF attribute of every variable of runs */
    int64_t run_bytes; /* of one run, before compression */
    /* variables of a run */
    int hash, status, generations_completed;
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

/** Make a dimension at least this long: it takes the longest of all runs, shorter ones are padded. */
void dg_store_extend(dg_store *store, dg_dimension dimension, int64_t length);

/** Define a variable with its attributes, chunks and compression. *id receives its netCDF id. */
DG_MUST_CHECK dg_status dg_store_define(dg_store *store, const dg_variable *variable, int *id);

/**
 * Define and write the coordinate 0, 1, ... of a dimension; nothing where the file has none of it.
 *
 * @param kept  [count] for a dimension of chosen indices: place along it of each index, -1: not kept; NULL
 *              and 0: all are
 */
DG_MUST_CHECK dg_status dg_store_define_index(dg_store *store, dg_dimension dimension,
                                              const char *meaning, const int32_t *kept,
                                              size_t count);

/** Set a text attribute of a variable. */
DG_MUST_CHECK dg_status dg_store_text(dg_store *store, int id, const char *name, const char *text);

/** Set a global text attribute. */
DG_MUST_CHECK dg_status dg_store_attribute(dg_store *store, const char *name, const char *text);

/**
 * Begin to write a run: it is one of the experiment's, and the disk has room for it.
 *
 * @return DG_OK, DG_ERR_ARGUMENT (no such run), DG_ERR_IO (the disk is full)
 */
DG_MUST_CHECK dg_status dg_store_begin_run(dg_store *store, size_t run);

/** Write a run's outcome; last, so that a write that failed leaves the run as planned. */
DG_MUST_CHECK dg_status dg_store_end_run(dg_store *store, const dg_run_outcome *outcome);

/** Make sure that `bytes` more fit on the disk before they are written. */
DG_MUST_CHECK dg_status dg_store_claim(dg_store *store, int64_t bytes);

/* ---- within this folder ------------------------------------------------------------------------- */

/** Dimensions, coordinates, outcomes, and the variables of the model. */
DG_MUST_CHECK dg_status dg_store_define_all(dg_store *store);

/** Coordinates of the sweep and each run's configuration. */
DG_MUST_CHECK dg_status dg_store_define_axes(dg_store *store);

/** What the file is of, and which program made it. */
DG_MUST_CHECK dg_status dg_store_provenance(dg_store *store);

#endif
