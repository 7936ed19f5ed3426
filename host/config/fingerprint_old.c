/**
 * Fingerprints of the scheme before this one, by which folders of earlier builds name their runs
 * (archives of version 1): the hash of every key that there was, with its value.
 *
 * Frozen: neither the lists nor their order follow the table of keys. A key that came later has no part
 * in it; a run that sets one has no fingerprint of that scheme.
 */
#include "host/config/fingerprint.h"
#include "host/config/write.h"

#include "host/base/error.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const char *const digico_keys[] = {
    "model", "reading", "ai_type", "condition", "seed", "agents", "values", "generations", "steps",
    "niche.points", "niche.dimensions", "niche.centroids", "niche.iterations",
    "policy.hidden", "policy.output", "policy.forward",
    "observation.capacity", "observation.coordinate_factor", "observation.influence_factor",
    "observation.belief_factor", "observation.sparsity", "observation.silent",
    "reward.truthfulness", "reward.penalise_silence",
    "belief_weights.update", "belief_weights.random_sigma", "belief_weights.momentum_sigma",
    "belief_weights.momentum_factor", "belief_weights.reward_scale", "belief_weights.clip",
    "belief_weights.carry",
    "contagion.factor", "contagion.sources", "contagion.content", "contagion.distance",
    "contagion.delta", "contagion.overflow", "contagion.sparsity",
    "evolution.variant", "evolution.sampling", "evolution.sigma", "evolution.mean_rate",
    "evolution.covariance_rate",
    "measures.diversity_every",
    "early_stop.share", "early_stop.generations", "early_stop.scope",
    "output.agents", "output.first", "output.last", "output.every", "output.compression",
    "checkpoint.minutes", NULL};

static const char *const group_keys[] = {
    "kind", "size", "act_period", "evolve_period", "influence_bonus", "belief",
    "observation_capacity", "hidden", NULL};

static const char *const echo_keys[] = {
    "model", "condition", "seed", "output.compression",
    "echo.agents", "echo.steps", "echo.rate", "echo.scale", "echo.snapshot_every", "echo.utility",
    "echo.confidence", NULL};
/* clang-format on */

static const char *const no_keys[] = {NULL};

static const dg_field *find(const dg_field *fields, const char *key)
{
    while (fields->key && strcmp(fields->key, key) != 0) fields++;
    return fields;
}

static bool has(const char *const *keys, const char *key)
{
    while (*keys && strcmp(*keys, key) != 0) keys++;
    return *keys != NULL;
}

/* ---- whether there is one -------------------------------------------------------------------- */

static bool sets_other(const dg_config *config, const dg_config *unset, const dg_field *fields,
                       int32_t group, const char *const *keys)
{
    for (const dg_field *f = fields; f->key; f++) {
        if (!f->identity || !dg_field_applies(f, config->model) || has(keys, f->key)) continue;
        const dg_value value = dg_value_load(f, config, group);
        const dg_value standard = dg_value_load(f, unset, group);
        if (!dg_value_equal(&value, &standard, f)) return true;
    }
    return false;
}

/** The keys of a run's model in that scheme; NULL: it sets a key, or is of a model, that came later. */
static const char *const *keys_of(const dg_config *config)
{
    dg_config unset;
    const bool digico = config->model == DG_MODEL_DIGICO;
    const char *const *keys = digico ? digico_keys : echo_keys;
    if (!digico && config->model != DG_MODEL_ECHO) return NULL;
    dg_config_unset(&unset, config);
    bool other = sets_other(config, &unset, dg_run_fields, -1, keys);
    for (int32_t g = 0; g < config->group_count && digico; g++)
        other = other || sets_other(config, &unset, dg_group_fields, g, group_keys);
    return other ? NULL : keys;
}

/* ---- its text -------------------------------------------------------------------------------- */

static void write_old(const dg_config *config, FILE *file)
{
    const bool digico = config->model == DG_MODEL_DIGICO;
    const char *const *of_groups = digico ? group_keys : no_keys;
    dg_key_writer writer = {.file = file, .before = "", .group = -1};
    dg_config bare = *config;
    memset(bare.condition, 0, sizeof bare.condition);
    bare.checkpoint_minutes = 0;
    fprintf(file, "model version 1\n"); /* the only one that the scheme had */
    for (const char *const *key = digico ? digico_keys : echo_keys; *key; key++)
        dg_key_write(&writer, &bare, find(dg_run_fields, *key), -1);
    for (int32_t g = 0; g < config->group_count; g++)
        for (const char *const *key = of_groups; *key; key++)
            dg_key_write(&writer, &bare, find(dg_group_fields, *key), g);
}

dg_status dg_fingerprint_old_of(dg_fingerprint *out, const dg_config *config)
{
    return keys_of(config) ? dg_fingerprint_of_text(out, config, write_old)
                           : dg_fingerprint_of(out, config);
}

/* ---- from one scheme to the other ------------------------------------------------------------ */

dg_status dg_fingerprint_renames(dg_fingerprint_rename **out, const dg_experiment *experiment)
{
    const size_t runs = experiment->runs;
    dg_fingerprint *old = NULL, *now = NULL;
    dg_fingerprint_rename *pair = malloc(runs * sizeof *pair);
    dg_status status = pair ? DG_OK : dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", runs);
    if (status == DG_OK) status = dg_fingerprints_by(&old, experiment, dg_fingerprint_old_of);
    if (status == DG_OK) status = dg_fingerprints_of(&now, experiment);
    for (size_t r = 0; r < runs && status == DG_OK; r++)
        pair[r] = (dg_fingerprint_rename){old[r], now[r]};
    free(old);
    free(now);
    if (status != DG_OK) {
        free(pair);
        return status;
    }
    qsort(pair, runs, sizeof *pair, dg_fingerprint_compare);
    *out = pair;
    return DG_OK;
}

void dg_fingerprint_rename_one(dg_fingerprint *id, const dg_fingerprint_rename *pair, size_t count)
{
    const dg_fingerprint_rename *found =
        bsearch(id, pair, count, sizeof *pair, dg_fingerprint_compare);
    if (found) *id = found->now;
}
