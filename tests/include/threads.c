/**
 * What digico.h says about threads: several threads use one experiment, ensembles of their own and
 * one ensemble for reading, during a dg_experiment_run(). The results must be those of one thread.
 *
 * A plain program, because Criterion does not run under the thread sanitizer; called by make check
 * and by tests/race.
 */
#define _XOPEN_SOURCE 700 /* barriers, mkdtemp() */
#include <digico/digico.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 3, GENERATIONS = 3, AGENTS = 30 };

static const char text[] = "agents: 30\ngenerations: 3\nsteps: 5\nniche: {points: 100}\n"
                           "sweep: {product: {seed: [1, 2, 3]}}\n";
static const dg_options options = {.threads = 2};

static dg_experiment *experiment; /* used by all threads */
static dg_ensemble *shared;       /* run 0 at its end, read by all threads */
static uint64_t expected[THREADS];
static pthread_barrier_t barrier;

typedef struct worker {
    pthread_t thread;
    int number;
    int failures;
} worker;

static void expect(worker *w, int condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "thread %d: %s (last error: %s)\n", w->number, what, dg_error());
    w->failures++;
}

static dg_status parse(dg_experiment **out)
{
    return dg_experiment_parse(out, "threads.yaml", text, strlen(text), NULL, 0);
}

/** Compute one run of an experiment, generation by generation. */
static dg_status compute(const dg_experiment *from, size_t run, dg_ensemble **out)
{
    dg_status status = dg_ensemble_create(out, from, run, 1, &options);
    for (int g = 0; g < GENERATIONS && status == DG_OK; g++) status = dg_ensemble_advance(*out, 1);
    return status;
}

/** All threads fail at the same time: each must read its own message. */
static void check_error(worker *w)
{
    const int run = 1000 + w->number; /* does not exist */
    char number[16], *printed = NULL;
    snprintf(number, sizeof number, "%d", run);
    const dg_status status = dg_experiment_print(&printed, experiment, (size_t)run);
    pthread_barrier_wait(&barrier);
    expect(w, status == DG_ERR_ARGUMENT, "a run that does not exist must be refused");
    expect(w, strstr(dg_error(), number) != NULL, "dg_error() must belong to this thread");
}

static void check_shared(worker *w)
{
    uint64_t hash = 0;
    int32_t beliefs[AGENTS];
    dg_generation_summary last;
    expect(w, dg_ensemble_generations(shared, 0) == GENERATIONS, "generations of one ensemble");
    expect(w, dg_ensemble_hash(shared, 0, &hash) == DG_OK && hash == expected[0],
           "hash of one ensemble");
    expect(w, dg_ensemble_beliefs(shared, 0, beliefs) == DG_OK && beliefs[0] >= 0,
           "beliefs of one ensemble");
    expect(w, dg_ensemble_summary(shared, 0, GENERATIONS - 1, &last) == DG_OK,
           "summary of one ensemble");
}

static void *work(void *argument)
{
    worker *w = argument;
    uint64_t hash = 0;
    dg_experiment *own = NULL;
    dg_ensemble *ensemble = NULL;
    /* an odd thread loads an experiment of its own, the others use the same one */
    if (w->number % 2 == 1) expect(w, parse(&own) == DG_OK, "parse");
    const dg_status status = compute(own ? own : experiment, (size_t)w->number, &ensemble);
    dg_experiment_free(&own);
    expect(w, status == DG_OK, "compute a run");
    if (ensemble) expect(w, dg_ensemble_hash(ensemble, 0, &hash) == DG_OK, "hash");
    check_error(w);
    expect(w, hash == expected[w->number], "the run must have the hash that one thread computed");
    check_shared(w);
    dg_ensemble_free(&ensemble);
    return NULL;
}

/** One call on a directory while the other threads compute. */
static int run_to_file(void)
{
    char folder[] = "/tmp/digico-threads-XXXXXX", command[64];
    dg_outcome outcome = {0};
    if (!mkdtemp(folder)) return 1;
    const dg_status status = dg_experiment_run(experiment, folder, &options, &outcome);
    if (status != DG_OK) fprintf(stderr, "dg_experiment_run: %s\n", dg_error());
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    const int removed = system(command);
    return status != DG_OK || outcome.runs_completed != THREADS || removed != 0;
}

/** The hashes that one thread computes, and the ensemble that all threads read. */
static int prepare(void)
{
    if (parse(&experiment) != DG_OK) return 1;
    for (int k = THREADS - 1; k >= 0; k--) {
        dg_ensemble_free(&shared);
        if (compute(experiment, (size_t)k, &shared) != DG_OK) return 1;
        if (dg_ensemble_hash(shared, 0, &expected[k]) != DG_OK) return 1;
    }
    return pthread_barrier_init(&barrier, NULL, THREADS);
}

int main(void)
{
    worker workers[THREADS];
    int failures = prepare();
    if (failures) {
        fprintf(stderr, "threads: %s\n", dg_error());
        return 1;
    }
    for (int k = 0; k < THREADS; k++) {
        workers[k] = (worker){.number = k};
        if (pthread_create(&workers[k].thread, NULL, work, &workers[k]) != 0) return 1;
    }
    failures = run_to_file();
    for (int k = 0; k < THREADS; k++) {
        pthread_join(workers[k].thread, NULL);
        failures += workers[k].failures;
    }
    pthread_barrier_destroy(&barrier);
    dg_ensemble_free(&shared);
    dg_experiment_free(&experiment);
    return failures > 0;
}
