/** Counting instead of timing: `digico bench --trace`. */
#include "bench/trace.h"

#include "host/engine/batch_plan.h"
#include "host/models/batch_shape.h"
#include "host/base/error.h"
#include "host/engine/starts.h"

#include <stdlib.h>

/** A batch to count. */
typedef struct trace_case {
    const char *agents; /* "agents=30" */
    int runs, generations;
} trace_case;

/** What was asked between two counts. */
static dg_traffic since(const dg_traffic *before, const dg_traffic *after)
{
    const dg_traffic d = {after->generations - before->generations,
                          after->launches - before->launches,
                          after->graphs - before->graphs,
                          after->synchronisations - before->synchronisations,
                          after->bytes_to_host - before->bytes_to_host,
                          after->bytes_to_device - before->bytes_to_device};
    return d;
}

static void print_row(FILE *out, const char *name, int64_t count, int64_t generations)
{
    fprintf(out, "  %-24s %14lld %14.6g\n", name, (long long)count,
            generations > 0 ? (double)count / (double)generations : 0.0);
}

static void print_traffic(FILE *out, const trace_case *c, const dg_traffic *start,
                          const dg_traffic *t)
{
    fprintf(out, "\n%d runs of N = %s, %lld generations\n  %-24s %14s %14s\n", c->runs,
            c->agents + 7, (long long)t->generations, "", "all", "per generation");
    print_row(out, "kernel launches", t->launches, t->generations);
    print_row(out, "graph launches", t->graphs, t->generations);
    print_row(out, "host synchronisations", t->synchronisations, t->generations);
    print_row(out, "bytes to the host", t->bytes_to_host, t->generations);
    print_row(out, "bytes to the device", t->bytes_to_device, t->generations);
    fprintf(out, "  before the first generation: %lld bytes to the device\n",
            (long long)start->bytes_to_device);
}

/** Seeds 1 ... runs of the default experiment. */
static dg_status open_case(dg_experiment **out, dg_batch_plan *plan, const trace_case *c,
                           const dg_device *device)
{
    char yaml[64], generations[40];
    const char *set[] = {c->agents, generations};
    snprintf(yaml, sizeof yaml, "sweep: {product: {seed: {from: 1, to: %d}}}\n", c->runs);
    snprintf(generations, sizeof generations, "generations=%d", c->generations);
    DG_TRY(dg_experiment_parse(out, "trace", yaml, strlen(yaml), set, 2));
    dg_batch_describe(&(*out)->condition[0], &(dg_options){0}, &plan->shape, &plan->options);
    plan->options.runs = c->runs;
    plan->options.device = device->index;
    plan->run = calloc((size_t)c->runs, sizeof *plan->run);
    if (!plan->run) return dg_fail(DG_ERR_MEMORY, "no memory for %d runs", c->runs);
    for (int r = 0; r < c->runs; r++) plan->run[r] = (size_t)r;
    return DG_OK;
}

static dg_status trace_one(FILE *out, const trace_case *c, const dg_device *device)
{
    const dg_backend *backend = device->backend;
    dg_experiment *experiment = NULL;
    dg_batch_plan plan = {0};
    dg_batch *batch = NULL;
    dg_traffic before, after;
    dg_status status = DG_OK;
    DG_TRY_GOTO(open_case(&experiment, &plan, c, device), end);
    DG_TRY_GOTO(dg_starts_make(&batch, NULL, backend, experiment, &plan, NULL, NULL), end);
    backend->traffic(batch, &before);
    DG_TRY_GOTO(backend->advance(batch, c->generations, NULL), end);
    backend->traffic(batch, &after);
    const dg_traffic between = since(&before, &after);
    print_traffic(out, c, &before, &between);
end:
    if (batch) backend->destroy(&batch);
    free(plan.run);
    dg_experiment_free(&experiment);
    return status;
}

dg_status dg_bench_trace(FILE *out, const char *device)
{
    static const trace_case cases[] = {{"agents=30", 80, 1000}, {"agents=300", 8, 50}};
    dg_devices devices;
    DG_TRY(dg_devices_find(&devices, device, DG_DEVICES_ALL));
    fprintf(out, "%s: what the host asks while runs advance\n", devices.device[0].info.name);
    if (dg_devices_are_cpu(&devices)) {
        fprintf(out, "a CPU has nothing to show: no launches, no copies\n");
        return DG_OK;
    }
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        DG_TRY(trace_one(out, &cases[k], &devices.device[0]));
    return DG_OK;
}
