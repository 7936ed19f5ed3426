/** Running a whole experiment: batches onto the backend, finished runs into the file. */
#include "host/engine.h"

#include "host/batch_plan.h"
#include "host/clock.h"
#include "host/error.h"
#include "host/starts.h"
#include "host/state_hash.h"

#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const dg_options default_options;

/* ---- what an experiment engine shares with its models ------------------------------------------- */

bool dg_engine_stopped(const dg_engine *engine)
{
    return engine->options->stop && __atomic_load_n(engine->options->stop, __ATOMIC_RELAXED);
}

void dg_engine_log(const dg_engine *engine, const char *format, ...)
{
    if (!engine->options->log) return;
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    engine->options->log(engine->options->user, line);
}

void dg_engine_count(dg_engine *engine, dg_run_status status, size_t run)
{
    if (status == DG_RUN_COMPLETE) engine->outcome.runs_completed++;
    if (status != DG_RUN_NONFINITE) return;
    engine->outcome.runs_failed++;
    dg_engine_log(engine, "run %zu met a number that is not finite and ended there", run);
}

/* ---- a batch of digico runs ------------------------------------------------------------------------ */

/** Did a run meet a number that is not finite? */
static dg_status run_status(dg_run_status *out, const dg_engine *engine, const dg_batch *batch,
                            const dg_shape *shape, int32_t run, void *block)
{
    DG_TRY(engine->backend->download(batch, run, block));
    const dg_state state = dg_state_at(shape, block);
    *out = state.trouble[0]                                                 ? DG_RUN_NONFINITE
           : engine->backend->generations(batch, run) == shape->generations ? DG_RUN_COMPLETE
                                                                            : DG_RUN_PLANNED;
    return DG_OK;
}

/** Store one run, unless it was stopped half-way. */
static dg_status store_run(dg_engine *engine, const dg_batch *batch, const dg_batch_plan *plan,
                           int32_t run, void *block)
{
    dg_run_status status;
    DG_TRY(run_status(&status, engine, batch, &plan->shape, run, block));
    dg_engine_count(engine, status, plan->run[run]);
    engine->outcome.agent_steps +=
        (int64_t)plan->shape.agents * plan->shape.steps * engine->backend->generations(batch, run);
    if (status == DG_RUN_PLANNED) return DG_OK;
    const dg_run_result result = {
        .run = plan->run[run],
        .status = status,
        .generations = engine->backend->generations(batch, run),
        .hash = dg_hash_bytes(block, dg_state_bytes(&plan->shape)),
        .shape = &plan->shape,
        .records = engine->backend->records(batch, run),
        .trace = engine->backend->trace(batch, run),
        .traced = &plan->options,
    };
    return dg_store_run(engine->store, &result);
}

static dg_status store_batch(dg_engine *engine, const dg_batch *batch, const dg_batch_plan *plan)
{
    const double begin = dg_clock();
    void *block = aligned_alloc(64, (size_t)dg_state_bytes(&plan->shape));
    if (!block) return dg_fail(DG_ERR_MEMORY, "no memory to read a run back");
    dg_status status = DG_OK;
    for (int32_t r = 0; r < plan->options.runs && status == DG_OK; r++)
        status = store_run(engine, batch, plan, r, block);
    free(block);
    engine->outcome.seconds_store += dg_clock() - begin;
    return status;
}

static dg_status run_batch(dg_engine *engine, const dg_batch_plan *plan)
{
    dg_batch *batch = NULL;
    dg_status status = DG_OK;
    DG_TRY(dg_starts_make(&batch, NULL, engine->backend, engine->experiment, plan,
                          &engine->outcome.seconds_start));
    const dg_watch watch = dg_ticker_watch(&engine->ticker);
    const double begin = dg_clock();
    DG_TRY_GOTO(engine->backend->advance(batch, plan->shape.generations, &watch), end);
    engine->outcome.seconds_advance += dg_clock() - begin;
    status = store_batch(engine, batch, plan);
end:
    engine->backend->destroy(&batch);
    return status;
}

static dg_status run_batches(dg_engine *engine)
{
    dg_batch_plan *plans = NULL;
    size_t count = 0;
    dg_status status = DG_OK;
    DG_TRY(
        dg_batch_plans_make(&plans, &count, engine->experiment, engine->options, engine->backend));
    for (size_t b = 0; b < count && status == DG_OK && !dg_engine_stopped(engine); b++) {
        dg_engine_log(engine, "batch %zu of %zu: %d runs", b + 1, count, plans[b].options.runs);
        status = run_batch(engine, &plans[b]);
    }
    dg_batch_plans_free(&plans, count);
    return status;
}

/* ---- an experiment ------------------------------------------------------------------------------------ */

/** Generations (echo chamber: snapshots) and agent-steps of all runs. */
static void planned_work(const dg_experiment *experiment, int64_t *generations,
                         int64_t *agent_steps)
{
    *generations = *agent_steps = 0;
    for (size_t r = 0; r < experiment->runs; r++) {
        const dg_config *c = &experiment->run[r];
        const bool echo = c->model == DG_MODEL_ECHO;
        *generations += echo ? dg_echo_snapshots(c) : c->generations;
        *agent_steps +=
            echo ? c->echo_agents * c->echo_steps : c->agents * c->steps * c->generations;
    }
}

static dg_status run_stored(dg_engine *engine)
{
    int64_t generations, agent_steps;
    planned_work(engine->experiment, &generations, &agent_steps);
    DG_TRY(dg_ticker_begin(&engine->ticker, engine->options, generations, agent_steps,
                           engine->experiment->runs));
    const bool echo = engine->experiment->run[0].model == DG_MODEL_ECHO;
    const dg_status status = echo ? dg_engine_echo(engine) : run_batches(engine);
    dg_ticker_end(&engine->ticker);
    return status;
}

/**
 * Run into an open store, and close it with what is finished. A call that fails, or is stopped before
 * any run has ended, leaves an older result as it was; of what it wrote at most the .part that its
 * error line names.
 */
static dg_status run_and_close(dg_engine *engine)
{
    const dg_status status = run_stored(engine);
    const size_t ended = engine->outcome.runs_completed + engine->outcome.runs_failed;
    if (status != DG_OK || ended == 0) {
        dg_store_abandon(&engine->store);
        return status != DG_OK ? status
                               : dg_fail(DG_ERR_STOPPED,
                                         "stopped before any of %zu runs finished: nothing written",
                                         engine->experiment->runs);
    }
    const double begin = dg_clock();
    DG_TRY(dg_store_finish(&engine->store));
    engine->outcome.seconds_store += dg_clock() - begin;
    if (ended == engine->experiment->runs) return DG_OK;
    return dg_fail(DG_ERR_STOPPED, "stopped: %zu of %zu runs finished and kept", ended,
                   engine->experiment->runs);
}

/** Options that can't be met are refused before anything is written. */
static dg_status check_options(const dg_options *options)
{
    if (options->threads < 0)
        return dg_fail(DG_ERR_ARGUMENT, "threads: %d, expected 0 (all) or more", options->threads);
    if (options->batch < 0)
        return dg_fail(DG_ERR_ARGUMENT, "batch: %d, expected 0 (as memory allows) or more",
                       options->batch);
    if (!dg_backend_cpu_vector(options->vector))
        return dg_fail(DG_ERR_ARGUMENT, "vector: %s, expected one that this CPU has, %s at most",
                       options->vector, dg_backend_cpu_vector(NULL));
    return DG_OK;
}

dg_status dg_experiment_run(const dg_experiment *experiment, const char *directory,
                            const dg_options *options, dg_outcome *outcome)
{
    const double begin = dg_clock();
    dg_engine engine = {.experiment = experiment,
                        .options = options ? options : &default_options,
                        .backend = dg_backend_cpu()};
    DG_TRY(check_options(engine.options));
    const dg_provenance provenance = {
        engine.backend->name, dg_backend_cpu_vector(engine.options->vector),
        engine.options->threads ? engine.options->threads : omp_get_max_threads()};
    engine.outcome.runs_planned = experiment->runs;
    DG_TRY(dg_store_begin(&engine.store, experiment, directory, engine.options->overwrite,
                          &provenance));
    const dg_status status = run_and_close(&engine);
    engine.outcome.seconds = dg_clock() - begin;
    if (outcome) *outcome = engine.outcome;
    return status;
}
