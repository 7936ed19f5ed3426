/** Cutting an experiment into batches of one shape. */
#include "host/batch_plan.h"

#include "host/error.h"
#include "host/memory.h"

#include <stdlib.h>

/* More runs at once gain nothing on a CPU and delay the first finished ones reaching the disk. */
#define BATCH_RUNS 256

void dg_batch_describe(const dg_config *config, const dg_options *how, dg_shape *shape,
                       dg_batch_options *options)
{
    dg_config_shape(config, shape);
    memset(options, 0, sizeof *options);
    options->runs = 1;
    options->threads = how->threads;
    options->vector = how->vector;
    if (!config->output_agents) return;
    options->trace_first = (int32_t)config->output_first;
    options->trace_last = (int32_t)config->output_last;
    options->trace_every = (int32_t)config->output_every;
}

/* shapes are compared as bytes: nothing may pad them */
_Static_assert(sizeof(dg_group_shape) == 8 * sizeof(int32_t) + 2 * sizeof(int64_t), "no padding");
_Static_assert(sizeof(dg_shape) == 10 * sizeof(int32_t) + 2 * sizeof(int64_t) +
                                       DG_MAX_GROUPS * sizeof(dg_group_shape),
               "no padding");

/** Do two runs fit one batch? */
static bool same_batch(const dg_batch_plan *plan, const dg_shape *shape,
                       const dg_batch_options *options)
{
    return memcmp(&plan->shape, shape, sizeof *shape) == 0 &&
           plan->options.trace_first == options->trace_first &&
           plan->options.trace_last == options->trace_last &&
           plan->options.trace_every == options->trace_every;
}

/** Runs that a batch of this shape may hold. */
static int32_t batch_limit(const dg_backend *backend, const dg_shape *shape,
                           const dg_batch_options *options, const dg_options *how)
{
    if (how->batch > 0) return how->batch;
    const int64_t memory = dg_memory_available();
    const int64_t fit = memory / 2 / backend->bytes_per_run(shape, options);
    if (memory == 0) return BATCH_RUNS; /* unknown */
    return fit < 1 ? 1 : fit > BATCH_RUNS ? BATCH_RUNS : (int32_t)fit;
}

/** The open batch that takes a run, or a new one; NULL without memory. */
static dg_batch_plan *batch_for(dg_batch_plan **plans, size_t *count, const dg_shape *shape,
                                const dg_batch_options *options, int32_t limit)
{
    for (size_t b = 0; b < *count; b++)
        if (same_batch(&(*plans)[b], shape, options) && (*plans)[b].options.runs < limit)
            return &(*plans)[b];
    dg_batch_plan *grown = realloc(*plans, (*count + 1) * sizeof *grown);
    if (!grown) return NULL;
    *plans = grown;
    dg_batch_plan *plan = &grown[*count];
    plan->shape = *shape;
    plan->options = *options;
    plan->options.runs = 0;
    plan->run = NULL;
    ++*count;
    return plan;
}

static bool batch_take(dg_batch_plan *plan, size_t run)
{
    const size_t runs = (size_t)plan->options.runs;
    if ((runs & (runs - 1)) == 0) { /* full: room for twice as many */
        size_t *grown = realloc(plan->run, (runs ? 2 * runs : 1) * sizeof *grown);
        if (!grown) return false;
        plan->run = grown;
    }
    plan->run[plan->options.runs++] = run;
    return true;
}

dg_status dg_batch_plans_make(dg_batch_plan **out, size_t *count, const dg_experiment *experiment,
                              const dg_options *how, const dg_backend *backend)
{
    dg_batch_plan *plans = NULL;
    size_t made = 0;
    for (size_t r = 0; r < experiment->runs; r++) {
        dg_shape shape;
        dg_batch_options options;
        dg_batch_describe(&experiment->run[r], how, &shape, &options);
        const int32_t limit = batch_limit(backend, &shape, &options, how);
        dg_batch_plan *plan = batch_for(&plans, &made, &shape, &options, limit);
        if (!plan || !batch_take(plan, r)) {
            dg_batch_plans_free(&plans, made);
            return dg_fail(DG_ERR_MEMORY, "no memory for a plan of %zu runs", experiment->runs);
        }
    }
    *out = plans;
    *count = made;
    return DG_OK;
}

void dg_batch_plans_free(dg_batch_plan **plans, size_t count)
{
    for (size_t b = 0; *plans && b < count; b++) free((*plans)[b].run);
    free(*plans);
    *plans = NULL;
}
