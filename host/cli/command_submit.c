/** digico submit: an experiment to Slurm, a shard per GPU or node, and a job that merges them. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* get_current_dir_name() */
#endif

#include "host/cli/command.h"
#include "host/config/config.h"
#include "host/base/files.h"
#include "host/directory/session_manifest.h"
#include "host/slurm/slurm.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_NODES   100000
#define MOST_GPUS    1000
#define MOST_CPUS    4096
#define MOST_SIGNAL  65535 /* Slurm's */
#define MOST_REQUEUE 1000000

enum {
    KEY_NODES = 0x200,
    KEY_GPUS,
    KEY_CPUS,
    KEY_DEVICE,
    KEY_TIME,
    KEY_NAME,
    KEY_SBATCH,
    KEY_SIGNAL,
    KEY_REQUEUE,
    KEY_PROGRAM,
    KEY_MIXED,
    KEY_DRY,
    KEY_LISTED /* the first of DG_SLURM_OPTION_LIST, in its order */
};

enum {
#define LISTED(member, option, argument, help) LISTED_##member,
    DG_SLURM_OPTION_LIST(LISTED)
#undef LISTED
};

typedef struct arguments {
    dg_input input;
    const char *directory;
    int nodes, gpus; /* gpus: per node */
    bool dry, other_program;
    const char **sbatch; /* [job.sbatches] borrowed from argv */
    dg_slurm job;
} arguments;

static const struct argp_option options[] = {
    {"output", 'o', "DIR", 0, "Folder of the result, on a file system of all nodes (required)", 0},
    {"dry-run", KEY_DRY, 0, 0, "Print the scripts; write and submit nothing", 0},
    {"mixed-builds", KEY_MIXED, 0, 0, "Go on with what another build of this program began", 0},
    {"program", KEY_PROGRAM, "PATH", 0,
     "digico on the nodes (default: a copy of this one, in DIR/slurm)", 0},
    {0, 0, 0, 0, "How much at once (no result depends on it):", 1},
    {"nodes", KEY_NODES, "N", 0, "Nodes' worth of shards (default: 1)", 1},
    {"gpus", KEY_GPUS, "[TYPE:]G", 0, "Shards per node, one GPU each (default: 0, one CPU shard)",
     1},
    {"cpus", KEY_CPUS, "C", 0,
     "CPUs per shard (default: with --gpus what Slurm gives, else the whole node)", 1},
    {"device", KEY_DEVICE, "WHICH", 0,
     "auto, cpu or cuda: what a shard computes on (default: cuda with --gpus, else cpu)", 1},
    {0, 0, 0, 0, "What Slurm is asked for:", 2},
    {"time", KEY_TIME, "LIMIT", 0,
     "Of a shard, as Slurm writes it: 4:00:00, 90 (minutes), 2-0 (required). A shard that is not "
     "done "
     "by then goes back to the queue and goes on",
     2},
#define LISTED(member, option, argument, help)                                                     \
    {option, KEY_LISTED + LISTED_##member, argument, 0, help, 2},
    DG_SLURM_OPTION_LIST(LISTED)
#undef LISTED
        {"job-name", KEY_NAME, "NAME", 0,
         "Of the array; the other job is NAME-merge (default: digico)", 2},
    {"sbatch", KEY_SBATCH, "OPTION", 0,
     "Further option of sbatch for both jobs, such as --sbatch=--mail-type=END; may be repeated",
     2},
    {"signal-seconds", KEY_SIGNAL, "S", 0,
     "Shards are told to stop S seconds before their limit (default: 120)", 2},
    {"max-requeue", KEY_REQUEUE, "N", 0,
     "A shard that was started again N times ends at its limit (default: 100)", 2},
    {0},
};

/* ---- arguments -------------------------------------------------------------------------------- */

static int integer(const struct argp_state *state, const char *name, const char *text, int low,
                   int high)
{
    return (int)dg_command_integer(state, name, text, low, high);
}

/* [TYPE:]G */
static void take_gpus(arguments *a, char *text, const struct argp_state *state)
{
    char *colon = strrchr(text, ':');
    if (colon != NULL) {
        *colon = '\0';
        a->job.gpu_type = text;
    }
    a->gpus = integer(state, "--gpus", colon != NULL ? colon + 1 : text, 0, MOST_GPUS);
}

static void add_sbatch(arguments *a, const char *text, const struct argp_state *state)
{
    const char **grown = realloc(a->sbatch, (a->job.sbatches + 1) * sizeof *grown);
    if (grown == NULL) {
        argp_failure(state, DG_EXIT_FAILURE, ENOMEM, "--sbatch");
        return; /* argp_failure() does not come back */
    }
    grown[a->job.sbatches++] = text;
    a->sbatch = grown;
}

static void take_device(arguments *a, const char *text, const struct argp_state *state)
{
    if (strcmp(text, "auto") != 0 && strcmp(text, "cpu") != 0 && strcmp(text, "cuda") != 0)
        argp_error(state, "--device must be auto, cpu or cuda, got `%s'", text);
    a->job.device = text;
}

static void check_required(const arguments *a, const struct argp_state *state)
{
    if (a->directory == NULL || a->directory[0] == '\0') {
        argp_error(state, a->directory == NULL ? "-o DIR is missing"
                                               : "-o expects a folder, got an empty name");
    }
    if (a->job.time == NULL) argp_error(state, "--time LIMIT is missing");
}

/** A member of DG_SLURM_OPTION_LIST. */
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
    case KEY_NODES: a->nodes = integer(state, "--nodes", argument, 1, MOST_NODES); return 0;
    case KEY_GPUS: take_gpus(a, argument, state); return 0;
    case KEY_CPUS: a->job.cpus = integer(state, "--cpus", argument, 1, MOST_CPUS); return 0;
    case KEY_DEVICE: take_device(a, argument, state); return 0;
    case KEY_TIME: a->job.time = argument; return 0;
    case KEY_NAME: a->job.name = argument; return 0;
    case KEY_SBATCH: add_sbatch(a, argument, state); return 0;
    case KEY_PROGRAM:
        a->job.program = argument;
        a->other_program = true;
        return 0;
    case KEY_MIXED: a->job.mixed_builds = true; return 0;
    case KEY_SIGNAL:
        a->job.signal_seconds = integer(state, "--signal-seconds", argument, 1, MOST_SIGNAL);
        return 0;
    case KEY_REQUEUE:
        a->job.max_requeues = integer(state, "--max-requeue", argument, 0, MOST_REQUEUE);
        return 0;
    case ARGP_KEY_END: check_required(a, state); return 0;
    default: return parse_listed(&a->job, key, argument);
    }
}

/* ---- paths ------------------------------------------------------------------------------------ */

/** As nodes will find it; the caller frees it, NULL on failure. */
static char *absolute(const char *path)
{
    if (path[0] == '/') return strdup(path);
    /* as the shell has it: getcwd() would show where an automounter put it on this machine alone */
    char *here = get_current_dir_name();
    char *text = here != NULL ? dg_text("%s/%s", here, path) : NULL;
    free(here);
    return text;
}

/** This program, or NULL. */
static const char *this_program(void)
{
    static char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0) return NULL;
    path[length] = '\0';
    return path;
}

/* ---- printing --------------------------------------------------------------------------------- */

static dg_exit print_scripts(const dg_slurm *job)
{
    char *array = NULL;
    char *merge = NULL;
    dg_status status = dg_slurm_array_script(&array, job);
    if (status == DG_OK) status = dg_slurm_merge_script(&merge, job);
    if (status == DG_OK) {
        printf("# ==== %s/slurm/" DG_SLURM_ARRAY "\n%s\n", job->directory, array);
        printf("# ==== %s/slurm/" DG_SLURM_MERGE ", after all tasks of the array\n%s",
               job->directory, merge);
    }
    free(array);
    free(merge);
    return status == DG_OK ? dg_command_flush() : dg_command_fail(status);
}

static void print_remark(const dg_slurm_submitted *job)
{
    if (job->remark[0] != '\0') fprintf(stderr, "digico: sbatch remarks: %s\n", job->remark);
}

static dg_exit print_jobs(const dg_slurm *job, size_t runs, const char *array, const char *merge)
{
    printf("array %s: %zu run%s in %" PRId64 " shard%s; then %s: merge and summary\n", array, runs,
           runs == 1 ? "" : "s", job->shards, job->shards == 1 ? "" : "s", merge);
    printf("  watch       digico status %s; squeue --jobs=%s,%s\n", job->directory, array, merge);
    printf("  checkpoint  scancel --signal=USR1 --batch %s    (shards go back to the queue)\n",
           array);
    printf("  stop        scancel %s %s    (submit again to go on)\n", array, merge);
    printf("  logs        %s/slurm/\n", job->directory);
    printf("  result      %s/results.nc, summary.txt, summary.csv\n", job->directory);
    return dg_command_flush();
}

/* ---- submitting ------------------------------------------------------------------------------- */

/* what was written stays: the scripts can be handed to sbatch by hand */
static dg_exit refused(const dg_slurm *job, dg_status status)
{
    fprintf(stderr, "digico: %s; the scripts are in %s/slurm\n", dg_error(), job->directory);
    return dg_command_code(status);
}

static dg_exit merge_refused(const dg_slurm *job, const char *array, dg_status status)
{
    fprintf(stderr,
            "digico: %s; array %s is queued without its merge: cancel it (scancel %s), or in "
            "%s/slurm: sbatch --dependency=afterok:%s " DG_SLURM_MERGE "\n",
            dg_error(), array, array, job->directory, array);
    return dg_command_code(status);
}

static dg_exit submit_jobs(const dg_slurm *job, size_t runs)
{
    dg_slurm_submitted array;
    dg_slurm_submitted merge;
    dg_status status = dg_slurm_submit(&array, job, DG_SLURM_ARRAY, NULL);
    if (status != DG_OK) return refused(job, status);
    print_remark(&array);
    status = dg_slurm_submit(&merge, job, DG_SLURM_MERGE, array.id);
    if (status != DG_OK) return merge_refused(job, array.id, status);
    print_remark(&merge);
    return print_jobs(job, runs, array.id, merge.id);
}

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

static dg_exit submit(const arguments *a, const dg_experiment *experiment)
{
    /* of another program the build is not known here */
    const dg_options how = {.mixed_builds = a->job.mixed_builds || a->other_program};
    dg_status status = dg_slurm_check(&a->job);
    if (status == DG_OK) status = dg_session_check(experiment, a->job.directory, &how);
    if (status != DG_OK) return dg_command_fail(status);
    if (a->dry) return print_scripts(&a->job);
    status = dg_slurm_write(&a->job);
    return status == DG_OK ? submit_jobs(&a->job, dg_experiment_runs(experiment))
                           : dg_command_fail(status);
}

/** The program that nodes start: the one that was named, else a copy of this one. */
static dg_status find_program(char **out, dg_slurm *job)
{
    const char *named = job->program;
    job->build = named == NULL ? this_program() : NULL;
    if (job->build != NULL) return dg_slurm_program(out, job->directory, job->build);
    *out = named != NULL ? absolute(named) : NULL;
    return *out != NULL ? DG_OK : dg_fail(DG_ERR_IO, "digico on the nodes: --program names it");
}

/** The names and the text that a job needs, then the job. */
static dg_exit prepare(arguments *a, const dg_experiment *experiment)
{
    char *directory = absolute(a->directory);
    /* as it was read, without the overrides: shards are given those themselves */
    char *text = strndup(experiment->text, experiment->source);
    char *program = NULL;
    dg_status status = DG_OK;
    a->job.directory = directory;
    a->job.file = dg_experiment_file(experiment);
    a->job.text = text;
    set_shards(a, dg_experiment_runs(experiment));
    if (directory == NULL || text == NULL)
        status = dg_fail(DG_ERR_IO, "%s: %s", a->directory, strerror(errno));
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
            "node), and a job that merges them and makes the tables. Shards that are pre-empted, "
            "lose their node or reach their limit are requeued and go on from their checkpoints."
            "\vScripts, logs and copies of FILE and of this program lie in DIR/slurm. Slurm places "
            "shards where there "
            "is room: N x G of them, never more than there are runs.",
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
