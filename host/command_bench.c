/** digico bench: how fast this machine is, and where the time goes. */
#include "bench/bench.h"
#include "host/command.h"

#include <errno.h>

enum { KEY_QUICK = 0x400, KEY_JSON };

static const struct argp_option options[] = {
    {"quick", KEY_QUICK, 0, 0, "A few generations of everything, to see that it works", 0},
    {"json", KEY_JSON, "FILE", 0, "Write the figures to FILE, too", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    dg_bench_options *o = state->input;
    switch (key) {
    case KEY_QUICK: o->quick = 1; return 0;
    case KEY_JSON: o->json = argument; return 0;
    case ARGP_KEY_ARG: argp_error(state, "no argument expected, got `%s'", argument); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int dg_command_bench(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .doc =
            "Time instruction sets, stages, conditions, sizes and the 80-run set (10 seeds x 8 AI "
            "types, 1,000 generations of 50 steps). Results are compared before they are timed.",
    };
    dg_bench_options o = {0};
    argp_parse(&parser, argc, argv, 0, NULL, &o);
    const dg_status status = dg_bench_run(stdout, &o);
    return status == DG_OK ? dg_command_flush() : dg_command_fail(status);
}
