/** Groups in a result file: their names along the dimension, their sizes and kinds in each run. */
#include "host/models/digico_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Name of a group if it is the same in all runs that have the group, else "group<index>". */
static const char *group_name(const dg_experiment *experiment, size_t group, char *text,
                              size_t size)
{
    const char *name = NULL;
    for (size_t c = 0; c < experiment->conditions; c++) {
        const dg_config *config = &experiment->condition[c];
        if (group >= (size_t)config->group_count) continue;
        if (name != NULL && strcmp(name, config->group[group].name) != 0) {
            snprintf(text, size, "group%zu", group);
            return text;
        }
        name = config->group[group].name;
    }
    return name;
}

static dg_status define_group_names(dg_store *store, dg_dimension dimension, const char *name)
{
    const dg_variable variable = {
        name, NC_STRING, NULL, "group of agents", {(int)dimension, DG_END}};
    int id;
    DG_TRY(dg_store_define(store, &variable, &id));
    for (size_t g = 0; g < store->length[dimension]; g++) {
        char text[DG_NAME_LENGTH];
        const char *value = group_name(store->experiment, g, text, sizeof text);
        DG_NETCDF_TRY(nc_put_var1_string(store->file, id, &g, &value), store->part, name);
    }
    return DG_OK;
}

/** Write the sizes of a run's groups to a row; 0 if the run has fewer groups than the file. */
static void group_sizes(const dg_config *config, size_t groups, int *row)
{
    for (size_t g = 0; g < groups; g++) {
        row[g] = g < (size_t)config->group_count ? (int)config->group[g].size : 0;
    }
}

static void group_kinds(const dg_config *config, size_t groups, const char **row)
{
    static const char *const word[] = {
#define KIND_WORD(code, word) word,
        DG_KIND_LIST(KIND_WORD)
#undef KIND_WORD
    };
    for (size_t g = 0; g < groups; g++) {
        row[g] = g < (size_t)config->group_count ? word[config->group[g].kind] : "";
    }
}

/* clang-format off */
enum { R = DG_DIMENSION_run, K = DG_DIMENSION_group };
static const dg_variable size = {
    "group_size", NC_INT, "1", "agents of a group; 0: no such group", {R, K, DG_WHOLE}};
static const dg_variable kind = {
    "group_kind", NC_STRING, NULL, "kind of a group", {R, K, DG_WHOLE}};
/* clang-format on */

/** Define and write size and kind of each group in each run: a sweep may vary them. */
static dg_status define_group_shapes(dg_store *store)
{
    dg_digico_file *data = store->model_data;
    DG_TRY(dg_store_define(store, &size, &data->group_size));
    DG_TRY(dg_store_define(store, &kind, &data->group_kind));
    const size_t runs = store->experiment->runs, groups = store->length[DG_DIMENSION_group];
    int *sizes = malloc(runs * groups * sizeof *sizes);
    const char **kinds = malloc(runs * groups * sizeof *kinds);
    dg_status status = sizes != NULL && kinds != NULL
                           ? DG_OK
                           : dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    for (size_t r = 0; r < runs && status == DG_OK; r++) {
        const dg_config config = dg_run_config(store->experiment, r);
        group_sizes(&config, groups, sizes + r * groups);
        group_kinds(&config, groups, kinds + r * groups);
    }
    errno = 0;
    if (status == DG_OK) {
        status = dg_netcdf_check(nc_put_var_int(store->file, data->group_size, sizes), store->part,
                                 "group_size");
    }
    if (status == DG_OK) {
        status = dg_netcdf_check(nc_put_var_string(store->file, data->group_kind, kinds),
                                 store->part, "group_kind");
    }
    free(sizes);
    free(kinds);
    return status;
}

dg_status dg_digico_define_groups(dg_store *store)
{
    DG_TRY(define_group_names(store, DG_DIMENSION_group, "group"));
    if (store->length[DG_DIMENSION_other_group] > 0) {
        DG_TRY(define_group_names(store, DG_DIMENSION_other_group, "other_group"));
    }
    return define_group_shapes(store);
}
