/** Per-agent output: beliefs, messages and views at chosen generations. */
#include "host/store_internal.h"

static const dg_quantity trace_quantity[DG_TRACES] = {
    {"agent_belief", "1", "belief after the step"},
    {"agent_message", "1", "message of the step; -1: silent"},
    {"agent_views", "1", "views of the message of the step"},
};

/** Which group an agent belongs to; constant in a run, so written at once. */
static dg_status define_membership(dg_store *store)
{
    const dg_variable variable = {"agent_group", NC_SHORT, "1", "index of the agent's group",
                                  {DG_DIMENSION_run, DG_DIMENSION_agent, -1}};
    DG_TRY(dg_store_define(store, &variable, &store->agent_group));
    for (size_t r = 0; r < store->experiment->runs; r++) {
        const dg_config *config = &store->experiment->run[r];
        const size_t start[2] = {r, 0};
        size_t agent = 0;
        for (short g = 0; g < config->group_count; g++) {
            for (int64_t i = 0; i < config->group[g].size; i++) store->trace[agent++] = g;
        }
        const size_t extent[2] = {1, agent};
        DG_NC_TRY(nc_put_vara_short(store->file, store->agent_group, start, extent, store->trace),
                  store->part, variable.name);
    }
    return DG_OK;
}

dg_status dg_store_define_agents(dg_store *store)
{
    if (store->length[DG_DIMENSION_recorded_generation] == 0) return DG_OK;
    for (int q = 0; q < DG_TRACES; q++) {
        const dg_variable variable = {
            trace_quantity[q].name, NC_SHORT, trace_quantity[q].unit, trace_quantity[q].meaning,
            {DG_DIMENSION_run, DG_DIMENSION_recorded_generation, DG_DIMENSION_step,
             DG_DIMENSION_agent, -1}};
        DG_TRY(dg_store_define(store, &variable, &store->trace_variable[q]));
    }
    return define_membership(store);
}

dg_status dg_store_write_agents(dg_store *store, const dg_run_result *result)
{
    const size_t steps = (size_t)result->shape->steps, agents = (size_t)result->shape->agents;
    for (int32_t g = 0; g < result->generations; g++) {
        const int32_t from = dg_trace_slot(result->traced, g);
        if (from < 0) continue;
        for (int q = 0; q < DG_TRACES; q++) {
            const size_t start[4] = {result->run, (size_t)store->recorded_slot[g], 0, 0};
            const size_t extent[4] = {1, 1, steps, agents};
            const size_t at = ((size_t)from * DG_TRACES + (size_t)q) * steps * agents;
            DG_NC_TRY(nc_put_vara_short(store->file, store->trace_variable[q], start, extent,
                                        result->trace + at),
                      store->part, trace_quantity[q].name);
        }
    }
    return DG_OK;
}
