/** Reading a result file; see results.h. */
#include "host/store/results.h"

#include "host/config/value.h"
#include "host/base/file_open.h"
#include "host/base/files.h"
#include "host/base/model_version.h"
#include "host/store/netcdf.h"
#include "host/store/probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- opening --------------------------------------------------------------------------------- */

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
}

/**
 * Refuse a file that another program has open for writing. HDF5 locks a file that it writes, as in
 * Python; the lock is asked for and given back, as HDF5 may not lock here (dg_netcdf_begin()).
 */
static dg_status refuse_written(const char *path)
{
    int file = -1;
    DG_TRY(dg_file_open(&file, path, O_RDONLY));
    const bool held = flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(file); /* releases the lock */
    if (!held) return DG_OK;
    return dg_fail(DG_ERR_IO, "%s: in use: another program has it open for writing", path);
}

static dg_status check(dg_results *results, const char *directory)
{
    DG_TRY(dg_integrity_of(&results->integrity, NULL, directory, false));
    if (results->integrity != DG_RESULT_DIFFERS) return DG_OK;
    return dg_integrity_refuse(directory, results->integrity);
}

static dg_status open_file(dg_results *results, const char *directory, bool trust)
{
    results->path = dg_text("%s/" DG_RESULT_NAME, directory);
    if (results->path == NULL) return no_memory();
    if (!dg_file_exists(results->path)) return dg_fail(DG_ERR_IO, "%s: no result", results->path);
    DG_TRY(refuse_written(results->path));
    results->integrity = DG_RESULT_UNCHECKED;
    if (!trust) DG_TRY(check(results, directory));
    if (results->integrity != DG_RESULT_INTACT) DG_TRY(dg_probe_read(directory, DG_RESULT_NAME));
    return dg_netcdf_open(&results->file, directory, DG_RESULT_NAME);
}

static dg_status find(const dg_results *results, const char *name, int *variable)
{
    DG_NETCDF_TRY(nc_inq_varid(results->file, name, variable), results->path, name);
    return DG_OK;
}

static dg_status fail_foreign(const dg_results *results, const char *name, const char *expected)
{
    return dg_fail(DG_ERR_IO, "%s: not a result of digico: %s: expected %s", results->path, name,
                   expected);
}

/** Type of a variable; *of_runs: its only dimension is `run`. */
static dg_status inspect(const dg_results *results, int variable, nc_type *type, bool *of_runs)
{
    int run = -1, rank, dimension[NC_MAX_VAR_DIMS];
    DG_NETCDF_TRY(nc_inq_dimid(results->file, "run", &run), results->path, "run");
    DG_NETCDF_TRY(nc_inq_var(results->file, variable, NULL, type, &rank, dimension, NULL),
                  results->path, "variable");
    *of_runs = rank == 1 && dimension[0] == run;
    return DG_OK;
}

/** Read hash and status of all runs; types and dimensions were checked before. */
static dg_status get_outcomes(dg_results *results, int hash, int status)
{
    for (size_t r = 0; r < results->runs; r++) {
        unsigned long long word;
        signed char flag;
        DG_NETCDF_TRY(nc_get_var1_ulonglong(results->file, hash, &r, &word), results->path, "hash");
        DG_NETCDF_TRY(nc_get_var1_schar(results->file, status, &r, &flag), results->path, "status");
        results->hash[r] = word;
        results->status[r] = (uint8_t)flag;
    }
    return DG_OK;
}

/** Text attribute of a variable or NC_GLOBAL, freed by the caller; NULL if none or no memory. */
static char *attribute_of(const dg_results *results, int variable, const char *name)
{
    size_t length;
    nc_type type;
    if (nc_inq_att(results->file, variable, name, &type, &length) != NC_NOERR || type != NC_CHAR) {
        return NULL;
    }
    char *text = calloc(length + 1, 1);
    if (text != NULL && nc_get_att_text(results->file, variable, name, text) != NC_NOERR) {
        free(text);
        return NULL;
    }
    return text;
}

/** Find the model by its word. */
static dg_status read_model(dg_results *results)
{
    static const char *const word[] = {
#define MODEL_WORD(code, text) [code] = text,
        DG_MODEL_LIST(MODEL_WORD)
#undef MODEL_WORD
    };
    char *text = attribute_of(results, NC_GLOBAL, "model");
    const int32_t models = (int32_t)(sizeof word / sizeof *word);
    results->model = 0;
    while (text && results->model < models && strcmp(word[results->model], text) != 0)
        results->model++;
    const bool known = text && results->model < models;
    free(text);
    return known ? DG_OK : fail_foreign(results, "attribute model", "a model of this program");
}

/** Hash and status of every run. */
static dg_status read_outcomes(dg_results *results)
{
    int hash, status;
    nc_type type = NC_NAT;
    bool of_runs = false;
    results->runs = dg_results_length(results, "run");
    if (results->runs == 0) return fail_foreign(results, "dimension run", "at least one run");
    DG_TRY(find(results, "hash", &hash));
    DG_TRY(inspect(results, hash, &type, &of_runs));
    if (!of_runs || type != NC_UINT64) return fail_foreign(results, "hash", "uint64 (run)");
    DG_TRY(find(results, "status", &status));
    DG_TRY(inspect(results, status, &type, &of_runs));
    if (!of_runs || type != NC_BYTE) return fail_foreign(results, "status", "byte (run)");
    results->hash = calloc(results->runs, sizeof *results->hash);
    results->status = calloc(results->runs, sizeof *results->status);
    if (results->hash == NULL || results->status == NULL) return no_memory();
    return get_outcomes(results, hash, status);
}

/* ---- swept keys ------------------------------------------------------------------------------ */

/** One value of an axis as text, freed by the caller. */
static dg_status read_text(const dg_results *results, int variable, nc_type type, size_t run,
                           char **out)
{
    char text[64];
    if (type == NC_STRING) {
        char *value = NULL;
        DG_NETCDF_TRY(nc_get_var1_string(results->file, variable, &run, &value), results->path,
                      "key");
        *out = strdup(value != NULL ? value : "");
        nc_free_string(1, &value);
    } else if (type == NC_UINT64) {
        unsigned long long value = 0;
        DG_NETCDF_TRY(nc_get_var1_ulonglong(results->file, variable, &run, &value), results->path,
                      "key");
        snprintf(text, sizeof text, "%llu", value);
        *out = strdup(text);
    } else {
        double value = 0;
        DG_NETCDF_TRY(nc_get_var1_double(results->file, variable, &run, &value), results->path,
                      "key");
        *out = strdup(dg_real_format(value, text, sizeof text));
    }
    return *out != NULL ? DG_OK : no_memory();
}

/** Is this a type of numbers: not characters, and not a type that the file defines? */
static bool is_number(nc_type type)
{
    return type >= NC_BYTE && type <= NC_UINT64 && type != NC_CHAR;
}

/** Add a variable to the axes if it is the coordinate of a swept key. */
static dg_status read_axis(dg_results *results, int variable)
{
    char name[NC_MAX_NAME + 1];
    nc_type type = NC_NAT;
    bool of_runs = false;
    char *key = attribute_of(results, variable, "configuration_key");
    if (key == NULL) return DG_OK;
    dg_results_axis *axis = &results->axis[results->axes++];
    axis->key = key;
    DG_NETCDF_TRY(nc_inq_varname(results->file, variable, name), results->path, "variable");
    DG_TRY(inspect(results, variable, &type, &of_runs));
    if (!of_runs || !(type == NC_STRING || is_number(type))) {
        return fail_foreign(results, name, "strings or numbers (run)");
    }
    axis->name = strdup(name);
    axis->text = calloc(results->runs, sizeof *axis->text);
    if (axis->name == NULL || axis->text == NULL) return no_memory();
    for (size_t r = 0; r < results->runs; r++) {
        DG_TRY(read_text(results, variable, type, r, &axis->text[r]));
    }
    return DG_OK;
}

static dg_status read_axes(dg_results *results)
{
    int variables = 0;
    DG_NETCDF_TRY(nc_inq_nvars(results->file, &variables), results->path, "variables");
    results->axis = calloc((size_t)variables, sizeof *results->axis);
    if (results->axis == NULL) return no_memory();
    for (int v = 0; v < variables; v++) DG_TRY(read_axis(results, v));
    return DG_OK;
}

static dg_status open_results(dg_results **out, const char *directory, bool trust)
{
    dg_results *results = calloc(1, sizeof *results);
    if (results == NULL) return no_memory();
    dg_status status = DG_OK;
    results->file = -1;
    DG_TRY_GOTO(open_file(results, directory, trust), failed);
    DG_TRY_GOTO(read_outcomes(results), failed);
    DG_TRY_GOTO(read_model(results), failed);
    DG_TRY_GOTO(read_axes(results), failed);
    *out = results;
    return DG_OK;
failed:
    dg_results_close(&results);
    return status;
}

dg_status dg_results_open(dg_results **out, const char *directory)
{
    return open_results(out, directory, false);
}

dg_status dg_results_open_unchecked(dg_results **out, const char *directory)
{
    return open_results(out, directory, true);
}

void dg_results_close(dg_results **results)
{
    dg_results *r = *results;
    if (r == NULL) return;
    for (size_t a = 0; a < r->axes; a++) {
        for (size_t k = 0; r->axis[a].text != NULL && k < r->runs; k++) free(r->axis[a].text[k]);
        free(r->axis[a].text);
        free(r->axis[a].name);
        free(r->axis[a].key);
    }
    if (r->file >= 0) nc_close(r->file);
    free(r->axis);
    free(r->hash);
    free(r->status);
    free(r->path);
    free(r);
    *results = NULL;
}

size_t dg_results_ended(const char *directory)
{
    dg_results *results = NULL;
    dg_run_counts counts = {{0}};
    if (!dg_directory_has(directory, DG_RESULT_NAME) ||
        dg_results_open(&results, directory) != DG_OK)
        return 0;
    for (size_t r = 0; r < results->runs; r++) dg_run_count(&counts, results->status[r]);
    dg_results_close(&results);
    return dg_run_counts_ended(&counts);
}

/* ---- looking up ------------------------------------------------------------------------------ */

const dg_results_axis *dg_results_find_axis(const dg_results *results, const char *key)
{
    for (size_t a = 0; a < results->axes; a++) {
        const dg_results_axis *axis = &results->axis[a];
        if (strcmp(axis->key, key) == 0 || strcmp(axis->name, key) == 0) return axis;
    }
    return NULL;
}

size_t dg_results_length(const dg_results *results, const char *dimension)
{
    int id;
    size_t length = 0;
    if (nc_inq_dimid(results->file, dimension, &id) != NC_NOERR) return 0;
    return nc_inq_dimlen(results->file, id, &length) == NC_NOERR ? length : 0;
}

dg_status dg_results_attribute(const dg_results *results, const char *name, char **out)
{
    char *text = attribute_of(results, NC_GLOBAL, name);
    if (text == NULL) return dg_fail(DG_ERR_IO, "%s: no attribute `%s`", results->path, name);
    *out = text;
    return DG_OK;
}

/** Number of elements of a variable of numbers, or of strings, over all dimensions. */
static dg_status count_elements(const dg_results *results, int variable, bool strings,
                                size_t *count)
{
    char name[NC_MAX_NAME + 1];
    nc_type type;
    int rank, dimension[NC_MAX_VAR_DIMS];
    DG_NETCDF_TRY(nc_inq_var(results->file, variable, name, &type, &rank, dimension, NULL),
                  results->path, "variable");
    if (strings ? type != NC_STRING : !is_number(type))
        return fail_foreign(results, name, strings ? "strings" : "numbers");
    *count = 1;
    for (int d = 0; d < rank; d++) {
        size_t length;
        DG_NETCDF_TRY(nc_inq_dimlen(results->file, dimension[d], &length), results->path,
                      "dimension");
        if (length > 0 && *count > SIZE_MAX / sizeof(double) / length) return no_memory();
        *count *= length;
    }
    return DG_OK;
}

bool dg_results_has(const dg_results *results, const char *variable)
{
    int id;
    return nc_inq_varid(results->file, variable, &id) == NC_NOERR;
}

dg_status dg_results_numbers(const dg_results *results, const char *variable, double **values,
                             size_t *length)
{
    int id;
    size_t count = 0;
    DG_TRY(find(results, variable, &id));
    DG_TRY(count_elements(results, id, false, &count));
    double *all = malloc((count > 0 ? count : 1) * sizeof *all);
    if (all == NULL) return no_memory();
    errno = 0;
    const dg_status status =
        dg_netcdf_check(nc_get_var_double(results->file, id, all), results->path, variable);
    if (status != DG_OK) {
        free(all);
        return status;
    }
    *values = all;
    *length = count;
    return DG_OK;
}

dg_status dg_results_texts(const dg_results *results, const char *variable, char ***texts,
                           size_t *length)
{
    int id;
    size_t count = 0;
    DG_TRY(find(results, variable, &id));
    DG_TRY(count_elements(results, id, true, &count));
    char **all = calloc(count + 1, sizeof *all);
    if (all == NULL) return no_memory();
    errno = 0;
    const dg_status status =
        dg_netcdf_check(nc_get_var_string(results->file, id, all), results->path, variable);
    if (status != DG_OK) {
        free(all);
        return status;
    }
    for (size_t k = 0; k < count; k++) {
        if (all[k] != NULL) continue;
        dg_results_texts_free(all, count);
        return fail_foreign(results, variable, "strings");
    }
    *texts = all;
    *length = count;
    return DG_OK;
}

void dg_results_texts_free(char **texts, size_t length)
{
    if (texts != NULL) (void)nc_free_string(length, texts);
    free(texts);
}

/* ---- repeating a run ------------------------------------------------------------------------- */

/** Id of `configuration` and length of its second dimension, whose name other programs change. */
static dg_status find_configuration(const dg_results *results, int *id, size_t *length)
{
    int run = -1, rank, dimension[NC_MAX_VAR_DIMS];
    nc_type type;
    DG_TRY(find(results, "configuration", id));
    DG_NETCDF_TRY(nc_inq_dimid(results->file, "run", &run), results->path, "run");
    DG_NETCDF_TRY(nc_inq_var(results->file, *id, NULL, &type, &rank, dimension, NULL),
                  results->path, "configuration");
    if (type != NC_CHAR || rank != 2 || dimension[0] != run) {
        return fail_foreign(results, "configuration", "characters (run, length)");
    }
    DG_NETCDF_TRY(nc_inq_dimlen(results->file, dimension[1], length), results->path,
                  "configuration");
    return DG_OK;
}

/** The stored configuration of a run, freed by the caller. */
static dg_status read_configuration(const dg_results *results, size_t run, char **out)
{
    int id = -1;
    size_t length = 0;
    DG_TRY(find_configuration(results, &id, &length));
    const size_t start[2] = {run, 0}, extent[2] = {1, length};
    char *text = calloc(length + 1, 1);
    if (text == NULL) return no_memory();
    errno = 0;
    dg_status status = dg_netcdf_check(nc_get_vara_text(results->file, id, start, extent, text),
                                       results->path, "configuration");
    if (status == DG_OK && text[0] == '\0') {
        status = dg_fail(DG_ERR_IO, "%s: run %zu: empty configuration", results->path, run);
    }
    if (status != DG_OK) {
        free(text);
        return status;
    }
    *out = text;
    return DG_OK;
}

static dg_status check_version(const dg_results *results)
{
    int version = 0;
    size_t length = 0;
    DG_NETCDF_TRY(nc_inq_attlen(results->file, NC_GLOBAL, "model_version", &length), results->path,
                  "model_version");
    if (length != 1) return fail_foreign(results, "model_version", "one number");
    DG_NETCDF_TRY(nc_get_att_int(results->file, NC_GLOBAL, "model_version", &version),
                  results->path, "model_version");
    return dg_model_version_check(results->path, version);
}

dg_status dg_results_experiment(const dg_results *results, size_t run, dg_experiment **out)
{
    if (run >= results->runs) {
        return dg_fail(DG_ERR_ARGUMENT, "%s: run %zu: expected 0 ... %zu", results->path, run,
                       results->runs - 1);
    }
    char *text = NULL;
    DG_TRY(check_version(results));
    DG_TRY(read_configuration(results, run, &text));
    const dg_status status = dg_experiment_parse(out, results->path, text, strlen(text), NULL, 0);
    free(text);
    return status;
}
