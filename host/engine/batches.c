/**
 * Computing batches on devices, saving them at intervals and storing them when finished.
 *
 * One thread per device takes batches from a common queue. The calling thread supervises them: it
 * passes on a stop request, and pauses a device when its batch is due to be saved. A pause only
 * ends the current generation; a stop may drop it, where it takes long. Neither changes any result.
 */
#include "host/base/clock.h"
#include "host/engine/batches.h"
#include "host/engine/batch.h"
#include "host/engine/walltime.h"
#include "host/base/error.h"
#include "host/base/processors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* interval at which stop requests are checked */
#define RELAY_NANOSECONDS 20000000

/** The queue of batches, and the state of the devices. */
typedef struct batch_queue {
    dg_engine *engine;
    dg_batch_plan *plan; /* [count] */
    size_t count;
    int threads;                /* of the host, for each device */
    double save_every;          /* seconds; INFINITY: only when stopped */
    pthread_mutex_t lock;       /* of the outcome, the log, and the fields below */
    pthread_cond_t device_done; /* a device has left the queue */
    bool halt;                  /* compute no more: a stop was requested, or a device failed */
    size_t next;                /* index of the next batch */
    int32_t working;            /* number of devices that have not left the queue */
    double slowest_save;        /* seconds of the slowest checkpoint */
    dg_status status;           /* of the first device that failed */
    char message[1024];         /* of the first device that failed */
} batch_queue;

/** A device with its thread. */
typedef struct worker {
    batch_queue *queue;
    const dg_device *device;
    pthread_t thread;
    volatile int pause; /* non-zero: the device stops after the current generation */
    volatile int stop;  /* non-zero: the device stops at once, if it can */
    double saved; /* dg_clock() when its batch was started or last saved; INFINITY: no batch */
} worker;

/* ---- one batch on one device ----------------------------------------------------------------- */

/** Ask the device to stop after its generation, and at once if the call is to end. */
static void set_pause(worker *w, bool pause, bool stop)
{
    __atomic_store_n(&w->stop, stop, __ATOMIC_RELAXED);
    __atomic_store_n(&w->pause, pause, __ATOMIC_RELAXED);
}

/** Before a batch starts, or continues after a save. False: it must not. */
static bool may_continue(worker *w)
{
    pthread_mutex_lock(&w->queue->lock);
    const bool halt = w->queue->halt;
    w->saved = dg_clock();
    set_pause(w, halt, halt);
    pthread_mutex_unlock(&w->queue->lock);
    return !halt;
}

/** This device has nothing to save until its next batch. */
static void note_no_batch(worker *w)
{
    pthread_mutex_lock(&w->queue->lock);
    w->saved = (double)INFINITY;
    pthread_mutex_unlock(&w->queue->lock);
}

static void note_saved(worker *w, const dg_batch_task *c, double seconds)
{
    batch_queue *queue = w->queue;
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
static dg_status save(worker *w, dg_batch_task *c, dg_outcome_counts *tally)
{
    batch_queue *queue = w->queue;
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
static dg_status advance(worker *w, dg_batch_task *c, dg_outcome_counts *tally)
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

static dg_status store(worker *w, dg_batch_task *c, dg_outcome_counts *tally)
{
    const double begin = dg_clock();
    DG_TRY(dg_batch_store(c, tally));
    pthread_mutex_lock(&w->queue->lock);
    w->queue->engine->outcome.seconds_store += dg_clock() - begin;
    pthread_mutex_unlock(&w->queue->lock);
    return DG_OK;
}

/** Add the runs and work of a batch to the outcome, after it was stored or saved. */
static void count_batch(worker *w, const dg_outcome_counts *tally, int64_t agent_steps_before)
{
    dg_engine *engine = w->queue->engine;
    engine->outcome.agent_steps += tally->agent_steps - agent_steps_before;
    dg_engine_count(engine, &tally->runs);
}

static dg_batch_task task_of(const worker *w, const dg_batch_plan *plan, char *name, size_t size)
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

static dg_status run_batch(worker *w, const dg_batch_plan *plan)
{
    char name[192];
    batch_queue *queue = w->queue;
    dg_batch_task task = task_of(w, plan, name, sizeof name);
    dg_outcome_counts tally = {.agent_steps = 0};
    double seconds = 0;
    dg_status status = dg_batch_begin(&task, &seconds);
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

/* ---- the queue ------------------------------------------------------------------------------- */

/** Take the next batch for a device; NULL: there is none, or the call is to end. */
static dg_batch_plan *queue_take(batch_queue *queue, const dg_device *device)
{
    const bool several = queue->engine->devices->count > 1;
    char name[32], where[40] = "";
    dg_batch_plan *plan = NULL;
    pthread_mutex_lock(&queue->lock);
    if (queue->next < queue->count && !queue->halt && !dg_engine_stopped(queue->engine)) {
        plan = &queue->plan[queue->next++];
        plan->options.device = device->index;
        plan->options.threads = queue->threads;
        if (several)
            snprintf(where, sizeof where, " on %s", dg_device_name(device, name, sizeof name));
        dg_engine_log(queue->engine, "batch %zu of %zu: %d run%s%s", queue->next, queue->count,
                      plan->options.runs, plan->options.runs == 1 ? "" : "s", where);
    }
    pthread_mutex_unlock(&queue->lock);
    return plan;
}

/** A device leaves the queue. The first failure stops the others, and its message is kept. */
static void queue_leave(batch_queue *queue, const dg_device *device, dg_status status)
{
    const bool several = queue->engine->devices->count > 1;
    char name[32];
    pthread_mutex_lock(&queue->lock);
    if (status != DG_OK && queue->status == DG_OK) {
        queue->status = status;
        snprintf(queue->message, sizeof queue->message, "%s%s%s",
                 several ? dg_device_name(device, name, sizeof name) : "", several ? ": " : "",
                 dg_error());
        queue->halt = true;
    }
    queue->working--;
    pthread_cond_signal(&queue->device_done);
    pthread_mutex_unlock(&queue->lock);
}

static void *work(void *argument)
{
    worker *w = argument;
    dg_status status = DG_OK;
    const dg_batch_plan *plan = NULL;
    while (status == DG_OK && (plan = queue_take(w->queue, w->device)) != NULL)
        status = run_batch(w, plan);
    queue_leave(w->queue, w->device, status);
    return NULL;
}

/* ---- supervising the devices ----------------------------------------------------------------- */

/** Was a stop requested, or is the rest of the walltime needed for the last checkpoint? */
static bool stop_is_due(const batch_queue *queue)
{
    return dg_engine_stopped(queue->engine) ||
           dg_walltime_save_due(dg_clock(), queue->slowest_save, queue->engine->stop_at);
}

/** Wait until all devices have left the queue; pause them when they must stop or save. */
static void supervise(batch_queue *queue, worker *workers)
{
    struct timespec until;
    pthread_mutex_lock(&queue->lock);
    while (queue->working > 0) {
        queue->halt = queue->halt || stop_is_due(queue);
        for (int32_t d = 0; d < queue->engine->devices->count; d++)
            if (queue->halt || dg_clock() >= workers[d].saved + queue->save_every)
                set_pause(&workers[d], true, queue->halt);
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += RELAY_NANOSECONDS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&queue->device_done, &queue->lock, &until);
    }
    pthread_mutex_unlock(&queue->lock);
}

static void work_together(batch_queue *queue, const dg_devices *devices)
{
    worker workers[DG_MAX_DEVICES] = {{0}};
    int32_t started = 0;
    for (int32_t d = 0; d < devices->count; d++)
        workers[d] =
            (worker){.queue = queue, .device = &devices->device[d], .saved = (double)INFINITY};
    for (; started < devices->count; started++)
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0) break;
    for (int32_t d = started; d < devices->count; d++)
        queue_leave(queue, &devices->device[d],
                    dg_fail(DG_ERR_MEMORY, "cannot start the thread of a device"));
    supervise(queue, workers);
    for (int32_t d = 0; d < started; d++) pthread_join(workers[d].thread, NULL);
}

/* ---- all batches ----------------------------------------------------------------------------- */

/** Threads of the host for each device; 0 (all threads) if there is only one device. */
static int threads_each(const dg_engine *engine)
{
    const int32_t devices = engine->devices->count;
    if (devices == 1) return engine->options->threads;
    const int all = dg_thread_count(engine->options->threads);
    return all > devices ? all / devices : 1;
}

static double save_every(const dg_experiment *experiment)
{
    const double minutes = experiment->run[0].checkpoint_minutes;
    return minutes > 0 ? 60 * minutes : (double)INFINITY;
}

dg_status dg_engine_batches(dg_engine *engine, dg_batch_plan *plans, size_t count)
{
    batch_queue queue = {.engine = engine,
                         .plan = plans,
                         .count = count,
                         .threads = threads_each(engine),
                         .save_every = save_every(engine->experiment),
                         .working = engine->devices->count,
                         .status = DG_OK};
    pthread_mutex_init(&queue.lock, NULL);
    dg_condition_init(&queue.device_done);
    work_together(&queue, engine->devices);
    pthread_cond_destroy(&queue.device_done);
    pthread_mutex_destroy(&queue.lock);
    return queue.status == DG_OK ? DG_OK : dg_fail(queue.status, "%s", queue.message);
}
