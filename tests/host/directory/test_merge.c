/** host/directory/merge.c: the result of shards, strict or partial. */
#include "digico/digico.h"

#include "tests/support/contents.h"
#include "tests/support/folders.h"
#include "host/directory/manifest.h"
#include "host/store/results.h"
#include "host/directory/session_manifest.h"
#include "host/directory/session_open.h"
#include "host/summary/summary.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(merge, .init = set_up, .fini = tear_down, .timeout = 60);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

#define SMALL "agents: 9\nsteps: 3\ngenerations: 3\nniche: {points: 100}\n"
static const char six[] = SMALL "sweep:\n  conditions: [{name: plain}, {name: dear, set: "
                                "{reward.truthfulness: 2}}]\n  product: {seed: [11, 12, 13]}\n";

static dg_status shard(const char *yaml, int index, int count)
{
    const dg_options options = {.shard = index, .shards = count, .batch = 1};
    return folder_run(folder, yaml, &options, NULL, NULL);
}

static void expect_unbroken(const char *yaml)
{
    char *other = folder_unbroken(yaml);
    contents_expect_same_bytes(folder_result(folder), folder_result(other));
    records_remove(other);
}

static bool has_result(void)
{
    return dg_file_exists(folder_result(folder));
}

Test(merge, of_all_shards_is_the_unbroken_result)
{
    dg_outcome outcome;
    for (int i = 1; i <= 4; i++) OK(shard(six, i, 4));
    cr_expect_not(has_result());
    OK(dg_experiment_merge(folder, 0, NULL, &outcome));
    cr_expect_eq(outcome.runs_planned, 6);
    cr_expect_eq(outcome.runs_completed, 6);
    cr_expect_eq(outcome.runs_kept, 6);
    cr_expect_eq(outcome.runs_nonfinite, 0);
    expect_unbroken(six);
    struct stat before, after;
    cr_assert_eq(stat(folder_result(folder), &before), 0);
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    cr_assert_eq(stat(folder_result(folder), &after), 0);
    cr_expect_eq(before.st_ino, after.st_ino, "a complete result is not written again");
}

Test(merge, names_missing_runs_and_writes_nothing)
{
    dg_outcome outcome;
    OK(shard(six, 1, 3));
    OK(shard(six, 3, 3));
    cr_expect_eq(dg_experiment_merge(folder, 0, NULL, &outcome), DG_ERR_MISSING);
    cr_expect_eq(outcome.runs_planned, 6);
    cr_expect_eq(outcome.runs_completed, 4);
    cr_expect_eq(outcome.runs_kept, 4);
    /* order of computing: plain 11, dear 11, plain 12, dear 12, plain 13, dear 13. With 3 shards
       the assignment shifts by one after 6 runs */
    cr_expect(strstr(dg_error(), "2 of 6 runs are missing, the first is run 2 (plain, seed 13)"),
              "%s", dg_error());
    cr_expect_not(has_result());
    cr_expect_not(dg_file_exists(folder_path(folder, "provenance.json")));
    OK(shard(six, 2, 3));
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    expect_unbroken(six);
}

/** Output of `digico summary` for the folder; freed by the caller. */
static char *summary(void)
{
    char *text = NULL;
    size_t size = 0;
    dg_results *results = NULL;
    FILE *file = open_memstream(&text, &size);
    OK(dg_results_open(&results, folder));
    OK(dg_summary_print(file, results, NULL));
    dg_results_close(&results);
    fclose(file);
    return text;
}

Test(merge, partial_counts_missing_runs_and_is_completed_later)
{
    dg_results *results = NULL;
    dg_outcome outcome;
    size_t planned = 0;
    OK(shard(six, 1, 3));
    OK(dg_experiment_merge(folder, 1, NULL, &outcome));
    cr_expect_eq(outcome.runs_planned, 6);
    cr_expect_eq(outcome.runs_completed, 2);
    OK(dg_results_open(&results, folder));
    for (size_t r = 0; r < results->runs; r++) planned += results->status[r] == DG_RUN_PLANNED;
    cr_expect_eq(planned, 4);
    dg_results_close(&results);
    char *text = summary();
    cr_expect(strstr(text, "2 completed / 6 planned") != NULL, "%s", text);
    free(text);
    cr_expect_eq(dg_experiment_merge(folder, 0, NULL, NULL), DG_ERR_MISSING, "still strict");
    OK(shard(six, 2, 3));
    OK(dg_experiment_merge(folder, 1, NULL, &outcome));
    cr_expect_eq(outcome.runs_completed, 4);
    /* a call of all runs computes the others */
    OK(folder_run(folder, six, NULL, NULL, &outcome));
    cr_expect_eq(outcome.runs_kept, 4);
    expect_unbroken(six);
    text = summary();
    cr_expect(strstr(text, "6 completed / 6 planned") || strstr(text, "3/3"), "%s", text);
    free(text);
}

Test(merge, of_a_grown_sweep_needs_all_its_runs)
{
    static const char two[] = SMALL "sweep: {product: {seed: [1, 2]}}\n";
    static const char five[] = SMALL "sweep: {product: {seed: [5, 4, 3, 2, 1]}}\n";
    dg_outcome outcome;
    for (int i = 1; i <= 2; i++) OK(shard(two, i, 2));
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    expect_unbroken(two);
    OK(shard(five, 1, 2));
    cr_expect_eq(dg_experiment_merge(folder, 0, NULL, &outcome), DG_ERR_MISSING);
    cr_expect_eq(outcome.runs_planned, 5);
    OK(shard(five, 2, 2));
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    expect_unbroken(five);
}

Test(merge, is_refused_while_a_shard_is_running)
{
    dg_session *s = NULL;
    dg_experiment *e = load_text(six, NULL, NULL);
    const dg_options third = {.shard = 3, .shards = 3};
    for (int i = 1; i <= 3; i++) OK(shard(six, i, 3));
    OK(dg_session_open(&s, e, folder, &third));
    for (int partial = 0; partial < 2; partial++) {
        cr_expect_eq(dg_experiment_merge(folder, partial, NULL, NULL), DG_ERR_IO);
        cr_expect(strstr(dg_error(), "another digico process") != NULL, "%s", dg_error());
    }
    cr_expect_not(has_result());
    dg_session_close(&s);
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    dg_experiment_free(&e);
}

Test(merge, refuses_another_build_without_mixed_builds)
{
    const dg_options mixed = {.mixed_builds = 1};
    char commit[200];
    for (int i = 1; i <= 2; i++) OK(shard(six, i, 2));
    /* the commit of "0.1.0 d376c2e", as in a provenance */
    snprintf(commit, sizeof commit, "\"git_commit\": \"%s\"", strchr(dg_manifest_build(), ' ') + 1);
    archive_change(folder_file(folder, DG_BATCH_FOLDER, 3), DG_ARCHIVE_BATCH, commit,
                   "\"git_commit\": \"abcdef\"");
    cr_expect_eq(dg_experiment_merge(folder, 0, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "abcdef") && strstr(dg_error(), "--mixed-builds"), "%s",
              dg_error());
    cr_expect_not(has_result());
    OK(dg_experiment_merge(folder, 0, &mixed, NULL));
    expect_unbroken(six);
}

Test(merge, stops_before_the_result_is_written)
{
    static const int stop = 1;
    const dg_options stopped = {.stop = &stop};
    size_t length;
    for (int i = 1; i <= 2; i++) OK(shard(six, i, 2));
    cr_expect_eq(dg_experiment_merge(folder, 0, &stopped, NULL), DG_ERR_STOPPED);
    cr_expect(strstr(dg_error(), "stopped before it was written") != NULL, "%s", dg_error());
    cr_expect_not(has_result());
    cr_expect_not(dg_file_exists(folder_path(folder, "results.nc.part")));
    char *state = file_bytes(folder_path(folder, "status-merge.json"), &length);
    cr_expect(strstr(state, "\"state\": \"stopped\"") != NULL, "%s", state);
    free(state);
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    expect_unbroken(six);
}

Test(merge, counts_the_run_of_a_damaged_batch_as_missing)
{
    static collected_log logged;
    const dg_options listening = {.log = collect_log, .user = &logged};
    for (int i = 1; i <= 2; i++) OK(shard(six, i, 2));
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 2);
    file_flip(batch, -100, 1); /* in the last run, before the end mark of 48 bytes */
    cr_expect_eq(dg_experiment_merge(folder, 0, &listening, NULL), DG_ERR_MISSING);
    cr_expect(strstr(dg_error(), "1 of 6 runs are missing") != NULL, "%s", dg_error());
    cr_expect(strstr(logged.text, batch) != NULL, "%s", logged.text);
    cr_expect_not(has_result());
    for (int i = 1; i <= 2; i++) OK(shard(six, i, 2));
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    expect_unbroken(six);
}

Test(merge, needs_a_sweep)
{
    dg_outcome outcome = {.runs_planned = 7};
    cr_expect_eq(dg_experiment_merge(folder, 0, NULL, &outcome), DG_ERR_ARGUMENT);
    cr_expect_eq(outcome.runs_planned, 0);
    cr_expect_eq(dg_experiment_merge(folder_path(folder, "absent"), 1, NULL, NULL),
                 DG_ERR_ARGUMENT);
    cr_expect_eq(folder_count(folder, "."), 0, "nothing was written");
}
