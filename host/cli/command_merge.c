/** digico merge: combines the shards of a sweep into one result. */
#include "host/cli/command.h"
#include "host/cli/stop.h"
#include "host/machine/processor_time.h"

#include <stdbool.h>
#include <stdio.h>

enum { KEY_PARTIAL = 0x700, KEY_MIXED };

typedef struct arguments {
    const char *directory;
    dg_options options;
    int partial;
    bool quiet;
} arguments;

static const struct argp_option options[] = {
    {"partial", KEY_PARTIAL, 0, 0,
     "Write a result although runs are missing; their status is `planned`", 0},
    {"mixed-builds", KEY_MIXED, 0, 0, "Also accept batches of other builds of this program", 0},
    {"quiet", 'q', 0, 0, "Print only errors and warnings", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case 'q': a->quiet = true; return 0;
    case KEY_PARTIAL: a->partial = 1; return 0;
    case KEY_MIXED: a->options.mixed_builds = 1; return 0;
    case ARGP_KEY_ARG:
        if (a->directory != NULL)
            dg_command_misuse(state, "expected one DIR, got also `%s'", argument);
        a->directory = argument;
        return 0;
    case ARGP_KEY_NO_ARGS: dg_command_misuse(state, "DIR is missing"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void print_log(void *user, const char *line)
{
    (void)user;
    dg_command_say("%s", line);
}

int dg_command_merge(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "DIR",
        .doc = "Write DIR/results.nc from the batches that `digico run FILE -o DIR --shard I/N` "
               "computed. All batches must have the same configuration, model version and build, "
               "and every planned run must be there and undamaged. Otherwise an error names what "
               "is missing, and nothing is written. The signals that stop `digico run` stop this "
               "command, too: nothing is written then.",
    };
    arguments a = {0};
    dg_outcome o;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    dg_stop_catch(a.quiet, "stopping", "");
    dg_processor_time_reserve(1);
    a.options.log = print_log;
    a.options.stop = dg_stop_flag();
    const dg_status status = dg_experiment_merge(a.directory, a.partial, &a.options, &o);
    if (status != DG_OK) return dg_command_fail(status);
    if (!a.quiet)
        dg_command_say("%zu completed / %zu planned, %s/results.nc", o.runs_completed,
                       o.runs_planned, a.directory);
    return DG_EXIT_OK;
}
