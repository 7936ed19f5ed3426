/** Tests host/engine.c: whole experiments to a file, and that nothing but the configuration shows. */
#include "digico/digico.h"

#include "host/engine.h"
#include "host/files.h"
#include "host/results.h"
#include "tests/host/contents.h"
#include "tests/host/load.h"
#include "tests/host/records.h"
#include "tests/host/stopper.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* a mixed sweep: two shapes, types, updates and readings side by side */
static const char mixed[] = "steps: 7\ngenerations: 3\nniche: {points: 200}\n"
                            "sweep:\n  product:\n"
                            "    agents: [9, 12]\n    reading: [text, tables]\n"
                            "    ai_type: [none, all_zero]\n"
                            "    belief_weights.update: [fixed, momentum, reward]\n"
                            "    seed: [1, 2]\n";

/** Run an experiment into a new folder, to be removed. */
static char *folder_of(const char *yaml, const dg_options *options)
{
    char *folder = records_folder();
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    dg_outcome outcome;
    cr_assert_eq(dg_experiment_run(experiment, folder, options, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_completed, experiment->runs);
    cr_expect_eq(outcome.runs_kept, 0);
    dg_experiment_free(&experiment);
    return folder;
}

/** The result in a folder; valid until the next call but one. */
static const char *result_of(const char *folder)
{
    static char path[2][600];
    static int next;
    char *text = path[next++ % 2];
    snprintf(text, sizeof path[0], "%s/" DG_RESULT_NAME, folder);
    return text;
}

static void expect_same(const dg_options *options)
{
    char *first = folder_of(mixed, NULL), *second = folder_of(mixed, options);
    contents_expect_same_bytes(result_of(first), result_of(second));
    records_remove(first);
    records_remove(second);
}

Test(engine, gives_the_same_bytes_for_1_2_and_7_threads)
{
    static const int threads[] = {1, 2, 7};
    for (int k = 0; k < 3; k++) {
        const dg_options options = {.device = "cpu", .threads = threads[k]};
        expect_same(&options);
    }
}

Test(engine, gives_the_same_bytes_for_any_batch)
{
    static const int batches[] = {1, 5, 1000};
    for (int k = 0; k < 3; k++) {
        const dg_options options = {.batch = batches[k]};
        expect_same(&options);
    }
}

Test(engine, gives_the_same_bytes_for_every_vector_set)
{
    static const char *const sets[] = {"avx512", "avx2", "generic"};
    for (int k = 0; k < 3; k++) {
        const dg_options options = {.device = "cpu", .vector = sets[k]};
        if (dg_backend_cpu_vector(sets[k])) expect_same(&options);
    }
}

/* ---- logging, progress --------------------------------------------------------------------------- */

typedef struct heard {
    int lines;
    int reports;
    dg_progress last;
} heard;

static void hear_line(void *user, const char *line)
{
    cr_expect_null(strchr(line, '\n'));
    ((heard *)user)->lines++;
}

static void hear_progress(void *user, const dg_progress *progress)
{
    heard *h = user;
    cr_expect_geq(progress->generations_done, h->last.generations_done);
    h->last = *progress;
    h->reports++;
}

Test(engine, gives_the_same_bytes_with_logging_on)
{
    heard h = {0};
    const dg_options options = {.log = hear_line, .progress = hear_progress, .user = &h};
    expect_same(&options);
    cr_expect_gt(h.lines, 0);
    cr_expect_geq(h.reports, 2);
}

Test(engine, reports_all_work_as_done_at_the_end)
{
    heard h = {0};
    const dg_options options = {.progress = hear_progress, .user = &h};
    records_remove(folder_of(mixed, &options));
    cr_expect_eq(h.last.runs_done, 48);
    cr_expect_eq(h.last.runs_planned, 48);
    cr_expect_eq(h.last.generations_done, 48 * 3);
    cr_expect_eq(h.last.generations_planned, 48 * 3);
    /* half of the runs have 9 agents, half 12 */
    cr_expect_eq(h.last.agent_steps_done, 24 * 3 * 7 * (9 + 12));
    cr_expect_eq(h.last.agent_steps_planned, 24 * 3 * 7 * (9 + 12));
}

/* ---- stopping -------------------------------------------------------------------------------------- */

/** Files in a folder of a result directory. */
static size_t files_in(const char *directory, const char *folder)
{
    char path[600];
    dg_names names = {0};
    snprintf(path, sizeof path, "%s/%s", directory, folder);
    cr_assert_eq(dg_directory_list(&names, path, ""), DG_OK, "%s", dg_error());
    size_t files = 0;
    for (size_t k = 0; k < names.count; k++) files += names.name[k][0] != '.';
    dg_names_free(&names);
    return files;
}

Test(engine, keeps_finished_runs_when_stopped_and_goes_on, .timeout = 60)
{
    /* runs one after another; each takes far longer than a report needs */
    static const char forty[] = "agents: 60\ngenerations: 60\nniche: {points: 200}\n"
                                "sweep: {product: {seed: {from: 1, to: 40}}}\n";
    char *folder = records_folder(), *unbroken = folder_of(forty, NULL);
    dg_experiment *experiment = load_text(forty, NULL, NULL);
    stopper s = {0, 90};
    const dg_options options = {.device = "cpu",
                                .threads = 1,
                                .batch = 1,
                                .stop = &s.stop,
                                .progress = stop_later,
                                .user = &s};
    dg_outcome outcome;
    cr_assert_eq(dg_experiment_run(experiment, folder, &options, &outcome), DG_ERR_STOPPED);
    const size_t kept = outcome.runs_completed;
    cr_expect(kept >= 1 && kept < 40, "%zu", kept);
    cr_expect_eq(outcome.runs_planned, 40);
    cr_expect_neq(access(result_of(folder), F_OK), 0, "not all runs are finished");
    cr_expect_eq(files_in(folder, DG_BATCH_FOLDER), kept);
    cr_expect_leq(files_in(folder, DG_CHECKPOINT_FOLDER), 1);
    cr_assert_eq(dg_experiment_run(experiment, folder, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_kept, kept);
    cr_expect_eq(outcome.runs_completed, 40);
    cr_expect_eq(files_in(folder, DG_CHECKPOINT_FOLDER), 0, "no longer needed");
    contents_expect_same_bytes(result_of(folder), result_of(unbroken));
    dg_experiment_free(&experiment);
    records_remove(unbroken);
    records_remove(folder);
}

Test(engine, overwriting_forgets_an_older_result_at_once)
{
    char *folder = records_folder();
    dg_experiment *experiment =
        load_text("agents: 9\ngenerations: 2\nniche: {points: 200}\n", NULL, NULL);
    const volatile int now = 1;
    const dg_options stopped = {.stop = &now, .overwrite = 1};
    dg_results *results = NULL;
    cr_expect_eq(dg_experiment_run(experiment, folder, &stopped, NULL), DG_ERR_STOPPED);
    cr_expect_eq(dg_results_open(&results, folder), DG_ERR_IO, "nothing was written");
    cr_assert_eq(dg_experiment_run(experiment, folder, NULL, NULL), DG_OK, "%s", dg_error());
    cr_expect_eq(dg_experiment_run(experiment, folder, &stopped, NULL), DG_ERR_STOPPED);
    cr_expect_eq(dg_results_open(&results, folder), DG_ERR_IO, "what was there is forgotten");
    dg_experiment_free(&experiment);
    records_remove(folder);
}

/** All there is to do a second time is to see that all is done. */
Test(engine, finished_does_nothing_more)
{
    char *folder = folder_of(mixed, NULL);
    dg_experiment *experiment = load_text(mixed, NULL, NULL);
    struct stat before, after;
    dg_outcome outcome;
    cr_assert_eq(stat(result_of(folder), &before), 0);
    cr_assert_eq(dg_experiment_run(experiment, folder, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_kept, 48);
    cr_expect_eq(outcome.runs_completed, 48);
    cr_expect_eq(outcome.agent_steps, 0);
    cr_assert_eq(stat(result_of(folder), &after), 0);
    cr_expect_eq(after.st_ino, before.st_ino, "the file is the old one");
    dg_experiment_free(&experiment);
    records_remove(folder);
}

/* ---- early stop ---------------------------------------------------------------------------------------- */

/* three groups of three, the first AI; the runs without a share tell what the others must do */
enum { LATEST = 12, HUMANS = 6, STEPS = 7, VALUES = 3, SHARES = 5, IN_A_ROW = 2 };
static const double shares[SHARES] = {0, 0.4, 0.5, 0.6, 0.9};
static const char converging[] = "agents: 9\nvalues: 3\nsteps: 7\ngenerations: 12\n"
                                 "niche: {points: 200}\nreading: tables\n"
                                 "belief_weights.update: momentum\ncontagion.factor: 0.4\n"
                                 "early_stop: {generations: 2}\n"
                                 "sweep:\n  product:\n    seed: [1, 2, 3, 4]\n"
                                 "    early_stop.share: [null, 0.4, 0.5, 0.6, 0.9]\n";

/** Most pairs that humans of a run hold of one belief in a generation, from the file. */
static double most_common(const double *count, size_t run, size_t generation)
{
    double most = 0;
    for (size_t v = 0; v < VALUES; v++) {
        const double *of_run = count + (run * LATEST + generation) * 3 * VALUES;
        const double held = of_run[VALUES + v] + of_run[2 * VALUES + v];
        most = held > most ? held : most;
    }
    return most;
}

/** Generations after which a run of this share must end. */
static size_t expected_end(const double *count, size_t whole, double share)
{
    size_t row = 0;
    for (size_t g = 0; g < LATEST && share > 0; g++) {
        row = most_common(count, whole, g) / (HUMANS * STEPS) >= share ? row + 1 : 0;
        if (row == IN_A_ROW) return g + 1;
    }
    return 0;
}

static uint64_t repeated_hash(const dg_results *results, size_t run, size_t generations)
{
    dg_experiment *experiment = NULL;
    dg_ensemble *ensemble = NULL;
    uint64_t hash = 0;
    cr_assert_eq(dg_results_experiment(results, run, &experiment), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_ensemble_create(&ensemble, experiment, 0, 1, NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_ensemble_advance(ensemble, INT32_MAX), DG_OK, "%s", dg_error());
    cr_expect_eq((size_t)dg_ensemble_generations(ensemble, 0), generations);
    cr_assert_eq(dg_ensemble_hash(ensemble, 0, &hash), DG_OK, "%s", dg_error());
    dg_ensemble_free(&ensemble);
    dg_experiment_free(&experiment);
    return hash;
}

/** One run of `converging` against the run of its seed without a share; its status. */
static int check_converging(const dg_results *results, const double *count, const double *completed,
                            const double *views, size_t run)
{
    const size_t whole = run / SHARES * SHARES;
    const size_t end = expected_end(count, whole, shares[run % SHARES]);
    const size_t finished = end > 0 ? end : LATEST;
    const int status = end > 0 ? DG_RUN_CONVERGED : DG_RUN_COMPLETE;
    cr_expect_eq(results->status[run], status, "run %zu", run);
    cr_expect_eq((size_t)completed[run], finished, "run %zu", run);
    for (size_t g = 0; g < LATEST; g++)
        cr_expect_eq(isnan(views[run * LATEST + g]), g >= finished, "run %zu, %zu", run, g);
    cr_expect_arr_eq(views + run * LATEST, views + whole * LATEST, finished * sizeof *views);
    cr_expect_eq(repeated_hash(results, run, finished), results->hash[run], "run %zu", run);
    return status;
}

Test(engine, ends_runs_whose_beliefs_have_converged)
{
    char *folder = records_folder();
    dg_experiment *experiment = load_text(converging, NULL, NULL);
    dg_outcome outcome;
    dg_results *results = NULL;
    double *count, *completed, *views;
    size_t length, converged = 0, steps = 0;
    cr_assert_eq(dg_experiment_run(experiment, folder, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_results_open(&results, folder), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_results_numbers(results, "belief_count", &count, &length), DG_OK);
    cr_assert_eq(dg_results_numbers(results, "generations_completed", &completed, &length), DG_OK);
    cr_assert_eq(dg_results_numbers(results, "ai_views", &views, &length), DG_OK);
    for (size_t r = 0; r < results->runs; r++) {
        converged += check_converging(results, count, completed, views, r) == DG_RUN_CONVERGED;
        steps += (size_t)completed[r] * 9 * STEPS;
    }
    cr_expect(converged > 4 && converged < 16, "%zu converged: nothing to tell apart", converged);
    cr_expect_eq(outcome.runs_converged, converged);
    cr_expect_eq(outcome.runs_completed, results->runs - converged);
    cr_expect_eq(outcome.runs_failed, 0);
    cr_expect_eq(outcome.agent_steps, (int64_t)steps);
    free(count);
    free(completed);
    free(views);
    dg_results_close(&results);
    dg_experiment_free(&experiment);
    records_remove(folder);
}

Test(engine, keeps_a_result_whose_runs_all_converged)
{
    char *folder = records_folder();
    dg_experiment *experiment = load_text("agents: 9\ngenerations: 9\nniche: {points: 200}\n"
                                          "early_stop: {share: 1.0e-9, generations: 2}\n",
                                          NULL, NULL);
    dg_outcome outcome;
    dg_results *results = NULL;
    cr_assert_eq(dg_experiment_run(experiment, folder, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect(outcome.runs_converged == 1 && outcome.runs_completed == 0);
    cr_assert_eq(dg_results_open(&results, folder), DG_OK, "%s", dg_error());
    cr_expect_eq(results->status[0], DG_RUN_CONVERGED);
    dg_results_close(&results);
    dg_experiment_free(&experiment);
    records_remove(folder);
}

/* ---- bad options ---------------------------------------------------------------------------------------- */

Test(engine, refuses_options_before_it_writes)
{
    char *folder = records_folder();
    char inside[512];
    dg_experiment *experiment = load_text("generations: 1\n", NULL, NULL);
    const dg_options unknown = {.device = "cpu", .vector = "mmx"}, negative = {.threads = -1};
    snprintf(inside, sizeof inside, "%s/new", folder);
    cr_expect_eq(dg_experiment_run(experiment, inside, &unknown, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "mmx") != NULL);
    cr_expect_eq(dg_experiment_run(experiment, inside, &negative, NULL), DG_ERR_ARGUMENT);
    cr_expect_neq(access(inside, F_OK), 0);
    dg_experiment_free(&experiment);
    records_remove(folder);
}
