/** digico status: prints the state of a sweep, once or repeatedly. */
#include "host/cli/command_status.h"

#include "host/cli/command.h"
#include "host/directory/standing_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WATCH_SECONDS 2

enum { KEY_RUNS = 0x800, KEY_CHECK, KEY_JSON, KEY_WATCH };

typedef struct arguments {
    const char *directory;
    bool conditions, check, json;
    int64_t watch; /* seconds between two prints, 0: print once */
} arguments;

static const struct argp_option options[] = {
    {"runs", KEY_RUNS, 0, 0, "Also print a table with the number of runs of each condition", 0},
    {"check", KEY_CHECK, 0, 0,
     "Read and check all bytes of all runs and of the result (default: only the structure of the "
     "files)",
     0},
    {"json", KEY_JSON, 0, 0, "Print one JSON object, for programs", 0},
    {"watch", KEY_WATCH, "SECONDS", OPTION_ARG_OPTIONAL,
     "Repeat until all runs have ended (default: every 2 s); needs a terminal", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case KEY_RUNS: a->conditions = true; return 0;
    case KEY_CHECK: a->check = true; return 0;
    case KEY_JSON: a->json = true; return 0;
    case KEY_WATCH:
        a->watch =
            argument ? dg_command_integer(state, "--watch", argument, 1, 86400) : WATCH_SECONDS;
        return 0;
    case ARGP_KEY_ARG:
        if (a->directory) dg_command_misuse(state, "expected one DIR, got also `%s'", argument);
        a->directory = argument;
        return 0;
    case ARGP_KEY_END:
        if (!a->directory) dg_command_misuse(state, "DIR is missing");
        if (a->watch && a->json) dg_command_misuse(state, "expected --watch or --json, got both");
        if (a->watch && !isatty(STDOUT_FILENO))
            dg_command_misuse(state, "--watch: expected a terminal as output; programs use --json");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static dg_exit code_of(const dg_standing *status)
{
    switch (dg_sweep_state_of(status)) {
    case DG_STANDING_FINISHED: return DG_EXIT_OK;
    case DG_STANDING_OPEN: return DG_EXIT_STOPPED;
    case DG_STANDING_TROUBLE: break;
    }
    return DG_EXIT_FAILURE;
}

/* ---- print once ------------------------------------------------------------------------------ */

/** Print the error. DIR comes from the command line: if it cannot be read, the input is invalid. */
static dg_exit fail(dg_status status)
{
    const dg_exit code = dg_command_fail(status);
    return status == DG_ERR_IO ? DG_EXIT_INPUT : code;
}

static dg_exit print_once(const arguments *a, FILE *file)
{
    dg_standing *sweep = NULL;
    dg_status status = dg_standing_read(&sweep, a->directory, a->check);
    if (status != DG_OK) return fail(status);
    const dg_exit code = code_of(sweep);
    status = a->json ? dg_status_print_json(file, sweep, a->conditions)
                     : dg_status_print_text(file, sweep, a->conditions);
    dg_standing_free(&sweep);
    return status == DG_OK ? code : fail(status);
}

/* ---- print repeatedly ------------------------------------------------------------------------ */

/** Overwrite the previous text in one write, clearing the rest of each line: avoids flicker. */
static void redraw(const char *text)
{
    char *page = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&page, &size);
    if (!file) return;
    fputs("\033[H", file);
    for (const char *c = text; *c; c++) {
        if (*c == '\n') fputs("\033[K", file);
        fputc(*c, file);
    }
    fputs("\033[J", file);
    if (fclose(file) == 0) fwrite(page, 1, size, stdout);
    free(page);
    fflush(stdout);
}

static dg_exit watch(const arguments *a)
{
    for (bool first = true;; first = false) {
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        if (!file) return DG_EXIT_FAILURE;
        const dg_exit code = print_once(a, file);
        if (fclose(file) == 0 && size > 0) {
            if (first) fputs("\033[2J", stdout);
            redraw(text);
        }
        free(text);
        if (code != DG_EXIT_STOPPED && code != DG_EXIT_FAILURE) return code;
        if (size == 0) return code; /* DIR cannot be read */
        sleep((unsigned)a->watch);
    }
}

int dg_command_status(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "DIR",
        .doc =
            "Print how many runs of the sweep in DIR are done, running, failed or missing, the "
            "state of each call (one `digico run` or `digico merge`), and the next command. "
            "Nothing is locked or changed, so calls may be running."
            "\vExit code 0: all runs have ended. 1: a call with unfinished runs has failed or was "
            "killed, or a file is damaged or cannot be read. 2: DIR contains no sweep. 3: not "
            "finished; calls are running, or the same command continues. A program that polls "
            "one call can read DIR/status.json, or DIR/status-I-of-N.json for a shard, which a "
            "running call replaces every second.",
    };
    arguments a = {0};
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    if (a.watch) return watch(&a);
    const dg_exit code = print_once(&a, stdout), flushed = dg_command_flush();
    return flushed == DG_EXIT_OK ? code : flushed;
}
