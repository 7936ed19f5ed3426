/** digico submit: submits an experiment to Slurm, as an array of shards and a job that merges. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* get_current_dir_name() */
#endif

#include "host/cli/command.h"
#include "host/cli/submit_jobs.h"
#include "host/config/config.h"
#include "host/base/files.h"
#include "host/directory/lock.h"
#include "host/directory/session_manifest.h"
#include "host/slurm/slurm.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_NODES   100000
#define MAX_GPUS    1000
#define MAX_CPUS    4096
#define MAX_SIGNAL  65535 /* limit of Slurm */
#define MAX_REQUEUE 1000000

enum {
    KEY_NODES = 0x200,
    KEY_GPUS,
    KEY_CPUS,
    KEY_DEVICE,
    KEY_TIME,
    KEY_NAME,
    KEY_SBATCH,
    KEY_BATCH,
    KEY_SIGNAL,
    KEY_REQUEUE,
    KEY_PROGRAM,
    KEY_MIXED,
    KEY_DRY,
    KEY_LISTED /* first of the keys of DG_SLURM_OPTION_LIST, in its order */
};

enum {
#define LISTED(member, option, argument, help) LISTED_##member,
    DG_SLURM_OPTION_LIST(LISTED)
#undef LISTED
};

typedef struct arguments {
    dg_input input;
    const char *directory;
    int nodes, gpus; /* gpus per node */
    bool dry;
    const char **sbatch; /* [job.sbatches] borrowed from argv */
    dg_slurm job;
} arguments;

static const struct argp_option options[] = {
    {"output", 'o', "DIR", 0, "Result directory, on a file system that all nodes share (required)",
     0},
    {"dry-run", KEY_DRY, 0, 0, "Print the scripts; write and submit nothing", 0},
    {"mixed-builds", KEY_MIXED, 0, 0, "Continue a sweep that another build of this program started",
     0},
    {"program", KEY_PROGRAM, "PATH", 0,
     "Path of digico on the nodes (default: a copy of this program in DIR/slurm)", 0},
    {0, 0, 0, 0, "Resources (do not change results):", 1},
    {"nodes", KEY_NODES, "N", 0, "Number of nodes to make shards for (default: 1)", 1},
    {"gpus", KEY_GPUS, "[TYPE:]G", 0,
     "Shards per node, with one GPU each (default: 0, one shard without GPU per node)", 1},
    {"cpus", KEY_CPUS, "C", 0,
     "CPUs per shard (default: with --gpus the default of Slurm, otherwise the whole node)", 1},
    {"device", KEY_DEVICE, "WHICH", 0,
     "Device of each shard: auto, cpu or cuda (default: cuda with --gpus, otherwise cpu)", 1},
    {"batch", KEY_BATCH, "N", 0, DG_BATCH_HELP, 1},
    {0, 0, 0, 0, "Options for Slurm:", 2},
    {"time", KEY_TIME, "LIMIT", 0,
     "Time limit of a shard in a format of Slurm: 4:00:00, 90 (minutes), 2-0 (required). A shard "
     "that is not finished by then is requeued and continues",
     2},
#define LISTED(member, option, argument, help)                                                     \
    {option, KEY_LISTED + LISTED_##member, argument, 0, help, 2},
    DG_SLURM_OPTION_LIST(LISTED)
#undef LISTED
        {"job-name", KEY_NAME, "NAME", 0,
         "Name of the array; the merge job is NAME-merge (default: digico)", 2},
    {"sbatch", KEY_SBATCH, "OPTION", 0,
     "Another option of sbatch for both jobs, such as --sbatch=--mail-type=END; may be repeated",
     2},
    {"signal-seconds", KEY_SIGNAL, "S", 0,
     "Slurm signals a shard to save and stop S seconds before its time limit (default: 120)", 2},
    {"max-requeue", KEY_REQUEUE, "N", 0,
     "A shard that was restarted N times is not requeued at its time limit (default: 100)", 2},
    {0},
};

/* ---- arguments ------------------------------------------------------------------------------- */

static int integer(const struct argp_state *state, const char *name, const char *text, int low,
                   int high)
{
    return (int)dg_command_integer(state, name, text, low, high);
}

/** Parse [TYPE:]G. */
static void set_gpus(arguments *a, char *text, const struct argp_state *state)
{
    char *colon = strrchr(text, ':');
    if (colon != NULL) {
        *colon = '\0';
        a->job.gpu_type = text;
    }
    a->gpus = integer(state, "--gpus", colon != NULL ? colon + 1 : text, 0, MAX_GPUS);
}

static void add_sbatch(arguments *a, const char *text, const struct argp_state *state)
{
    const char **grown = realloc(a->sbatch, (a->job.sbatches + 1) * sizeof *grown);
    if (grown == NULL) {
        argp_failure(state, DG_EXIT_FAILURE, ENOMEM, "--sbatch");
        return; /* argp_failure() does not return */
    }
    grown[a->job.sbatches++] = text;
    a->sbatch = grown;
}

static void set_device(arguments *a, const char *text, const struct argp_state *state)
{
    if (strcmp(text, "auto") != 0 && strcmp(text, "cpu") != 0 && strcmp(text, "cuda") != 0)
        dg_command_misuse(state, "--device: `%s', expected auto, cpu or cuda", text);
    a->job.device = text;
}

static void check_required(const arguments *a, const struct argp_state *state)
{
    if (a->directory == NULL || a->directory[0] == '\0') {
        dg_command_misuse(state, a->directory == NULL
                                     ? "-o DIR is missing"
                                     : "-o: expected a directory, got an empty name");
    }
    if (a->job.time == NULL) dg_command_misuse(state, "--time LIMIT is missing");
}

/** Set a member of DG_SLURM_OPTION_LIST. */
static error_t parse_listed(dg_slurm *job, int key, const char *argument)
{
    switch (key - KEY_LISTED) {
#define LISTED(member, option, name, help)                                                         \
    case LISTED_##member: job->member = argument; return 0;
        DG_SLURM_OPTION_LIST(LISTED)
#undef LISTED
    default: return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->input; return 0;
    case 'o': a->directory = argument; return 0;
    case KEY_DRY: a->dry = true; return 0;
    case KEY_NODES: a->nodes = integer(state, "--nodes", argument, 1, MAX_NODES); return 0;
    case KEY_GPUS: set_gpus(a, argument, state); return 0;
    case KEY_CPUS: a->job.cpus = integer(state, "--cpus", argument, 1, MAX_CPUS); return 0;
    case KEY_DEVICE: set_device(a, argument, state); return 0;
    case KEY_BATCH: a->job.batch = integer(state, "--batch", argument, 1, INT32_MAX); return 0;
    case KEY_TIME: a->job.time = argument; return 0;
    case KEY_NAME: a->job.name = argument; return 0;
    case KEY_SBATCH: add_sbatch(a, argument, state); return 0;
    case KEY_PROGRAM: a->job.program = argument; return 0;
    case KEY_MIXED: a->job.mixed_builds = true; return 0;
    case KEY_SIGNAL:
        a->job.signal_seconds = integer(state, "--signal-seconds", argument, 1, MAX_SIGNAL);
        return 0;
    case KEY_REQUEUE:
        a->job.max_requeues = integer(state, "--max-requeue", argument, 0, MAX_REQUEUE);
        return 0;
    case ARGP_KEY_END: check_required(a, state); return 0;
    default: return parse_listed(&a->job, key, argument);
    }
}

/* ---- paths ----------------------------------------------------------------------------------- */

/** The absolute form of a path, valid on all nodes; the caller frees it; NULL on failure. */
static char *absolute(const char *path)
{
    if (path[0] == '/') return strdup(path);
    /* uses $PWD: getcwd() may return the path of an automounter, which is valid only here */
    char *here = get_current_dir_name();
    char *text = here != NULL ? dg_text("%s/%s", here, path) : NULL;
    free(here);
    return text;
}

/** Path of this program, valid until the next call; NULL on failure. */
static const char *this_program(void)
{
    static char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0) return NULL;
    path[length] = '\0';
    return path;
}

/* ---- submitting ------------------------------------------------------------------------------ */

static void set_shards(arguments *a, size_t runs)
{
    dg_slurm *job = &a->job;
    job->gpu = a->gpus > 0;
    job->shards = (int64_t)a->nodes * (job->gpu ? a->gpus : 1);
    if ((uint64_t)job->shards > runs) job->shards = (int64_t)runs;
    if (job->device == NULL) job->device = job->gpu ? "cuda" : "cpu";
    job->set = a->input.set;
    job->sets = a->input.sets;
    job->sbatch = a->sbatch;
}

/** What can be refused is refused before anything is written. */
static dg_status check(const arguments *a, const dg_experiment *experiment)
{
    /* the build of a program given by --program is not known here */
    const dg_options how = {.mixed_builds = a->job.mixed_builds || a->job.build == NULL};
    DG_TRY(dg_slurm_check(&a->job));
    DG_TRY(dg_session_check(experiment, a->job.directory, &how));
    return dg_slurm_check_scripts(&a->job);
}

static dg_exit submit(const arguments *a, const dg_experiment *experiment)
{
    int lock = -1;
    dg_status status = check(a, experiment);
    if (status != DG_OK) return dg_command_fail(status);
    if (a->dry) return dg_submit_print_scripts(&a->job);
    status = dg_slurm_lock(&lock, &a->job);
    const dg_exit code = status == DG_OK ? dg_submit_jobs(&a->job, dg_experiment_runs(experiment))
                                         : dg_command_fail(status);
    dg_directory_unlock(lock);
    return code;
}

/** Find the program for the nodes: the argument of --program, or a copy of this program. */
static dg_status find_program(char **out, dg_slurm *job)
{
    const char *requested = job->program;
    job->build = requested == NULL ? this_program() : NULL;
    if (job->build != NULL) return dg_slurm_program(out, job->directory, job->build);
    *out = requested != NULL ? absolute(requested) : NULL;
    return *out != NULL ? DG_OK
                        : dg_fail(DG_ERR_IO, "cannot find the path of digico for the nodes: set "
                                             "it with --program");
}

/** Complete the description of the job, then submit it. */
static dg_exit prepare(arguments *a, const dg_experiment *experiment)
{
    errno = 0;
    char *directory = absolute(a->directory);
    const int reason = errno; /* what follows may change it */
    /* the text of the file without overrides: the shards get these as --set */
    char *text = strndup(experiment->text, experiment->source);
    char *program = NULL;
    dg_status status = DG_OK;
    a->job.directory = directory;
    a->job.file = dg_experiment_file(experiment);
    a->job.text = text;
    set_shards(a, dg_experiment_runs(experiment));
    if (directory == NULL || text == NULL)
        status = dg_fail(DG_ERR_IO, "%s: %s", a->directory,
                         strerror(directory == NULL && reason != 0 ? reason : ENOMEM));
    if (status == DG_OK) status = find_program(&program, &a->job);
    a->job.program = program;
    const dg_exit code = status == DG_OK ? submit(a, experiment) : dg_command_fail(status);
    free(text);
    free(directory);
    free(program);
    return code;
}

int dg_command_submit(int argc, char **argv)
{
    static const struct argp_child children[] = {{&dg_input_argp, 0, NULL, 0}, {0}};
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE -o DIR --time LIMIT",
        .doc =
            "Submit an experiment to Slurm: an array with one shard per GPU (without --gpus: per "
            "node), and a job that merges the shards and writes the tables. Shards that are "
            "pre-empted, lose their node or reach their time limit are requeued and continue from "
            "their checkpoints."
            "\vScripts, logs and copies of FILE and of this program are in DIR/slurm. There are "
            "N x G shards, but never more than runs; Slurm decides on which nodes they run.",
        .children = children,
    };
    arguments a = {
        .nodes = 1,
        .job = {.name = "digico", .signal_seconds = 120, .max_requeues = 100},
    };
    dg_experiment *experiment = NULL;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    dg_exit code = dg_input_load(&experiment, &a.input);
    if (code == DG_EXIT_OK) code = prepare(&a, experiment);
    dg_experiment_free(&experiment);
    dg_input_free(&a.input);
    free(a.sbatch);
    return code;
}
