/**
 * Computing batches on devices, saving them at intervals and storing them when finished.
 *
 * One thread per device takes batches from a common queue. The calling thread supervises them: it
 * passes on a stop request, and pauses a device when its batch is due to be saved. A pause only
 * ends the current generation; a stop may drop it, where it takes long. Neither changes any result.
 */
#include "host/base/clock.h"
#include "host/engine/batches.h"
#include "host/engine/walltime.h"
#include "host/engine/worker.h"
#include "host/base/error.h"
#include "host/machine/processors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* interval at which stop requests are checked */
#define RELAY_NANOSECONDS 20000000

/* ---- the queue ------------------------------------------------------------------------------- */

/** Take the next batch for a device; NULL: there is none, or the call is to end. */
static dg_batch_plan *queue_take(dg_batch_queue *queue, const dg_device *device)
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
static void queue_leave(dg_batch_queue *queue, const dg_device *device, dg_status status)
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
    dg_worker *w = argument;
    dg_status status = DG_OK;
    const dg_batch_plan *plan = NULL;
    while (status == DG_OK && (plan = queue_take(w->queue, w->device)) != NULL)
        status = dg_worker_run(w, plan);
    queue_leave(w->queue, w->device, status);
    return NULL;
}

/* ---- supervising the devices ----------------------------------------------------------------- */

/** Was a stop requested, or is the rest of the walltime needed for the last checkpoint? */
static bool stop_is_due(const dg_batch_queue *queue)
{
    return dg_engine_stopped(queue->engine) ||
           dg_walltime_save_due(dg_clock(), queue->slowest_save, queue->engine->stop_at);
}

/** Wait until all devices have left the queue; pause them when they must stop or save. */
static void supervise(dg_batch_queue *queue, dg_worker *workers)
{
    struct timespec until;
    pthread_mutex_lock(&queue->lock);
    while (queue->working > 0) {
        queue->halt = queue->halt || stop_is_due(queue);
        for (int32_t d = 0; d < queue->engine->devices->count; d++)
            if (queue->halt || dg_clock() >= workers[d].saved + queue->save_every)
                dg_worker_pause(&workers[d], true, queue->halt);
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += RELAY_NANOSECONDS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&queue->device_done, &queue->lock, &until);
    }
    pthread_mutex_unlock(&queue->lock);
}

static void work_together(dg_batch_queue *queue, const dg_devices *devices)
{
    dg_worker workers[DG_MAX_DEVICES] = {{0}};
    int32_t started = 0;
    int reason = 0;
    for (int32_t d = 0; d < devices->count; d++)
        workers[d] =
            (dg_worker){.queue = queue, .device = &devices->device[d], .saved = (double)INFINITY};
    for (; started < devices->count; started++) {
        reason = pthread_create(&workers[started].thread, NULL, work, &workers[started]);
        if (reason != 0) break;
    }
    for (int32_t d = started; d < devices->count; d++)
        queue_leave(queue, &devices->device[d],
                    dg_fail(DG_ERR_MEMORY,
                            "cannot start the thread of a device: %s (%s, or ulimit -v)",
                            strerror(reason), dg_limit_on_processes()));
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
    const double minutes = experiment->condition[0].checkpoint_minutes;
    return minutes > 0 ? 60 * minutes : (double)INFINITY;
}

dg_status dg_engine_batches(dg_engine *engine, dg_batch_plan *plans, size_t count)
{
    dg_batch_queue queue = {.engine = engine,
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
