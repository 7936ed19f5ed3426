/** host/directory/session_*.c: directories of earlier calls: grown, damaged, of another sweep. */
#include "host/directory/session_manifest.h"
#include "host/directory/session_open.h"

#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"
#include "host/directory/manifest.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder;
static collected_log logged;
static const dg_options listening = {.log = collect_log, .user = &logged};

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(session, .init = set_up, .fini = tear_down, .timeout = 60);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

#define SMALL "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n"
static const char four[] = SMALL "sweep: {product: {seed: [1, 2, 3, 4]}}\n";

/** Run an experiment into the folder. */
static dg_outcome run(const char *yaml, const dg_options *options)
{
    dg_outcome outcome;
    OK(folder_run(folder, yaml, options, NULL, &outcome));
    return outcome;
}

/** Expect the bytes of a result that was computed without interruption. */
static void expect_unbroken(const char *yaml)
{
    char *other = folder_unbroken(yaml);
    contents_expect_same_bytes(folder_result(folder), folder_result(other));
    records_remove(other);
}

static void expect_refused(const char *yaml, const dg_options *options, dg_status status,
                           const char *part)
{
    dg_outcome outcome;
    cr_assert_eq(folder_run(folder, yaml, options, NULL, &outcome), status, "%s", dg_error());
    cr_expect(strstr(dg_error(), part) != NULL, "no `%s' in: %s", part, dg_error());
    cr_expect(strstr(dg_error(), folder) != NULL, "%s", dg_error());
}

static void remove_result(void)
{
    cr_assert_eq(remove(folder_result(folder)), 0);
}

/* ---- growing --------------------------------------------------------------------------------- */

Test(session, of_a_grown_sweep_keeps_its_runs)
{
    static const char two[] = SMALL "sweep: {product: {seed: [1, 2]}}\n";
    static const char grown[] = SMALL "sweep:\n  conditions: [{name: new, set: {steps: 2}}, "
                                      "{name: old}]\n  product: {seed: [3, 2, 1]}\n";
    run(two, NULL);
    const dg_outcome outcome = run(grown, &listening);
    cr_expect_eq(outcome.runs_planned, 6);
    cr_expect_eq(outcome.runs_completed, 6);
    cr_expect_eq(outcome.runs_kept, 2);
    cr_expect_eq(outcome.agent_steps, 9 * 4 * (3 * 2 + 1 * 3));
    cr_expect(strstr(logged.text, "the sweep has grown") != NULL, "%s", logged.text);
    expect_unbroken(grown);
    /* from now on the smaller sweep is not that of the folder */
    expect_refused(two, NULL, DG_ERR_ARGUMENT, "a larger sweep");
}

/** Remove the batches of a finished sweep, but not its result. */
static void remove_batches(void)
{
    while (folder_count(folder, "batches") > 0)
        cr_assert_eq(remove(folder_file(folder, "batches", 0)), 0);
    cr_assert_eq(remove(folder_path(folder, "batches")), 0);
}

Test(session, does_not_grow_a_result_whose_batches_are_gone)
{
    static const char grown[] = SMALL "sweep: {product: {seed: [1, 2, 3, 4, 5]}}\n";
    size_t length, after;
    run(four, NULL);
    remove_batches();
    char *before = file_bytes(folder_result(folder), &length);
    expect_refused(grown, NULL, DG_ERR_ARGUMENT, "the batches of its 4 runs have been removed");
    expect_refused(grown, &(dg_options){.shard = 1, .shards = 2}, DG_ERR_ARGUMENT,
                   "have been removed");
    const dg_outcome outcome = run(four, NULL);
    cr_expect_eq(outcome.runs_kept, 4);
    char *now = file_bytes(folder_result(folder), &after);
    cr_assert_eq(length, after);
    cr_expect_eq(memcmp(before, now, length), 0, "nothing has changed");
    free(before);
    free(now);
}

Test(session, a_partial_merge_does_not_replace_finished_runs)
{
    static const char grown[] = SMALL "sweep: {product: {seed: [1, 2, 3, 4, 5]}}\n";
    dg_outcome outcome;
    const volatile int now = 1;
    const dg_options at_once = {.stop = &now};
    run(four, NULL);
    cr_assert_eq(folder_run(folder, grown, &at_once, NULL, NULL), DG_ERR_STOPPED);
    remove_batches();
    cr_expect_eq(dg_experiment_merge(folder, 1, NULL, &outcome), DG_ERR_MISSING);
    cr_expect(strstr(dg_error(), "has 4 finished runs, the batches have 0") != NULL, "%s",
              dg_error());
    remove_result();
    OK(dg_experiment_merge(folder, 1, NULL, &outcome));
    cr_expect_eq(outcome.runs_completed, 0);
}

Test(session, of_another_configuration_is_refused_and_names_its_keys)
{
    size_t length, after;
    run(four, NULL);
    const char *manifest = folder_path(folder, DG_MANIFEST_NAME);
    char *before = file_bytes(manifest, &length);
    expect_refused(
        SMALL "values: 7\nsweep: {product: {seed: [1, 2, 3, 4]}}\n", NULL, DG_ERR_ARGUMENT,
        "values: stored 10, given 7; use another folder (-o), or --overwrite, which deletes "
        "what is there (4 finished runs)");
    expect_refused(SMALL "sweep: {product: {seed: [1, 2, 3]}}\n", NULL, DG_ERR_ARGUMENT,
                   "holds a larger sweep, which has all of these runs: seed: stored [1, 2, 3, 4], "
                   "given [1, 2, 3]; a sweep grows but does not shrink");
    expect_refused(SMALL "sweep: {product: {seed: [1, 2, 3, 5], values: [10, 11]}}\n", NULL,
                   DG_ERR_ARGUMENT, "another configuration: seed: stored [1, 2, 3, 4], given [1, ");
    char *now = file_bytes(manifest, &after);
    cr_assert_eq(length, after);
    cr_expect_eq(memcmp(before, now, length), 0, "nothing has changed");
    const dg_outcome outcome = run(four, NULL);
    cr_expect_eq(outcome.runs_kept, 4);
    free(before);
    free(now);
}

/** The text that is kept of an experiment ends with its overrides as comments: a file may end so, too. */
Test(session, does_not_take_a_comment_for_an_override)
{
    static const char commented[] = SMALL "# --set steps=2\n";
    static const char *const sets[] = {"steps=2"};
    dg_experiment *experiment = NULL;
    run(commented, NULL);
    OK(dg_experiment_parse(&experiment, "a.yaml", SMALL, strlen(SMALL), sets, 1));
    cr_expect_eq(dg_experiment_run(experiment, folder, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "steps: stored 3, given 2") != NULL, "%s", dg_error());
    dg_experiment_free(&experiment);
}

Test(session, without_runs_accepts_another_configuration)
{
    const volatile int now = 1;
    const dg_options at_once = {.stop = &now};
    cr_assert_eq(folder_run(folder, four, &at_once, NULL, NULL), DG_ERR_STOPPED);
    run(SMALL "values: 7\n", NULL);
    expect_unbroken(SMALL "values: 7\n");
}

Test(session, keeps_the_manifest_of_a_running_shard)
{
    dg_session *first = NULL;
    dg_experiment *e = load_text(four, NULL, NULL);
    const dg_options second_of_two = {.shard = 2, .shards = 2};
    OK(dg_session_open(&first, e, folder, &(dg_options){.shard = 1, .shards = 2}));
    expect_refused(SMALL "values: 7\n", &second_of_two, DG_ERR_ARGUMENT, "stored 10, given 7");
    cr_expect_eq(folder_run(folder, four, &second_of_two, NULL, NULL), DG_OK, "%s", dg_error());
    dg_session_close(&first);
    dg_experiment_free(&e);
}

Test(session, accepts_another_checkpoint_interval)
{
    run(four, NULL);
    const dg_outcome outcome = run(SMALL "checkpoint: {minutes: 3}\n"
                                         "sweep: {product: {seed: [1, 2, 3, 4]}}\n",
                                   NULL);
    cr_expect_eq(outcome.runs_kept, 4);
}

Test(session, overwriting_removes_the_sweep_but_no_other_files)
{
    const dg_options overwrite = {.overwrite = 1};
    run(four, NULL);
    file_put(folder_path(folder, "notes.txt"), "mine", 4);
    file_put(folder_path(folder, "batches/notes.txt"), "mine", 4);
    file_put(folder_path(folder, "batches/half.batch.part"), "x", 1);
    const dg_outcome outcome = run(SMALL "values: 7\n", &overwrite);
    cr_expect_eq(outcome.runs_kept, 0);
    cr_expect(dg_file_exists(folder_path(folder, "notes.txt")));
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 2, "a batch and the notes");
    expect_unbroken(SMALL "values: 7\n");
}

/* ---- other programs, builds and calls -------------------------------------------------------- */

Test(session, refuses_a_result_of_unknown_origin)
{
    const dg_options overwrite = {.overwrite = 1};
    file_put(folder_result(folder), "somebody's", 10);
    expect_refused(four, NULL, DG_ERR_ARGUMENT,
                   "of unknown origin: there is no " DG_MANIFEST_NAME " beside it");
    cr_expect_eq(folder_count(folder, "."), 1, "nothing was written");
    run(four, &overwrite);
    expect_unbroken(four);
}

/** Rewrite the manifest with the first `from` of each section replaced, with right checksums. */
static void change_manifest(const char *from, const char *to)
{
    archive_change(folder_path(folder, DG_MANIFEST_NAME), DG_ARCHIVE_MANIFEST, from, to);
}

Test(session, of_another_build_is_refused_without_mixed_builds)
{
    const dg_options mixed = {.mixed_builds = 1};
    run(four, NULL);
    change_manifest(dg_manifest_build(), "9.9.9 abcdef");
    remove_result();
    expect_refused(four, NULL, DG_ERR_ARGUMENT, "begun by digico 9.9.9 abcdef");
    cr_expect(strstr(dg_error(), "--mixed-builds") != NULL, "%s", dg_error());
    const dg_outcome outcome = run(four, &mixed);
    cr_expect_eq(outcome.runs_kept, 4);
    expect_unbroken(four);
}

Test(session, of_keys_unknown_to_this_build_is_refused)
{
    run(four, NULL);
    change_manifest("generations", "eons");
    expect_refused(four, NULL, DG_ERR_ARGUMENT, "eons");
}

Test(session, of_another_model_version_is_refused)
{
    run(four, NULL);
    archive_of_version(folder_file(folder, DG_BATCH_FOLDER, 0), DG_MODEL_VERSION + 1,
                       DG_ARCHIVE_VERSION);
    expect_refused(four, NULL, DG_ERR_ARGUMENT, ".batch: model version ");
}

Test(session, excludes_all_but_other_shards)
{
    dg_session *all = NULL, *other = NULL;
    dg_experiment *e = load_text(four, NULL, NULL);
    const dg_options plain = {0}, first = {.shard = 1, .shards = 2},
                     second = {.shard = 2, .shards = 2};
    OK(dg_session_open(&all, e, folder, &plain));
    cr_expect_eq(dg_session_open(&other, e, folder, &plain), DG_ERR_IO);
    cr_expect_eq(dg_session_open(&other, e, folder, &first), DG_ERR_IO);
    cr_expect_null(other);
    dg_session_close(&all);
    dg_session_close(&all);
    OK(dg_session_open(&all, e, folder, &first));
    OK(dg_session_open(&other, e, folder, &second));
    cr_expect_eq(all->shard_runs + other->shard_runs, 4);
    cr_expect_eq(all->left, all->shard_runs);
    dg_session_close(&all);
    dg_session_close(&other);
    dg_experiment_free(&e);
}

/* ---- damage ---------------------------------------------------------------------------------- */

/** With any bit of the manifest flipped, runs are still found by their fingerprints. */
Test(session, writes_a_damaged_manifest_again)
{
    run(four, NULL);
    const char *manifest = folder_path(folder, DG_MANIFEST_NAME);
    static const long places[] = {3, 20, 50, 90, -20};
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        dg_experiment *e = NULL;
        char *build = NULL;
        memset(&logged, 0, sizeof logged);
        file_flip(manifest, places[k], 2);
        const dg_outcome outcome = run(four, &listening);
        cr_expect_eq(outcome.runs_kept, 4);
        cr_expect(strstr(logged.text, "the manifest is written again") != NULL, "%s", logged.text);
        OK(dg_manifest_read(&e, &build, folder));
        cr_expect_eq(e->runs, 4);
        free(build);
        dg_experiment_free(&e);
    }
}

/** Offset of a part of a run in the file of a batch. */
static int64_t offset_in(const char *batch, uint32_t tag, uint32_t index)
{
    dg_archive *a = NULL;
    OK(dg_archive_open(&a, batch, DG_ARCHIVE_BATCH));
    const dg_archive_section *s = dg_archive_find(a, tag, index);
    cr_assert_not_null(s);
    const int64_t offset = s->offset;
    dg_archive_close(&a);
    return offset;
}

static void expect_repaired(size_t kept)
{
    memset(&logged, 0, sizeof logged);
    remove_result();
    const dg_outcome outcome = run(four, &listening);
    cr_expect_eq(outcome.runs_kept, kept, "%zu kept", outcome.runs_kept);
    cr_expect_eq(outcome.runs_completed, 4);
    cr_expect(strstr(logged.text, "damaged") != NULL, "%s", logged.text);
    expect_unbroken(four);
    /* the next call finds no damage */
    memset(&logged, 0, sizeof logged);
    remove_result();
    cr_expect_eq(run(four, &listening).runs_kept, 4);
    cr_expect_null(strstr(logged.text, "damaged"), "%s", logged.text);
}

Test(session, keeps_the_intact_runs_of_a_damaged_batch)
{
    run(four, NULL);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 0);
    file_flip(batch, offset_in(batch, DG_PART_RECORDS, 2), 0);
    expect_repaired(3);
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 3, "renamed, rescued, computed again");
    char renamed[800];
    snprintf(renamed, sizeof renamed, "%s.damaged", batch);
    cr_expect(dg_file_exists(renamed), "no %s", renamed);
}

Test(session, keeps_the_complete_runs_of_a_truncated_batch)
{
    size_t length;
    run(four, NULL);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 0);
    const int64_t cut = offset_in(batch, DG_PART_RECORDS, 3);
    char *bytes = file_bytes(batch, &length);
    file_put(batch, bytes, (size_t)cut + 1);
    free(bytes);
    expect_repaired(3);
}

Test(session, computes_runs_of_an_unreadable_batch_again)
{
    run(four, NULL);
    file_flip(folder_file(folder, DG_BATCH_FOLDER, 0), 0, 0);
    expect_repaired(0);
}

Test(session, keeps_a_single_run_whose_provenance_is_damaged)
{
    const dg_options one = {.batch = 1};
    run(four, &one);
    cr_assert_eq(folder_count(folder, DG_BATCH_FOLDER), 4);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 1);
    file_flip(batch, offset_in(batch, DG_PART_PROVENANCE, 0), 0);
    expect_repaired(4);
}

/** Which build computed its runs is not known: run and merge both keep them, and say so. */
Test(session, takes_a_batch_of_damaged_provenance_in_run_and_merge_alike)
{
    for (int merge = 0; merge < 2; merge++) {
        if (folder_count(folder, DG_BATCH_FOLDER) == 0) run(four, NULL);
        const char *batch = folder_file(folder, DG_BATCH_FOLDER, 0);
        if (merge == 0) file_flip(batch, offset_in(batch, DG_PART_PROVENANCE, 0), 0);
        for (int again = 0; again < 2; again++) {
            logged.text[0] = '\0';
            remove_result();
            OK(merge ? dg_experiment_merge(folder, 0, &listening, NULL)
                     : folder_run(folder, four, &listening, NULL, NULL));
            cr_expect(strstr(logged.text, "the build that computed its runs is not known"), "%s",
                      logged.text);
            cr_expect(strstr(logged.text, ".batch: ") != NULL, "%s", logged.text);
            expect_unbroken(four);
        }
    }
}

Test(session, computes_a_single_run_whose_head_is_damaged_again)
{
    const dg_options one = {.batch = 1};
    run(four, &one);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 1);
    file_flip(batch, offset_in(batch, DG_PART_HEAD, 0), 0);
    expect_repaired(3);
}

/* ---- checkpoints ----------------------------------------------------------------------------- */

/* some of its runs end early, at different generations (tests/host/engine/test_engine.c) */
static const char converging[] = "agents: 9\nvalues: 3\nsteps: 7\ngenerations: 12\n"
                                 "niche: {points: 200}\nreading: tables\n"
                                 "belief_weights.update: momentum\ncontagion.factor: 0.4\n"
                                 "early_stop: {generations: 2}\n"
                                 "sweep:\n  product:\n    seed: [1, 2, 3, 4]\n"
                                 "    early_stop.share: [null, 0.4, 0.5]\n";

/** Run an experiment and stop all its runs after this many generations. */
static dg_outcome stop_after(const char *yaml, int32_t generations)
{
    volatile int stop = 0;
    dg_outcome outcome;
    const dg_options options = {.stop = &stop};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = generations, .stop = &stop});
    cr_assert_eq(folder_run(folder, yaml, &options, &cpu, &outcome), DG_ERR_STOPPED);
    return outcome;
}

Test(session, rescues_the_ended_runs_of_a_checkpoint)
{
    const dg_outcome stopped = stop_after(converging, 5);
    cr_assert_gt(stopped.runs_converged, 0);
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 0);
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 1);
    dg_session *s = NULL;
    dg_experiment *e = load_text(converging, NULL, NULL);
    OK(dg_session_open(&s, e, folder, &listening));
    cr_expect_eq(s->shard_runs - s->left, stopped.runs_converged);
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 1);
    dg_session_close(&s);
    dg_experiment_free(&e);
    const dg_outcome outcome = run(converging, NULL);
    cr_expect_eq(outcome.runs_kept, stopped.runs_converged);
    expect_unbroken(converging);
}

/** A checkpoint of another build counts as long as a run would go on from it. */
Test(session, does_not_continue_the_checkpoint_of_another_build)
{
    char commit[200];
    size_t length;
    stop_after(four, 2);
    const char *checkpoint = folder_file(folder, DG_CHECKPOINT_FOLDER, 0);
    snprintf(commit, sizeof commit, "\"git_commit\": \"%s\"", strchr(dg_manifest_build(), ' ') + 1);
    archive_change(checkpoint, DG_ARCHIVE_CHECKPOINT, commit, "\"git_commit\": \"abcdef\"");
    char *bytes = file_bytes(checkpoint, &length);
    expect_refused(four, NULL, DG_ERR_ARGUMENT, "abcdef, expected this build");
    run(four, &(dg_options){.mixed_builds = 1});
    expect_unbroken(four);
    file_put(folder_path(folder, DG_CHECKPOINT_FOLDER "/0123456789abcdef-000001.checkpoint"), bytes,
             length);
    remove_result();
    cr_expect_eq(run(four, NULL).runs_kept, 4, "nothing goes on from it");
    free(bytes);
}

/** The later of two checkpoints is damaged: a run continues from the earlier one. */
Test(session, continues_from_the_checkpoint_before_a_damaged_one)
{
    stop_after(four, 1);
    stop_after(four, 1);
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 2);
    stop_after(four, 1);
    cr_assert_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 2, "two are kept");
    file_flip(folder_file(folder, DG_CHECKPOINT_FOLDER, 1), 1000, 0); /* in the first run's state */
    const dg_outcome outcome = run(four, &listening);
    cr_expect(strstr(logged.text, "damaged") != NULL, "%s", logged.text);
    cr_expect(strstr(logged.text, "4 runs continue from a checkpoint") != NULL, "%s", logged.text);
    /* one run continues from generation 2, three from 3 */
    cr_expect_eq(outcome.agent_steps, 9 * 3 * (2 + 3 * 1));
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 0);
    expect_unbroken(four);
}

Test(session, names_files_by_their_runs)
{
    dg_session *s = NULL;
    dg_experiment *e = load_text(four, NULL, NULL);
    const size_t all[] = {0, 1, 2, 3}, others[] = {1, 0, 2, 3};
    OK(dg_session_open(&s, e, folder, &listening));
    char *name[] = {dg_session_batch_path(s, all, 4), dg_session_batch_path(s, all, 3),
                    dg_session_batch_path(s, others, 4), dg_session_checkpoint_path(s, all, 4, 7),
                    dg_session_checkpoint_path(s, all, 4, 12)};
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < a; b++) cr_expect_str_neq(name[a], name[b]);
    cr_expect(strstr(name[3], "-000007" DG_CHECKPOINT_ENDING) != NULL, "%s", name[3]);
    char *again = dg_session_batch_path(s, all, 4);
    cr_expect_str_eq(name[0], again);
    free(again);
    for (int k = 0; k < 5; k++) free(name[k]);
    dg_session_close(&s);
    dg_experiment_free(&e);
}
