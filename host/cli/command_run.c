/** digico run: computes an experiment, with progress, a log and a clean stop on signals. */
#include "host/cli/command.h"
#include "host/engine/engine.h"
#include "host/engine/walltime.h"
#include "host/models/requirements.h"
#include "host/base/duration.h"
#include "host/base/file_open.h"
#include "host/cli/progress.h"
#include "host/cli/stop.h"
#include "host/directory/own_files.h"
#include "host/base/quantity.h"
#include "host/machine/processors.h"
#include "host/machine/processor_time.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAX_BATCH  1000000000
#define MAX_SHARDS 1000000

enum {
    KEY_DEVICE = 0x200,
    KEY_THREADS,
    KEY_VECTOR,
    KEY_BATCH,
    KEY_OVERWRITE,
    KEY_LOG,
    KEY_SHARD,
    KEY_WALLTIME,
    KEY_MIXED
};

typedef struct arguments {
    dg_input input;
    dg_options options;
    const char *directory;
    const char *log;
    bool quiet;
} arguments;

static const struct argp_option options[] = {
    {"output", 'o', "DIR", 0,
     "Directory for results.nc and run.log; created if it does not exist (required)", 0},
    {"overwrite", KEY_OVERWRITE, 0, 0, "Delete previous results in DIR and start again", 0},
    {"shard", KEY_SHARD, "I/N", 0,
     "Compute only part I of N, 1 <= I <= N; `digico merge` combines the parts", 0},
    {"walltime", KEY_WALLTIME, "TIME", 0,
     "Time limit, such as 4:00:00 or another format of Slurm; save and stop before it is reached",
     0},
    {"mixed-builds", KEY_MIXED, 0, 0, "Continue a sweep that another build of this program started",
     0},
    {"quiet", 'q', 0, 0, "Print only errors and warnings", 0},
    {"log", KEY_LOG, "FILE", 0, "Append log lines with dates to FILE instead of a log in DIR", 0},
    {0, 0, 0, 0, "How to compute (does not change results):", 1},
    {"device", KEY_DEVICE, "WHICH", 0, DG_DEVICE_HELP, 1},
    {"threads", KEY_THREADS, "N", 0, "Number of CPU threads (default: all)", 1},
    {"vector", KEY_VECTOR, "SET", 0, DG_VECTOR_HELP, 1},
    {"batch", KEY_BATCH, "N", 0, DG_BATCH_HELP, 1},
    {0},
};

static int integer(const struct argp_state *state, const char *name, const char *text, int high)
{
    return (int)dg_command_integer(state, name, text, 1, high);
}

static void read_shard(dg_options *to, const struct argp_state *state, const char *text)
{
    int end = 0;
    if (sscanf(text, "%d/%d%n", &to->shard, &to->shards, &end) == 2 && text[end] == '\0' &&
        to->shard >= 1 && to->shards >= to->shard && to->shards <= MAX_SHARDS)
        return;
    dg_command_misuse(state, "--shard: %s, expected I/N with 1 <= I <= N <= %d", text, MAX_SHARDS);
}

static void read_walltime(dg_options *to, const struct argp_state *state, const char *text)
{
    int64_t seconds = 0;
    if (dg_duration_parse(&seconds, text) != DG_OK)
        dg_command_misuse(state, "--walltime: %s", dg_error());
    if (seconds > 0 && dg_walltime_stop_at(0, (double)seconds) <= 0)
        dg_command_misuse(state, "--walltime: %s, expected more: all of it is kept for saving",
                          text);
    to->walltime = (double)seconds;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->input; return 0;
    case 'o': a->directory = argument; return 0;
    case 'q': a->quiet = true; return 0;
    case KEY_OVERWRITE: a->options.overwrite = 1; return 0;
    case KEY_LOG: a->log = argument; return 0;
    case KEY_SHARD: read_shard(&a->options, state, argument); return 0;
    case KEY_WALLTIME: read_walltime(&a->options, state, argument); return 0;
    case KEY_MIXED: a->options.mixed_builds = 1; return 0;
    case KEY_DEVICE: a->options.device = argument; return 0;
    case KEY_VECTOR: a->options.vector = argument; return 0;
    case KEY_THREADS:
        a->options.threads = integer(state, "--threads", argument, DG_MAX_THREADS);
        return 0;
    case KEY_BATCH: a->options.batch = integer(state, "--batch", argument, MAX_BATCH); return 0;
    case ARGP_KEY_END:
        if (a->directory == NULL || a->directory[0] == '\0') {
            dg_command_misuse(state, a->directory == NULL
                                         ? "-o DIR is missing"
                                         : "-o: expected a directory, got an empty name");
        }
        if (a->log != NULL && a->log[0] == '\0')
            dg_command_misuse(state, "--log: expected a file, got an empty name");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- run ------------------------------------------------------------------------------------- */

/**
 * Write the devices of the call: "cpu, avx2, 4 threads (no GPU: no NVIDIA driver is loaded)" or
 * "cuda:0 NVIDIA H100, 16 threads".
 */
static void describe_devices(char *text, size_t size, const dg_devices *devices,
                             const dg_options *how)
{
    const int threads = dg_thread_count(how->threads);
    const char *plural = threads == 1 ? "" : "s";
    char names[4096], unused[600] = "";
    const bool cpu = dg_devices_are_cpu(devices);
    if (devices->unused[0] != '\0')
        snprintf(unused, sizeof unused, " (%s: %s)", cpu ? "no GPU" : "not used", devices->unused);
    if (cpu)
        snprintf(text, size, "cpu, %s, %d thread%s%s", dg_backend_cpu_vector(how->vector), threads,
                 plural, unused);
    else
        snprintf(text, size, "%s, %d thread%s%s", dg_devices_text(devices, names, sizeof names),
                 threads, plural, unused);
}

static void describe_begin(dg_monitor *monitor, const arguments *a, const dg_experiment *experiment,
                           const dg_devices *devices)
{
    char line[8192];
    char where[4900], part[64] = "";
    const size_t runs = dg_experiment_runs(experiment);
    describe_devices(where, sizeof where, devices, &a->options);
    if (a->options.shards > 0)
        snprintf(part, sizeof part, ", shard %d/%d", a->options.shard, a->options.shards);
    snprintf(line, sizeof line, "%s: %zu run%s to %s%s, digico %s on %s", a->input.file, runs,
             runs == 1 ? "" : "s", a->directory, part, dg_version(), where);
    dg_monitor_begin(monitor, line);
}

static void describe_end(dg_monitor *monitor, const arguments *a, dg_status status,
                         const dg_outcome *o)
{
    char line[8192];
    char steps[32], rate[32], converged[64] = "", failed[64] = "", kept[64] = "", result[4200] = "";
    if (status != DG_OK && status != DG_ERR_STOPPED) {
        snprintf(line, sizeof line, "failed: %s", dg_error());
        dg_monitor_end(monitor, line, false);
        return; /* the caller prints it */
    }
    if (status == DG_ERR_STOPPED && o->runs_planned == 0) {
        dg_monitor_end(monitor, dg_error(), true); /* before the runs were counted */
        return;
    }
    if (o->runs_converged > 0)
        snprintf(converged, sizeof converged, ", %zu converged early", o->runs_converged);
    if (o->runs_nonfinite > 0)
        snprintf(failed, sizeof failed, ", %zu not finite", o->runs_nonfinite);
    if (o->runs_kept > 0)
        snprintf(kept, sizeof kept, ", %zu of them in earlier calls", o->runs_kept);
    if (status == DG_OK && a->options.shards == 0)
        snprintf(result, sizeof result, ", %s/results.nc", a->directory);
    snprintf(line, sizeof line,
             "%s: %zu completed / %zu planned%s%s%s, %s agent-steps in %.2f s (%s/s)%s",
             status == DG_OK ? "done" : "stopped", o->runs_completed, o->runs_planned, converged,
             failed, kept, dg_quantity_si((double)o->agent_steps, steps, sizeof steps), o->seconds,
             dg_quantity_si(o->seconds > 0.0 ? (double)o->agent_steps / o->seconds : 0.0, rate,
                            sizeof rate),
             result);
    dg_monitor_end(monitor, line, true);
}

/** Refuse to write into the configuration. */
static dg_status check_file(const arguments *a)
{
    struct stat log, file;
    DG_TRY(dg_own_files_spare(a->directory, a->input.file));
    if (a->log != NULL && stat(a->log, &log) == 0 && stat(a->input.file, &file) == 0 &&
        dg_file_is_same(&log, &file))
        return dg_fail(DG_ERR_ARGUMENT,
                       "--log: %s: this is the configuration; expected another file", a->log);
    return DG_OK;
}

static dg_exit run(arguments *a, const dg_experiment *experiment)
{
    dg_monitor *monitor = NULL;
    dg_outcome outcome = {0};
    dg_devices devices;
    dg_status status = dg_devices_for(&devices, experiment, &a->options);
    if (status == DG_OK) status = check_file(a);
    if (status != DG_OK) return dg_command_fail(status);
    status = dg_monitor_open(&monitor, a->directory,
                             (dg_shard){a->options.shard, a->options.shards}, a->log, a->quiet);
    if (status != DG_OK) return dg_command_fail(status);
    dg_stop_catch(a->quiet, "saving and stopping", ", without saving");
    if (!a->quiet) dg_command_note_threads(a->options.threads);
    a->options.stop = dg_stop_flag();
    a->options.progress = dg_monitor_progress;
    a->options.log = dg_monitor_log;
    a->options.warn = dg_monitor_warn;
    a->options.user = monitor;
    dg_processor_time_reserve(dg_thread_count(a->options.threads));
    describe_begin(monitor, a, experiment, &devices);
    status = dg_engine_run(experiment, a->directory, &a->options, &devices, &outcome);
    if (status == DG_ERR_STOPPED)
        dg_stop_request(); /* by the time limit: it leaves no time to wait */
    describe_end(monitor, a, status, &outcome);
    if (dg_command_code(status) == DG_EXIT_INPUT) dg_monitor_refused(monitor);
    dg_monitor_close(&monitor);
    return status == DG_OK || status == DG_ERR_STOPPED ? dg_command_code(status)
                                                       : dg_command_fail(status);
}

int dg_command_run(int argc, char **argv)
{
    static const struct argp_child children[] = {{&dg_input_argp, 0, NULL, 0}, {0}};
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE -o DIR",
        .doc = "Compute all planned runs of an experiment that DIR does not contain yet, then "
               "write DIR/results.nc atomically. The signals SIGINT, SIGTERM, SIGHUP, SIGUSR1 and "
               "SIGXCPU save the unfinished runs and stop. The same command continues from there, "
               "also after a crash, and the result has the same bytes as without interruption."
               "\vconfigs/default.yaml documents every key of FILE.",
        .children = children,
    };
    arguments a = {0};
    dg_experiment *experiment = NULL;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    dg_exit code = dg_input_load(&experiment, &a.input);
    if (code == DG_EXIT_OK) code = run(&a, experiment);
    dg_experiment_free(&experiment);
    dg_input_free(&a.input);
    return code;
}
