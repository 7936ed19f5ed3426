/** Dimensions and variables of a `digico` result file, and what is known of them before any run. */
#include "host/store_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A chunk is what one read or one deflate handles: at least this much by taking several runs
   together, at most that much by cutting generations. Measured on 80 runs x 1000 generations. */
#define CHUNK_LEAST ((size_t)16 << 10)
#define CHUNK_MOST ((size_t)1 << 20)

/* ---- one variable --------------------------------------------------------------------------- */

static size_t type_bytes(nc_type type)
{
    switch (type) {
    case NC_BYTE: return 1;
    case NC_SHORT: return 2;
    case NC_INT:
    case NC_FLOAT: return 4;
    default: return 8;
    }
}

/** Runs and generations of a chunk; further dimensions are taken whole. */
static void choose_chunk(const dg_variable *variable, const size_t *length, int rank, size_t *chunk)
{
    size_t bytes = type_bytes(variable->type); /* of one run */
    for (int d = 0; d < rank; d++) {
        chunk[d] = length[d] > 0 ? length[d] : 1;
        if (d > 0) bytes *= chunk[d];
    }
    const size_t runs = (CHUNK_LEAST + bytes - 1) / bytes;
    chunk[0] = runs < chunk[0] ? runs : chunk[0];
    if (bytes > CHUNK_MOST) {
        const size_t cut = CHUNK_MOST / (bytes / chunk[1]);
        chunk[1] = cut > 0 ? cut : 1;
    }
}

/** Chunks, and shuffle + deflate where the configuration asks for compression. */
static dg_status compress(dg_store *store, const dg_variable *variable, int rank, int id)
{
    size_t length[DG_STORE_RANK], chunk[DG_STORE_RANK];
    for (int d = 0; d < rank; d++) length[d] = store->length[variable->dimensions[d]];
    choose_chunk(variable, length, rank, chunk);
    DG_NC_TRY(nc_def_var_chunking(store->file, id, NC_CHUNKED, chunk), store->part, variable->name);
    const int level = (int)store->experiment->run[0].output_compression;
    if (level > 0) {
        DG_NC_TRY(nc_def_var_deflate(store->file, id, 1, 1, level), store->part, variable->name);
    }
    return DG_OK;
}

/** Numbers that a stopped or shorter run never wrote read as missing. */
static dg_status define_fill(dg_store *store, const dg_variable *variable, int id)
{
    const float real32 = NAN;
    const double real64 = NAN;
    const int integer32 = NC_FILL_INT;
    const short integer16 = NC_FILL_SHORT;
    const void *fill = variable->type == NC_FLOAT    ? (const void *)&real32
                       : variable->type == NC_DOUBLE ? (const void *)&real64
                       : variable->type == NC_INT    ? (const void *)&integer32
                       : variable->type == NC_SHORT  ? (const void *)&integer16
                                                     : NULL;
    if (fill == NULL) return DG_OK;
    DG_NC_TRY(nc_def_var_fill(store->file, id, NC_FILL, fill), store->part, variable->name);
    return DG_OK;
}

static dg_status text_attribute(dg_store *store, int id, const char *name, const char *text)
{
    DG_NC_TRY(nc_put_att_text(store->file, id, name, strlen(text), text), store->part, name);
    return DG_OK;
}

dg_status dg_store_define(dg_store *store, const dg_variable *variable, int *id)
{
    int rank = 0, dimension[DG_STORE_RANK];
    while (variable->dimensions[rank] >= 0) {
        dimension[rank] = store->dimension[variable->dimensions[rank]];
        rank++;
    }
    DG_NC_TRY(nc_def_var(store->file, variable->name, variable->type, rank, dimension, id),
              store->part, variable->name);
    DG_TRY(text_attribute(store, *id, "long_name", variable->meaning));
    if (variable->unit != NULL) DG_TRY(text_attribute(store, *id, "units", variable->unit));
    if (variable->dimensions[0] != DG_DIMENSION_run) return DG_OK;
    if (store->coordinates != NULL) {
        DG_TRY(text_attribute(store, *id, "coordinates", store->coordinates));
    }
    /* integers of a run are all known or written at the start; a fill value would turn them to
       reals in most readers, and a hash would lose its last bits */
    if (rank > 1 || variable->type == NC_DOUBLE) DG_TRY(define_fill(store, variable, *id));
    return rank > 1 && variable->type != NC_STRING ? compress(store, variable, rank, *id) : DG_OK;
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

/* ---- dimensions ----------------------------------------------------------------------------- */

static dg_status define_dimensions(dg_store *store)
{
    static const char *const name[] = {
#define DIMENSION_NAME(name) #name,
        DG_DIMENSION_LIST(DIMENSION_NAME)
#undef DIMENSION_NAME
    };
    for (int d = 0; d < DG_DIMENSIONS; d++) {
        if (store->length[d] == 0) continue;
        DG_NC_TRY(nc_def_dim(store->file, name[d], store->length[d], &store->dimension[d]),
                  store->part, name[d]);
    }
    return DG_OK;
}

/** A coordinate 0, 1, ... of a dimension, or the generations that `slot` keeps. */
static dg_status define_index(dg_store *store, dg_dimension dimension, const char *name,
                              const char *meaning, const int32_t *slot)
{
    if (store->length[dimension] == 0) return DG_OK;
    const dg_variable variable = {name, NC_INT, "1", meaning, {(int)dimension, -1}};
    int id;
    DG_TRY(dg_store_define(store, &variable, &id));
    const size_t limit = slot != NULL ? store->length[DG_DIMENSION_generation]
                                      : store->length[dimension];
    for (size_t i = 0; i < limit; i++) {
        if (slot != NULL && slot[i] < 0) continue;
        const size_t at = slot != NULL ? (size_t)slot[i] : i;
        const int value = (int)i;
        DG_NC_TRY(nc_put_var1_int(store->file, id, &at, &value), store->part, name);
    }
    return DG_OK;
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
    return define_index(store, DG_DIMENSION_agent, "agent", "index of the agent", NULL);
}

/** Name of a group, if all runs that have it call it so; else "group<index>". */
static const char *group_name(const dg_experiment *experiment, size_t group, char *text, size_t size)
{
    const char *name = NULL;
    for (size_t r = 0; r < experiment->runs; r++) {
        const dg_config *config = &experiment->run[r];
        if (group >= (size_t)config->group_count) continue;
        if (name != NULL && strcmp(name, config->group[group].name) != 0) {
            snprintf(text, size, "group%zu", group);
            return text;
        }
        name = config->group[group].name;
    }
    return name;
}

static dg_status define_group_names(dg_store *store, dg_dimension dimension, const char *name)
{
    const dg_variable variable = {name, NC_STRING, NULL, "group of agents", {(int)dimension, -1}};
    int id;
    DG_TRY(dg_store_define(store, &variable, &id));
    for (size_t g = 0; g < store->length[dimension]; g++) {
        char text[DG_NAME_LENGTH];
        const char *value = group_name(store->experiment, g, text, sizeof text);
        DG_NC_TRY(nc_put_var1_string(store->file, id, &g, &value), store->part, name);
    }
    return DG_OK;
}

/** Size and kind of each group in each run: a sweep may vary them. */
static dg_status define_group_shapes(dg_store *store)
{
    static const char *const kind[] = {
#define KIND_WORD(code, word) word,
        DG_KIND_LIST(KIND_WORD)
#undef KIND_WORD
    };
    const dg_variable size = {
        "group_size", NC_INT, "1", "agents of a group", {DG_DIMENSION_run, DG_DIMENSION_group, -1}};
    const dg_variable kinds = {
        "group_kind", NC_STRING, NULL, "kind of a group", {DG_DIMENSION_run, DG_DIMENSION_group, -1}};
    DG_TRY(dg_store_define(store, &size, &store->group_size));
    DG_TRY(dg_store_define(store, &kinds, &store->group_kind));
    for (size_t r = 0; r < store->experiment->runs; r++) {
        const dg_config *config = &store->experiment->run[r];
        for (int32_t g = 0; g < config->group_count; g++) {
            const size_t at[] = {r, (size_t)g};
            const int agents = (int)config->group[g].size;
            const char *word = kind[config->group[g].kind];
            DG_NC_TRY(nc_put_var1_int(store->file, store->group_size, at, &agents), store->part,
                      "group_size");
            DG_NC_TRY(nc_put_var1_string(store->file, store->group_kind, at, &word), store->part,
                      "group_kind");
        }
    }
    return DG_OK;
}

/* ---- variables ------------------------------------------------------------------------------ */

/** flag_values and flag_meanings, so that a reader can name the numbers (CF, section 3.5). */
static dg_status flag_status(dg_store *store)
{
    static const signed char value[] = {
#define STATUS_VALUE(code, word) code,
        DG_RUN_STATUS_LIST(STATUS_VALUE)
#undef STATUS_VALUE
    };
    static const char meaning[] =
#define STATUS_WORD(code, word) " " word
        DG_RUN_STATUS_LIST(STATUS_WORD)
#undef STATUS_WORD
        ;
    DG_NC_TRY(nc_put_att_schar(store->file, store->status, "flag_values", NC_BYTE,
                               sizeof value / sizeof *value, value),
              store->part, "flag_values");
    return text_attribute(store, store->status, "flag_meanings", meaning + 1);
}

/** What every model has of a run; every run starts as planned. */
static dg_status define_outcome(dg_store *store)
{
    const dg_variable hash = {"hash", NC_UINT64, "1",
                              "64-bit hash of the final state; 0 until the run ends",
                              {DG_DIMENSION_run, -1}};
    const dg_variable status = {
        "status", NC_BYTE, "1", "what became of the run", {DG_DIMENSION_run, -1}};
    DG_TRY(dg_store_define(store, &hash, &store->hash));
    DG_TRY(dg_store_define(store, &status, &store->status));
    DG_TRY(flag_status(store));
    if (store->length[DG_DIMENSION_generation] > 0) {
        const dg_variable completed = {"generations_completed", NC_INT, "1",
                                       "generations that the run finished", {DG_DIMENSION_run, -1}};
        DG_TRY(dg_store_define(store, &completed, &store->generations_completed));
    }
    for (size_t r = 0; r < store->length[DG_DIMENSION_run]; r++) {
        DG_TRY(dg_store_write_outcome(store, r, 0, DG_RUN_PLANNED, 0));
    }
    return DG_OK;
}

/** Rates, one of a run and generation; float32 holds an eighth digit of numbers that spread in the
    second, at half the size. The two statistics of a run are doubles. */
static dg_status define_measures(dg_store *store)
{
    const dg_variable last = {
        NULL, NC_DOUBLE, NULL, ", last generation", {DG_DIMENSION_run, -1}};
    const dg_variable mean = {
        NULL, NC_DOUBLE, NULL, ", mean over all generations", {DG_DIMENSION_run, -1}};
    const dg_variable rate = {
        NULL, NC_FLOAT, NULL, "", {DG_DIMENSION_run, DG_DIMENSION_generation, -1}};
    const dg_variable human = {
        NULL, NC_FLOAT, NULL, ", humans", {DG_DIMENSION_run, DG_DIMENSION_generation, -1}};
    const dg_variable of_group = {
        NULL, NC_FLOAT, NULL, "",
        {DG_DIMENSION_run, DG_DIMENSION_generation, DG_DIMENSION_group, -1}};
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &last, "",
                             "_last", store->last));
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &mean, "",
                             "_mean", store->mean));
    DG_TRY(define_quantities(store, dg_dominance_quantities, DG_DOMINANCE_QUANTITIES, &rate, "", "",
                             store->dominance));
    DG_TRY(define_quantities(store, dg_health_quantities, DG_HEALTH_QUANTITIES, &rate,
                             "population_", "", store->health[DG_SCOPE_POPULATION]));
    DG_TRY(define_quantities(store, dg_health_quantities, DG_HEALTH_QUANTITIES, &human, "human_", "",
                             store->health[DG_SCOPE_HUMANS]));
    return define_quantities(store, dg_group_quantities, DG_GROUP_QUANTITIES, &of_group, "", "",
                             store->group_quantity);
}

/** Histograms of beliefs, when each value was last held, and distances of genotypes. */
static dg_status define_beliefs(dg_store *store)
{
    const dg_variable count = {
        "belief_count", NC_INT, "1", "(agent, step) pairs that hold a belief",
        {DG_DIMENSION_run, DG_DIMENSION_generation, DG_DIMENSION_group, DG_DIMENSION_belief, -1}};
    const dg_variable last = {
        "last_appearance", NC_INT, "1", "last generation in which anyone held the belief; -1: never",
        {DG_DIMENSION_run, DG_DIMENSION_belief, -1}};
    const dg_variable human = {
        "human_last_appearance", NC_INT, "1",
        "last generation in which a human held the belief; -1: never",
        {DG_DIMENSION_run, DG_DIMENSION_belief, -1}};
    const dg_variable distance = {
        "genotype_distance", NC_FLOAT, "1",
        "mean pairwise Euclidean distance of genotypes / sqrt(parameters)",
        {DG_DIMENSION_run, DG_DIMENSION_diversity_generation, DG_DIMENSION_group,
         DG_DIMENSION_other_group, -1}};
    DG_TRY(dg_store_define(store, &count, &store->belief_count));
    DG_TRY(dg_store_define(store, &last, &store->last_appearance[DG_SCOPE_POPULATION]));
    DG_TRY(dg_store_define(store, &human, &store->last_appearance[DG_SCOPE_HUMANS]));
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
    DG_TRY(define_group_names(store, DG_DIMENSION_group, "group"));
    if (store->length[DG_DIMENSION_other_group] > 0) {
        DG_TRY(define_group_names(store, DG_DIMENSION_other_group, "other_group"));
    }
    DG_TRY(define_group_shapes(store));
    DG_TRY(define_outcome(store));
    DG_TRY(define_measures(store));
    DG_TRY(define_beliefs(store));
    return dg_store_define_agents(store);
}
