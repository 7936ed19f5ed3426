/** host/engine/engine.c: whole experiments; results depend on the configuration only. */
#include "digico/digico.h"

#include "host/directory/inventory.h"
#include "host/engine/engine.h"
#include "host/base/files.h"
#include "host/store/results.h"
#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"
#include "tests/support/records.h"

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

/** Run an experiment into a new folder, which the caller removes. */
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

static void expect_same(const dg_options *options)
{
    char *first = folder_of(mixed, NULL), *second = folder_of(mixed, options);
    contents_expect_same_bytes(folder_result(first), folder_result(second));
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

/* ---- logging, progress ----------------------------------------------------------------------- */

typedef struct observed {
    int lines;
    int reports;
    dg_progress last;
} observed;

static void observe_line(void *user, const char *line)
{
    cr_expect_null(strchr(line, '\n'));
    ((observed *)user)->lines++;
}

static void observe_progress(void *user, const dg_progress *progress)
{
    observed *o = user;
    cr_expect_geq(progress->generations_done, o->last.generations_done);
    o->last = *progress;
    o->reports++;
}

Test(engine, gives_the_same_bytes_with_logging_on)
{
    observed o = {0};
    const dg_options options = {.log = observe_line, .progress = observe_progress, .user = &o};
    expect_same(&options);
    cr_expect_gt(o.lines, 0);
    cr_expect_geq(o.reports, 2);
}

Test(engine, reports_all_work_as_done_at_the_end)
{
    observed o = {0};
    const dg_options options = {.progress = observe_progress, .user = &o};
    records_remove(folder_of(mixed, &options));
    cr_expect_eq(o.last.runs_done, 48);
    cr_expect_eq(o.last.runs_planned, 48);
    cr_expect_eq(o.last.generations_done, 48 * 3);
    cr_expect_eq(o.last.generations_planned, 48 * 3);
    /* half of the runs have 9 agents, half 12 */
    cr_expect_eq(o.last.agent_steps_done, 24 * 3 * 7 * (9 + 12));
    cr_expect_eq(o.last.agent_steps_planned, 24 * 3 * 7 * (9 + 12));
}

/* ---- stopping -------------------------------------------------------------------------------- */

Test(engine, keeps_finished_runs_when_stopped_and_continues, .timeout = 60)
{
    /* one run after another; a stop is requested when the first one ends */
    static const char five[] = "agents: 9\nsteps: 5\ngenerations: 6\nniche: {points: 100}\n"
                               "sweep: {product: {seed: {from: 1, to: 5}}}\n";
    char *folder = records_folder(), *unbroken = folder_unbroken(five);
    static volatile int stop;
    const dg_options options = {.batch = 1, .stop = &stop};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 6, .stop = &stop});
    dg_outcome outcome;
    cr_assert_eq(folder_run(folder, five, &options, &cpu, &outcome), DG_ERR_STOPPED);
    cr_expect(strstr(dg_error(), "1 of 5 runs finished") != NULL, "%s", dg_error());
    cr_expect_eq(outcome.runs_completed, 1);
    cr_expect_eq(outcome.runs_planned, 5);
    cr_expect_neq(access(folder_result(folder), F_OK), 0, "not all runs are finished");
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 1);
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 0);
    cr_assert_eq(folder_run(folder, five, NULL, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_kept, 1);
    cr_expect_eq(outcome.runs_completed, 5);
    cr_expect_eq(outcome.agent_steps, 4 * 6 * 5 * 9);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(unbroken);
    records_remove(folder);
}

Test(engine, overwriting_removes_an_older_result_at_once)
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
    cr_expect_eq(dg_results_open(&results, folder), DG_ERR_IO, "the old result is removed");
    dg_experiment_free(&experiment);
    records_remove(folder);
}

/** A second call computes and writes nothing. */
Test(engine, does_nothing_if_all_is_finished)
{
    char *folder = folder_of(mixed, NULL);
    dg_experiment *experiment = load_text(mixed, NULL, NULL);
    struct stat before, after;
    dg_outcome outcome;
    cr_assert_eq(stat(folder_result(folder), &before), 0);
    cr_assert_eq(dg_experiment_run(experiment, folder, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_kept, 48);
    cr_expect_eq(outcome.runs_completed, 48);
    cr_expect_eq(outcome.agent_steps, 0);
    cr_assert_eq(stat(folder_result(folder), &after), 0);
    cr_expect_eq(after.st_ino, before.st_ino, "the file was not replaced");
    dg_experiment_free(&experiment);
    records_remove(folder);
}

/* ---- continuing ------------------------------------------------------------------------------ */

/* all belief updates and both readings, with traces and other periods of evolution; 6 generations
   */
static const char varied[] = "agents: 9\nsteps: 4\ngenerations: 6\nniche: {points: 100}\n"
                             "measures: {diversity_every: 2}\n"
                             "output: {agents: true, first: 1, every: 2}\n"
                             "groups.ai.evolve_period: 3\n"
                             "sweep:\n  product:\n"
                             "    belief_weights.update: [fixed, random, momentum, reward]\n"
                             "    reading: [text, tables]\n";
enum { VARIED = 8, VARIED_GENERATIONS = 6, VARIED_STEPS = 9 * 4 };

/** Stop the call once every batch that is being computed has advanced by `generations`. */
static void stop_on(const dg_devices *devices, const char *folder, const char *yaml,
                    volatile int *stop, int batch)
{
    const dg_options options = {.stop = stop, .batch = batch};
    *stop = 0;
    cr_assert_eq(folder_run(folder, yaml, &options, devices, NULL), DG_ERR_STOPPED, "%s",
                 dg_error());
    cr_expect_neq(access(folder_result(folder), F_OK), 0);
    cr_expect_gt(folder_count(folder, DG_CHECKPOINT_FOLDER), 0);
}

static void stop_after(const char *folder, const char *yaml, int32_t generations, int batch)
{
    static volatile int stop;
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = generations, .stop = &stop});
    stop_on(&cpu, folder, yaml, &stop, batch);
}

/** Continue to the end and expect the bytes of an uninterrupted run; returns the agent-steps. */
static int64_t go_on(char *folder, const char *yaml, const dg_options *options,
                     const dg_devices *devices, const char *unbroken)
{
    dg_outcome outcome;
    cr_assert_eq(folder_run(folder, yaml, options, devices, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 0);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(folder);
    return outcome.agent_steps;
}

Test(engine, stopped_at_any_generation_gives_the_same_bytes, .timeout = 60)
{
    static const dg_options ways[] = {{.threads = 2},
                                      {.threads = 1, .batch = 1},
                                      {.threads = 7, .batch = 3, .vector = "generic"},
                                      {.batch = 1000}};
    char *unbroken = folder_unbroken(varied);
    for (int32_t k = 1; k < VARIED_GENERATIONS; k++)
        for (int batch = 0; batch < 8; batch += 3) {
            char *folder = records_folder();
            stop_after(folder, varied, k, batch);
            const int begun = batch ? batch : VARIED; /* one batch at a time */
            const int64_t steps = go_on(folder, varied, &ways[(k + batch) % 4], NULL, unbroken);
            cr_expect_eq(steps, VARIED_STEPS * (VARIED * VARIED_GENERATIONS - begun * k),
                         "generation %d, batch %d", k, batch);
        }
    records_remove(unbroken);
}

Test(engine, stopped_repeatedly_gives_the_same_bytes, .timeout = 60)
{
    static const int batches[] = {3, 0, 2, 1, 0};
    char *unbroken = folder_unbroken(varied), *folder = records_folder();
    for (int turn = 0; turn < 5; turn++) stop_after(folder, varied, 1, batches[turn]);
    go_on(folder, varied, NULL, NULL, unbroken);
    records_remove(unbroken);
}

/** CUDA devices if there are any, real or emulated: they continue runs that a CPU began. */
static int devices_here(dg_devices *here)
{
    int count = 1;
    cr_assert_eq(dg_devices_find(&here[0], "cpu", DG_DEVICES_ALL), DG_OK);
    if (dg_devices_find(&here[1], "cuda", DG_DEVICES_ALL) == DG_OK) count = 2;
    if (count == 2 && dg_devices_find(&here[2], "cuda:0", DG_DEVICES_ALL) == DG_OK) count = 3;
    return count;
}

Test(engine, continues_on_another_device, .timeout = 120)
{
    static dg_devices here[3];
    char *unbroken = folder_unbroken(varied);
    const int count = devices_here(here);
    for (int d = 0; d < count; d++)
        for (int batch = 0; batch < 4; batch += 3) {
            char *folder = records_folder();
            stop_after(folder, varied, 2, batch); /* with 3, runs are at generation 2 or 0 */
            const int64_t steps = go_on(folder, varied, NULL, &here[d], unbroken);
            cr_expect_eq(steps, VARIED_STEPS *
                                    (VARIED * VARIED_GENERATIONS - (batch ? batch : VARIED) * 2));
        }
    records_remove(unbroken);
}

/** Rewrite an archive like a build that stores three instead of five fields in a trace. */
static void keep_less(const char *path, dg_archive_kind kind)
{
    dg_archive *a = NULL;
    dg_archive_writer *writer = NULL;
    cr_assert_eq(dg_archive_open(&a, path, kind), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_archive_create(&writer, path, kind), DG_OK, "%s", dg_error());
    for (size_t k = 0; k < a->sections; k++) {
        const dg_archive_section *s = &a->section[k];
        void *bytes = NULL;
        cr_assert_eq(dg_archive_load(a, s, &bytes), DG_OK, "%s", dg_error());
        if (s->tag == DG_PART_HEAD) ((dg_run_head *)bytes)->bytes[DG_PART_TRACE] /= DG_TRACES;
        if (s->tag == DG_PART_HEAD) ((dg_run_head *)bytes)->bytes[DG_PART_TRACE] *= 3;
        const int64_t kept = s->tag == DG_PART_TRACE ? s->bytes / DG_TRACES * 3 : s->bytes;
        cr_assert_eq(dg_archive_add(writer, s->tag, s->index, bytes, kept, true), DG_OK);
        free(bytes);
    }
    cr_assert_eq(dg_archive_commit(&writer), DG_OK, "%s", dg_error());
    dg_archive_close(&a);
}

static void expect_other_trace(const char *folder, dg_archive_kind kind, const char *where)
{
    const size_t files = folder_count(folder, where);
    for (size_t k = 0; k < files; k++) keep_less(folder_file(folder, where, k), kind);
    cr_expect_eq(folder_run(folder, varied, NULL, NULL, NULL), DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "written by another build: a trace of") != NULL, "%s", dg_error());
    cr_expect_neq(access(folder_result(folder), F_OK), 0);
    cr_expect_eq(folder_count(folder, where), files, "nothing is lost");
}

/** Traces of a build with other fields are refused, not misread. */
Test(engine, refuses_traces_of_another_size, .timeout = 60)
{
    char *begun = records_folder(), *finished = folder_unbroken(varied);
    stop_after(begun, varied, 4, 0);
    expect_other_trace(begun, DG_ARCHIVE_CHECKPOINT, DG_CHECKPOINT_FOLDER);
    cr_assert_eq(unlink(folder_result(finished)), 0);
    expect_other_trace(finished, DG_ARCHIVE_BATCH, DG_BATCH_FOLDER);
    records_remove(begun);
    records_remove(finished);
}

/* two of the eight runs meet a number that is not finite after 4 generations, and two after 7 */
static const char failing[] = "agents: 9\nsteps: 2\ngenerations: 10\nniche: {points: 100}\n"
                              "policy: {hidden: 8}\nevolution.variant: ros-hansen\n"
                              "groups:\n  ai: {kind: ai, size: 3}\n"
                              "  human: {kind: human, size: 6, evolve_period: 0}\n"
                              "sweep:\n  product:\n    seed: [1, 2]\n"
                              "    evolution.covariance_rate: [null, 1]\n"
                              "    groups.ai.evolve_period: [4, 7]\n";

Test(engine, continues_other_runs_when_some_are_nonfinite, .timeout = 60)
{
    char *unbroken = folder_unbroken(failing);
    for (int32_t k = 3; k < 9; k++) {
        char *folder = records_folder();
        dg_outcome outcome;
        static volatile int stop;
        const dg_options options = {.stop = &stop};
        const dg_devices cpu = fake_cpu(&(fake_settings){.portion = k, .stop = &stop});
        stop = 0;
        cr_assert_eq(folder_run(folder, failing, &options, &cpu, &outcome), DG_ERR_STOPPED);
        cr_expect_eq(outcome.runs_nonfinite, k < 4 ? 0 : k < 7 ? 2 : 4, "after %d generations", k);
        cr_expect_eq(outcome.runs_completed, 0);
        cr_assert_eq(folder_run(folder, failing, NULL, NULL, &outcome), DG_OK, "%s", dg_error());
        cr_expect_eq(outcome.runs_nonfinite, 4);
        cr_expect_eq(outcome.runs_completed, 4);
        contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
        records_remove(folder);
    }
    records_remove(unbroken);
}

/* ---- saving now and then --------------------------------------------------------------------- */

#define OFTEN "checkpoint: {minutes: 1.0e-6}\n"

/** A checkpoint after every generation changes the log but not the result. */
Test(engine, saves_at_the_configured_interval, .timeout = 60)
{
    static collected_log lines;
    char yaml[700];
    snprintf(yaml, sizeof yaml, OFTEN "%s", varied);
    char *often = records_folder(), *unbroken = folder_unbroken(yaml);
    const dg_options options = {.log = collect_log, .user = &lines};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 1});
    dg_outcome outcome;
    cr_assert_eq(folder_run(often, yaml, &options, &cpu, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(fake_seen_so_far.advances, VARIED_GENERATIONS);
    cr_expect(strstr(lines.text, "checkpoint 5 of a batch of 8 runs") != NULL, "%s", lines.text);
    cr_expect_null(strstr(lines.text, "checkpoint 6"), "finished runs are stored: %s", lines.text);
    cr_expect_eq(outcome.agent_steps, VARIED * VARIED_GENERATIONS * VARIED_STEPS);
    cr_expect_eq(folder_count(often, DG_CHECKPOINT_FOLDER), 0);
    contents_expect_same_bytes(folder_result(often), folder_result(unbroken));
    records_remove(often);
    records_remove(unbroken);
}

/** After a failure only the generations since the last checkpoint are lost. */
Test(engine, continues_from_the_last_checkpoint_after_a_failure, .timeout = 60)
{
    char yaml[700];
    snprintf(yaml, sizeof yaml, OFTEN "%s", varied);
    char *unbroken = folder_unbroken(yaml);
    for (int after = 1; after < VARIED_GENERATIONS; after++) {
        char *folder = records_folder();
        const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 1, .broken = after});
        cr_assert_eq(folder_run(folder, yaml, NULL, &cpu, NULL), DG_ERR_BACKEND);
        cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), after > 1 ? 2 : 1);
        const int64_t steps = go_on(folder, yaml, NULL, NULL, unbroken);
        cr_expect_eq(steps, VARIED * VARIED_STEPS * (VARIED_GENERATIONS - after));
    }
    records_remove(unbroken);
}

Test(engine, saves_before_its_walltime_is_over, .timeout = 60)
{
    char *folder = records_folder(), *unbroken = folder_unbroken(varied);
    const dg_options options = {.walltime = 1.3};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 2}); /* then it stops advancing */
    dg_outcome outcome;
    cr_assert_eq(folder_run(folder, varied, &options, &cpu, &outcome), DG_ERR_STOPPED);
    cr_expect_lt(outcome.seconds, 1.3);
    cr_expect_geq(outcome.seconds, 0.25);
    cr_expect_eq(outcome.agent_steps, VARIED * VARIED_STEPS * 2);
    go_on(folder, varied, NULL, NULL, unbroken);
    records_remove(unbroken);
}

Test(engine, starts_nothing_without_walltime_left)
{
    char *folder = records_folder();
    const dg_options options = {.walltime = 0.5}; /* one second is reserved for saving */
    dg_outcome outcome;
    cr_assert_eq(folder_run(folder, varied, &options, NULL, &outcome), DG_ERR_STOPPED);
    cr_expect_eq(outcome.agent_steps, 0);
    cr_expect_eq(outcome.runs_completed, 0);
    records_remove(folder);
}

/* echo chambers have no checkpoints: stopped runs start again */
Test(engine, continues_echo_chambers, .timeout = 60)
{
    static const char echo[] = "model: echo-chamber\necho: {agents: 5, steps: 2000, "
                               "snapshot_every: 300}\n"
                               "sweep: {product: {seed: {from: 1, to: 30}, "
                               "echo.utility: [product, bounded-confidence]}}\n";
    char *unbroken = folder_unbroken(echo), *folder = records_folder();
    const dg_options shard = {.shard = 1, .shards = 3};
    dg_outcome outcome;
    cr_assert_eq(folder_run(folder, echo, &shard, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_completed, 20);
    cr_assert_eq(folder_run(folder, echo, NULL, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_kept, 20);
    cr_expect_eq(outcome.agent_steps, 40 * 5 * 2000);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(folder);
    records_remove(unbroken);
}

/* ---- shards ---------------------------------------------------------------------------------- */

/** Shards in any order, one of them stopped before its end; then a call of all runs. */
Test(engine, in_shards_computes_the_same_bytes, .timeout = 60)
{
    char *unbroken = folder_unbroken(varied), *folder = records_folder();
    dg_outcome outcome;
    size_t runs = 0;
    static volatile int stop;
    const dg_options half = {.shard = 2, .shards = 3, .stop = &stop};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 2, .stop = &stop});
    cr_assert_eq(folder_run(folder, varied, &half, &cpu, NULL), DG_ERR_STOPPED);
    for (int i = 3; i >= 1; i--) {
        const dg_options options = {.shard = i, .shards = 3, .threads = i};
        cr_assert_eq(folder_run(folder, varied, &options, NULL, &outcome), DG_OK, "%s", dg_error());
        cr_expect_eq(outcome.runs_completed, outcome.runs_planned);
        cr_expect_neq(access(folder_result(folder), F_OK), 0, "shards write no result");
        runs += outcome.runs_planned;
    }
    cr_expect_eq(runs, VARIED);
    cr_expect_eq(go_on(folder, varied, NULL, NULL, unbroken), 0);
    records_remove(unbroken);
}

/* ---- early stop ------------------------------------------------------------------------------ */

/* three groups of three, the first AI; the others are compared with the runs without a share */
enum { LATEST = 12, HUMANS = 6, STEPS = 7, VALUES = 3, SHARES = 5, IN_A_ROW = 2 };
static const double shares[SHARES] = {0, 0.4, 0.5, 0.6, 0.9};
static const char converging[] = "agents: 9\nvalues: 3\nsteps: 7\ngenerations: 12\n"
                                 "niche: {points: 200}\nreading: tables\n"
                                 "belief_weights.update: momentum\ncontagion.factor: 0.4\n"
                                 "early_stop: {generations: 2}\n"
                                 "sweep:\n  product:\n    seed: [1, 2, 3, 4]\n"
                                 "    early_stop.share: [null, 0.4, 0.5, 0.6, 0.9]\n";

/** Largest count of one belief among humans in a generation of a run, from the file. */
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

/** Compare a run of `converging` with the run of its seed without a share; returns its status. */
static int check_converging(const dg_results *results, const double *count, const double *completed,
                            const double *views, size_t run)
{
    const size_t whole = run / SHARES * SHARES;
    const size_t end = expected_end(count, whole, shares[run % SHARES]);
    const size_t finished = end > 0 ? end : LATEST;
    const int status = end > 0 ? DG_RUN_CONVERGED : DG_RUN_COMPLETED;
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
    cr_expect(converged > 4 && converged < 16, "%zu converged: expected some, not all", converged);
    cr_expect_eq(outcome.runs_converged, converged);
    cr_expect_eq(outcome.runs_completed, results->runs - converged);
    cr_expect_eq(outcome.runs_nonfinite, 0);
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

/* ---- bad options ----------------------------------------------------------------------------- */

Test(engine, refuses_shards_and_times_out_of_range)
{
    static const dg_options bad[] = {{.shard = 1},
                                     {.shards = 2},
                                     {.shard = 3, .shards = 2},
                                     {.shard = -1, .shards = 2},
                                     {.walltime = -1},
                                     {.walltime = (double)NAN},
                                     {.batch = -1},
                                     {.shard = 1, .shards = 2, .overwrite = 1}};
    char *folder = records_folder();
    const char *inside = folder_path(folder, "new");
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        cr_expect_eq(folder_run(inside, varied, &bad[k], NULL, NULL), DG_ERR_ARGUMENT, "%zu", k);
        cr_expect(strstr(dg_error(), "expected") != NULL, "%s", dg_error());
    }
    cr_expect_neq(access(inside, F_OK), 0);
    records_remove(folder);
}

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
