/** host/config/fingerprint.c: equal for equal runs wherever they stand, different for all others. */
#include "host/config/fingerprint.h"

#include "host/base/hash.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static dg_fingerprint of(const dg_config *config)
{
    dg_fingerprint id;
    cr_assert_eq(dg_fingerprint_of(&id, config), DG_OK);
    return id;
}

static bool same(const dg_fingerprint *a, const dg_fingerprint *b)
{
    return a->word[0] == b->word[0] && a->word[1] == b->word[1];
}

/* ---- every key counts ------------------------------------------------------------------------ */

static void change_clip(dg_config *config, int step)
{
    config->clip = true;
    config->clip_low = step == 1 ? 0 : -1;
    config->clip_high = step == 2 ? nextafter(1, 2) : 1;
}

/** The smallest change of a member that the table of keys names; `step` of several. */
static void change(void *owner, const dg_field *field, int step)
{
    char *at = (char *)owner + field->offset;
    switch (field->type) {
    case DG_FIELD_INTEGER:
    case DG_FIELD_BELIEF: *(int64_t *)(void *)at += step + 1; break;
    case DG_FIELD_SEED: *(uint64_t *)(void *)at += UINT64_C(1) << (31 * step); break;
    case DG_FIELD_REAL: {
        double *value = (double *)(void *)at;
        *value = isnan(*value) ? 0.5 + step : step == 1 ? -1e-300 : nextafter(*value, 3.0 + step);
        break;
    }
    case DG_FIELD_BOOL: *(bool *)at = !*(bool *)at; break;
    case DG_FIELD_CHOICE: {
        int32_t *value = (int32_t *)(void *)at;
        *value = field->words[*value + 1] ? *value + 1 : *value - 1;
        break;
    }
    case DG_FIELD_CLIP: change_clip(owner, step); break;
    case DG_FIELD_TEXT: strcpy(at, "another"); break;
    }
}

typedef struct collection {
    dg_fingerprint id[512];
    size_t count;
} collection;

/** A changed configuration is none of those before. */
static void expect_new(collection *seen, const dg_config *config, const char *key)
{
    const dg_fingerprint id = of(config);
    for (size_t k = 0; k < seen->count; k++)
        cr_assert_not(same(&seen->id[k], &id), "%s changed is the same as change %zu", key, k);
    cr_assert_lt(seen->count, 512);
    seen->id[seen->count++] = id;
}

static int steps_of(const dg_field *field)
{
    return field->type == DG_FIELD_BOOL || field->type == DG_FIELD_CHOICE ? 1
           : field->type == DG_FIELD_CLIP                                 ? 3
                                                                          : 2;
}

static bool shows(const dg_field *field, int32_t model)
{
    return strcmp(field->key, "condition") != 0 && strcmp(field->key, "checkpoint.minutes") != 0 &&
           strcmp(field->key, "model") != 0 && dg_field_applies(field, model);
}

/** All changes of keys of a run; returns how many keys there were. */
static size_t change_run_keys(collection *seen, const dg_config *base)
{
    size_t keys = 0;
    for (const dg_field *f = dg_run_fields; f->key; f++) {
        if (!shows(f, base->model)) continue;
        keys++;
        for (int step = 0; step < steps_of(f); step++) {
            dg_config changed = *base;
            change(&changed, f, step);
            expect_new(seen, &changed, f->key);
        }
    }
    return keys;
}

Test(fingerprint, of_any_key_changed_is_another)
{
    collection seen = {.count = 0};
    dg_experiment *e = load_text("agents: 9\n", NULL, NULL);
    const dg_config base = dg_run_config(e, 0);
    expect_new(&seen, &base, "nothing");
    cr_expect_gt(change_run_keys(&seen, &base), 40);
    for (int32_t g = 0; g < base.group_count; g++) {
        dg_config changed = base;
        for (const dg_field *f = dg_group_fields; f->key; f++)
            for (int step = 0; step < steps_of(f); step++) {
                changed = base;
                change(&changed.group[g], f, step);
                expect_new(&seen, &changed, f->key);
            }
        changed = base;
        strcat(changed.group[g].name, "x");
        expect_new(&seen, &changed, "the name of a group");
    }
    dg_experiment_free(&e);
}

Test(fingerprint, of_an_echo_chamber_has_its_own_keys)
{
    collection seen = {.count = 0};
    dg_experiment *e = load_text("model: echo-chamber\n", NULL, NULL);
    dg_experiment *other = load_text("steps: 3\n", NULL, NULL);
    expect_new(&seen, RUN_CONFIG(e, 0), "nothing");
    expect_new(&seen, RUN_CONFIG(other, 0), "model");
    cr_expect_gt(change_run_keys(&seen, RUN_CONFIG(e, 0)), 7);
    dg_experiment_free(&e);
    dg_experiment_free(&other);
}

/* ---- and nothing else ------------------------------------------------------------------------ */

Test(fingerprint, does_not_know_how_often_a_run_is_saved_or_its_condition_called)
{
    dg_experiment *plain = load_text("agents: 9\n", NULL, NULL);
    dg_experiment *saved = load_text("agents: 9\ncheckpoint: {minutes: 0.001}\n", NULL, NULL);
    dg_experiment *named = load_text(
        "steps: 3\nsweep: {conditions: [{name: a, set: {agents: 9, steps: 50}}, {name: b}]}\n",
        NULL, NULL);
    const dg_fingerprint a = of(RUN_CONFIG(plain, 0)), b = of(RUN_CONFIG(saved, 0)),
                         c = of(RUN_CONFIG(named, 0)), d = of(RUN_CONFIG(named, 1));
    cr_expect(same(&a, &b));
    cr_expect(same(&a, &c));
    cr_expect_not(same(&a, &d));
    dg_experiment_free(&plain);
    dg_experiment_free(&saved);
    dg_experiment_free(&named);
}

/** The bytes of a name that is no longer used are not the run's. */
Test(fingerprint, does_not_read_behind_the_end_of_texts)
{
    dg_experiment *e = load_text("agents: 9\n", NULL, NULL);
    dg_config other = dg_run_config(e, 0);
    memset(other.condition, 'x', sizeof other.condition - 1);
    for (int32_t g = 0; g < other.group_count; g++) {
        const size_t used = strlen(other.group[g].name) + 1;
        memset(other.group[g].name + used, 'x', sizeof other.group[g].name - used);
    }
    const dg_fingerprint a = of(RUN_CONFIG(e, 0)), b = of(&other);
    cr_expect(same(&a, &b));
    dg_experiment_free(&e);
}

/* each run as a file of its own, and all of them in two sweeps of other axes, order and company */
Test(fingerprint, is_the_same_in_any_sweep)
{
    dg_experiment *one = load_text("agents: 9\nsweep:\n  product:\n    steps: [3, 4]\n"
                                   "    seed: [1, 2, 3]\n",
                                   NULL, NULL);
    dg_experiment *two = load_text("seed: 77\nsteps: 1000\nagents: 9\nsweep:\n  product:\n"
                                   "    seed: [3, 9, 2, 1]\n    values: [7, 10]\n"
                                   "    steps: [4, 5, 3]\n",
                                   NULL, NULL);
    dg_fingerprint *first = NULL, *second = NULL;
    cr_assert_eq(dg_fingerprints_of(&first, one), DG_OK);
    cr_assert_eq(dg_fingerprints_of(&second, two), DG_OK);
    for (size_t r = 0; r < one->runs; r++) {
        char text[64], steps[64];
        size_t found = 0;
        for (size_t s = 0; s < two->runs; s++) {
            const bool equal = one->run[r].seed == two->run[s].seed &&
                               dg_run_config(one, r).steps == dg_run_config(two, s).steps &&
                               dg_run_config(two, s).values == 10;
            cr_expect_eq(same(&first[r], &second[s]), equal, "runs %zu and %zu", r, s);
            found += equal;
        }
        cr_expect_eq(found, 1);
        snprintf(text, sizeof text, "seed=%d", (int)one->run[r].seed);
        snprintf(steps, sizeof steps, "steps=%d", (int)dg_run_config(one, r).steps);
        dg_experiment *alone = load_text("agents: 9\n", text, steps);
        const dg_fingerprint id = of(RUN_CONFIG(alone, 0));
        cr_expect(same(&first[r], &id), "run %zu", r);
        dg_experiment_free(&alone);
    }
    free(first);
    free(second);
    dg_experiment_free(&one);
    dg_experiment_free(&two);
}

/** Seeds as the slowest axis, the fastest, in a zip and in conditions; the default among them. */
Test(fingerprint, of_all_runs_of_a_sweep_is_that_of_each)
{
    static const char *const files[] = {
        "sweep: {product: {seed: [1, 0, 18446744073709551615, 33], reading: [text, tables]}}",
        "sweep: {product: {agents: [6, 9], contagion.factor: [0.5, 0.3], seed: {from: 1, to: 5}}}",
        "sweep: {zip: {seed: [1, 2, 1], steps: [3, 3, 4]}, product: {values: [7, 10]}}",
        "sweep: {conditions: [{name: a, set: {seed: 1}}, {name: b, set: {seed: 2}}]}",
        "model: echo-chamber\nsweep: {product: {seed: [2, 1], echo.rate: [0.1, 0.2]}}",
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        dg_experiment *e = load_text(files[k], NULL, NULL);
        dg_fingerprint *id = NULL;
        cr_assert_eq(dg_fingerprints_of(&id, e), DG_OK);
        for (size_t r = 0; r < e->runs; r++) {
            const dg_fingerprint alone = of(RUN_CONFIG(e, r));
            cr_expect(same(&id[r], &alone), "%s: run %zu", files[k], r);
        }
        free(id);
        dg_experiment_free(&e);
    }
}

/* ---- several of them ------------------------------------------------------------------------- */

Test(fingerprint, of_several_runs_depends_on_each_and_their_order)
{
    dg_fingerprint id[4] = {{{1, 2}}, {{3, 4}}, {{1, 2}}, {{5, 6}}};
    const uint64_t two = dg_fingerprints_hash(id, 2);
    cr_expect_eq(two, dg_fingerprints_hash(id, 2));
    cr_expect_neq(two, dg_fingerprints_hash(id, 1));
    cr_expect_neq(two, dg_fingerprints_hash(id, 3));
    cr_expect_neq(two, dg_fingerprints_hash(id + 1, 2), "the other way round");
    id[1].word[1] ^= UINT64_C(1) << 63;
    cr_expect_neq(two, dg_fingerprints_hash(id, 2));
}

Test(fingerprint, is_ordered_by_all_its_bits)
{
    static const dg_fingerprint up[] = {{{0, 0}}, {{0, 1}},          {{0, UINT64_MAX}},
                                        {{1, 0}}, {{UINT64_MAX, 0}}, {{UINT64_MAX, 5}}};
    for (int a = 0; a < 6; a++)
        for (int b = 0; b < 6; b++)
            cr_expect_eq(dg_fingerprint_compare(&up[a], &up[b]), (a > b) - (a < b));
}

/* ---- fixed for the life of a model version --------------------------------------------------- */

/* folders on disk name their runs so: a change orphans every unfinished one */
Test(fingerprint, of_these_files_is_what_it_was)
{
    static const struct {
        const char *yaml;
        dg_fingerprint id;
    } golden[] = {
        {"", {{0x1b19bcda1388a0de, 0xc468b5abb84bb217}}},
        {"{reading: tables, ai_type: all_zero, seed: 18446744073709551615, condition: named,\n"
         " agents: 33, belief_weights: {update: reward, clip: [-0.1, 0.30000000000000004]},\n"
         " evolution: {variant: ros-hansen, mean_rate: 1e-9, covariance_rate: 0.3},\n"
         " groups: {ai: {size: 3}, human1: {hidden: 7, influence_bonus: -1.5}},\n"
         " output: {agents: true, first: 4, last: 8}, checkpoint: {minutes: 0.5}}",
         {{0x2d580956eb6f6d79, 0xc85443f7087544d9}}},
        {"groups: {bots: {kind: ai, belief: fixed}, people: {kind: human, "
         "observation_capacity: 2}}\n"
         "early_stop: {share: 0.9, scope: population}",
         {{0x83e78eacac750731, 0x70c7c0161f18326f}}},
        {"{model: echo-chamber, echo: {rate: 1e-5, utility: bounded-confidence}, "
         "output.compression: 9}",
         {{0x441358b3a4a30b86, 0x0bd74badcc8f011e}}},
    };
    for (size_t k = 0; k < sizeof golden / sizeof *golden; k++) {
        dg_experiment *e = load_text(golden[k].yaml, NULL, NULL);
        const dg_fingerprint id = of(RUN_CONFIG(e, 0));
        cr_expect(same(&id, &golden[k].id), "%s: %016llx %016llx", golden[k].yaml,
                  (unsigned long long)id.word[0], (unsigned long long)id.word[1]);
        dg_experiment_free(&e);
    }
}

/* keys of version 2; one that comes later has no part in what a stored run of today stands for */
static const char *const keys[] = {"agents",
                                   "values",
                                   "generations",
                                   "steps",
                                   "niche.points",
                                   "niche.dimensions",
                                   "niche.centroids",
                                   "niche.iterations",
                                   "policy.hidden",
                                   "policy.output",
                                   "policy.forward",
                                   "observation.capacity",
                                   "observation.coordinate_factor",
                                   "observation.influence_factor",
                                   "observation.belief_factor",
                                   "observation.sparsity",
                                   "observation.silent",
                                   "reward.truthfulness",
                                   "reward.penalise_silence",
                                   "belief_weights.update",
                                   "belief_weights.random_sigma",
                                   "belief_weights.momentum_sigma",
                                   "belief_weights.momentum_factor",
                                   "belief_weights.reward_scale",
                                   "belief_weights.decay_factor",
                                   "belief_weights.clip",
                                   "belief_weights.carry",
                                   "contagion.factor",
                                   "contagion.sources",
                                   "contagion.content",
                                   "contagion.distance",
                                   "contagion.delta",
                                   "contagion.overflow",
                                   "contagion.sparsity",
                                   "evolution.variant",
                                   "evolution.sampling",
                                   "evolution.sigma",
                                   "evolution.mean_rate",
                                   "evolution.covariance_rate",
                                   "early_stop.share",
                                   "early_stop.generations",
                                   "early_stop.scope",
                                   "measures.diversity_every",
                                   NULL};
static const char *const keys_of_group[] = {"kind",
                                            "size",
                                            "act_period",
                                            "evolve_period",
                                            "influence_bonus",
                                            "belief",
                                            "observation_capacity",
                                            "hidden",
                                            NULL};
static const char *const keys_of_echo[] = {
    "echo.agents",         "echo.steps",   "echo.rate",       "echo.scale",
    "echo.snapshot_every", "echo.utility", "echo.confidence", NULL};

static void write_values(FILE *file, const dg_experiment *e, size_t run, const char *before,
                         const char *const *key)
{
    char full[128];
    for (; *key; key++) {
        snprintf(full, sizeof full, "%s%s", before, *key);
        fprintf(file, "%s: %s\n", full, load_value(e, run, full));
    }
}

/** XXH3 of the values of all runs of an experiment. */
static uint64_t hash_of_values(const char *yaml, const char *const *key)
{
    char *text = NULL;
    size_t size = 0;
    dg_experiment *e = load_text(yaml, NULL, NULL);
    FILE *file = open_memstream(&text, &size);
    cr_assert_not_null(file);
    for (size_t r = 0; r < e->runs; r++) {
        write_values(file, e, r, "", key);
        for (int g = 0; g < RUN_CONFIG(e, r)->group_count; g++) {
            char before[80];
            snprintf(before, sizeof before, "groups.%s.", RUN_CONFIG(e, r)->group[g].name);
            write_values(file, e, r, before, keys_of_group);
        }
    }
    fclose(file);
    const uint64_t hash = dg_hash_bytes(text, (int64_t)size);
    free(text);
    dg_experiment_free(&e);
    return hash;
}

/* stored runs state only what differs: a default, a reading or an AI type that changes changes them */
Test(fingerprint, stands_for_the_defaults_of_model_version_2)
{
    const uint64_t digico =
        hash_of_values("sweep: {product: {reading: [text, tables], ai_type: [none, act, evolve, "
                       "influence, fix, all, fix_at_zero, all_zero]}}",
                       keys);
    const uint64_t echo = hash_of_values("model: echo-chamber", keys_of_echo);
    cr_expect_eq(digico, UINT64_C(0x0773f4bd56cfc600), "%016llx", (unsigned long long)digico);
    cr_expect_eq(echo, UINT64_C(0x98bbc5c9619c4ce8), "%016llx", (unsigned long long)echo);
}

static void expect_same(const char *yaml, const char *other)
{
    dg_experiment *left = load_text(yaml, NULL, NULL), *right = load_text(other, NULL, NULL);
    const dg_fingerprint a = of(RUN_CONFIG(left, 0)), b = of(RUN_CONFIG(right, 0));
    cr_expect(same(&a, &b), "%s\nand\n%s", yaml, other);
    dg_experiment_free(&left);
    dg_experiment_free(&right);
}

Test(fingerprint, does_not_know_how_a_configuration_was_written)
{
    static const char *const files[] = {
        "", "{reading: tables, ai_type: all, agents: 60, generations: 20, output.last: 7}",
        "groups: {bots: {kind: ai, size: 2}, people: {kind: human, size: 4}}",
        "{evolution.variant: ros-hansen, observation.capacity: 7, policy.hidden: 5}",
        "{model: echo-chamber, echo.confidence: 0.25}"};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        dg_experiment *e = load_text(files[k], NULL, NULL);
        char *all = NULL;
        cr_assert_eq(dg_experiment_print(&all, e, 0), DG_OK);
        expect_same(files[k], all); /* every key stated */
        free(all);
        dg_experiment_free(&e);
    }
    expect_same("agents: 60", "groups: {ai: {size: 20}, human1: {size: 20}, human2: {size: 20}}");
    expect_same("observation.capacity: 4", "groups.ai.observation_capacity: 4");
    expect_same("generations: 9", "{generations: 9, output.last: 8}");
    expect_same("seed: 3", "seed: 3\nsweep: {conditions: [{name: only}]}");
}
