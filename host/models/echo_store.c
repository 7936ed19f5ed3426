/** Variables of an echo-chamber experiment and one run into them. */
#include "host/store/internal.h"

#include <math.h>

dg_status dg_store_define_echo(dg_store *store)
{
    enum { R = DG_DIMENSION_run, S = DG_DIMENSION_snapshot, A = DG_DIMENSION_agent };
    const struct {
        int *id;
        dg_variable variable;
    } all[] = {
        /* clang-format off */
        {&store->echo_step, {"step", NC_INT64, "1", "steps done at the snapshot", {R, S, DG_END}}},
        {&store->echo_belief, {"belief", NC_FLOAT, "1", "b_i at the snapshot", {R, S, A, DG_END}}},
        {&store->echo_evidence, {"evidence", NC_FLOAT, "1", "e_i, constant", {R, A, DG_END}}},
        {&store->echo_initial, {"initial_belief", NC_FLOAT, "1", "b_i at step 0", {R, A, DG_END}}},
        {&store->echo_utility, {"utility_mean", NC_DOUBLE, "1",
            "mean utility over agents, before the step's update", {R, S, DG_END}}},
        {&store->echo_deviation, {"deviation", NC_DOUBLE, "1",
            "largest |float32 recurrence - closed form| over agents", {R, S, DG_END}}},
        {&store->echo_radicalisation, {"radicalisation", NC_FLOAT, "1",
            "|b_i at the snapshot| / |b_i at step 0|", {R, S, A, DG_END}}},
        {&store->echo_sign, {"sign_agreement", NC_FLOAT, "1",
            "share of agents whose belief has the evidence's sign", {R, S, DG_END}}},
        /* clang-format on */
    };
    for (size_t v = 0; v < sizeof all / sizeof *all; v++) {
        DG_TRY(dg_store_define(store, &all[v].variable, all[v].id));
    }
    return DG_OK;
}

/** Do belief and evidence point the same way? Two zeros do. */
static int same_sign(float belief, float evidence)
{
    return (belief > 0.0f) - (belief < 0.0f) == (evidence > 0.0f) - (evidence < 0.0f);
}

/** Radicalisation of each agent into `column`; returns the share that agrees with its evidence. */
static float derive(const dg_echo_result *result, const float *belief, float *column)
{
    int agree = 0;
    for (int32_t i = 0; i < result->agents; i++) {
        column[i] = fabsf(belief[i]) / fabsf(result->initial[i]);
        agree += same_sign(belief[i], result->evidence[i]);
    }
    return (float)agree / (float)result->agents;
}

static dg_status write_agents(dg_store *store, const dg_echo_result *result)
{
    const size_t start[2] = {result->run, 0}, extent[2] = {1, (size_t)result->agents};
    DG_NETCDF_TRY(
        nc_put_vara_float(store->file, store->echo_evidence, start, extent, result->evidence),
        store->part, "evidence");
    DG_NETCDF_TRY(
        nc_put_vara_float(store->file, store->echo_initial, start, extent, result->initial),
        store->part, "initial_belief");
    return DG_OK;
}

static dg_status write_snapshots(dg_store *store, const dg_echo_result *result)
{
    const size_t start[2] = {result->run, 0}, extent[2] = {1, (size_t)result->snapshots};
    for (size_t k = 0; k < extent[1]; k++) {
        const size_t at[2] = {result->run, k};
        const long long step = result->step[k]; /* int64_t is long here, netCDF asks long long */
        DG_NETCDF_TRY(nc_put_var1_longlong(store->file, store->echo_step, at, &step), store->part,
                      "step");
    }
    DG_NETCDF_TRY(
        nc_put_vara_double(store->file, store->echo_utility, start, extent, result->utility),
        store->part, "utility_mean");
    DG_NETCDF_TRY(
        nc_put_vara_double(store->file, store->echo_deviation, start, extent, result->deviation),
        store->part, "deviation");
    return DG_OK;
}

/** Beliefs of one snapshot and what follows from them. */
static dg_status write_snapshot(dg_store *store, const dg_echo_result *result, size_t snapshot,
                                float *column)
{
    const float *belief = result->belief + snapshot * (size_t)result->agents;
    const size_t start[3] = {result->run, snapshot, 0}, extent[3] = {1, 1, (size_t)result->agents};
    const float agreement = derive(result, belief, column);
    DG_NETCDF_TRY(nc_put_vara_float(store->file, store->echo_belief, start, extent, belief),
                  store->part, "belief");
    DG_NETCDF_TRY(nc_put_vara_float(store->file, store->echo_radicalisation, start, extent, column),
                  store->part, "radicalisation");
    DG_NETCDF_TRY(nc_put_var1_float(store->file, store->echo_sign, start, &agreement), store->part,
                  "sign_agreement");
    return DG_OK;
}

dg_status dg_store_echo(dg_store *store, const dg_echo_result *result)
{
    if (result->run >= store->length[DG_DIMENSION_run] ||
        (size_t)result->snapshots > store->length[DG_DIMENSION_snapshot]) {
        return dg_fail(DG_ERR_ARGUMENT, "run %zu with %d snapshots: expected at most %zu and %zu",
                       result->run, (int)result->snapshots, store->length[DG_DIMENSION_run] - 1,
                       store->length[DG_DIMENSION_snapshot]);
    }
    DG_TRY(dg_store_claim(store, store->run_bytes));
    DG_TRY(write_agents(store, result));
    DG_TRY(write_snapshots(store, result));
    for (size_t k = 0; k < (size_t)result->snapshots; k++) {
        DG_TRY(write_snapshot(store, result, k, store->column));
    }
    return dg_store_write_outcome(store, result->run, result->hash, result->status, 0);
}
