/** host/directory/session.c: a directory that an earlier call has left, whole, grown, damaged or another's. */
#include "host/directory/session_manifest.h"
#include "host/directory/session_open.h"

#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"
#include "host/directory/archive_format.h"
#include "host/directory/manifest.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder;
static told heard;
static const dg_options listening = {.log = hear, .user = &heard};

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

/** Run into the folder; the outcome. */
static dg_outcome run(const char *yaml, const dg_options *options)
{
    dg_outcome outcome;
    OK(folder_run(folder, yaml, options, NULL, &outcome));
    return outcome;
}

/** The folder's result is that of an unbroken run. */
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

/* ---- growing ------------------------------------------------------------------------------------ */

Test(session, of_a_grown_sweep_keeps_what_is_there)
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
    cr_expect(strstr(heard.text, "the sweep has grown") != NULL, "%s", heard.text);
    expect_unbroken(grown);
    /* from now on it is the grown one that has to be planned */
    expect_refused(two, NULL, DG_ERR_ARGUMENT, "another configuration");
}

/** The finished sweep's batches are removed, its result stands alone. */
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
    expect_refused(grown, NULL, DG_ERR_ARGUMENT, "the batches of its 4 runs are gone");
    expect_refused(grown, &(dg_options){.shard = 1, .shards = 2}, DG_ERR_ARGUMENT, "are gone");
    const dg_outcome outcome = run(four, NULL);
    cr_expect_eq(outcome.runs_kept, 4);
    char *now = file_bytes(folder_result(folder), &after);
    cr_assert_eq(length, after);
    cr_expect_eq(memcmp(before, now, length), 0, "nothing has changed");
    free(before);
    free(now);
}

Test(session, holes_do_not_replace_finished_runs)
{
    static const char grown[] = SMALL "sweep: {product: {seed: [1, 2, 3, 4, 5]}}\n";
    dg_outcome outcome;
    const volatile int now = 1;
    const dg_options at_once = {.stop = &now};
    run(four, NULL);
    cr_assert_eq(folder_run(folder, grown, &at_once, NULL, NULL), DG_ERR_STOPPED);
    remove_batches();
    cr_expect_eq(dg_experiment_merge(folder, 1, NULL, &outcome), DG_ERR_MISSING);
    cr_expect(strstr(dg_error(), "holds 4 finished runs, the batches hold 0") != NULL, "%s",
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
    expect_refused(SMALL "values: 7\nsweep: {product: {seed: [1, 2, 3, 4]}}\n", NULL,
                   DG_ERR_ARGUMENT, "values: 10 there, 7 here (--overwrite)");
    expect_refused(SMALL "sweep: {product: {seed: [1, 2, 3]}}\n", NULL, DG_ERR_ARGUMENT,
                   "seed: 4, 1, 2, 3 there, 1, 2, 3 here");
    expect_refused(SMALL "sweep: {product: {seed: [1, 2, 3, 5], values: [10, 11]}}\n", NULL,
                   DG_ERR_ARGUMENT, "seed: 4, ");
    char *now = file_bytes(manifest, &after);
    cr_assert_eq(length, after);
    cr_expect_eq(memcmp(before, now, length), 0, "nothing has changed");
    const dg_outcome outcome = run(four, NULL);
    cr_expect_eq(outcome.runs_kept, 4);
    free(before);
    free(now);
}

Test(session, without_any_work_done_takes_another_configuration)
{
    const volatile int now = 1;
    const dg_options at_once = {.stop = &now};
    cr_assert_eq(folder_run(folder, four, &at_once, NULL, NULL), DG_ERR_STOPPED);
    run(SMALL "values: 7\n", NULL);
    expect_unbroken(SMALL "values: 7\n");
}

Test(session, leaves_the_manifest_of_a_shard_at_work_alone)
{
    dg_session *first = NULL;
    dg_experiment *e = load_text(four, NULL, NULL);
    const dg_options second_of_two = {.shard = 2, .shards = 2};
    OK(dg_session_open(&first, e, folder, &(dg_options){.shard = 1, .shards = 2}));
    expect_refused(SMALL "values: 7\n", &second_of_two, DG_ERR_ARGUMENT, "10 there, 7 here");
    cr_expect_eq(folder_run(folder, four, &second_of_two, NULL, NULL), DG_OK, "%s", dg_error());
    dg_session_close(&first);
    dg_experiment_free(&e);
}

Test(session, may_save_more_often_than_before)
{
    run(four, NULL);
    const dg_outcome outcome = run(SMALL "checkpoint: {minutes: 3}\n"
                                         "sweep: {product: {seed: [1, 2, 3, 4]}}\n",
                                   NULL);
    cr_expect_eq(outcome.runs_kept, 4);
}

Test(session, overwriting_starts_anew_and_leaves_foreign_files_alone)
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

/* ---- whose it is -------------------------------------------------------------------------------- */

Test(session, refuses_a_result_of_an_unknown_maker)
{
    const dg_options overwrite = {.overwrite = 1};
    file_put(folder_result(folder), "somebody's", 10);
    expect_refused(four, NULL, DG_ERR_ARGUMENT, "no " DG_MANIFEST_NAME " tells what made it");
    cr_expect_eq(folder_count(folder, "."), 1, "nothing was written");
    run(four, &overwrite);
    expect_unbroken(four);
}

/** Rewrite the manifest as another build would have written it, or with another key. */
static void change_manifest(const char *from, const char *to)
{
    archive_change(folder_path(folder, DG_MANIFEST_NAME), DG_ARCHIVE_MANIFEST, from, to);
}

Test(session, begun_by_another_build_goes_on_only_if_told)
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

Test(session, of_keys_that_this_build_does_not_read_is_refused)
{
    run(four, NULL);
    change_manifest("generations", "eons");
    expect_refused(four, NULL, DG_ERR_ARGUMENT, "eons");
}

Test(session, of_another_model_version_is_refused)
{
    dg_archive_header header;
    size_t length;
    run(four, NULL);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 0);
    char *bytes = file_bytes(batch, &length);
    memcpy(&header, bytes, sizeof header);
    header.model_version++;
    header.hash = dg_archive_header_hash(&header);
    memcpy(bytes, &header, sizeof header);
    file_put(batch, bytes, length);
    expect_refused(four, NULL, DG_ERR_UNSUPPORTED, "model version 2, expected 1");
    free(bytes);
}

Test(session, is_for_one_at_a_time_and_shards_side_by_side)
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
    cr_expect_eq(all->owned + other->owned, 4);
    cr_expect_eq(all->left, all->owned);
    dg_session_close(&all);
    dg_session_close(&other);
    dg_experiment_free(&e);
}

/* ---- damage ------------------------------------------------------------------------------------- */

/** Any bit of the manifest: runs are known by their fingerprints all the same. */
Test(session, writes_a_damaged_manifest_anew)
{
    run(four, NULL);
    const char *manifest = folder_path(folder, DG_MANIFEST_NAME);
    static const long places[] = {3, 20, 50, 90, -20};
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        dg_experiment *e = NULL;
        char *build = NULL;
        memset(&heard, 0, sizeof heard);
        file_flip(manifest, places[k], 2);
        const dg_outcome outcome = run(four, &listening);
        cr_expect_eq(outcome.runs_kept, 4);
        cr_expect(strstr(heard.text, "the manifest is written anew") != NULL, "%s", heard.text);
        OK(dg_manifest_read(&e, &build, folder));
        cr_expect_eq(e->runs, 4);
        free(build);
        dg_experiment_free(&e);
    }
}

/** The section of a part of the k-th run in the only batch: where it lies in the file. */
static int64_t place_in(const char *batch, uint32_t tag, uint32_t index)
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
    memset(&heard, 0, sizeof heard);
    remove_result();
    const dg_outcome outcome = run(four, &listening);
    cr_expect_eq(outcome.runs_kept, kept, "%zu kept", outcome.runs_kept);
    cr_expect_eq(outcome.runs_completed, 4);
    cr_expect(strstr(heard.text, "damaged") != NULL, "%s", heard.text);
    expect_unbroken(four);
    /* and that was that */
    memset(&heard, 0, sizeof heard);
    remove_result();
    cr_expect_eq(run(four, &listening).runs_kept, 4);
    cr_expect_null(strstr(heard.text, "damaged"), "%s", heard.text);
}

Test(session, keeps_the_intact_runs_of_a_damaged_batch)
{
    run(four, NULL);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 0);
    file_flip(batch, place_in(batch, DG_PART_RECORDS, 2), 0);
    expect_repaired(3);
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 3, "aside, rescued and computed anew");
    char aside[800];
    snprintf(aside, sizeof aside, "%s.damaged", batch);
    cr_expect(dg_file_exists(aside), "no %s", aside);
}

Test(session, keeps_the_runs_before_the_end_of_a_batch_cut_short)
{
    size_t length;
    run(four, NULL);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 0);
    const int64_t cut = place_in(batch, DG_PART_RECORDS, 3);
    char *bytes = file_bytes(batch, &length);
    file_put(batch, bytes, (size_t)cut + 1);
    free(bytes);
    expect_repaired(3);
}

Test(session, computes_anew_what_no_file_holds_any_more)
{
    run(four, NULL);
    file_flip(folder_file(folder, DG_BATCH_FOLDER, 0), 0, 0);
    expect_repaired(0);
}

/** A batch of one run, every section of which is damaged in turn. */
Test(session, keeps_a_single_run_whose_provenance_is_damaged)
{
    const dg_options one = {.batch = 1};
    run(four, &one);
    cr_assert_eq(folder_count(folder, DG_BATCH_FOLDER), 4);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 1);
    file_flip(batch, place_in(batch, DG_PART_PROVENANCE, 0), 0);
    expect_repaired(4);
}

Test(session, computes_anew_a_single_run_whose_head_is_damaged)
{
    const dg_options one = {.batch = 1};
    run(four, &one);
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 1);
    file_flip(batch, place_in(batch, DG_PART_HEAD, 0), 0);
    expect_repaired(3);
}

/* ---- checkpoints -------------------------------------------------------------------------------- */

/* of its runs some end by convergence, at different generations (tests/host/engine/test_engine.c) */
static const char converging[] = "agents: 9\nvalues: 3\nsteps: 7\ngenerations: 12\n"
                                 "niche: {points: 200}\nreading: tables\n"
                                 "belief_weights.update: momentum\ncontagion.factor: 0.4\n"
                                 "early_stop: {generations: 2}\n"
                                 "sweep:\n  product:\n    seed: [1, 2, 3, 4]\n"
                                 "    early_stop.share: [null, 0.4, 0.5]\n";

/** Stop all runs of a yaml after so many generations. */
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
    cr_expect_eq(s->owned - s->left, stopped.runs_converged);
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 1);
    dg_session_close(&s);
    dg_experiment_free(&e);
    const dg_outcome outcome = run(converging, NULL);
    cr_expect_eq(outcome.runs_kept, stopped.runs_converged);
    expect_unbroken(converging);
}

/** The latest of two is damaged: the one before it takes its place, at the cost of some generations. */
Test(session, goes_on_from_the_checkpoint_before_a_damaged_one)
{
    stop_after(four, 1);
    stop_after(four, 1);
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 2);
    stop_after(four, 1);
    cr_assert_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 2, "two are kept");
    file_flip(folder_file(folder, DG_CHECKPOINT_FOLDER, 1), 500, 0); /* in the first run's state */
    const dg_outcome outcome = run(four, &listening);
    cr_expect(strstr(heard.text, "damaged") != NULL, "%s", heard.text);
    cr_expect(strstr(heard.text, "4 runs go on from a checkpoint") != NULL, "%s", heard.text);
    /* one run from generation 2 on, three from 3 on */
    cr_expect_eq(outcome.agent_steps, 9 * 3 * (2 + 3 * 1));
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 0);
    expect_unbroken(four);
}

Test(session, names_files_by_the_runs_they_hold)
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
