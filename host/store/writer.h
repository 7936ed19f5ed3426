/**
 * Functions that write into a result file, for this folder and the models.
 *
 * file.c: creating, syncing, renaming. reserve.c: disk space. variable.c: one variable. define.c:
 * dimensions and outcomes of runs. axes.c: swept keys. provenance.c: global attributes.
 */
#ifndef DG_WRITER_H
#define DG_WRITER_H

#include "host/store/netcdf.h"
#include "host/store/store.h"

/** Largest number of dimensions of a variable. */
#define DG_STORE_RANK 4

/**
 * The dimensions that a file may have, in the order in which they are defined. Variables along `snapshot`
 * name the variable `step` among their coordinates: a layout that has this dimension defines it.
 */
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
    void *model_data; /* of the model: dg_store_layout */
    /* file */
    char *path;      /* directory/results.nc */
    char *part;      /* the same with .part */
    bool created;    /* part exists; to be removed after a failure */
    int descriptor;  /* of part, for reserving disk space and syncing; -1: none */
    int64_t pending; /* bytes reserved since HDF5 last wrote its buffers */
    int file;        /* netCDF id; -1: none, or sealed */
    /* sizes, over all runs */
    size_t length[DG_DIMENSIONS]; /* 0: the file does not have this dimension */
    int dimension[DG_DIMENSIONS]; /* netCDF ids */
    char *coordinates; /* "seed ai_type ...": the CF attribute of all variables along `run` */
    int64_t run_bytes; /* of one run, before compression */
    /* netCDF ids of variables */
    int hash, status, generations_completed;
};

/** End of a variable's dimensions. DG_WHOLE: the variable is written at once, before any run. */
enum { DG_END = -1, DG_WHOLE = -2 };

/** Description of a variable to be defined. */
typedef struct dg_variable {
    const char *name;
    nc_type type;
    const char *unit;                  /* NULL: none, as for labels */
    const char *meaning;               /* attribute long_name */
    int dimensions[DG_STORE_RANK + 1]; /* dg_dimension, then DG_END or DG_WHOLE */
} dg_variable;

/** Make a dimension at least this long: the longest run decides, shorter runs are padded. */
void dg_store_extend(dg_store *store, dg_dimension dimension, int64_t length);

/** Define a variable with its attributes, chunks and compression. *id receives its netCDF id. */
DG_MUST_CHECK dg_status dg_store_define(dg_store *store, const dg_variable *variable, int *id);

/**
 * Define and write the coordinate variable of a dimension: the indices 0, 1, ..., or those that are
 * kept. Does nothing if the file does not have the dimension.
 *
 * @param kept   [count] position of each index along the dimension, -1: not kept; NULL: all are
 *               kept
 * @param count  0 if `kept` is NULL
 */
DG_MUST_CHECK dg_status dg_store_define_index(dg_store *store, dg_dimension dimension,
                                              const char *meaning, const int32_t *kept,
                                              size_t count);

/** Set a text attribute of a variable. */
DG_MUST_CHECK dg_status dg_store_text(dg_store *store, int id, const char *name, const char *text);

/** Set a global text attribute. */
DG_MUST_CHECK dg_status dg_store_attribute(dg_store *store, const char *name, const char *text);

/**
 * Call before writing the variables of a run: checks its index and reserves disk space.
 *
 * @return DG_OK, DG_ERR_ARGUMENT (no such run), DG_ERR_IO (the disk is full)
 */
DG_MUST_CHECK dg_status dg_store_begin_run(dg_store *store, size_t run);

/** Write a run's outcome. Call last: a run whose writing failed then keeps the status `planned`. */
DG_MUST_CHECK dg_status dg_store_end_run(dg_store *store, const dg_run_outcome *outcome);

/** Reserve disk space for `bytes` more before they are written. DG_ERR_IO: the disk is full. */
DG_MUST_CHECK dg_status dg_store_reserve(dg_store *store, int64_t bytes);

/* ---- within this folder ---------------------------------------------------------------------- */

/** Define dimensions, coordinates, outcomes, and the variables of the model. */
DG_MUST_CHECK dg_status dg_store_define_all(dg_store *store);

/** Define and write the variables of swept keys and each run's configuration. */
DG_MUST_CHECK dg_status dg_store_define_axes(dg_store *store);

/** Write the global attributes: the experiment and this program. */
DG_MUST_CHECK dg_status dg_store_provenance(dg_store *store);

#endif
