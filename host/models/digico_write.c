/** Writing a finished run: the measures of every generation, computed in double. */
#include "host/models/digico_file.h"

#include <math.h>
#include <string.h>

/* ---- columns: one per quantity, filled a generation at a time -------------------------------- */

/** Write the doubles of a struct to cell `at` of `count` columns, each `cells` long. */
static void scatter(float *column, size_t cells, size_t at, const void *quantities, int count)
{
    const double *value = quantities;
    for (int q = 0; q < count; q++) column[(size_t)q * cells + at] = (float)value[q];
}

/** Write `count` columns of [generations] (groups = 0) or [generations][groups]. */
static dg_status put_columns(dg_store *store, size_t run, size_t generations, size_t groups,
                             const int *id, int count)
{
    dg_digico_file *data = store->model_data;
    const size_t cells = generations * (groups > 0 ? groups : 1);
    const size_t start[3] = {run, 0, 0}, extent[3] = {1, generations, groups};
    for (int q = 0; q < count; q++) {
        DG_NETCDF_TRY(
            nc_put_vara_float(store->file, id[q], start, extent, data->column + (size_t)q * cells),
            store->part, "measures of a run");
    }
    return DG_OK;
}

/** Write the rates of each generation, the last ones and their means; a nan makes the mean nan. */
static dg_status write_dominance(dg_store *store, const dg_kept_run *result)
{
    dg_digico_file *data = store->model_data;
    double last[DG_DOMINANCE_QUANTITIES], sum[DG_DOMINANCE_QUANTITIES] = {0};
    for (int32_t g = 0; g < result->outcome.generations; g++) {
        const dg_record record = dg_digico_record(store, result, g);
        dg_generation_summary summary;
        dg_record_dominance(&record, &summary);
        scatter(data->column, (size_t)result->outcome.generations, (size_t)g, &summary,
                DG_DOMINANCE_QUANTITIES);
        memcpy(last, &summary, sizeof last);
        for (int q = 0; q < DG_DOMINANCE_QUANTITIES; q++) sum[q] += last[q];
    }
    for (int q = 0; q < DG_DOMINANCE_QUANTITIES; q++) {
        const double mean = sum[q] / result->outcome.generations;
        DG_NETCDF_TRY(
            nc_put_var1_double(store->file, data->last[q], &result->outcome.run, &last[q]),
            store->part, "statistics of a run");
        DG_NETCDF_TRY(nc_put_var1_double(store->file, data->mean[q], &result->outcome.run, &mean),
                      store->part, "statistics of a run");
    }
    return put_columns(store, result->outcome.run, (size_t)result->outcome.generations, 0,
                       data->dominance, DG_DOMINANCE_QUANTITIES);
}

static dg_status write_health(dg_store *store, const dg_kept_run *result, dg_scope scope)
{
    dg_digico_file *data = store->model_data;
    for (int32_t g = 0; g < result->outcome.generations; g++) {
        const dg_record record = dg_digico_record(store, result, g);
        dg_health health;
        dg_record_health(&record, scope, &health);
        scatter(data->column, (size_t)result->outcome.generations, (size_t)g, &health,
                DG_HEALTH_QUANTITIES);
    }
    return put_columns(store, result->outcome.run, (size_t)result->outcome.generations, 0,
                       data->health[scope], DG_HEALTH_QUANTITIES);
}

static dg_status write_groups(dg_store *store, const dg_kept_run *result)
{
    dg_digico_file *data = store->model_data;
    const size_t generations = (size_t)result->outcome.generations,
                 groups = (size_t)result->shape->groups;
    for (int32_t g = 0; g < result->outcome.generations; g++) {
        const dg_record record = dg_digico_record(store, result, g);
        for (size_t k = 0; k < groups; k++) {
            dg_group_statistics group;
            dg_record_group_statistics(&record, (int32_t)k, &group);
            scatter(data->column, generations * groups, (size_t)g * groups + k, &group,
                    DG_GROUP_QUANTITIES);
        }
    }
    return put_columns(store, result->outcome.run, generations, groups, data->group_quantity,
                       DG_GROUP_QUANTITIES);
}

/* ---- beliefs and genotypes ------------------------------------------------------------------- */

static dg_status write_histograms(dg_store *store, const dg_kept_run *result)
{
    dg_digico_file *data = store->model_data;
    const dg_shape *shape = result->shape;
    const size_t groups = (size_t)shape->groups, values = (size_t)shape->values;
    int32_t *count = data->count;
    for (int32_t g = 0; g < result->outcome.generations; g++) {
        const dg_record record = dg_digico_record(store, result, g);
        for (int32_t k = 0; k < shape->groups; k++) {
            const int64_t *histogram = dg_record_histogram(&record, k);
            for (size_t v = 0; v < values; v++) *count++ = (int32_t)histogram[v];
        }
    }
    const size_t start[4] = {result->outcome.run, 0, 0, 0};
    const size_t extent[4] = {1, (size_t)result->outcome.generations, groups, values};
    DG_NETCDF_TRY(nc_put_vara_int(store->file, data->belief_count, start, extent, data->count),
                  store->part, "belief_count");
    return DG_OK;
}

/** Last generation in which any agent of the scope held the value; -1: never. */
static int last_appearance(const dg_store *store, const dg_kept_run *result, dg_scope scope,
                           int32_t value)
{
    for (int32_t g = result->outcome.generations - 1; g >= 0; g--) {
        const dg_record record = dg_digico_record(store, result, g);
        if (dg_record_holds(&record, scope, value)) return g;
    }
    return -1;
}

static dg_status write_last_appearance(dg_store *store, const dg_kept_run *result, dg_scope scope)
{
    dg_digico_file *data = store->model_data;
    for (int32_t v = 0; v < result->shape->values; v++) {
        const size_t at[2] = {result->outcome.run, (size_t)v};
        const int generation = last_appearance(store, result, scope, v);
        DG_NETCDF_TRY(nc_put_var1_int(store->file, data->last_appearance[scope], at, &generation),
                      store->part, "last_appearance");
    }
    return DG_OK;
}

/** Write the distances of genotypes in the generations that this run measured. */
static dg_status write_distances(dg_store *store, const dg_kept_run *result)
{
    dg_digico_file *data = store->model_data;
    const int32_t groups = result->shape->groups;
    for (int32_t g = 0; g < result->outcome.generations; g++) {
        if (!dg_diversity_due(result->shape, g)) continue;
        const dg_record record = dg_digico_record(store, result, g);
        for (int32_t k = 0; k < groups * groups; k++) {
            data->column[k] = (float)dg_record_distance_mean(&record, k / groups, k % groups);
        }
        const size_t start[4] = {result->outcome.run, (size_t)data->diversity_slot[g], 0, 0};
        const size_t extent[4] = {1, 1, (size_t)groups, (size_t)groups};
        DG_NETCDF_TRY(
            nc_put_vara_float(store->file, data->genotype_distance, start, extent, data->column),
            store->part, "genotype_distance");
    }
    return DG_OK;
}

dg_status dg_digico_store(dg_store *store, const dg_kept_run *result)
{
    DG_TRY(dg_store_begin_run(store, result->outcome.run));
    if (result->outcome.generations > 0) {
        DG_TRY(write_dominance(store, result));
        DG_TRY(dg_digico_write_negative(store, result));
        DG_TRY(write_health(store, result, DG_SCOPE_POPULATION));
        DG_TRY(write_health(store, result, DG_SCOPE_HUMANS));
        DG_TRY(write_groups(store, result));
        DG_TRY(write_histograms(store, result));
        DG_TRY(write_last_appearance(store, result, DG_SCOPE_POPULATION));
        DG_TRY(write_last_appearance(store, result, DG_SCOPE_HUMANS));
        DG_TRY(write_distances(store, result));
    }
    if (result->trace != NULL) DG_TRY(dg_digico_write_agents(store, result));
    return dg_store_end_run(store, &result->outcome);
}
