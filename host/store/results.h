/**
 * Reading a result file: its swept keys, the outcomes of its runs, and numbers by variable name.
 *
 * The reader does not know the keys of the configuration: swept keys are the variables along `run`
 * that have the attribute `configuration_key`. `digico summary` and `digico verify` use it.
 */
#ifndef DG_RESULTS_H
#define DG_RESULTS_H

#include "host/store/integrity.h"
#include "host/store/store.h"

/** A swept key: name of its variable, name of the key, and each run's value as text. */
typedef struct dg_results_axis {
    char *name;  /* "belief_weights_update" */
    char *key;   /* "belief_weights.update" */
    char **text; /* [runs] */
} dg_results_axis;

/** An open file. It owns all its members; they are valid until dg_results_close(). */
typedef struct dg_results {
    char *path;             /* directory/results.nc */
    dg_integrity integrity; /* intact, unrecorded or unchecked */
    int file;               /* netCDF id */
    int32_t model;          /* dg_model_kind */
    size_t runs;
    uint64_t *hash;        /* [runs] of the final state */
    uint8_t *status;       /* [runs] dg_run_status */
    dg_results_axis *axis; /* [axes] seed first, then in sweep order */
    size_t axes;
} dg_results;

/**
 * Open `directory`/results.nc; the caller closes it with dg_results_close(). Its hash is compared
 * with the recorded one before; a file without one is first read in a child process, as HDF5 may crash.
 *
 * @return DG_OK; DG_ERR_IO: the file is missing, unreadable, damaged, held by a program that writes
 *         it, or not a result of digico; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_results_open(dg_results **out, const char *directory);

/** As dg_results_open(), without comparing hashes: a damaged file may give any numbers. */
DG_MUST_CHECK dg_status dg_results_open_unchecked(dg_results **out, const char *directory);

/** Free and set *results to NULL; *results may be NULL. */
void dg_results_close(dg_results **results);

/** Number of runs in `directory`/results.nc that have ended; 0 if it cannot be read. */
size_t dg_results_ended(const char *directory);

/** The axis of a configuration key or of a variable's name; NULL if it was not swept. */
const dg_results_axis *dg_results_find_axis(const dg_results *results, const char *key);

/** Length of a dimension; 0 if the file does not have it. */
size_t dg_results_length(const dg_results *results, const char *dimension);

/** Read a global text attribute, freed by the caller with free(). DG_ERR_IO if there is none. */
DG_MUST_CHECK dg_status dg_results_attribute(const dg_results *results, const char *name,
                                             char **out);

/** Does the file have this variable? Files of older versions lack some. */
bool dg_results_has(const dg_results *results, const char *variable);

/**
 * Read a whole variable as doubles; missing values of floating point variables are nan.
 *
 * @param values  receives `length` numbers, freed by the caller with free()
 */
DG_MUST_CHECK dg_status dg_results_numbers(const dg_results *results, const char *variable,
                                           double **values, size_t *length);

/** Read a whole variable of strings; `texts` [length] is freed with dg_results_texts_free(). */
DG_MUST_CHECK dg_status dg_results_texts(const dg_results *results, const char *variable,
                                         char ***texts, size_t *length);
void dg_results_texts_free(char **texts, size_t length);

/**
 * Make an experiment of one run from its configuration, which the file stores: the sweep and
 * the overrides are not needed. The caller frees it with dg_experiment_free().
 *
 * @return DG_OK, DG_ERR_ARGUMENT (no such run, or of another model version, so that it cannot be
 *         repeated), DG_ERR_IO, DG_ERR_CONFIG, DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_results_experiment(const dg_results *results, size_t run,
                                              dg_experiment **out);

#endif
