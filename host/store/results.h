/**
 * A result file read back: what its runs were, what became of them, and numbers by name.
 *
 * Reads through netCDF alone and knows no key of the configuration: swept keys are the variables of
 * runs that carry the attribute `configuration_key`. `digico summary` and `digico verify` use it.
 */
#ifndef DG_RESULTS_H
#define DG_RESULTS_H

#include "host/store/store.h"

/** A swept key: its variable, its name in the configuration and each run's value as text. */
typedef struct dg_results_axis {
    char *name;  /* "belief_weights_update" */
    char *key;   /* "belief_weights.update" */
    char **text; /* [runs] */
} dg_results_axis;

/** An open file. Everything in it is owned by it and valid until dg_results_close(). */
typedef struct dg_results {
    char *path;    /* directory/results.nc */
    int file;      /* netCDF id */
    int32_t model; /* dg_model_kind */
    size_t runs;
    uint64_t *hash;        /* [runs] of the final state */
    uint8_t *status;       /* [runs] dg_run_status */
    dg_results_axis *axis; /* [axes] seed first, then in sweep order */
    size_t axes;
} dg_results;

/** Open `directory`/results.nc. The caller closes it. DG_ERR_IO names what is missing. */
DG_MUST_CHECK dg_status dg_results_open(dg_results **out, const char *directory);

/** Free and set *results to NULL; accepts NULL inside. */
void dg_results_close(dg_results **results);

/** Runs of `directory`/results.nc that have ended; 0 where there is none that can be read. */
size_t dg_results_ended(const char *directory);

/** Axis of a variable's name or a configuration key, NULL if it was not swept. */
const dg_results_axis *dg_results_find_axis(const dg_results *results, const char *key);

/** Length of a dimension, 0 if the file has none of that name. */
size_t dg_results_length(const dg_results *results, const char *dimension);

/** A global text attribute, freed by the caller with free(); DG_ERR_IO if there is none. */
DG_MUST_CHECK dg_status dg_results_attribute(const dg_results *results, const char *name,
                                             char **out);

/**
 * Read a whole variable as doubles; missing values of floating point variables are nan.
 *
 * @param values  receives `length` numbers, freed by the caller with free()
 */
DG_MUST_CHECK dg_status dg_results_numbers(const dg_results *results, const char *variable,
                                           double **values, size_t *length);

/**
 * One run as an experiment of its own, from the effective configuration that the file keeps for
 * it: neither the sweep nor overrides need to be repeated. The caller frees it.
 *
 * @return DG_OK, DG_ERR_ARGUMENT (no such run), DG_ERR_UNSUPPORTED (another model version made the
 *         file: its numbers cannot be repeated), DG_ERR_IO, DG_ERR_CONFIG, DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_results_experiment(const dg_results *results, size_t run,
                                              dg_experiment **out);

#endif
