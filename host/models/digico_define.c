/** Dimensions and variables of a `digico` result file, and what is known of them before any run. */
#include "host/store/internal.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- dimensions ------------------------------------------------------------------------------ */

static dg_status define_dimensions(dg_store *store)
{
    static const char *const name[] = {
#define DIMENSION_NAME(name) #name,
        DG_DIMENSION_LIST(DIMENSION_NAME)
#undef DIMENSION_NAME
    };
    for (int d = 0; d < DG_DIMENSIONS; d++) {
        if (store->length[d] == 0) continue;
        DG_NETCDF_TRY(nc_def_dim(store->file, name[d], store->length[d], &store->dimension[d]),
                      store->part, name[d]);
    }
    return DG_OK;
}

/** A coordinate 0, 1, ... of a dimension, or the generations that `slot` keeps. */
static dg_status define_index(dg_store *store, dg_dimension dimension, const char *name,
                              const char *meaning, const int32_t *slot)
{
    const size_t length = store->length[dimension];
    if (length == 0) return DG_OK;
    const dg_variable variable = {name, NC_INT, "1", meaning, {(int)dimension, DG_WHOLE}};
    int id;
    DG_TRY(dg_store_define(store, &variable, &id));
    int *value = malloc(length * sizeof *value);
    if (value == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    const size_t limit = slot != NULL ? store->length[DG_DIMENSION_generation] : length;
    for (size_t i = 0; i < limit; i++) {
        const int32_t at = slot != NULL ? slot[i] : (int32_t)i;
        if (at >= 0) value[at] = (int)i;
    }
    const int code = nc_put_var_int(store->file, id, value);
    free(value);
    return dg_netcdf_check(code, store->part, name);
}

static dg_status define_indices(dg_store *store)
{
    DG_TRY(define_index(store, DG_DIMENSION_run, "run", "index of the run within the sweep", NULL));
    DG_TRY(define_index(store, DG_DIMENSION_generation, "generation", "generation, from 0", NULL));
    DG_TRY(define_index(store, DG_DIMENSION_belief, "belief", "value of a belief", NULL));
    DG_TRY(define_index(store, DG_DIMENSION_diversity_generation, "diversity_generation",
                        "generations in which genotype diversity is measured",
                        store->diversity_slot));
    DG_TRY(define_index(store, DG_DIMENSION_recorded_generation, "recorded_generation",
                        "generations with per-agent output", store->recorded_slot));
    DG_TRY(define_index(store, DG_DIMENSION_step, "step", "step within the generation", NULL));
    DG_TRY(define_index(store, DG_DIMENSION_agent, "agent", "index of the agent", NULL));
    return define_index(store, DG_DIMENSION_niche, "niche", "index of the niche", NULL);
}

/* ---- variables ------------------------------------------------------------------------------- */

/* clang-format off */
enum {
    R = DG_DIMENSION_run, G = DG_DIMENSION_generation, GD = DG_DIMENSION_diversity_generation,
    K = DG_DIMENSION_group, KO = DG_DIMENSION_other_group, B = DG_DIMENSION_belief
};
static const dg_variable
    hash =       {"hash", NC_UINT64, "1", "64-bit hash of the final state; 0: none yet",
                  {R, DG_WHOLE}},
    status =     {"status", NC_BYTE, "1", "what became of the run", {R, DG_WHOLE}},
    completed =  {"generations_completed", NC_INT, "1", "generations that it finished",
                  {R, DG_WHOLE}},
    histogram =  {"belief_count", NC_INT, "1", "(agent, step) pairs that hold a belief",
                  {R, G, K, B, DG_END}},
    last_seen =  {"last_appearance", NC_INT, "1",
                  "last generation in which anyone held the belief; -1: never", {R, B, DG_END}},
    last_human = {"human_last_appearance", NC_INT, "1",
                  "last generation in which a human held the belief; -1: never", {R, B, DG_END}},
    distance =   {"genotype_distance", NC_FLOAT, "1",
                  "mean pairwise Euclidean distance of genotypes / sqrt(parameters)",
                  {R, GD, K, KO, DG_END}};

/* of a row of quantities: the end of its long names. float32 holds an eighth digit of numbers that
   spread in the second, at half the size; the statistics of a run are doubles */
static const dg_variable
    last =     {NULL, NC_DOUBLE, NULL, ", last generation", {R, DG_END}},
    mean =     {NULL, NC_DOUBLE, NULL, ", mean over all generations", {R, DG_END}},
    rate =     {NULL, NC_FLOAT, NULL, "", {R, G, DG_END}},
    human =    {NULL, NC_FLOAT, NULL, ", humans", {R, G, DG_END}},
    of_group = {NULL, NC_FLOAT, NULL, "", {R, G, K, DG_END}};
/* clang-format on */

/** flag_values and flag_meanings, so that a reader can name the numbers (CF, section 3.5). */
static dg_status flag_status(dg_store *store)
{
    static const signed char value[] = {
#define STATUS_VALUE(code, word, text) code,
        DG_RUN_STATUS_LIST(STATUS_VALUE)
#undef STATUS_VALUE
    };
    static const char meaning[] =
#define STATUS_WORD(code, word, text) " " word
        DG_RUN_STATUS_LIST(STATUS_WORD)
#undef STATUS_WORD
        ;
    DG_NETCDF_TRY(nc_put_att_schar(store->file, store->status, "flag_values", NC_BYTE,
                                   sizeof value / sizeof *value, value),
                  store->part, "flag_values");
    return dg_store_text(store, store->status, "flag_meanings", meaning + 1);
}

/** Hash, status, finished generations 0 for every run: planned. */
static dg_status put_planned(dg_store *store)
{
    const bool counts = store->length[DG_DIMENSION_generation] > 0;
    void *zeros = calloc(store->length[DG_DIMENSION_run], sizeof(uint64_t));
    if (zeros == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    errno = 0;
    int code = nc_put_var(store->file, store->hash, zeros);
    if (code == NC_NOERR) code = nc_put_var(store->file, store->status, zeros);
    if (code == NC_NOERR && counts) {
        code = nc_put_var(store->file, store->generations_completed, zeros);
    }
    free(zeros);
    return dg_netcdf_check(code, store->part, "status of runs");
}

/** What every model has of a run. */
static dg_status define_outcome(dg_store *store)
{
    DG_TRY(dg_store_define(store, &hash, &store->hash));
    DG_TRY(dg_store_define(store, &status, &store->status));
    DG_TRY(flag_status(store));
    if (store->length[DG_DIMENSION_generation] > 0) {
        DG_TRY(dg_store_define(store, &completed, &store->generations_completed));
    }
    return put_planned(store);
}

/** Define a row of quantities that share type and dimensions; names get a prefix and a suffix. */
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

/** Rates of each generation, and the statistics of each run. */
static dg_status define_measures(dg_store *store)
{
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &last, "",
                             "_last", store->last));
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &mean, "",
                             "_mean", store->mean));
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &rate, "", "",
                             store->dominance));
    DG_TRY(define_quantities(store, dg_health_quantities, DG_HEALTH_QUANTITIES, &rate,
                             "population_", "", store->health[DG_SCOPE_POPULATION]));
    DG_TRY(define_quantities(store, dg_health_quantities, DG_HEALTH_QUANTITIES, &human, "human_",
                             "", store->health[DG_SCOPE_HUMANS]));
    return define_quantities(store, dg_group_quantities, DG_GROUP_QUANTITIES, &of_group, "", "",
                             store->group_quantity);
}

/** Histograms of beliefs, when each value was last held, and distances of genotypes. */
static dg_status define_beliefs(dg_store *store)
{
    DG_TRY(dg_store_define(store, &histogram, &store->belief_count));
    DG_TRY(dg_store_define(store, &last_seen, &store->last_appearance[DG_SCOPE_POPULATION]));
    DG_TRY(dg_store_define(store, &last_human, &store->last_appearance[DG_SCOPE_HUMANS]));
    return store->length[DG_DIMENSION_diversity_generation] > 0
               ? dg_store_define(store, &distance, &store->genotype_distance)
               : DG_OK;
}

dg_status dg_store_define_all(dg_store *store)
{
    const bool echo = store->experiment->run[0].model == DG_MODEL_ECHO;
    DG_TRY(define_dimensions(store));
    DG_TRY(define_indices(store));
    DG_TRY(dg_store_define_axes(store));
    if (echo) {
        DG_TRY(dg_store_define_echo(store));
        return define_outcome(store);
    }
    DG_TRY(dg_store_define_groups(store));
    DG_TRY(define_outcome(store));
    DG_TRY(define_measures(store));
    DG_TRY(define_beliefs(store));
    return dg_store_define_agents(store);
}
