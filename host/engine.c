/** Running a whole experiment: what is refused, progress, the file's beginning and end. */
#include "host/engine.h"

#include "host/clock.h"
#include "host/error.h"

#include <omp.h>
#include <stdarg.h>
#include <stdio.h>

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

static bool is_echo(const dg_experiment *experiment)
{
    return experiment->run[0].model == DG_MODEL_ECHO;
}

static dg_status run_stored(dg_engine *engine, dg_batch_plan *plans, size_t count)
{
    int64_t generations, agent_steps;
    planned_work(engine->experiment, &generations, &agent_steps);
    DG_TRY(dg_ticker_begin(&engine->ticker, engine->options, generations, agent_steps,
                           engine->experiment->runs));
    const dg_status status = is_echo(engine->experiment) ? dg_engine_echo(engine)
                                                         : dg_engine_batches(engine, plans, count);
    dg_ticker_end(&engine->ticker);
    return status;
}

/**
 * Run into an open store, and close it with what is finished. A call that fails, or is stopped before
 * any run has ended, leaves an older result as it was; of what it wrote at most the .part that its
 * error line names.
 */
static dg_status run_and_close(dg_engine *engine, dg_batch_plan *plans, size_t count)
{
    const dg_status status = run_stored(engine, plans, count);
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
    return DG_OK;
}

/** Where the result will say that it came from; `names` holds a text for it. */
static dg_provenance provenance_of(const dg_engine *engine, char *names, size_t size)
{
    const bool cpu = dg_devices_are_cpu(engine->devices);
    const int threads = engine->options->threads;
    const dg_provenance provenance = {
        .backend = engine->devices->device[0].backend->name,
        .devices = dg_devices_text(engine->devices, names, size),
        .vector = cpu ? dg_backend_cpu_vector(engine->options->vector) : "",
        .threads = threads ? threads : omp_get_max_threads(),
    };
    return provenance;
}

dg_status dg_engine_run(const dg_experiment *experiment, const char *directory,
                        const dg_options *options, const dg_devices *devices, dg_outcome *outcome)
{
    const double begin = dg_clock();
    dg_engine engine = {.experiment = experiment, .options = options, .devices = devices};
    dg_batch_plan *plans = NULL;
    size_t count = 0;
    char names[DG_MAX_DEVICES * 64];
    dg_status status = DG_OK;
    DG_TRY(check_options(options));
    DG_TRY(dg_devices_check(devices, experiment, options));
    if (!is_echo(experiment))
        DG_TRY(dg_batch_plans_make(&plans, &count, experiment, options, devices));
    const dg_provenance provenance = provenance_of(&engine, names, sizeof names);
    engine.outcome.runs_planned = experiment->runs;
    DG_TRY_GOTO(
        dg_store_begin(&engine.store, experiment, directory, options->overwrite, &provenance), end);
    status = run_and_close(&engine, plans, count);
    engine.outcome.seconds = dg_clock() - begin;
    if (outcome) *outcome = engine.outcome;
end:
    dg_batch_plans_free(&plans, count);
    return status;
}

dg_status dg_experiment_run(const dg_experiment *experiment, const char *directory,
                            const dg_options *options, dg_outcome *outcome)
{
    const dg_options *how = options ? options : &default_options;
    dg_devices devices;
    DG_TRY(dg_devices_for(&devices, experiment, how));
    return dg_engine_run(experiment, directory, how, &devices, outcome);
}
