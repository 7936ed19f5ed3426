/** FILE and --set, for all commands that read an experiment, and functions that commands share. */
#include "host/cli/command.h"

#include "host/base/error.h"
#include "host/base/utf8.h"
#include "host/cli/outlet.h"
#include "host/config/value.h"
#include "host/directory/result.h"
#include "host/machine/processors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

dg_exit dg_command_code(dg_status status)
{
    switch (status) {
    case DG_OK: return DG_EXIT_OK;
    case DG_ERR_ARGUMENT:
    case DG_ERR_CONFIG: return DG_EXIT_INPUT;
    case DG_ERR_STOPPED: return DG_EXIT_STOPPED;
    case DG_ERR_MISMATCH: return DG_EXIT_MISMATCH;
    case DG_ERR_MISSING: return DG_EXIT_MISSING;
    case DG_ERR_MEMORY:
    case DG_ERR_IO:
    case DG_ERR_BACKEND:
    case DG_ERR_UNSUPPORTED: break;
    }
    return DG_EXIT_FAILURE;
}

/* longer than any message: of two paths and their text */
#define MESSAGE_BYTES 12288

void dg_command_say(const char *format, ...)
{
    static _Thread_local char said[MESSAGE_BYTES];
    char text[MESSAGE_BYTES], shown[MESSAGE_BYTES], line[MESSAGE_BYTES + 16];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (strcmp(text, said) == 0) return; /* a warning that ends the call is its error, too */
    memcpy(said, text, sizeof said);
    const int length =
        snprintf(line, sizeof line, "digico: %s\n", dg_printable(shown, sizeof shown, text));
    (void)dg_outlet_put(dg_outlet_stderr(), line, (size_t)length);
}

void dg_command_misuse(const struct argp_state *state, const char *format, ...)
{
    char text[MESSAGE_BYTES], line[MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    argp_error(state, "%s", dg_printable(line, sizeof line, text));
}

dg_exit dg_command_fail(dg_status status)
{
    const char *message = dg_error();
    dg_command_say("%s", message[0] != '\0' ? message : dg_status_text(status));
    return dg_command_code(status);
}

dg_exit dg_command_flush(void)
{
    static bool said;
    if (fflush(stdout) == 0 && !ferror(stdout)) return DG_EXIT_OK;
    if (!said) dg_command_say("cannot write to standard output: %s", strerror(errno));
    said = true;
    return DG_EXIT_FAILURE;
}

int64_t dg_command_integer(const struct argp_state *state, const char *option, const char *text,
                           int64_t low, int64_t high)
{
    int64_t value = 0;
    if (!dg_integer_read(&value, text) || value < low || value > high) {
        char shown[256];
        argp_failure(state, DG_EXIT_INPUT, 0, "%s: `%s', expected an integer from %lld to %lld",
                     option, dg_printable(shown, sizeof shown, text), (long long)low,
                     (long long)high);
    }
    return value;
}

static bool space_is_limited(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

void dg_command_note_threads(int asked)
{
    const int wanted = dg_threads_wanted(asked), possible = dg_thread_count(asked);
    if (possible == wanted) return;
    /* the system gives one error for both */
    dg_command_say("%d threads: more than can be started here, for want of memory for their stacks "
                   "(%sOMP_STACKSIZE) or by a limit on their number (%s): computing with %d",
                   wanted, space_is_limited() ? "ulimit -v, " : "", dg_limit_on_processes(),
                   possible);
}

/** Say on stderr if a result was not compared with its hash. */
static void note_integrity(const dg_results *results)
{
    switch (results->integrity) {
    case DG_RESULT_INTACT:
    case DG_RESULT_DIFFERS: return; /* it was refused */
    case DG_RESULT_UNRECORDED:
        dg_command_say("%s: not checked: there is no " DG_PROVENANCE_NAME " that records its hash",
                       results->path);
        return;
    case DG_RESULT_UNCHECKED: dg_command_say("%s: not checked: --trust", results->path);
    }
}

dg_exit dg_command_results(dg_results **results, const char *directory, bool trust)
{
    const dg_status status = dg_result_open(results, directory, trust);
    if (status != DG_OK) {
        dg_command_fail(status);
        return status == DG_ERR_MEMORY ? DG_EXIT_FAILURE : DG_EXIT_INPUT;
    }
    note_integrity(*results);
    return DG_EXIT_OK;
}

/* ---- FILE and --set -------------------------------------------------------------------------- */

enum { KEY_SET = 0x100 };

static const struct argp_option input_options[] = {
    {"set", KEY_SET, "KEY=VALUE", 0,
     "Set a key, in place of its value in FILE and in the sweep; may be repeated", 0},
    {0},
};

static void add_set(dg_input *input, const char *text, struct argp_state *state)
{
    const char **grown = realloc(input->set, (input->sets + 1) * sizeof *grown);
    if (grown == NULL) {
        argp_failure(state, DG_EXIT_FAILURE, ENOMEM, "--set");
        return; /* argp_failure() does not return */
    }
    grown[input->sets] = text;
    input->set = grown;
    input->sets++;
}

static error_t parse_input(int key, char *argument, struct argp_state *state)
{
    dg_input *input = state->input;
    switch (key) {
    case KEY_SET: add_set(input, argument, state); return 0;
    case ARGP_KEY_ARG:
        if (input->file != NULL)
            dg_command_misuse(state, "expected one FILE, got also `%s'", argument);
        input->file = argument;
        return 0;
    case ARGP_KEY_END:
        if (input->file == NULL) dg_command_misuse(state, "FILE is missing");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp dg_input_argp = {.options = input_options, .parser = parse_input};

dg_exit dg_input_load(dg_experiment **experiment, const dg_input *input)
{
    const dg_status status = dg_experiment_load(experiment, input->file, input->set, input->sets);
    if (status == DG_OK) return DG_EXIT_OK;
    dg_command_fail(status);
    return status == DG_ERR_MEMORY ? DG_EXIT_FAILURE : DG_EXIT_INPUT;
}

void dg_input_free(dg_input *input)
{
    free(input->set);
    input->set = NULL;
    input->sets = 0;
}
