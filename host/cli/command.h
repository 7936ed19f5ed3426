/**
 * Declarations that all commands share. Only host/cli prints and exits; it is not in the library.
 */
#ifndef DG_COMMAND_H
#define DG_COMMAND_H

#include "digico/digico.h"

#include <argp.h>
#include <stdbool.h>

/** Exit codes; `digico --help` prints this list. */
#define DG_EXIT_LIST(X)                                                                            \
    X(DG_EXIT_OK, "success")                                                                       \
    X(DG_EXIT_FAILURE, "system error: files, memory or devices")                                   \
    X(DG_EXIT_INPUT, "invalid input: command line, configuration or existing result")              \
    X(DG_EXIT_STOPPED, "stopped by a signal or the time limit; the same command continues")        \
    X(DG_EXIT_MISMATCH, "verification found a run that differs")                                   \
    X(DG_EXIT_MISSING, "runs are missing: no result was written")

typedef enum dg_exit {
#define DG_EXIT_ENUM(code, text) code,
    DG_EXIT_LIST(DG_EXIT_ENUM)
#undef DG_EXIT_ENUM
} dg_exit;

/** Commands in the order of the help: name, arguments, description. */
#define DG_COMMAND_LIST(X)                                                                         \
    X(run, "FILE -o DIR", "run an experiment and write DIR/results.nc")                            \
    X(plan, "FILE", "estimate runs, memory, time and disk space")                                  \
    X(submit, "FILE -o DIR", "submit an experiment to Slurm")                                      \
    X(config, "FILE", "print the effective value of every key")                                    \
    X(status, "DIR", "print the state of a sweep and the next command")                            \
    X(merge, "DIR", "combine the shards of a sweep into one result")                               \
    X(summary, "DIR", "print a result as a table")                                                 \
    X(report, "DIR", "make an HTML page: figures, tables, provenance")                             \
    X(verify, "DIR", "repeat some runs of a result and compare their hashes")                      \
    X(info, "", "print build, compiler flags, backends and devices")                               \
    X(bench, "", "measure the speed of this machine")

/** Run a command; argv[0] is "digico <name>"; returns a dg_exit. */
#define DG_COMMAND_DECLARE(name, arguments, help) int dg_command_##name(int argc, char **argv);
DG_COMMAND_LIST(DG_COMMAND_DECLARE)
#undef DG_COMMAND_DECLARE

/** The exit code for a status. */
dg_exit dg_command_code(dg_status status);

/**
 * Print "digico: " and a message as one printable line on stderr, but not the same one twice in a row. It does not
 * wait for who reads stderr: the end of the program does (startup.c). One thread at a time.
 */
void dg_command_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** As argp_error(): print a message as one printable line, and how to get help; exit. */
void dg_command_misuse(const struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Print "digico: " and dg_error() as one line on stderr; returns the exit code of `status`. */
dg_exit dg_command_fail(dg_status status);

/** Flush stdout; on a write error, print a message, once, and return DG_EXIT_FAILURE. */
dg_exit dg_command_flush(void);

/** Parse the integer value of an option; if it is not in low ... high, print an error and exit. */
int64_t dg_command_integer(const struct argp_state *state, const char *option, const char *text,
                           int64_t low, int64_t high);

/** Say it if fewer threads can be started than are wanted: `asked`, or by default. */
void dg_command_note_threads(int asked);

struct dg_results;

/** Help of --trust for summary and verify. */
#define DG_TRUST_HELP                                                                              \
    "Do not compare the hash of DIR/results.nc with the one in DIR/provenance.json"

/**
 * Open DIR/results.nc, and say it on stderr if its hash was not compared; on failure, print an error
 * and return DG_EXIT_INPUT (DG_EXIT_FAILURE if out of memory). The caller closes *results.
 *
 * @param trust  --trust was given
 */
dg_exit dg_command_results(struct dg_results **results, const char *directory, bool trust);

/** Help of --device for run, plan, verify and bench. */
#define DG_DEVICE_HELP                                                                             \
    "auto, cpu, cuda or cuda:K (default: auto, all usable GPUs, or the CPU if there is none)"

/** Help of --vector for run, plan and verify. */
#define DG_VECTOR_HELP                                                                             \
    "Instruction set of the CPU: avx512, avx2, neon (aarch64) or generic (default: the widest "    \
    "supported)"

/** Help of --batch for run and plan. */
#define DG_BATCH_HELP "Maximum number of runs that a device holds (default: as memory allows)"

/* ---- FILE and --set, for commands that read an experiment (command_input.c) ------------------ */

typedef struct dg_input {
    const char *file;
    const char **set; /* [sets] borrowed from argv */
    size_t sets;
} dg_input;

/** A child parser for FILE and --set; its input is a dg_input. */
extern const struct argp dg_input_argp;

/**
 * Load the experiment; the caller frees it and the input. If FILE cannot be read, the input is
 * invalid: DG_EXIT_INPUT.
 */
dg_exit dg_input_load(dg_experiment **experiment, const dg_input *input);
void dg_input_free(dg_input *input);

#endif
