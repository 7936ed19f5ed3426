/** digico status: how a sweep stands, once or again and again. */
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
    int64_t watch; /* seconds between two looks, 0: once */
} arguments;

static const struct argp_option options[] = {
    {"runs", KEY_RUNS, 0, 0, "A table of all conditions, too: is what is done balanced?", 0},
    {"check", KEY_CHECK, 0, 0, "Read every byte of every run (default: the structure of files)", 0},
    {"json", KEY_JSON, 0, 0, "One JSON object, for programs", 0},
    {"watch", KEY_WATCH, "SECONDS", OPTION_ARG_OPTIONAL,
     "Look again until all runs have ended (default: every 2 s); for a terminal", 0},
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
        if (a->directory) argp_error(state, "one DIR expected, got also `%s'", argument);
        a->directory = argument;
        return 0;
    case ARGP_KEY_END:
        if (!a->directory) argp_error(state, "DIR is missing");
        if (a->watch && a->json) argp_error(state, "--watch with --json: expected one of them");
        if (a->watch && !isatty(STDOUT_FILENO))
            argp_error(state, "--watch expects a terminal; programs poll with --json");
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

/* ---- one look --------------------------------------------------------------------------------- */

/* what cannot be read was named on the command line: bad input */
static dg_exit fail(dg_status status)
{
    const dg_exit code = dg_command_fail(status);
    return status == DG_ERR_IO ? DG_EXIT_INPUT : code;
}

static dg_exit look(const arguments *a, FILE *file)
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

/* ---- again and again -------------------------------------------------------------------------- */

/* over the page before, in one write, each line cleared behind its end: nothing flickers */
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
        const dg_exit code = look(a, file);
        if (fclose(file) == 0 && size > 0) {
            if (first) fputs("\033[2J", stdout);
            redraw(text);
        }
        free(text);
        if (code != DG_EXIT_STOPPED && code != DG_EXIT_FAILURE) return code;
        if (size == 0) return code; /* it could not be read */
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
            "Print what is done, running, failed and missing of the sweep in DIR, and what to do "
            "next. Nothing is locked or changed; calls may be running."
            "\vExit code 0: all runs have ended. 3: not yet; calls run, or the same command goes "
            "on. 1: a call with runs left has failed or died, or a file is damaged. 2: DIR holds "
            "no "
            "sweep. Programs that poll one call alone may read DIR/status.json, or "
            "DIR/status-I-of-N.json of a shard, which a running call replaces every second.",
    };
    arguments a = {0};
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    if (a.watch) return watch(&a);
    const dg_exit code = look(&a, stdout), flushed = dg_command_flush();
    return flushed == DG_EXIT_OK ? code : flushed;
}
