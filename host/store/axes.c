/**
 * Coordinates: one variable along `run` for each swept key, and each run's configuration.
 *
 * The configurations are one compressed character array: 80 of them differ in a few words and
 * compress to a few kilobytes, while netCDF does not compress strings.
 */
#include "host/store/writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** "belief_weights.update" -> "belief_weights_update": a valid name of a Python attribute. */
static void variable_name(const char *key, char *name, size_t size)
{
    snprintf(name, size, "%s", key);
    for (char *c = name; *c != '\0'; c++) {
        if (*c == '.' || *c == '-') *c = '_';
    }
}

static nc_type type_of(const dg_field *field)
{
    if (field == NULL) return NC_STRING;
    switch (field->type) {
    case DG_FIELD_INTEGER: return NC_INT64;
    case DG_FIELD_SEED: return NC_UINT64;
    case DG_FIELD_REAL: return NC_DOUBLE;
    case DG_FIELD_BOOL:
    case DG_FIELD_CHOICE:
    case DG_FIELD_BELIEF:
    case DG_FIELD_CLIP:
    case DG_FIELD_TEXT: break;
    }
    return NC_STRING;
}

/* ---- one key --------------------------------------------------------------------------------- */

static dg_status put_seeds(dg_store *store, int id)
{
    const size_t runs = store->experiment->runs;
    unsigned long long *value =
        malloc(runs * sizeof *value); /* not double: it would lose the last bits */
    if (value == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    for (size_t r = 0; r < runs; r++) value[r] = store->experiment->run[r].seed;
    errno = 0;
    const int code = nc_put_var_ulonglong(store->file, id, value);
    free(value);
    return dg_netcdf_check(code, store->part, "seed");
}

static dg_status put_numbers(dg_store *store, int id, const char *key)
{
    const size_t runs = store->experiment->runs;
    double *value = malloc(runs * sizeof *value);
    if (value == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    for (size_t r = 0; r < runs; r++) {
        const dg_config config = dg_run_config(store->experiment, r);
        int32_t group = -1;
        const dg_field *field = dg_field_find(&config, key, &group);
        value[r] = field != NULL ? dg_field_number(&config, field, group) : (double)NAN;
    }
    errno = 0;
    const int code = nc_put_var_double(store->file, id, value);
    free(value);
    return dg_netcdf_check(code, store->part, key);
}

/** Value of a swept key as YAML text; "" in a run that does not have the key's group. */
static void format_axis(const dg_config *config, const char *key, char *text, size_t size)
{
    int32_t group = -1;
    const dg_field *field = dg_field_find(config, key, &group);
    text[0] = '\0';
    if (field != NULL) dg_field_format(config, field, group, text, size);
}

static dg_status put_texts(dg_store *store, int id, const char *key)
{
    enum { WIDTH = 128 };
    const size_t runs = store->experiment->runs;
    dg_status status = DG_OK;
    char *text = malloc(runs * WIDTH);
    const char **value = malloc(runs * sizeof *value);
    if (text == NULL || value == NULL) {
        status = dg_fail(DG_ERR_MEMORY, "no memory for the result file");
        goto done;
    }
    for (size_t r = 0; r < runs; r++) {
        const dg_config config = dg_run_config(store->experiment, r);
        format_axis(&config, key, text + r * WIDTH, WIDTH);
        value[r] = text + r * WIDTH;
    }
    errno = 0;
    status = dg_netcdf_check(nc_put_var_string(store->file, id, value), store->part, key);
done:
    free(text);
    free(value);
    return status;
}

static dg_status define_axis(dg_store *store, const char *key)
{
    int32_t group = -1;
    const dg_field *field = dg_field_find(&store->experiment->condition[0], key, &group);
    char name[NC_MAX_NAME + 1];
    variable_name(key, name, sizeof name);
    const nc_type type = type_of(field);
    const char *unit = type == NC_STRING ? NULL : field->unit;
    const char *meaning = field != NULL ? field->help : "swept key";
    const dg_variable variable = {name, type, unit, meaning, {DG_DIMENSION_run, DG_WHOLE}};
    int id;
    DG_TRY(dg_store_define(store, &variable, &id));
    DG_NETCDF_TRY(nc_put_att_text(store->file, id, "configuration_key", strlen(key), key),
                  store->part, name);
    if (type == NC_UINT64) return put_seeds(store, id);
    return type == NC_STRING ? put_texts(store, id, key) : put_numbers(store, id, key);
}

/* ---- all keys -------------------------------------------------------------------------------- */

/** Append the name of a key's variable to the space-separated list of coordinates. */
static dg_status add_coordinate(char **list, const char *key)
{
    char name[NC_MAX_NAME + 1];
    variable_name(key, name, sizeof name);
    const size_t length = *list != NULL ? strlen(*list) : 0, size = length + strlen(name) + 2;
    char *longer = realloc(*list, size);
    if (longer == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    snprintf(longer + length, size - length, "%s%s", length > 0 ? " " : "", name);
    *list = longer;
    return DG_OK;
}

/** Text of the keys of a run that differ from the defaults, freed by the caller; it loads as that run. */
static dg_status configuration_text(char **out, const dg_store *store, size_t run)
{
    const dg_config config = dg_run_config(store->experiment, run);
    return dg_config_text(out, &config, dg_config_write_differences);
}

static dg_status put_configuration(const dg_store *store, int id, size_t run)
{
    char *text = NULL;
    DG_TRY(configuration_text(&text, store, run));
    const size_t start[2] = {run, 0}, count[2] = {1, strlen(text)};
    errno = 0;
    const int code = nc_put_vara_text(store->file, id, start, count, text);
    free(text);
    return dg_netcdf_check(code, store->part, "configuration");
}

static dg_status put_configurations(dg_store *store, size_t longest)
{
    int dimension[2] = {store->dimension[DG_DIMENSION_run], 0}, id;
    const size_t runs = store->experiment->runs;
    const size_t chunk[2] = {runs < 64 ? runs : 64, longest};
    const char name[] = "configuration";
    const char meaning[] = "keys of the run that differ from configuration_defaults, YAML";
    DG_NETCDF_TRY(nc_def_dim(store->file, "configuration_length", longest, &dimension[1]),
                  store->part, name);
    DG_NETCDF_TRY(nc_def_var(store->file, name, NC_CHAR, 2, dimension, &id), store->part, name);
    DG_NETCDF_TRY(nc_def_var_chunking(store->file, id, NC_CHUNKED, chunk), store->part, name);
    DG_NETCDF_TRY(nc_def_var_deflate(store->file, id, 0, 1, 6), store->part, name);
    DG_NETCDF_TRY(nc_put_att_text(store->file, id, "long_name", strlen(meaning), meaning),
                  store->part, name);
    DG_NETCDF_TRY(nc_put_att_text(store->file, id, "_Encoding", 5, "utf-8"), store->part, name);
    for (size_t r = 0; r < runs; r++) DG_TRY(put_configuration(store, id, r));
    return DG_OK;
}

/** Store the text of each run. It is made twice, to learn the longest: all of them are 100 B a run. */
static dg_status define_configurations(dg_store *store)
{
    size_t longest = 1;
    for (size_t r = 0; r < store->experiment->runs; r++) {
        char *text = NULL;
        DG_TRY(configuration_text(&text, store, r));
        const size_t length = strlen(text);
        longest = length > longest ? length : longest;
        free(text);
    }
    return put_configurations(store, longest);
}

dg_status dg_store_define_axes(dg_store *store)
{
    const dg_experiment *experiment = store->experiment;
    char *coordinates = NULL; /* set in store only at the end: coordinates do not list themselves */
    dg_status status = DG_OK;
    DG_TRY_GOTO(define_axis(store, "seed"), done);
    DG_TRY_GOTO(add_coordinate(&coordinates, "seed"), done);
    for (size_t a = 0; a < experiment->axes; a++) {
        const char *key = experiment->axis[a].key;
        if (strcmp(key, "seed") == 0) continue;
        DG_TRY_GOTO(define_axis(store, key), done);
        DG_TRY_GOTO(add_coordinate(&coordinates, key), done);
    }
    DG_TRY_GOTO(define_configurations(store), done);
    store->coordinates = coordinates;
    return DG_OK;
done:
    free(coordinates);
    return status;
}
