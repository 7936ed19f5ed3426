/** Defining the variables of a `digico` result file; see digico_file.h. */
#include "host/models/digico_file.h"

#include <stdio.h>

/* ---- variables ------------------------------------------------------------------------------- */

/* clang-format off */
enum {
    R = DG_DIMENSION_run, G = DG_DIMENSION_generation, GD = DG_DIMENSION_diversity_generation,
    K = DG_DIMENSION_group, KO = DG_DIMENSION_other_group, B = DG_DIMENSION_belief
};
static const dg_variable
    histogram =  {"belief_count", NC_INT, "1", "(agent, step) pairs that hold a belief",
                  {R, G, K, B, DG_END}},
    last_seen =  {"last_appearance", NC_INT, "1",
                  "last generation in which anyone held the belief; -1: never", {R, B, DG_END}},
    last_human = {"human_last_appearance", NC_INT, "1",
                  "last generation in which a human held the belief; -1: never", {R, B, DG_END}},
    distance =   {"genotype_distance", NC_FLOAT, "1",
                  "mean pairwise Euclidean distance of genotypes / sqrt(parameters)",
                  {R, GD, K, KO, DG_END}};

/* templates for lists of quantities; their meaning is appended to each long_name. float32 has 7
   digits, and the numbers vary in the second one: half the size is enough. The statistics of a run
   are doubles */
static const dg_variable
    last =     {NULL, NC_DOUBLE, NULL, ", last generation", {R, DG_END}},
    mean =     {NULL, NC_DOUBLE, NULL, ", mean over all generations", {R, DG_END}},
    rate =     {NULL, NC_FLOAT, NULL, "", {R, G, DG_END}},
    human =    {NULL, NC_FLOAT, NULL, ", humans", {R, G, DG_END}},
    of_group = {NULL, NC_FLOAT, NULL, "", {R, G, K, DG_END}};
/* clang-format on */

/** Define the variables of a list of quantities with type and dimensions of the template `like`. */
static dg_status define_quantities(dg_store *store, const dg_quantity *quantity, int count,
                                   const dg_variable *like, const char *prefix, const char *suffix,
                                   int *id)
{
    for (int q = 0; q < count; q++) {
        char name[NC_MAX_NAME + 1], meaning[256];
        snprintf(name, sizeof name, "%s%s%s", prefix, quantity[q].name, suffix);
        snprintf(meaning, sizeof meaning, "%s%s", quantity[q].meaning, like->meaning);
        dg_variable variable = *like;
        variable.name = name;
        variable.unit = quantity[q].unit;
        variable.meaning = meaning;
        DG_TRY(dg_store_define(store, &variable, &id[q]));
    }
    return DG_OK;
}

/** Define the rates of each generation and the statistics of each run. */
static dg_status define_measures(dg_store *store)
{
    dg_digico_file *data = store->model_data;
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &last, "",
                             "_last", data->last));
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &mean, "",
                             "_mean", data->mean));
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &rate, "", "",
                             data->dominance));
    DG_TRY(dg_digico_define_negative(store));
    DG_TRY(define_quantities(store, dg_health_quantities, DG_HEALTH_QUANTITIES, &rate,
                             "population_", "", data->health[DG_SCOPE_POPULATION]));
    DG_TRY(define_quantities(store, dg_health_quantities, DG_HEALTH_QUANTITIES, &human, "human_",
                             "", data->health[DG_SCOPE_HUMANS]));
    return define_quantities(store, dg_group_quantities, DG_GROUP_QUANTITIES, &of_group, "", "",
                             data->group_quantity);
}

/** Define histograms of beliefs, last appearances of values, and distances of genotypes. */
static dg_status define_beliefs(dg_store *store)
{
    dg_digico_file *data = store->model_data;
    DG_TRY(dg_store_define(store, &histogram, &data->belief_count));
    DG_TRY(dg_store_define(store, &last_seen, &data->last_appearance[DG_SCOPE_POPULATION]));
    DG_TRY(dg_store_define(store, &last_human, &data->last_appearance[DG_SCOPE_HUMANS]));
    return store->length[DG_DIMENSION_diversity_generation] > 0
               ? dg_store_define(store, &distance, &data->genotype_distance)
               : DG_OK;
}

static dg_status define_indices(dg_store *store)
{
    const dg_digico_file *data = store->model_data;
    const size_t generations = store->length[DG_DIMENSION_generation];
    DG_TRY(dg_store_define_index(store, DG_DIMENSION_generation, "generation, from 0", NULL, 0));
    DG_TRY(dg_store_define_index(store, DG_DIMENSION_belief, "value of a belief", NULL, 0));
    DG_TRY(dg_store_define_index(store, DG_DIMENSION_diversity_generation,
                                 "generations in which genotype diversity is measured",
                                 data->diversity_slot, generations));
    DG_TRY(dg_store_define_index(store, DG_DIMENSION_recorded_generation,
                                 "generations with per-agent output", data->recorded_slot,
                                 generations));
    DG_TRY(dg_store_define_index(store, DG_DIMENSION_step, "step within the generation", NULL, 0));
    DG_TRY(dg_store_define_index(store, DG_DIMENSION_agent, "index of the agent", NULL, 0));
    return dg_store_define_index(store, DG_DIMENSION_niche, "index of the niche", NULL, 0);
}

dg_status dg_digico_define(dg_store *store)
{
    DG_TRY(define_indices(store));
    DG_TRY(dg_digico_define_groups(store));
    DG_TRY(define_measures(store));
    DG_TRY(define_beliefs(store));
    return dg_digico_define_agents(store);
}
