/** Per-agent output: beliefs, messages, views and messages received in the chosen generations. */
#include "host/models/digico_file.h"

/* clang-format off */
enum { R = DG_DIMENSION_run, G = DG_DIMENSION_recorded_generation };
enum { S = DG_DIMENSION_step, A = DG_DIMENSION_agent };
static const dg_variable trace_variable[DG_TRACES] = {
    {"agent_belief", NC_SHORT, "1", "belief after the step", {R, G, S, A, DG_END}},
    {"agent_message", NC_SHORT, "1", "message of the step; -1: silent", {R, G, S, A, DG_END}},
    {"agent_views", NC_SHORT, "1", "views of the message of the step", {R, G, S, A, DG_END}},
    {"agent_received", NC_SHORT, "1", "messages received in the step", {R, G, S, A, DG_END}},
    {"agent_received_ai", NC_SHORT, "1", "messages of AI agents received in the step",
     {R, G, S, A, DG_END}},
};
static const dg_variable membership = {
    "agent_group", NC_SHORT, "1", "index of the agent's group; -1: no such agent",
    {R, A, DG_WHOLE}};
/* clang-format on */

/** Define and write the group of each agent; it is constant in a run. */
static dg_status define_membership(dg_store *store)
{
    dg_digico_file *data = store->model_data;
    DG_TRY(dg_store_define(store, &membership, &data->agent_group));
    for (size_t r = 0; r < store->experiment->runs; r++) {
        const dg_config config = dg_run_config(store->experiment, r);
        const size_t start[2] = {r, 0}, extent[2] = {1, store->length[DG_DIMENSION_agent]};
        size_t agent = 0;
        for (short g = 0; g < config.group_count; g++) {
            for (int64_t i = 0; i < config.group[g].size; i++) data->trace[agent++] = g;
        }
        while (agent < extent[1]) data->trace[agent++] = -1;
        DG_NETCDF_TRY(nc_put_vara_short(store->file, data->agent_group, start, extent, data->trace),
                      store->part, membership.name);
    }
    return DG_OK;
}

dg_status dg_digico_define_agents(dg_store *store)
{
    dg_digico_file *data = store->model_data;
    if (store->length[DG_DIMENSION_recorded_generation] == 0) return DG_OK;
    for (int q = 0; q < DG_TRACES; q++) {
        DG_TRY(dg_store_define(store, &trace_variable[q], &data->trace_variable[q]));
    }
    DG_TRY(define_membership(store));
    return dg_digico_define_niches(store);
}

dg_status dg_digico_write_agents(dg_store *store, const dg_kept_run *result)
{
    dg_digico_file *data = store->model_data;
    const size_t steps = (size_t)result->shape->steps, agents = (size_t)result->shape->agents;
    for (int32_t g = 0; g < result->outcome.generations; g++) {
        const int32_t from = dg_trace_slot(result->traced, g);
        if (from < 0) continue;
        for (int q = 0; q < DG_TRACES; q++) {
            const size_t start[4] = {result->outcome.run, (size_t)data->recorded_slot[g], 0, 0};
            const size_t extent[4] = {1, 1, steps, agents};
            const size_t at = ((size_t)from * DG_TRACES + (size_t)q) * steps * agents;
            DG_NETCDF_TRY(nc_put_vara_short(store->file, data->trace_variable[q], start, extent,
                                            result->trace + at),
                          store->part, trace_variable[q].name);
        }
    }
    return DG_OK;
}
