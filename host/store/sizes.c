/** Lengths along the file's dimensions: the largest of any run; shorter runs are padded. */
#include "host/store/internal.h"

#include <stdlib.h>

static size_t larger(size_t a, int64_t b)
{
    return b > 0 && (size_t)b > a ? (size_t)b : a;
}

static bool is_recorded(const dg_config *config, int64_t generation)
{
    return config->output_agents && generation >= config->output_first &&
           generation <= config->output_last &&
           (generation - config->output_first) % config->output_every == 0;
}

/** Does any run that reaches the generation keep it in the dimension? */
static bool is_kept(const dg_experiment *experiment, dg_dimension dimension, int64_t generation)
{
    for (size_t r = 0; r < experiment->runs; r++) {
        const dg_config *config = &experiment->run[r];
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

/** Places of the kept generations along their own dimension; sets its length. */
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

static void measure_run(size_t *length, const dg_config *config)
{
    if (config->model == DG_MODEL_ECHO) {
        length[DG_DIMENSION_agent] = larger(length[DG_DIMENSION_agent], config->echo_agents);
        length[DG_DIMENSION_snapshot] =
            larger(length[DG_DIMENSION_snapshot], dg_echo_snapshots(config));
        return;
    }
    length[DG_DIMENSION_generation] = larger(length[DG_DIMENSION_generation], config->generations);
    length[DG_DIMENSION_group] = larger(length[DG_DIMENSION_group], config->group_count);
    length[DG_DIMENSION_belief] = larger(length[DG_DIMENSION_belief], config->values);
    if (!config->output_agents) return;
    length[DG_DIMENSION_step] = larger(length[DG_DIMENSION_step], config->steps);
    length[DG_DIMENSION_agent] = larger(length[DG_DIMENSION_agent], config->agents);
    length[DG_DIMENSION_niche] = larger(length[DG_DIMENSION_niche], config->niche_centroids);
}

/** Room for one run's numbers of one kind. */
static dg_status make_room(dg_store *store)
{
    const size_t *length = store->length;
    const size_t cells = length[DG_DIMENSION_generation] * length[DG_DIMENSION_group];
    const size_t quantities = DG_GROUP_QUANTITIES + DG_HEALTH_QUANTITIES + DG_DOMINANCE_QUANTITIES;
    const size_t column = larger(quantities * cells, (int64_t)length[DG_DIMENSION_agent]);
    store->column = malloc((column + 1) * sizeof *store->column);
    store->count = malloc((cells * length[DG_DIMENSION_belief] + 1) * sizeof *store->count);
    store->trace =
        malloc((length[DG_DIMENSION_step] * length[DG_DIMENSION_agent] + 1) * sizeof *store->trace);
    if (store->column != NULL && store->count != NULL && store->trace != NULL) return DG_OK;
    return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
}

/** belief_count holds agents x steps of a group in 32 bits. */
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

dg_status dg_store_measure(dg_store *store)
{
    size_t *length = store->length;
    length[DG_DIMENSION_run] = store->experiment->runs;
    for (size_t r = 0; r < store->experiment->runs; r++) {
        DG_TRY(check_counts(&store->experiment->run[r]));
        measure_run(length, &store->experiment->run[r]);
    }
    DG_TRY(number_kept(store, DG_DIMENSION_diversity_generation, &store->diversity_slot));
    DG_TRY(number_kept(store, DG_DIMENSION_recorded_generation, &store->recorded_slot));
    if (length[DG_DIMENSION_diversity_generation] > 0) {
        length[DG_DIMENSION_other_group] = length[DG_DIMENSION_group];
    }
    return make_room(store);
}
