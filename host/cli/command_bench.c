/** digico bench: measures the speed of this machine. */
#include "bench/bench.h"
#include "bench/trace.h"
#include "host/cli/command.h"

#include <errno.h>

enum { KEY_QUICK = 0x400, KEY_JSON, KEY_TRACE, KEY_DEVICE };

typedef struct bench_request {
    dg_bench_options bench;
    const char *device; /* for the trace */
    int trace;
} bench_request;

static const struct argp_option options[] = {
    {"quick", KEY_QUICK, 0, 0, "Run only a few generations of each benchmark, as a test", 0},
    {"json", KEY_JSON, "FILE", 0, "Also write the results to FILE", 0},
    {"trace", KEY_TRACE, 0, 0,
     "Measure no times; count kernel launches, synchronisations and bytes per generation on a GPU",
     0},
    {"device", KEY_DEVICE, "DEVICE", 0, "Device for --trace: " DG_DEVICE_HELP, 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    bench_request *o = state->input;
    switch (key) {
    case KEY_QUICK: o->bench.quick = 1; return 0;
    case KEY_JSON: o->bench.json = argument; return 0;
    case KEY_TRACE: o->trace = 1; return 0;
    case KEY_DEVICE: o->device = argument; return 0;
    case ARGP_KEY_END:
        if (o->device && !o->trace) dg_command_misuse(state, "--device: expected --trace with it");
        return 0;
    case ARGP_KEY_ARG:
        dg_command_misuse(state, "expected no argument, got `%s'", argument);
        return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int dg_command_bench(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .doc = "Measure the speed of the CPU: instruction sets, stages, conditions, sizes and the "
               "80-run set (10 seeds x 8 AI types, 1,000 generations of 50 steps). Before the "
               "measurement, results are checked for equality. tools/gpu-check measures a GPU.",
    };
    bench_request o = {0};
    argp_parse(&parser, argc, argv, 0, NULL, &o);
    const dg_status status =
        o.trace ? dg_bench_trace(stdout, o.device) : dg_bench_run(stdout, &o.bench);
    return status == DG_OK ? dg_command_flush() : dg_command_fail(status);
}
