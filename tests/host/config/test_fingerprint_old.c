/**
 * host/config/fingerprint_old.c: folders of the scheme before go on. tests/support/old_scheme holds some
 * that digico 3082ff9 made, the last program of that scheme: a sweep that was stopped (one run finished,
 * one saved, two missing), one that was finished, and echo chambers; their result files left out.
 */
#include "host/config/fingerprint.h"
#include "host/directory/assemble.h"
#include "host/directory/recorded.h"
#include "host/directory/inventory.h"
#include "host/directory/standing_read.h"
#include "tests/support/contents.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define OLD         "tests/support/old_scheme"
#define OK(call)    cr_assert_eq((call), DG_OK, "%s", dg_error())
#define EQUAL(a, b) ((a).word[0] == (b).word[0] && (a).word[1] == (b).word[1])

static dg_fingerprint old_of(const dg_config *config)
{
    dg_fingerprint id;
    OK(dg_fingerprint_old_of(&id, config));
    return id;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* as printed by that program; the first pins every default of model version 1, too */
Test(fingerprint_old, of_these_files_is_what_that_program_gave)
{
    static const struct {
        const char *yaml;
        dg_fingerprint id;
    } golden[] = {
        {"", {{0x638b353240ca37c9, 0x9fe49f56c0589abc}}},
        {"{reading: tables, ai_type: all_zero, seed: 18446744073709551615, condition: named,\n"
         " agents: 33, belief_weights: {update: reward, clip: [-0.1, 0.30000000000000004]},\n"
         " evolution: {variant: ros-hansen, mean_rate: 1e-9, covariance_rate: 0.3},\n"
         " groups: {ai: {size: 3}, human1: {hidden: 7, influence_bonus: -1.5}},\n"
         " output: {agents: true, first: 4, last: 8}, checkpoint: {minutes: 0.5}}",
         {{0x5d3e137bbf14e754, 0x6c9f5134548ff9ef}}},
        {"groups: {bots: {kind: ai, belief: fixed}, people: {kind: human, "
         "observation_capacity: 2}}\n"
         "early_stop: {share: 0.9, scope: population}",
         {{0xae39919d3f412b22, 0xdc59a4a80ff08cae}}},
        {"{model: echo-chamber, echo: {rate: 1e-5, utility: bounded-confidence}, "
         "output.compression: 9}",
         {{0x515a8268752cf379, 0xda45cb93aadf7792}}},
    };
    for (int k = 0; k < DG_LENGTH(golden); k++) {
        dg_experiment *e = load_text(golden[k].yaml, NULL, NULL);
        const dg_fingerprint id = old_of(RUN_CONFIG(e, 0));
        cr_expect(EQUAL(id, golden[k].id), "%s: %016llx %016llx", golden[k].yaml,
                  (unsigned long long)id.word[0], (unsigned long long)id.word[1]);
        dg_experiment_free(&e);
    }
}

/* stored runs state only what differs: a default, a reading or an AI type that changes would change them */
Test(fingerprint_old, pins_the_readings_and_ai_types_of_model_version_1)
{
    dg_fingerprint *id = NULL;
    dg_experiment *e = load_text("sweep: {product: {reading: [text, tables], ai_type: [none, act, "
                                 "evolve, influence, fix, all, fix_at_zero, all_zero]}}",
                                 NULL, NULL);
    OK(dg_fingerprints_by(&id, e, dg_fingerprint_old_of));
    cr_expect_eq(dg_fingerprints_hash(id, e->runs), UINT64_C(0xdadca77801d7bb90), "%016llx",
                 (unsigned long long)dg_fingerprints_hash(id, e->runs));
    free(id);
    dg_experiment_free(&e);
}

Test(fingerprint_old, is_renamed_to_the_present_one_and_others_stay)
{
    dg_fingerprint_rename *pair = NULL;
    dg_experiment *e = load_text("sweep: {product: {seed: {from: 1, to: 40}}}", NULL, NULL);
    OK(dg_fingerprint_renames(&pair, e));
    for (size_t r = 0; r < e->runs; r++) {
        dg_fingerprint id = old_of(RUN_CONFIG(e, r)), now;
        OK(dg_fingerprint_of(&now, RUN_CONFIG(e, r)));
        cr_expect_not(EQUAL(id, now));
        dg_fingerprint_rename_one(&id, pair, e->runs);
        cr_expect(EQUAL(id, now), "run %zu", r);
        dg_fingerprint_rename_one(&id, pair, e->runs);
        cr_expect(EQUAL(id, now), "run %zu", r);
    }
    free(pair);
    dg_experiment_free(&e);
}

/* ---- folders --------------------------------------------------------------------------------- */

static char *directory;

static void setup(void)
{
    directory = records_folder();
}

static void teardown(void)
{
    records_remove(directory);
}

TestSuite(old_folder, .init = setup, .fini = teardown);

static void copy_file(const char *from, const char *to)
{
    size_t length;
    char *bytes = file_bytes(from, &length);
    file_put(to, bytes, length);
    free(bytes);
}

static void copy_folder(const char *from, const char *folder)
{
    dg_names names = {0};
    char path[256];
    snprintf(path, sizeof path, "%s/%s", from, folder);
    OK(dg_directory_make(folder_path(directory, folder)));
    if (dg_directory_list(&names, path, "") == DG_OK)
        for (size_t k = 0; k < names.count; k++)
            copy_file(folder_path(path, names.name[k]),
                      folder_path(folder_path(directory, folder), names.name[k]));
    dg_names_free(&names);
}

/** A copy of an old folder in `directory`, and its experiment. */
static dg_experiment *take(const char *name)
{
    dg_experiment *e = NULL;
    char from[128], yaml[128];
    snprintf(from, sizeof from, OLD "/%s", name);
    snprintf(yaml, sizeof yaml, OLD "/%s.yaml", name);
    copy_folder(from, DG_BATCH_FOLDER);
    copy_folder(from, DG_CHECKPOINT_FOLDER);
    copy_file(folder_path(from, "manifest.digico"), folder_path(directory, "manifest.digico"));
    if (dg_file_exists(folder_path(from, "provenance.json")))
        copy_file(folder_path(from, "provenance.json"), folder_path(directory, "provenance.json"));
    OK(dg_experiment_load(&e, yaml, NULL, 0));
    return e;
}

static dg_outcome go_on(const dg_experiment *e)
{
    const dg_options how = {.device = "cpu", .mixed_builds = 1};
    dg_outcome outcome;
    OK(dg_experiment_run(e, directory, &how, &outcome));
    return outcome;
}

/** The result in `directory` is that of a call which nothing interrupted. */
static void expect_unbroken(const dg_experiment *e)
{
    char *whole = records_folder();
    OK(dg_experiment_run(e, whole, NULL, NULL));
    contents_expect_same_bytes(folder_result(directory), folder_result(whole));
    records_remove(whole);
}

/* 4 runs of 16 generations, 6000 steps and 6 agents; that program had computed 29 generations */
Test(old_folder, that_was_stopped_goes_on_where_it_stood)
{
    enum { GENERATION = 6000 * 6 };
    dg_experiment *e = take("unfinished");
    const dg_outcome outcome = go_on(e);
    cr_expect_eq(outcome.runs_kept, 1);
    cr_expect_eq(outcome.runs_completed, 4);
    cr_expect_eq(outcome.agent_steps, (4 * 16 - 29) * (int64_t)GENERATION);
    expect_unbroken(e);
    dg_experiment_free(&e);
}

Test(old_folder, that_was_finished_is_finished)
{
    static const char *const names[] = {"finished", "echo"};
    for (int k = 0; k < DG_LENGTH(names); k++) {
        dg_experiment *e = take(names[k]);
        const dg_outcome outcome = go_on(e);
        cr_expect_eq(outcome.runs_kept, e->runs, "%s", names[k]);
        cr_expect_eq(outcome.agent_steps, 0, "%s", names[k]);
        expect_unbroken(e);
        dg_experiment_free(&e);
        teardown();
        setup();
    }
}

Test(old_folder, stands_as_it_stood)
{
    dg_standing *s = NULL;
    dg_experiment *e = take("unfinished");
    OK(dg_standing_read(&s, directory, true));
    cr_expect_eq(s->count[DG_STANDING_COMPLETED], 1);
    cr_expect_eq(s->count[DG_STANDING_SAVED], 1);
    cr_expect_eq(s->count[DG_STANDING_MISSING], 2);
    cr_expect_eq(s->damages.count, 0);
    dg_standing_free(&s);
    dg_experiment_free(&e);
}

/* its provenance.json names the experiment by the old names of its runs */
Test(old_folder, has_a_result_that_is_up_to_date)
{
    dg_fingerprint *id = NULL;
    dg_experiment *e = take("finished"), *other = load_text("agents: 9", NULL, NULL);
    OK(dg_fingerprints_of(&id, e));
    cr_expect_eq(dg_result_recorded_age(directory, e, id, e->runs), DG_RESULT_NEW);
    cr_expect_eq(dg_result_recorded_age(directory, other, id, 1), DG_RESULT_OLD);
    free(id);
    dg_experiment_free(&e);
    dg_experiment_free(&other);
}

/* what is rescued from an old batch is written in the format of today, names included */
Test(old_folder, keeps_the_intact_run_of_a_damaged_batch)
{
    dg_experiment *e = take("finished");
    file_flip(folder_file(directory, DG_BATCH_FOLDER, 0), 300, 0);
    const dg_outcome first = go_on(e);
    cr_expect_eq(first.runs_kept, 1);
    cr_expect_gt(first.agent_steps, 0);
    const dg_outcome second = go_on(e);
    cr_expect_eq(second.runs_kept, 2);
    cr_expect_eq(second.agent_steps, 0);
    expect_unbroken(e);
    dg_experiment_free(&e);
}
