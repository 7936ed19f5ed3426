/** One batch on one device: begun, saved at intervals, stored; see worker.h. */
#include "host/engine/worker.h"

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/machine/processors.h"
#include "host/engine/batch.h"

#include <math.h>
#include <string.h>

void dg_worker_pause(dg_worker *w, bool pause, bool stop)
{
    __atomic_store_n(&w->stop, stop, __ATOMIC_RELAXED);
    __atomic_store_n(&w->pause, pause, __ATOMIC_RELAXED);
}

/** Before a batch starts, or continues after a save. False: it must not. */
static bool may_continue(dg_worker *w)
{
    pthread_mutex_lock(&w->queue->lock);
    const bool halt = w->queue->halt;
    w->saved = dg_clock();
    dg_worker_pause(w, halt, halt);
    pthread_mutex_unlock(&w->queue->lock);
    return !halt;
}

/** This device has nothing to save until its next batch. */
static void note_no_batch(dg_worker *w)
{
    pthread_mutex_lock(&w->queue->lock);
    w->saved = (double)INFINITY;
    pthread_mutex_unlock(&w->queue->lock);
}

static void note_saved(dg_worker *w, const dg_batch_task *c, double seconds)
{
    dg_batch_queue *queue = w->queue;
    pthread_mutex_lock(&queue->lock);
    if (seconds > queue->slowest_save) queue->slowest_save = seconds;
    dg_engine_log(queue->engine, "checkpoint %d of a batch of %d run%s, %.2f s", c->checkpoint,
                  c->plan->options.runs, c->plan->options.runs == 1 ? "" : "s", seconds);
    dg_status_file_saved(&queue->engine->status_file);
    pthread_mutex_unlock(&queue->lock);
}

static size_t unended(const dg_outcome_counts *tally)
{
    return tally->runs.of[DG_RUN_PLANNED];
}

/**
 * Save a paused batch. If the checkpoint cannot be written, the runs continue; it is an error only
 * if the call is to end, as their work is lost then.
 */
static dg_status save(dg_worker *w, dg_batch_task *c, dg_outcome_counts *tally)
{
    dg_batch_queue *queue = w->queue;
    const double begin = dg_clock();
    const int before = c->checkpoint;
    dg_outcome_counts saved = {.agent_steps = 0};
    const dg_status status = dg_batch_save(c, &saved);
    if (status == DG_OK) {
        if (c->checkpoint > before) note_saved(w, c, dg_clock() - begin);
        if (c->checkpoint > before || unended(&saved) == 0) *tally = saved;
        return DG_OK;
    }
    pthread_mutex_lock(&queue->lock);
    const bool halt = queue->halt;
    if (!halt) dg_engine_log(queue->engine, "no checkpoint, the runs continue: %s", dg_error());
    pthread_mutex_unlock(&queue->lock);
    return halt ? status : DG_OK;
}

/**
 * Advance to the end of all runs. If the call is stopped before, *tally has runs left as planned,
 * and is that of the last checkpoint.
 */
static dg_status advance(dg_worker *w, dg_batch_task *c, dg_outcome_counts *tally)
{
    dg_watch watch = dg_ticker_watch(&w->queue->engine->ticker);
    watch.pause = &w->pause;
    watch.stop = &w->stop;
    *tally = (dg_outcome_counts){.agent_steps = c->agent_steps};
    tally->runs.of[DG_RUN_PLANNED] = (size_t)c->plan->options.runs;
    while (unended(tally) > 0 && may_continue(w)) {
        DG_TRY(c->backend->advance(c->batch, c->plan->shape.generations, &watch));
        if (dg_watch_stopped(&watch))
            DG_TRY(save(w, c, tally));
        else
            tally->runs.of[DG_RUN_PLANNED] = 0; /* dg_batch_store() counts how they ended */
    }
    note_no_batch(w);
    return DG_OK;
}

static dg_status store(dg_worker *w, dg_batch_task *c, dg_outcome_counts *tally)
{
    const double begin = dg_clock();
    DG_TRY(dg_batch_store(c, tally));
    pthread_mutex_lock(&w->queue->lock);
    w->queue->engine->outcome.seconds_store += dg_clock() - begin;
    pthread_mutex_unlock(&w->queue->lock);
    return DG_OK;
}

/** Add the runs and work of a batch to the outcome, after it was stored or saved. */
static void count_batch(dg_worker *w, const dg_outcome_counts *tally, int64_t agent_steps_before)
{
    dg_engine *engine = w->queue->engine;
    engine->outcome.agent_steps += tally->agent_steps - agent_steps_before;
    dg_engine_count(engine, &tally->runs);
}

static dg_batch_task task_of(const dg_worker *w, const dg_batch_plan *plan, char *name, size_t size)
{
    const dg_engine *engine = w->queue->engine;
    const dg_devices one = {1, {*w->device}, ""};
    const int threads = plan->options.threads;
    dg_batch_task task = {
        .session = engine->session,
        .backend = w->device->backend,
        .plan = plan,
        .provenance = {
            .backend = w->device->backend->name,
            .device = dg_devices_text(&one, name, size),
            .vector = dg_devices_are_cpu(&one) ? dg_backend_cpu_vector(plan->options.vector) : "",
            .threads = dg_thread_count(threads),
        }};
    dg_now(task.provenance.started, sizeof task.provenance.started);
    return task;
}

/** Compute what there should be memory for; *begun: there was. */
static dg_status run_part(dg_worker *w, const dg_batch_plan *plan, bool *begun)
{
    char name[192];
    dg_batch_queue *queue = w->queue;
    dg_batch_task task = task_of(w, plan, name, sizeof name);
    dg_outcome_counts tally = {.agent_steps = 0};
    double seconds = 0;
    dg_status status = dg_batch_begin(&task, &seconds);
    *begun = status == DG_OK;
    const int64_t before = task.agent_steps;
    const double begin = dg_clock();
    if (status == DG_OK) status = advance(w, &task, &tally);
    const double advanced = dg_clock() - begin;
    if (status == DG_OK && unended(&tally) == 0) status = store(w, &task, &tally);
    dg_batch_end(&task);
    pthread_mutex_lock(&queue->lock);
    queue->engine->outcome.seconds_start += seconds;
    queue->engine->outcome.seconds_advance += advanced;
    if (status == DG_OK) count_batch(w, &tally, before);
    pthread_mutex_unlock(&queue->lock);
    return status;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/** Runs of this shape that there was memory for; 0: none has failed. The lock is held. */
static int32_t room_for(const dg_batch_queue *queue, const dg_shape *shape)
{
    return memcmp(&queue->room_shape, shape, sizeof *shape) == 0 ? queue->room : 0;
}

/** The next runs of a batch, from the `first` on: all, or as many as there was memory for. */
static dg_batch_plan part_of(dg_worker *w, const dg_batch_plan *plan, int32_t first)
{
    dg_batch_plan part = *plan;
    pthread_mutex_lock(&w->queue->lock);
    const int32_t left = plan->options.runs - first, room = room_for(w->queue, &plan->shape);
    pthread_mutex_unlock(&w->queue->lock);
    part.options.runs = room > 0 && room < left ? room : left;
    part.run = plan->run + first;
    return part;
}

/** There was no memory for so many runs of this shape: from now on half of them. */
static void note_no_room(dg_worker *w, const dg_batch_plan *part)
{
    dg_batch_queue *queue = w->queue;
    const int32_t runs = part->options.runs;
    pthread_mutex_lock(&queue->lock);
    const int32_t room = room_for(queue, &part->shape);
    if (queue->room == 0)
        dg_engine_log(queue->engine,
                      "no memory for a batch of %d runs: it goes on with smaller ones", runs);
    if (room == 0 || runs / 2 < room) queue->room = runs / 2;
    queue->room_shape = part->shape;
    pthread_mutex_unlock(&queue->lock);
}

/** Is the call to end? Asked before each part, as the start of one takes long. */
static bool halted(dg_worker *w)
{
    pthread_mutex_lock(&w->queue->lock);
    const bool halt = w->queue->halt || dg_engine_stopped(w->queue->engine);
    pthread_mutex_unlock(&w->queue->lock);
    return halt;
}

dg_status dg_worker_run(dg_worker *w, const dg_batch_plan *plan)
{
    for (int32_t first = 0; first < plan->options.runs && !halted(w);) {
        const dg_batch_plan part = part_of(w, plan, first);
        bool begun = false;
        const dg_status status = run_part(w, &part, &begun);
        if (status == DG_ERR_MEMORY && !begun && part.options.runs > 1) {
            note_no_room(w, &part);
            continue;
        }
        DG_TRY(status);
        first += part.options.runs;
    }
    return DG_OK;
}
