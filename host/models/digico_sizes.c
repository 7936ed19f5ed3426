/** Lengths of the file's dimensions: the largest of any run; smaller runs are padded. */
#include "host/models/digico_file.h"

#include <stdlib.h>

static bool is_recorded(const dg_config *config, int64_t generation)
{
    return config->output_agents && generation >= config->output_first &&
           generation <= config->output_last &&
           (generation - config->output_first) % config->output_every == 0;
}

/** Does any run keep this generation in the dimension? */
static bool is_kept(const dg_experiment *experiment, dg_dimension dimension, int64_t generation)
{
    for (size_t c = 0; c < experiment->conditions; c++) {
        const dg_config *config = &experiment->condition[c];
        const dg_shape shape = {.generations = (int32_t)config->generations,
                                .diversity_every = (int32_t)config->diversity_every};
        if (generation >= config->generations) continue;
        if (dimension == DG_DIMENSION_recorded_generation
                ? is_recorded(config, generation)
                : dg_diversity_due(&shape, (int32_t)generation)) {
            return true;
        }
    }
    return false;
}

/** Number the kept generations along their dimension, and set its length. */
static dg_status number_kept(dg_store *store, dg_dimension dimension, int32_t **slot)
{
    const size_t generations = store->length[DG_DIMENSION_generation];
    int32_t *place = malloc((generations + 1) * sizeof *place);
    if (place == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    int32_t kept = 0;
    for (size_t g = 0; g < generations; g++) {
        place[g] = is_kept(store->experiment, dimension, (int64_t)g) ? kept++ : -1;
    }
    *slot = place;
    store->length[dimension] = (size_t)kept;
    return DG_OK;
}

static void measure_condition(dg_store *store, const dg_config *config)
{
    dg_store_extend(store, DG_DIMENSION_generation, config->generations);
    dg_store_extend(store, DG_DIMENSION_group, config->group_count);
    dg_store_extend(store, DG_DIMENSION_belief, config->values);
    if (!config->output_agents) return;
    dg_store_extend(store, DG_DIMENSION_step, config->steps);
    dg_store_extend(store, DG_DIMENSION_agent, config->agents);
    dg_store_extend(store, DG_DIMENSION_niche, config->niche_centroids);
}

/** Allocate the buffers for one run. */
static dg_status allocate_buffers(dg_store *store)
{
    dg_digico_file *data = store->model_data;
    const size_t *length = store->length;
    const size_t cells = length[DG_DIMENSION_generation] * length[DG_DIMENSION_group];
    const size_t quantities = DG_GROUP_QUANTITIES + DG_HEALTH_QUANTITIES + DG_DOMINANCE_QUANTITIES;
    data->column = malloc((quantities * cells + 1) * sizeof *data->column);
    data->count = malloc((cells * length[DG_DIMENSION_belief] + 1) * sizeof *data->count);
    data->trace =
        malloc((length[DG_DIMENSION_step] * length[DG_DIMENSION_agent] + 1) * sizeof *data->trace);
    if (data->column != NULL && data->count != NULL && data->trace != NULL) return DG_OK;
    return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
}

/** belief_count is 32 bits wide: agents x steps of a group must fit. */
static dg_status check_counts(const dg_config *config)
{
    for (int32_t g = 0; g < config->group_count; g++) {
        if (config->group[g].size * config->steps > INT32_MAX) {
            return dg_fail(
                DG_ERR_UNSUPPORTED, "group %s: %lld agents x %lld steps: expected < 2^31",
                config->group[g].name, (long long)config->group[g].size, (long long)config->steps);
        }
    }
    return DG_OK;
}

dg_status dg_digico_measure(dg_store *store)
{
    dg_digico_file *data = calloc(1, sizeof *data);
    if (data == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    store->model_data = data;
    for (size_t c = 0; c < store->experiment->conditions; c++) {
        DG_TRY(check_counts(&store->experiment->condition[c]));
        measure_condition(store, &store->experiment->condition[c]);
    }
    DG_TRY(number_kept(store, DG_DIMENSION_diversity_generation, &data->diversity_slot));
    DG_TRY(number_kept(store, DG_DIMENSION_recorded_generation, &data->recorded_slot));
    if (store->length[DG_DIMENSION_diversity_generation] > 0)
        dg_store_extend(store, DG_DIMENSION_other_group,
                        (int64_t)store->length[DG_DIMENSION_group]);
    return allocate_buffers(store);
}

void dg_digico_release(dg_store *store)
{
    dg_digico_file *data = store->model_data;
    if (data == NULL) return;
    free(data->diversity_slot);
    free(data->recorded_slot);
    free(data->column);
    free(data->count);
    free(data->trace);
    free(data);
    store->model_data = NULL;
}
