/** Tests host/engine.c: whole experiments to a file, and that nothing but the configuration shows. */
#include "digico/digico.h"

#include "host/engine.h"
#include "host/results.h"
#include "tests/host/load.h"
#include "tests/host/records.h"
#include "tests/host/stopper.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* a mixed sweep: two shapes, types, updates and readings side by side */
static const char mixed[] = "steps: 7\ngenerations: 3\nniche: {points: 200}\n"
                            "sweep:\n  product:\n"
                            "    agents: [9, 12]\n    reading: [text, tables]\n"
                            "    ai_type: [none, all_zero]\n"
                            "    belief_weights.update: [fixed, momentum, reward]\n"
                            "    seed: [1, 2]\n";

/** Hashes of all runs of an experiment run one way; to be freed. */
static uint64_t *hashes_of(const char *yaml, const dg_options *options, size_t *runs)
{
    char *folder = records_folder();
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    dg_outcome outcome;
    dg_results *results = NULL;
    cr_assert_eq(dg_experiment_run(experiment, folder, options, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_completed, experiment->runs);
    cr_assert_eq(dg_results_open(&results, folder), DG_OK, "%s", dg_error());
    *runs = results->runs;
    uint64_t *hash = malloc(*runs * sizeof *hash);
    memcpy(hash, results->hash, *runs * sizeof *hash);
    dg_results_close(&results);
    dg_experiment_free(&experiment);
    records_remove(folder);
    return hash;
}

static void expect_same(const dg_options *options, const char *what)
{
    size_t runs, again;
    uint64_t *first = hashes_of(mixed, NULL, &runs);
    uint64_t *second = hashes_of(mixed, options, &again);
    cr_assert_eq(runs, 48);
    cr_assert_eq(again, runs);
    for (size_t r = 0; r < runs; r++)
        cr_expect_eq(first[r], second[r], "run %zu differs with %s", r, what);
    free(first);
    free(second);
}

Test(engine, gives_the_same_bytes_for_1_2_and_7_threads)
{
    static const int threads[] = {1, 2, 7};
    for (int k = 0; k < 3; k++) {
        const dg_options options = {.device = "cpu", .threads = threads[k]};
        expect_same(&options, "another number of threads");
    }
}

Test(engine, gives_the_same_bytes_for_any_batch)
{
    static const int batches[] = {1, 5, 1000};
    for (int k = 0; k < 3; k++) {
        const dg_options options = {.batch = batches[k]};
        expect_same(&options, "another batch");
    }
}

Test(engine, gives_the_same_bytes_for_every_vector_set)
{
    static const char *const sets[] = {"avx512", "avx2", "generic"};
    for (int k = 0; k < 3; k++) {
        const dg_options options = {.device = "cpu", .vector = sets[k]};
        if (dg_backend_cpu_vector(sets[k])) expect_same(&options, sets[k]);
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
    expect_same(&options, "logging");
    cr_expect_gt(h.lines, 0);
    cr_expect_geq(h.reports, 2);
}

Test(engine, reports_all_work_as_done_at_the_end)
{
    heard h = {0};
    const dg_options options = {.progress = hear_progress, .user = &h};
    size_t runs;
    free(hashes_of(mixed, &options, &runs));
    cr_expect_eq(h.last.runs_done, 48);
    cr_expect_eq(h.last.runs_planned, 48);
    cr_expect_eq(h.last.generations_done, 48 * 3);
    cr_expect_eq(h.last.generations_planned, 48 * 3);
    /* half of the runs have 9 agents, half 12 */
    cr_expect_eq(h.last.agent_steps_done, 24 * 3 * 7 * (9 + 12));
    cr_expect_eq(h.last.agent_steps_planned, 24 * 3 * 7 * (9 + 12));
}

/* ---- stopping -------------------------------------------------------------------------------------- */

Test(engine, keeps_finished_runs_when_stopped)
{
    char *folder = records_folder();
    /* runs one after another; each takes far longer than a report needs */
    dg_experiment *experiment = load_text("agents: 60\ngenerations: 60\nniche: {points: 200}\n"
                                          "sweep: {product: {seed: {from: 1, to: 40}}}\n",
                                          NULL, NULL);
    stopper s = {0, 90};
    const dg_options options = {
        .device = "cpu", .threads = 1, .stop = &s.stop, .progress = stop_later, .user = &s};
    dg_outcome outcome;
    dg_results *results = NULL;
    cr_assert_eq(dg_experiment_run(experiment, folder, &options, &outcome), DG_ERR_STOPPED);
    cr_expect_geq(outcome.runs_completed, 1);
    cr_expect_lt(outcome.runs_completed, 40);
    cr_assert_eq(dg_results_open(&results, folder), DG_OK, "%s", dg_error());
    size_t complete = 0;
    for (size_t r = 0; r < results->runs; r++) {
        complete += results->status[r] == DG_RUN_COMPLETE;
        cr_expect(results->status[r] == DG_RUN_COMPLETE || results->status[r] == DG_RUN_PLANNED);
    }
    cr_expect_eq(complete, outcome.runs_completed);
    dg_results_close(&results);
    dg_experiment_free(&experiment);
    records_remove(folder);
}

Test(engine, stopped_before_a_run_ends_leaves_an_older_result_alone)
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
    cr_assert_eq(dg_results_open(&results, folder), DG_OK, "%s", dg_error());
    cr_expect_eq(results->status[0], DG_RUN_COMPLETE);
    dg_results_close(&results);
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
