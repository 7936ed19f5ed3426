/** Tests host/engine.c: whole experiments to a file, and that nothing but the configuration shows. */
#include "digico/digico.h"

#include "host/engine.h"
#include "host/results.h"
#include "tests/host/load.h"
#include "tests/host/records.h"
#include "tests/host/stopper.h"

#include <criterion/criterion.h>
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
