/** Variables of an echo-chamber result file, and writing a run. */
#include "host/models/echo_file.h"

#include "host/models/echo_pack.h"
#include "host/store/writer.h"

#include <math.h>
#include <stdlib.h>

/** dg_store.model_data of this model: netCDF ids of the variables, and a buffer. */
typedef struct echo_file {
    int step, belief, evidence, initial, utility, deviation;
    int radicalisation, sign;
    float *column; /* [agents] */
} echo_file;

static dg_status measure(dg_store *store)
{
    for (size_t c = 0; c < store->experiment->conditions; c++) {
        const dg_config *config = &store->experiment->condition[c];
        dg_store_extend(store, DG_DIMENSION_agent, config->echo_agents);
        dg_store_extend(store, DG_DIMENSION_snapshot, dg_echo_snapshots(config));
    }
    echo_file *data = calloc(1, sizeof *data);
    store->model_data = data;
    if (data != NULL)
        data->column = malloc(store->length[DG_DIMENSION_agent] * sizeof *data->column);
    if (data != NULL && data->column != NULL) return DG_OK;
    return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
}

static void release(dg_store *store)
{
    echo_file *data = store->model_data;
    if (data != NULL) free(data->column);
    free(data);
    store->model_data = NULL;
}

static dg_status define(dg_store *store)
{
    echo_file *data = store->model_data;
    enum { R = DG_DIMENSION_run, S = DG_DIMENSION_snapshot, A = DG_DIMENSION_agent };
    const struct {
        int *id;
        dg_variable variable;
    } all[] = {
        /* clang-format off */
        {&data->step, {"step", NC_INT64, "1", "steps done at the snapshot", {R, S, DG_END}}},
        {&data->belief, {"belief", NC_FLOAT, "1", "b_i at the snapshot", {R, S, A, DG_END}}},
        {&data->evidence, {"evidence", NC_FLOAT, "1", "e_i, constant", {R, A, DG_END}}},
        {&data->initial, {"initial_belief", NC_FLOAT, "1", "b_i at step 0", {R, A, DG_END}}},
        {&data->utility, {"utility_mean", NC_DOUBLE, "1",
            "mean utility over agents, before the step's update", {R, S, DG_END}}},
        {&data->deviation, {"deviation", NC_DOUBLE, "1",
            "largest |float32 recurrence - closed form| over agents", {R, S, DG_END}}},
        {&data->radicalisation, {"radicalisation", NC_FLOAT, "1",
            "|b_i at the snapshot| / |b_i at step 0|", {R, S, A, DG_END}}},
        {&data->sign, {"sign_agreement", NC_FLOAT, "1",
            "share of agents whose belief has the evidence's sign", {R, S, DG_END}}},
        /* clang-format on */
    };
    DG_TRY(dg_store_define_index(store, DG_DIMENSION_agent, "index of the agent", NULL, 0));
    for (size_t v = 0; v < sizeof all / sizeof *all; v++) {
        DG_TRY(dg_store_define(store, &all[v].variable, all[v].id));
    }
    return DG_OK;
}

/** Do belief and evidence have the same sign, -1, 0 or 1? */
static int same_sign(float belief, float evidence)
{
    return (belief > 0.0f) - (belief < 0.0f) == (evidence > 0.0f) - (evidence < 0.0f);
}

/** Write each agent's radicalisation to `column`; returns the share of agents with same_sign(). */
static float derive(const dg_echo_arrays *run, const float *belief, float *column)
{
    int agree = 0;
    for (int32_t i = 0; i < run->agents; i++) {
        column[i] = fabsf(belief[i]) / fabsf(run->initial[i]);
        agree += same_sign(belief[i], run->evidence[i]);
    }
    return (float)agree / (float)run->agents;
}

static dg_status write_agents(dg_store *store, size_t run, const dg_echo_arrays *a)
{
    const echo_file *data = store->model_data;
    const size_t start[2] = {run, 0}, extent[2] = {1, (size_t)a->agents};
    DG_NETCDF_TRY(nc_put_vara_float(store->file, data->evidence, start, extent, a->evidence),
                  store->part, "evidence");
    DG_NETCDF_TRY(nc_put_vara_float(store->file, data->initial, start, extent, a->initial),
                  store->part, "initial_belief");
    return DG_OK;
}

static dg_status write_snapshots(dg_store *store, size_t run, const dg_echo_arrays *a)
{
    const echo_file *data = store->model_data;
    const size_t start[2] = {run, 0}, extent[2] = {1, (size_t)a->snapshots};
    for (size_t k = 0; k < extent[1]; k++) {
        const size_t at[2] = {run, k};
        const long long step = a->step[k]; /* int64_t is long here, netCDF asks long long */
        DG_NETCDF_TRY(nc_put_var1_longlong(store->file, data->step, at, &step), store->part,
                      "step");
    }
    DG_NETCDF_TRY(nc_put_vara_double(store->file, data->utility, start, extent, a->utility),
                  store->part, "utility_mean");
    DG_NETCDF_TRY(nc_put_vara_double(store->file, data->deviation, start, extent, a->deviation),
                  store->part, "deviation");
    return DG_OK;
}

/** Write the beliefs of one snapshot and the measures derived from them. */
static dg_status write_snapshot(dg_store *store, size_t run, const dg_echo_arrays *a,
                                size_t snapshot)
{
    const echo_file *data = store->model_data;
    const float *belief = a->belief + snapshot * (size_t)a->agents;
    const size_t start[3] = {run, snapshot, 0}, extent[3] = {1, 1, (size_t)a->agents};
    const float agreement = derive(a, belief, data->column);
    DG_NETCDF_TRY(nc_put_vara_float(store->file, data->belief, start, extent, belief), store->part,
                  "belief");
    DG_NETCDF_TRY(nc_put_vara_float(store->file, data->radicalisation, start, extent, data->column),
                  store->part, "radicalisation");
    DG_NETCDF_TRY(nc_put_var1_float(store->file, data->sign, start, &agreement), store->part,
                  "sign_agreement");
    return DG_OK;
}

dg_status dg_echo_store(dg_store *store, const dg_kept_run *run)
{
    const size_t r = run->outcome.run;
    dg_echo_arrays arrays;
    DG_TRY(dg_echo_unpack(&arrays, run->packed, run->packed_bytes));
    const dg_config config = dg_run_config(store->experiment, r);
    if (arrays.snapshots != dg_echo_snapshots(&config) || arrays.agents != config.echo_agents)
        return dg_fail(DG_ERR_IO,
                       "run %zu: damaged: %d snapshots of %d agents, expected %lld of %lld", r,
                       arrays.snapshots, arrays.agents, (long long)dg_echo_snapshots(&config),
                       (long long)config.echo_agents);
    DG_TRY(dg_store_begin_run(store, r));
    DG_TRY(write_agents(store, r, &arrays));
    DG_TRY(write_snapshots(store, r, &arrays));
    for (size_t k = 0; k < (size_t)arrays.snapshots; k++)
        DG_TRY(write_snapshot(store, r, &arrays, k));
    return dg_store_end_run(store, &run->outcome);
}

const dg_store_layout dg_echo_layout = {
    .model = "echo-chamber",
    .title = "Echo chambers",
    .measure = measure,
    .define = define,
    .release = release,
};
