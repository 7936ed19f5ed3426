/** digico verify: repeats runs of a result and compares the hashes of their final states. */
#include "host/cli/command.h"
#include "host/backends/devices.h"
#include "host/base/error.h"
#include "host/base/files.h"
#include "host/engine/engine.h"
#include "host/engine/repeat.h"
#include "host/models/model.h"
#include "host/base/text_table.h"
#include "host/machine/processors.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE 5

/* columns of the table before those of the swept keys */
#define FIXED 4

enum { KEY_RUNS = 0x300, KEY_DEVICE, KEY_THREADS, KEY_VECTOR, KEY_TRUST };

typedef struct arguments {
    const char *directory;
    size_t sample; /* maximum number of runs to repeat */
    bool trust;
    dg_options options;
} arguments;

/** One run to repeat. */
typedef struct repeat {
    size_t run;
    dg_experiment *experiment;
    uint64_t hash;
    bool cublas; /* uses cuBLAS, which does not guarantee equal bytes: not repeated */
    dg_status status;
    char error[256]; /* dg_error() of the thread that computed it */
} repeat;

static const struct argp_option options[] = {
    {"runs", KEY_RUNS, "N|all", 0, "Number of runs, spread over the result (default: 5)", 0},
    {"device", KEY_DEVICE, "WHICH", 0, DG_DEVICE_HELP, 0},
    {"threads", KEY_THREADS, "N", 0, "Number of CPU threads (default: all)", 0},
    {"vector", KEY_VECTOR, "SET", 0, DG_VECTOR_HELP, 0},
    {"trust", KEY_TRUST, 0, 0, DG_TRUST_HELP, 0},
    {0},
};

static size_t sample_size(const struct argp_state *state, const char *text)
{
    if (strcmp(text, "all") == 0) return SIZE_MAX;
    return (size_t)dg_command_integer(state, "--runs", text, 1, INT32_MAX);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case KEY_RUNS: a->sample = sample_size(state, argument); return 0;
    case KEY_TRUST: a->trust = true; return 0;
    case KEY_DEVICE: a->options.device = argument; return 0;
    case KEY_VECTOR: a->options.vector = argument; return 0;
    case KEY_THREADS:
        a->options.threads =
            (int)dg_command_integer(state, "--threads", argument, 1, DG_MAX_THREADS);
        return 0;
    case ARGP_KEY_ARG:
        if (a->directory != NULL)
            dg_command_misuse(state, "expected one DIR, got also `%s'", argument);
        a->directory = argument;
        return 0;
    case ARGP_KEY_END:
        if (a->directory == NULL) dg_command_misuse(state, "DIR is missing");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- choice of runs -------------------------------------------------------------------------- */

static size_t count_finished(const dg_results *results)
{
    size_t finished = 0;
    for (size_t run = 0; run < results->runs; run++) {
        finished += results->status[run] != DG_RUN_PLANNED;
    }
    return finished;
}

/** Choose `count` runs, evenly spaced among the finished ones, with the first and the last. */
static void choose_runs(const dg_results *results, size_t finished, repeat *chosen, size_t count)
{
    size_t place = 0;
    size_t found = 0;
    for (size_t run = 0; run < results->runs && found < count; run++) {
        if (results->status[run] == DG_RUN_PLANNED) continue;
        const size_t wanted = count > 1 ? found * (finished - 1) / (count - 1) : 0;
        if (place++ == wanted) chosen[found++].run = run;
    }
}

/* ---- repeat ---------------------------------------------------------------------------------- */

static void set_status(repeat *r, dg_status status)
{
    r->status = status;
    if (status != DG_OK) snprintf(r->error, sizeof r->error, "%s", dg_error());
}

/** Load all configurations in one thread, because netCDF is not thread-safe. */
static dg_status load_all(const dg_results *results, repeat *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        repeat *r = &list[i];
        const dg_status status = dg_results_experiment(results, r->run, &r->experiment);
        if (status != DG_OK) return status;
        const dg_model *model = dg_model_of_experiment(r->experiment);
        r->cublas = model->same_everywhere && !model->same_everywhere(&r->experiment->condition[0]);
    }
    return DG_OK;
}

/** Repeat a run on one device. */
static void repeat_on(const dg_device *device, const arguments *a, repeat *r)
{
    char name[32];
    dg_options how = a->options;
    how.threads = 1;
    how.device = dg_device_name(device, name, sizeof name);
    set_status(r, dg_run_repeat(r->experiment, &how, &r->hash));
}

/** Repeat all runs, with one thread per GPU, or on the CPU with all threads. */
static dg_status repeat_all(const arguments *a, repeat *list, size_t count)
{
    dg_devices devices;
    DG_TRY(dg_devices_find(&devices, a->options.device, count));
    const int all = dg_thread_count(a->options.threads);
    dg_command_note_threads(a->options.threads);
    const int threads = dg_devices_are_cpu(&devices) ? all : devices.count;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (size_t i = 0; i < count; i++) {
        if (list[i].cublas) continue;
        repeat_on(&devices.device[omp_get_thread_num() % devices.count], a, &list[i]);
    }
    return DG_OK;
}

/* ---- table ----------------------------------------------------------------------------------- */

static bool same_hash(const dg_results *results, const repeat *r)
{
    return !r->cublas && r->status == DG_OK && r->hash == results->hash[r->run];
}

static dg_status fill_row(dg_text_table *table, size_t row, const dg_results *results,
                          const repeat *r)
{
    DG_TRY(dg_text_table_set(table, row, 0, "%zu", r->run));
    DG_TRY(dg_text_table_set(table, row, 1, "%016" PRIx64, results->hash[r->run]));
    if (r->status == DG_OK && !r->cublas)
        DG_TRY(dg_text_table_set(table, row, 2, "%016" PRIx64, r->hash));
    DG_TRY(dg_text_table_set(table, row, 3, "%s",
                             r->cublas               ? "cublas"
                             : r->status != DG_OK    ? "failed"
                             : same_hash(results, r) ? "same"
                                                     : "DIFFERS"));
    for (size_t i = 0; i < results->axes; i++) {
        DG_TRY(dg_text_table_set(table, row, FIXED + i, "%s", results->axis[i].text[r->run]));
    }
    return DG_OK;
}

static dg_status fill_table(dg_text_table *table, const dg_results *results, const repeat *list,
                            size_t count)
{
    static const char *const headers[FIXED] = {"run", "stored", "repeated", ""};
    for (size_t i = 0; i < FIXED; i++) DG_TRY(dg_text_table_set(table, 0, i, "%s", headers[i]));
    for (size_t i = 0; i < results->axes; i++) {
        DG_TRY(dg_text_table_set(table, 0, FIXED + i, "%s", results->axis[i].key));
    }
    for (size_t i = 0; i < count; i++) DG_TRY(fill_row(table, i + 1, results, &list[i]));
    return DG_OK;
}

static dg_status print_table(const dg_results *results, const repeat *list, size_t count)
{
    dg_text_table *table = NULL;
    DG_TRY(dg_text_table_make(&table, count + 1, FIXED + results->axes));
    table->header_rows = 1;
    table->labels = table->columns;
    const dg_status status = fill_table(table, results, list, count);
    if (status == DG_OK) dg_text_table_print(table, stdout);
    dg_text_table_free(&table);
    return status;
}

/* ---- outcome --------------------------------------------------------------------------------- */

typedef struct tally {
    size_t repeated, same, differ, failed, cublas;
    const repeat *failure; /* the first */
} tally;

static tally count_all(const dg_results *results, const repeat *list, size_t count)
{
    tally t = {0};
    for (size_t i = 0; i < count; i++) {
        const repeat *r = &list[i];
        const bool failed = !r->cublas && r->status != DG_OK;
        t.cublas += r->cublas;
        t.failed += failed;
        t.same += same_hash(results, r);
        if (failed && t.failure == NULL) t.failure = r;
    }
    t.repeated = count - t.cublas;
    t.differ = t.repeated - t.same - t.failed;
    return t;
}

static void print_tally(const tally *t, size_t finished, size_t planned)
{
    printf("\n%zu of %zu finished runs (%zu planned) repeated: %zu same, %zu differ, %zu failed\n",
           t->repeated, finished, planned, t->same, t->differ, t->failed);
    if (t->cublas > 0)
        printf(
            "%zu with policy.forward: cublas not repeated: cuBLAS does not guarantee equal bytes\n",
            t->cublas);
}

static dg_exit print_outcome(const dg_results *results, const repeat *list, size_t count,
                             size_t finished)
{
    const tally t = count_all(results, list, count);
    print_tally(&t, finished, results->runs);
    const dg_exit code = dg_command_flush();
    if (code != DG_EXIT_OK) return code;
    if (t.differ > 0) {
        dg_command_say("%s: %zu of %zu repeated runs differ", results->path, t.differ, t.repeated);
        return DG_EXIT_MISMATCH;
    }
    if (t.failure != NULL) {
        dg_command_say("run %zu cannot be repeated: %s", t.failure->run, t.failure->error);
        return dg_command_code(t.failure->status);
    }
    if (t.repeated > 0) return DG_EXIT_OK;
    dg_command_say("%s: none of the %zu selected runs can be verified: all have policy.forward: "
                   "cublas",
                   results->path, t.cublas);
    return DG_EXIT_INPUT;
}

static dg_exit verify(const arguments *a, const dg_results *results)
{
    const size_t finished = count_finished(results);
    const size_t count = finished < a->sample ? finished : a->sample;
    if (count == 0) {
        dg_command_say("%s: contains no finished run to repeat", results->path);
        return DG_EXIT_INPUT;
    }
    repeat *list = calloc(count, sizeof *list);
    if (list == NULL) {
        dg_command_say("out of memory");
        return DG_EXIT_FAILURE;
    }
    choose_runs(results, finished, list, count);
    dg_status status = load_all(results, list, count);
    const bool unreadable = status == DG_ERR_IO; /* the input is invalid */
    if (status == DG_OK) status = repeat_all(a, list, count);
    if (status == DG_OK) status = print_table(results, list, count);
    dg_exit code =
        status == DG_OK ? print_outcome(results, list, count, finished) : dg_command_fail(status);
    if (unreadable) code = DG_EXIT_INPUT;
    for (size_t i = 0; i < count; i++) dg_experiment_free(&list[i].experiment);
    free(list);
    return code;
}

int dg_command_verify(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "DIR",
        .doc = "Repeat runs of DIR/results.nc with the configurations stored there, and compare "
               "the hashes of their final states. Exit code 4 if a hash differs."
               "\vAn equal hash shows that the repeated run ends in exactly the same state as the "
               "run of the result. It does not show that the values in the file are correct: "
               "metrics, shares, diversity and recorded agents are not compared, and the other "
               "runs are not checked. Runs with policy.forward: cublas are not repeated, because "
               "cuBLAS does not guarantee equal bytes.",
    };
    arguments a = {.sample = SAMPLE};
    dg_results *results = NULL;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    dg_exit code = dg_command_results(&results, a.directory, a.trust);
    if (code != DG_EXIT_OK) return code;
    code = verify(&a, results);
    dg_results_close(&results);
    return code;
}
