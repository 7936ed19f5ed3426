/** Running a whole experiment: checks, remaining work, progress, and the result at the end. */
#include "host/engine/engine.h"

#include "host/engine/batches.h"
#include "host/engine/call.h"
#include "host/engine/singles.h"
#include "host/engine/walltime.h"
#include "host/directory/assemble.h"
#include "host/directory/neighbours.h"
#include "host/directory/recorded.h"
#include "host/directory/session_open.h"
#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/models/requirements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const dg_options default_options;

/* ---- work ------------------------------------------------------------------------------------ */

/** Work of the shard's runs, and how much of it earlier calls have done. */
static dg_progress planned_work(const dg_session *s)
{
    const dg_model *model = dg_model_of_experiment(s->experiment);
    dg_progress p = {.runs_planned = s->shard_runs, .runs_kept = s->shard_runs - s->left};
    for (size_t k = 0; k < s->shard_runs; k++) {
        const size_t r = s->shard_run[k];
        const dg_config config = dg_run_config(s->experiment, r);
        const int64_t generations = model->generations(&config);
        p.generations_planned += generations;
        p.agent_steps_planned =
            dg_count_add(p.agent_steps_planned, model->agent_steps(&config, generations));
        const dg_run_place *begun = dg_inventory_begun(&s->inventory, &s->id[r]);
        const bool finished = dg_inventory_finished(&s->inventory, &s->id[r]) != NULL;
        const int64_t done = finished ? generations : begun ? begun->head.generations : 0;
        p.generations_kept += done;
        p.agent_steps_kept = dg_count_add(p.agent_steps_kept, model->agent_steps(&config, done));
    }
    return p;
}

/** Count the runs that earlier calls have finished, by status. */
static void count_kept(dg_engine *engine)
{
    const dg_session *s = engine->session;
    dg_run_counts kept = {{0}};
    engine->outcome.runs_planned = s->shard_runs;
    engine->outcome.runs_kept = s->shard_runs - s->left;
    for (size_t k = 0; k < s->shard_runs; k++) {
        const dg_run_place *place = dg_inventory_finished(&s->inventory, &s->id[s->shard_run[k]]);
        if (place) dg_run_count(&kept, place->head.status);
    }
    dg_outcome_add(&engine->outcome, &kept);
}

static size_t runs_ended(const dg_outcome *outcome)
{
    return outcome->runs_completed + outcome->runs_converged + outcome->runs_nonfinite;
}

/* ---- a call ---------------------------------------------------------------------------------- */

static bool on_backends(const dg_experiment *experiment)
{
    return dg_model_on_backends(dg_model_of_experiment(experiment));
}

/** Called a few times a second from the ticker's thread. */
static void report(void *user, const dg_progress *progress)
{
    dg_engine *engine = user;
    if (engine->options->progress) engine->options->progress(engine->options->user, progress);
    dg_status_file_tick(&engine->status_file, progress);
}

static dg_status compute(dg_engine *engine, dg_batch_plan *plans, size_t count)
{
    return on_backends(engine->experiment) ? dg_engine_batches(engine, plans, count)
                                           : dg_engine_singles(engine);
}

/** Divide the runs that are left into batches; runs in checkpoints continue from there. */
static dg_status plan_batches(const dg_engine *engine, dg_batch_plan **plans, size_t *count)
{
    const dg_session *s = engine->session;
    if (!on_backends(engine->experiment) || s->left == 0) return DG_OK;
    int32_t *begun = calloc(s->left, sizeof *begun);
    if (!begun) return dg_fail(DG_ERR_MEMORY, "no memory for a plan of %zu runs", s->left);
    for (size_t k = 0; k < s->left; k++) {
        const dg_run_place *place = dg_inventory_begun(&s->inventory, &s->id[s->todo[k]]);
        begun[k] = place ? place->head.generations : 0;
    }
    const dg_run_selection which = {s->todo, begun, s->left,
                                    dg_shards_here(s->directory, s->shard)};
    const dg_status status = dg_batch_plans_make(plans, count, engine->experiment, &which,
                                                 engine->options, engine->devices);
    free(begun);
    return status;
}

static void log_kept(const dg_engine *engine, size_t kept, size_t planned)
{
    if (kept > 0) dg_engine_log(engine, "%zu of %zu runs are finished and kept", kept, planned);
}

static void log_beginning(const dg_engine *engine)
{
    const dg_session *s = engine->session;
    size_t begun = 0;
    for (size_t k = 0; k < s->left; k++)
        begun += dg_inventory_begun(&s->inventory, &s->id[s->todo[k]]) != NULL;
    log_kept(engine, s->shard_runs - s->left, s->shard_runs);
    if (begun > 0)
        dg_engine_log(engine, "%zu run%s from a checkpoint", begun,
                      begun == 1 ? " continues" : "s continue");
}

/** Write the result if all runs have ended and it is not there yet. A shard leaves it to merge. */
static dg_status finish(dg_engine *engine)
{
    const double begin = dg_clock();
    DG_TRY(dg_session_reread(engine->session, false, dg_session_warner(engine->options),
                             engine->options->user));
    dg_session_prune(engine->session);
    if (engine->session->shard.count > 0) return DG_OK;
    dg_run_counts count = dg_assembled_count(engine->session);
    const size_t missing = count.of[DG_RUN_PLANNED];
    if (missing > 0 && runs_ended(&engine->outcome) == engine->session->shard_runs)
        return dg_fail(DG_ERR_IO,
                       "%s/" DG_BATCH_FOLDER ": %zu finished runs can no longer be read; the same "
                       "command computes them again",
                       engine->session->directory, missing);
    if (missing > 0 || dg_assembled_already(&count, engine->session, NULL)) return DG_OK;
    dg_status_file_merging(&engine->status_file);
    const dg_status status = dg_assemble(engine->session, engine->options);
    engine->outcome.seconds_store += dg_clock() - begin;
    return status;
}

/** Is the whole sweep finished, with a complete result? Then it is counted and logged. */
static bool is_done(dg_engine *engine)
{
    dg_run_counts count;
    dg_outcome *o = &engine->outcome;
    if (engine->session->shard.count > 0 ||
        !dg_assembled_already(&count, engine->session, engine->options))
        return false;
    dg_session_remove_checkpoints(engine->session);
    o->runs_planned = o->runs_kept = engine->experiment->runs;
    dg_outcome_add(o, &count);
    log_kept(engine, o->runs_kept, o->runs_planned);
    return true;
}

/** All work was done by earlier calls, also if their batches have been removed. */
static void keep_all(dg_progress *p)
{
    p->runs_kept = p->runs_planned;
    p->generations_kept = p->generations_planned;
    p->agent_steps_kept = p->agent_steps_planned;
}

static dg_status run_call(dg_engine *engine, dg_batch_plan *plans, size_t count)
{
    if (is_done(engine)) {
        keep_all(&engine->ticker.planned);
        return DG_OK;
    }
    log_beginning(engine);
    count_kept(engine);
    const dg_progress planned = engine->ticker.planned;
    DG_TRY(dg_ticker_begin(&engine->ticker, engine->options, &planned, report, engine));
    dg_status status = compute(engine, plans, count);
    if (status == DG_OK) status = finish(engine);
    dg_ticker_end(&engine->ticker);
    DG_TRY(status);
    const size_t ended = runs_ended(&engine->outcome);
    if (ended == engine->session->shard_runs) return DG_OK;
    return dg_fail(DG_ERR_STOPPED, "stopped: %zu of %zu runs finished; the same command continues",
                   ended, engine->session->shard_runs);
}

/** Write to the status file how the call ended. */
static void write_status(dg_engine *engine, dg_status status)
{
    dg_progress progress = dg_ticker_now(&engine->ticker);
    progress.seconds = engine->outcome.seconds;
    dg_status_file_write(&engine->status_file, dg_call_state_of(status), &progress,
                         status == DG_OK ? "" : dg_error());
}

/** Check the options before anything is written. */
static dg_status check_options(const dg_options *options)
{
    if (options->threads < 0 || options->threads > DG_MAX_THREADS)
        return dg_fail(DG_ERR_ARGUMENT, "threads: %d, expected 0 (all) or 1 ... %d",
                       options->threads, DG_MAX_THREADS);
    if (options->batch < 0)
        return dg_fail(DG_ERR_ARGUMENT, "batch: %d, expected 0 (as memory allows) or more",
                       options->batch);
    if (!(options->walltime >= 0))
        return dg_fail(DG_ERR_ARGUMENT, "walltime: %g, expected 0 (no limit) or more seconds",
                       options->walltime);
    if (options->overwrite && options->shards > 0)
        return dg_fail(DG_ERR_ARGUMENT, "overwrite: set with a shard, expected all runs: it would "
                                        "remove the runs of other shards");
    return dg_shard_check((dg_shard){options->shard, options->shards});
}

/** Check before anything is written that all runs, finished or not, fit the devices. */
static dg_status check_plan(const dg_engine *engine)
{
    dg_batch_plan *plans = NULL;
    size_t count = 0;
    if (!on_backends(engine->experiment)) return DG_OK;
    const dg_status status = dg_batch_plans_make(&plans, &count, engine->experiment, NULL,
                                                 engine->options, engine->devices);
    dg_batch_plans_free(&plans, count);
    return status;
}

static dg_status run_in_session(dg_engine *engine, double begin)
{
    char names[DG_MAX_DEVICES * 64];
    dg_batch_plan *plans = NULL;
    size_t count = 0;
    dg_devices_text(engine->devices, names, sizeof names);
    DG_TRY(dg_status_file_open(&engine->status_file, engine->session->directory,
                               engine->session->lock, (dg_call){.shard = engine->session->shard},
                               names));
    /* set before anything can fail, as it is written to the status file in any case */
    engine->ticker.planned = planned_work(engine->session);
    /* now, so that shards which begin later on this machine see this one */
    dg_status_file_write(&engine->status_file, DG_CALL_RUNNING, &engine->ticker.planned, "");
    dg_status status = plan_batches(engine, &plans, &count);
    if (status == DG_OK) status = run_call(engine, plans, count);
    engine->outcome.seconds = dg_clock() - begin;
    write_status(engine, status);
    dg_batch_plans_free(&plans, count);
    dg_status_file_close(&engine->status_file);
    return status;
}

dg_status dg_engine_run(const dg_experiment *experiment, const char *directory,
                        const dg_options *options, const dg_devices *devices, dg_outcome *outcome)
{
    const double begin = dg_clock();
    dg_engine engine = {.experiment = experiment,
                        .options = options,
                        .devices = devices,
                        .stop_at = dg_walltime_stop_at(begin, options->walltime)};
    DG_TRY(check_options(options));
    DG_TRY(dg_devices_check(devices, experiment, options));
    DG_TRY(check_plan(&engine));
    DG_TRY(dg_session_open(&engine.session, experiment, directory, options));
    const dg_status status = run_in_session(&engine, begin);
    dg_session_close(&engine.session);
    if (outcome) *outcome = engine.outcome;
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
