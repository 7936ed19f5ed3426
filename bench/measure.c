/** Timing short runs of the engine. */
#include "bench/measure.h"

#include "host/engine/batch_plan.h"
#include "host/models/batch_shape.h"
#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/engine/starts.h"
#include "host/base/hash.h"

#include <stdio.h>
#include <stdlib.h>

/** The experiment of a case; the caller frees it. */
static dg_status case_experiment(dg_experiment **out, const bench_case *c)
{
    char generations[40], seeds[64];
    const char *set[6] = {generations};
    size_t count = 1;
    snprintf(generations, sizeof generations, "generations=%d", c->generations);
    snprintf(seeds, sizeof seeds, "sweep: {product: {seed: {from: 1, to: %d}}}\n", c->runs);
    for (int k = 0; k < 4 && c->set[k]; k++) set[count++] = c->set[k];
    return dg_experiment_parse(out, "bench", seeds, strlen(seeds), set, count);
}

/** All runs of an experiment, which share one shape, as one batch. */
static dg_status case_plan(dg_batch_plan *plan, const dg_experiment *experiment,
                           const dg_device *device, const bench_case *c, double *stage_seconds)
{
    const dg_options how = {.threads = c->threads, .vector = c->vector};
    dg_batch_describe(&experiment->condition[0], &how, &plan->shape, &plan->options);
    plan->options.runs = (int32_t)experiment->runs;
    plan->options.device = device->index;
    plan->options.stage_seconds = stage_seconds;
    plan->run = malloc(experiment->runs * sizeof *plan->run);
    if (!plan->run) return dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", experiment->runs);
    for (size_t r = 0; r < experiment->runs; r++) plan->run[r] = r;
    return DG_OK;
}

/** Hash of all final states, order included. */
static dg_status hash_all(uint64_t *hash, const dg_backend *backend, const dg_batch *batch,
                          const dg_batch_plan *plan)
{
    uint64_t pair[2] = {0, 0};
    for (int32_t r = 0; r < plan->options.runs; r++) {
        DG_TRY(dg_hash_run(&pair[1], backend, batch, &plan->shape, r));
        pair[0] = dg_hash_bytes(pair, sizeof pair);
    }
    *hash = pair[0];
    return DG_OK;
}

static dg_status time_plan(bench_figure *figure, const dg_backend *backend,
                           const dg_experiment *experiment, const dg_batch_plan *plan)
{
    const dg_shape *s = &plan->shape;
    dg_batch *batch = NULL;
    double start = 0;
    DG_TRY(dg_starts_make(&batch, NULL, backend, experiment, plan, NULL, &start));
    const double begin = dg_clock();
    dg_status status = backend->advance(batch, s->generations, NULL);
    const double seconds = dg_clock() - begin;
    if (figure->seconds == 0 || seconds < figure->seconds) figure->seconds = seconds;
    if (figure->start_seconds == 0 || start < figure->start_seconds) figure->start_seconds = start;
    figure->simulation_steps = (int64_t)s->steps * s->generations * plan->options.runs;
    figure->agent_steps = figure->simulation_steps * s->agents;
    if (status == DG_OK) status = hash_all(&figure->hash, backend, batch, plan);
    backend->destroy(&batch);
    return status;
}

static dg_status time_case(bench_figure *figure, const dg_device *device, const bench_case *c,
                           double *stage_seconds)
{
    dg_experiment *experiment = NULL;
    dg_batch_plan plan = {0};
    dg_status status = DG_OK;
    DG_TRY(case_experiment(&experiment, c));
    DG_TRY_GOTO(case_plan(&plan, experiment, device, c, stage_seconds), end);
    status = time_plan(figure, device->backend, experiment, &plan);
end:
    free(plan.run);
    dg_experiment_free(&experiment);
    return status;
}

static dg_status measure(const dg_device *device, bench_figure *figure, const bench_case *cases,
                         int count, int repeats, double *stage_seconds)
{
    memset(figure, 0, (size_t)count * sizeof *figure);
    for (int r = 0; r < repeats; r++)
        for (int c = 0; c < count; c++)
            DG_TRY(time_case(&figure[c], device, &cases[c], c == 0 ? stage_seconds : NULL));
    return DG_OK;
}

dg_status bench_measure_on(const dg_device *device, bench_figure *figure, const bench_case *cases,
                           int count, int repeats)
{
    return measure(device, figure, cases, count, repeats, NULL);
}

dg_status bench_measure(bench_figure *figure, const bench_case *cases, int count, int repeats,
                        double *stage_seconds)
{
    dg_devices cpu;
    DG_TRY(dg_devices_find(&cpu, "cpu", DG_DEVICES_ALL));
    return measure(&cpu.device[0], figure, cases, count, repeats, stage_seconds);
}

double bench_nanoseconds(const bench_figure *figure)
{
    return figure->seconds * 1e9 / (double)figure->agent_steps;
}
