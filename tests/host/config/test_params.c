/**
 * host/config/params.c, and what else takes keys on to a run: every key of the table changes what its
 * run is computed from, or is listed here with the reason why not; and keys change during a run only
 * where that can have a meaning.
 */
#include "host/base/hash.h"
#include "host/config/value.h"
#include "host/models/batch_shape.h"
#include "host/models/world.h"
#include "host/store/results.h"
#include "tests/support/fixture.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/* what changes nothing that a run is computed from */
static const struct {
    const char *key, *why;
} exempt[] = {
    {"model", "which of the kinds of runs below it is"},
    {"condition", "a name"},
    {"output.compression", "of the result file: host/store/variable.c"},
    {"checkpoint.minutes", "how often runs are saved: host/engine/batches.c"},
};

/* ---- the effect of a configuration ----------------------------------------------------------- */

typedef struct effect {
    dg_shape shape;
    dg_params params;
    dg_batch_options options;
    uint64_t costs, start; /* static costs, and the whole state at generation 0 */
    dg_echo_params echo;
    uint64_t end;      /* of a run that its model computes: its final state ... */
    int64_t snapshots; /* ... and how often it was looked at */
} effect;

static void see_digico(effect *e, const dg_config *config)
{
    const dg_options how = {0};
    fixture_run run = fixture_begin(config);
    const int64_t costs = (int64_t)run.shape.agents * run.shape.row * (int64_t)sizeof(float);
    e->shape = run.shape;
    e->params = run.params;
    dg_batch_describe(config, &how, &run.shape, &e->options);
    e->costs = dg_hash_bytes(run.state.static_cost, costs);
    e->start = dg_hash_bytes(run.block, dg_state_bytes(&run.shape));
    fixture_free(&run);
}

/** Of a model that computes its runs (dg_model.compute). */
static void see_computed(effect *e, const dg_experiment *experiment)
{
    dg_results *results = NULL;
    char *directory = records_folder();
    e->echo = dg_config_echo_params(RUN_CONFIG(experiment, 0));
    cr_assert_eq(dg_experiment_run(experiment, directory, NULL, NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_results_open(&results, directory), DG_OK, "%s", dg_error());
    e->end = results->hash[0];
    e->snapshots = (int64_t)dg_results_length(results, "snapshot");
    dg_results_close(&results);
    records_remove(directory);
}

/* small runs, one for each model, in which every key of the model has an effect */
static const char *const base_of[DG_MODEL_COUNT] = {
    [DG_MODEL_DIGICO] = "agents: 12\nniche.points: 100\nearly_stop.share: 0.9\n"
                        "output.agents: true\n",
    [DG_MODEL_ECHO] = "model: echo-chamber\necho.steps: 3000\necho.snapshot_every: 1000\n",
};

/** `out` is written whole, so that effects compare as bytes. */
static void effect_of(effect *out, int32_t model, const char *set)
{
    memset(out, 0, sizeof *out);
    dg_experiment *experiment = load_text(base_of[model], set, NULL);
    if (model == DG_MODEL_DIGICO)
        see_digico(out, RUN_CONFIG(experiment, 0));
    else
        see_computed(out, experiment);
    dg_experiment_free(&experiment);
}

/* ---- another value of a key ------------------------------------------------------------------ */

/* keys whose next value would contradict the rest of the base, or be too little to be seen */
static const struct {
    const char *key, *value;
} other[] = {{"agents", "15"},
             {"groups.ai.size", "2"},
             {"groups.human1.size", "2"},
             {"groups.ai.kind", "human"},
             {"output.last", "998"},
             {"niche.points", "50"},
             {"niche.iterations", "2"},
             {"echo.snapshot_every", "700"}};

static const char *other_value(const dg_field *field, const char *key, const dg_config *base,
                               int32_t group, char *text, size_t size)
{
    for (int i = 0; i < DG_LENGTH(other); i++)
        if (strcmp(key, other[i].key) == 0) return other[i].value;
    const dg_value now = dg_value_load(field, base, group);
    switch (field->type) {
    case DG_FIELD_INTEGER: snprintf(text, size, "%lld", (long long)now.integer + 1); break;
    case DG_FIELD_SEED: return "77";
    case DG_FIELD_REAL: return "0.3";
    case DG_FIELD_BOOL: return now.integer ? "false" : "true";
    case DG_FIELD_CHOICE:
        return field->words[now.integer + 1] ? field->words[now.integer + 1] : field->words[0];
    case DG_FIELD_BELIEF: return "{fixed_at: 1}";
    case DG_FIELD_CLIP: return "[0, 1]";
    case DG_FIELD_TEXT: return "another";
    }
    return text;
}

static bool is_exempt(const char *key)
{
    for (int i = 0; i < DG_LENGTH(exempt); i++)
        if (strcmp(key, exempt[i].key) == 0) return true;
    return false;
}

/* ---- one key --------------------------------------------------------------------------------- */

#define DIFFERS(a, b, member) (memcmp(&(a).member, &(b).member, sizeof(a).member) != 0)

/* a key that decides sizes, what is stored, or the start alone has no meaning later */
static void expect_may_change(const dg_field *field, const char *key, const effect *a,
                              const effect *b)
{
    const bool sizes = DIFFERS(*a, *b, shape) || DIFFERS(*a, *b, options);
    const bool steps = DIFFERS(*a, *b, params) || DIFFERS(*a, *b, costs) || DIFFERS(*a, *b, echo);
    if (sizes || !steps)
        cr_expect_eq(field->may_change, DG_CHANGE_NEVER,
                     "%s decides sizes or the start: expected never", key);
}

static void check_key(const dg_field *field, int32_t group, int32_t model, const effect *base)
{
    char key[DG_KEY_LENGTH], text[64], set[DG_KEY_LENGTH + 64];
    effect changed;
    dg_experiment *experiment = load_text(base_of[model], NULL, NULL);
    const dg_config *config = RUN_CONFIG(experiment, 0);
    dg_field_key(config, field, group, key, sizeof key);
    snprintf(set, sizeof set, "%s=%s", key,
             other_value(field, key, config, group, text, sizeof text));
    dg_experiment_free(&experiment);
    if (strcmp(key, "model") == 0) return;
    effect_of(&changed, model, set);
    const bool reaches = memcmp(base, &changed, sizeof changed) != 0;
    if (is_exempt(key))
        cr_expect_not(reaches, "%s reaches a run: it needs no reason why not", set);
    else
        cr_expect(reaches, "%s reaches nothing: copy it, or say here why not", set);
    expect_may_change(field, key, base, &changed);
}

static size_t check_keys(int32_t model, int32_t groups)
{
    effect base;
    size_t keys = 0;
    effect_of(&base, model, NULL);
    for (const dg_field *f = dg_run_fields; f->key; f++) {
        if (!dg_field_applies(f, model)) continue;
        check_key(f, -1, model, &base);
        keys++;
    }
    for (int32_t group = 0; group < groups; group++)
        for (const dg_field *f = dg_group_fields; f->key; f++) check_key(f, group, model, &base);
    return keys;
}

Test(params, every_key_of_digico_reaches_its_run)
{
    cr_expect_gt(check_keys(DG_MODEL_DIGICO, 2), 50);
}

Test(params, every_key_of_an_echo_chamber_reaches_its_run)
{
    cr_expect_gt(check_keys(DG_MODEL_ECHO, 0), 9);
}

/* a further model needs a line of base_of; its keys are checked here as those of the echo chamber are */
Test(params, every_key_of_every_other_model_reaches_its_run)
{
    for (int32_t model = 0; model < DG_MODEL_COUNT; model++) {
        cr_assert_not_null(base_of[model], "base_of has no line for model %d of DG_MODEL_LIST",
                           model);
        if (model == DG_MODEL_DIGICO || model == DG_MODEL_ECHO) continue;
        cr_expect_gt(check_keys(model, 0), 0);
    }
}

/* ---- when a key may change ------------------------------------------------------------------- */

static void check_constant(const dg_field *fields)
{
    for (const dg_field *f = fields; f->key; f++)
        if (f->constant) cr_expect_eq(f->may_change, DG_CHANGE_NEVER, "%s", f->key);
}

Test(params, what_is_the_same_in_all_runs_never_changes_in_one)
{
    check_constant(dg_run_fields);
    check_constant(dg_group_fields);
}

Test(params, sections_change_when_their_formulas_read_them)
{
    static const struct {
        const char *prefix;
        dg_may_change most;
    } sections[] = {{"niche.", DG_CHANGE_NEVER},
                    {"output.", DG_CHANGE_NEVER},
                    {"evolution.", DG_CHANGE_GENERATION},
                    {"early_stop.", DG_CHANGE_GENERATION},
                    {"seed", DG_CHANGE_NEVER},
                    {"measures.", DG_CHANGE_NEVER}};
    for (const dg_field *f = dg_run_fields; f->key; f++)
        for (int i = 0; i < DG_LENGTH(sections); i++)
            if (strncmp(f->key, sections[i].prefix, strlen(sections[i].prefix)) == 0)
                cr_expect_leq(f->may_change, sections[i].most, "%s", f->key);
}
