/** digico summary: prints a result as a table, alone or compared with published values. */
#include "host/base/source_tree.h"
#include "host/cli/command.h"
#include "host/summary/summary.h"
#include "host/directory/standing_read.h"
#include "host/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* searched in the working directory, then in the folders above the program */
#define PUBLISHED "configs/paper/published.csv"

enum { KEY_CSV = 0x300, KEY_BY, KEY_COMPARE, KEY_MEAN, KEY_TRUST };

typedef struct arguments {
    const char *directory;
    const char **by; /* [options.by_count] points into argv */
    char *found;     /* path of PUBLISHED in the source tree; NULL: not searched */
    bool trust;
    dg_summary_options options;
} arguments;

static const struct argp_option options[] = {
    {"by", KEY_BY, "KEY,...", 0,
     "Swept keys whose values form the rows (default: all but the seed)", 0},
    {"mean", KEY_MEAN, 0, 0, "Use means over all generations instead of the last generation", 0},
    {"csv", KEY_CSV, 0, 0, "Print comma-separated values with all digits", 0},
    {"compare", KEY_COMPARE, "FILE", OPTION_ARG_OPTIONAL,
     "Compare with the published values in FILE (default: " PUBLISHED ")", 0},
    {"trust", KEY_TRUST, 0, 0, DG_TRUST_HELP, 0},
    {0},
};

/* ---- published values ------------------------------------------------------------------------ */

static const char *find_published(arguments *a, const struct argp_state *state)
{
    if (access(PUBLISHED, R_OK) == 0) return PUBLISHED;
    if (!a->found) a->found = dg_source_tree_find(PUBLISHED, R_OK);
    if (a->found) return a->found;
    argp_failure(state, DG_EXIT_INPUT, 0,
                 PUBLISHED ": not found in this folder or above the program; use --compare=FILE");
    return NULL; /* argp_failure() does not return */
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void split_keys(arguments *a, char *text, const struct argp_state *state)
{
    for (char *key = strtok(text, ","); key != NULL; key = strtok(NULL, ",")) {
        const char **grown = realloc(a->by, (a->options.by_count + 1) * sizeof *grown);
        if (grown == NULL) {
            argp_failure(state, DG_EXIT_FAILURE, ENOMEM, "--by");
            return; /* argp_failure() does not return */
        }
        grown[a->options.by_count++] = key;
        a->by = grown;
    }
    if (a->options.by_count == 0) dg_command_misuse(state, "--by: expected swept keys, got none");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case KEY_CSV: a->options.csv = true; return 0;
    case KEY_MEAN: a->options.statistic = DG_STATISTIC_MEAN; return 0;
    case KEY_COMPARE:
        a->options.compare = argument != NULL ? argument : find_published(a, state);
        return 0;
    case KEY_TRUST: a->trust = true; return 0;
    case KEY_BY: split_keys(a, argument, state); return 0;
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

static void say_outdated(const dg_standing *sweep)
{
    char *next = dg_sweep_next(sweep);
    if (sweep->by_dates)
        dg_command_say("%s: a batch is newer than this result, by the dates of the files, and "
                       "no " DG_PROVENANCE_NAME " records which runs it has; %s",
                       sweep->directory, next ? next : "");
    else
        dg_command_say("%s: the sweep has changed since this result was written: %zu runs planned, "
                       "%zu ended; %s",
                       sweep->directory, sweep->experiment->runs, dg_sweep_ended(sweep),
                       next ? next : "");
    free(next);
}

/** Warn if the sweep has more runs or more finished runs than the printed result. */
static void warn_if_outdated(const char *directory)
{
    dg_standing *sweep = NULL;
    if (dg_standing_read(&sweep, directory, false) != DG_OK) return; /* a result without a sweep */
    if (sweep->result == DG_STANDING_OLD_RESULT) say_outdated(sweep);
    dg_standing_free(&sweep);
}

/** DIR comes from the command line: if it cannot be read, the input is invalid. */
static dg_exit summarise(const arguments *a)
{
    dg_results *results = NULL;
    const dg_exit opened = dg_command_results(&results, a->directory, a->trust);
    if (opened != DG_EXIT_OK) return opened;
    const dg_status status = dg_summary_print(stdout, results, &a->options);
    dg_results_close(&results);
    if (status != DG_OK) {
        const dg_exit code = dg_command_fail(status);
        return status == DG_ERR_IO ? DG_EXIT_INPUT : code;
    }
    warn_if_outdated(a->directory);
    return dg_command_flush();
}

int dg_command_summary(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "DIR",
        .doc = "Print DIR/results.nc as a table: mean and standard deviation over seeds, and the "
               "numbers of completed and planned runs.",
    };
    arguments a = {0};
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    a.options.by = a.by;
    const dg_exit code = summarise(&a);
    free(a.by);
    free(a.found);
    return code;
}
