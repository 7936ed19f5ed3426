/**
 * What the commands of the program share. Only main.c, command_*.c and progress.c, which include
 * this, print or exit; none of it is in the library.
 */
#ifndef DG_COMMAND_H
#define DG_COMMAND_H

#include "digico/digico.h"

#include <argp.h>

/** What the program answers its shell; `digico --help` prints this list. */
#define DG_EXIT_LIST(X)                                                                            \
    X(DG_EXIT_OK, "success")                                                                       \
    X(DG_EXIT_FAILURE, "the machine failed: files, memory, backend")                               \
    X(DG_EXIT_INPUT, "bad input: command line, configuration, an existing result")                 \
    X(DG_EXIT_STOPPED, "stopped by a signal or the walltime; the same command goes on")            \
    X(DG_EXIT_MISMATCH, "verification found a run that differs")                                   \
    X(DG_EXIT_MISSING, "runs are missing: nothing was merged")

typedef enum dg_exit {
#define DG_EXIT_ENUM(code, text) code,
    DG_EXIT_LIST(DG_EXIT_ENUM)
#undef DG_EXIT_ENUM
} dg_exit;

/** Commands in the order of help: name, arguments, one line. Each has a dg_command_<name>(). */
#define DG_COMMAND_LIST(X)                                                                         \
    X(run, "FILE -o DIR", "run an experiment, write DIR/results.nc")                               \
    X(plan, "FILE", "runs, memory, time and disk an experiment will take")                         \
    X(submit, "FILE -o DIR", "submit an experiment to Slurm")                                      \
    X(config, "FILE", "effective value of every key")                                              \
    X(status, "DIR", "what is done, running, failed and missing of a sweep")                       \
    X(merge, "DIR", "one result out of the shards of a sweep")                                     \
    X(summary, "DIR", "table of a result")                                                         \
    X(report, "DIR", "page of a result: figures, tables, provenance (HTML)")                       \
    X(verify, "DIR", "repeat a sample of runs and compare their hashes")                           \
    X(info, "", "build, flags, backends, devices")                                                 \
    X(bench, "", "how fast this machine is, and where the time goes")

/** argv[0] is "digico <name>"; returns a dg_exit. */
#define DG_COMMAND_DECLARE(name, arguments, help) int dg_command_##name(int argc, char **argv);
DG_COMMAND_LIST(DG_COMMAND_DECLARE)
#undef DG_COMMAND_DECLARE

/** Exit code that belongs to a status. */
dg_exit dg_command_code(dg_status status);

/** Print "digico: " and dg_error() as one line on stderr; returns the exit code of `status`. */
dg_exit dg_command_fail(dg_status status);

/** DG_EXIT_OK if all of stdout could be written, else a message and DG_EXIT_FAILURE. */
dg_exit dg_command_flush(void);

/** Integer value of an option; a line on stderr and exit DG_EXIT_INPUT if it is not low ... high. */
int64_t dg_command_integer(const struct argp_state *state, const char *option, const char *text,
                           int64_t low, int64_t high);

struct dg_results;

/** Open DIR/results.nc; DG_EXIT_INPUT and one line on stderr if there is none that can be read. */
dg_exit dg_command_results(struct dg_results **results, const char *directory);

/** Help of --device, which run, plan and verify share. */
#define DG_DEVICE_HELP                                                                             \
    "auto, cpu, cuda or cuda:K (default: auto, GPUs if any answers, else the CPU)"

/* ---- FILE and --set, shared by every command that reads an experiment (command_input.c) ------- */

typedef struct dg_input {
    const char *file;
    const char **set; /* [sets] borrowed from argv */
    size_t sets;
} dg_input;

/** A child parser whose input is a dg_input. */
extern const struct argp dg_input_argp;

/** Read the experiment; the caller frees both. What cannot be read is bad input: DG_EXIT_INPUT. */
dg_exit dg_input_load(dg_experiment **experiment, const dg_input *input);
void dg_input_free(dg_input *input);

#endif
