/**
 * Where AI fitness is no share of a whole (MODEL.md, section 6): two variables per run, and at
 * AI fitness a comment and the number of such runs, for readers that do not know this program.
 */
#include "host/models/digico_file.h"

/* clang-format off */
static const dg_variable
    last = {"negative_fitness_last", NC_DOUBLE, "1",
            "1 if fitness is negative in sum over AI or over human agents, last generation",
            {DG_DIMENSION_run, DG_END}},
    mean = {"negative_fitness_mean", NC_DOUBLE, "1",
            "share of generations whose fitness is negative in sum over AI or over human agents",
            {DG_DIMENSION_run, DG_END}};
/* clang-format on */

dg_status dg_digico_define_negative(dg_store *store)
{
    static const char comment[] =
        "a share only if fitness is not negative in sum over AI and over human agents "
        "(negative_fitness_last, negative_fitness_mean: 0); else compare fitness_mean of the "
        "groups";
    dg_digico_file *data = store->model_data;
    DG_TRY(dg_store_define(store, &last, &data->negative_last));
    DG_TRY(dg_store_define(store, &mean, &data->negative_mean));
    DG_TRY(dg_store_text(store, data->last[DG_AI_FITNESS], "comment", comment));
    DG_TRY(dg_store_text(store, data->mean[DG_AI_FITNESS], "comment", comment));
    return dg_store_text(store, data->dominance[DG_AI_FITNESS], "comment", comment);
}

dg_status dg_digico_write_negative(dg_store *store, const dg_kept_run *result)
{
    dg_digico_file *data = store->model_data;
    const dg_run_outcome *outcome = &result->outcome;
    double at_end = 0.0, sum = 0.0;
    for (int32_t g = 0; g < outcome->generations; g++) {
        const dg_record record = dg_digico_record(store, result, g);
        at_end = dg_record_negative_fitness(&record);
        sum += at_end;
    }
    const double share = sum / outcome->generations;
    DG_NETCDF_TRY(nc_put_var1_double(store->file, data->negative_last, &outcome->run, &at_end),
                  store->part, last.name);
    DG_NETCDF_TRY(nc_put_var1_double(store->file, data->negative_mean, &outcome->run, &share),
                  store->part, mean.name);
    if (outcome->status == DG_RUN_COMPLETED || outcome->status == DG_RUN_CONVERGED) {
        data->negative_runs[0] += at_end > 0.0;
        data->negative_runs[1] += sum > 0.0;
    }
    return DG_OK;
}

dg_status dg_digico_finish_negative(dg_store *store)
{
    const dg_digico_file *data = store->model_data;
    const int id[] = {data->last[DG_AI_FITNESS], data->mean[DG_AI_FITNESS]};
    for (size_t s = 0; s < sizeof id / sizeof *id; s++) {
        DG_NETCDF_TRY(nc_put_att_int(store->file, id[s], "negative_fitness_runs", NC_INT, 1,
                                     &data->negative_runs[s]),
                      store->part, "negative_fitness_runs");
    }
    return DG_OK;
}
