/**
 * Running a digico experiment: batches onto devices, finished runs into the file.
 *
 * One thread per device takes batches from one queue. Runs reach the file in whatever order devices
 * finish them; that moves HDF5's chunks about within it, but what is read back is the same, for each
 * run has its own place in every variable.
 */
#include "host/clock.h"
#include "host/engine.h"
#include "host/error.h"
#include "host/starts.h"
#include "host/state_hash.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

/* how long a stop on request may go unseen where several devices compute */
#define RELAY_NANOSECONDS 20000000

/** Batches to be taken, and what became of the devices. */
typedef struct batch_queue {
    dg_engine *engine;
    dg_batch_plan *plan; /* [count] */
    size_t count;
    int threads;                /* of the host, for each device */
    const volatile int *stop;   /* what the devices watch; may be NULL */
    volatile int halt;          /* several devices: a stop was asked for, or one of them failed */
    pthread_mutex_t lock;       /* the store, the outcome, the log, and all below */
    pthread_cond_t device_done; /* a device has left the queue */
    size_t next;                /* batch to take next */
    int32_t working;            /* devices that have not left */
    dg_status status;           /* of the device that failed first */
    char said[1024];            /* by it */
} batch_queue;

/** A device and its way to the queue. */
typedef struct worker {
    batch_queue *queue;
    const dg_device *device;
    pthread_t thread;
} worker;

static bool queue_halted(const batch_queue *queue)
{
    return __atomic_load_n(&queue->halt, __ATOMIC_RELAXED) || dg_engine_stopped(queue->engine);
}

/* ---- storing ---------------------------------------------------------------------------------- */

/** A run read back from its device. */
static dg_status read_run(dg_run_result *out, const dg_backend *backend, const dg_batch *batch,
                          const dg_batch_plan *plan, int32_t run, void *block)
{
    DG_TRY(backend->download(batch, run, block));
    const int32_t generations = backend->generations(batch, run);
    const bool whole = generations == plan->shape.generations;
    *out = (dg_run_result){
        .run = plan->run[run],
        .status = dg_state_at(&plan->shape, block).trouble[0] ? DG_RUN_NONFINITE
                  : whole                                     ? DG_RUN_COMPLETE
                                                              : DG_RUN_PLANNED,
        .generations = generations,
        .hash = dg_hash_bytes(block, dg_state_bytes(&plan->shape)),
        .shape = &plan->shape,
        .records = backend->records(batch, run),
        .trace = backend->trace(batch, run),
        .traced = &plan->options,
    };
    return DG_OK;
}

/** Store one run, unless it was stopped half-way. */
static dg_status store_run(batch_queue *queue, const dg_run_result *result)
{
    dg_engine *engine = queue->engine;
    dg_status status = DG_OK;
    pthread_mutex_lock(&queue->lock);
    const double begin = dg_clock();
    dg_engine_count(engine, result->status, result->run);
    engine->outcome.agent_steps +=
        (int64_t)result->shape->agents * result->shape->steps * result->generations;
    if (result->status != DG_RUN_PLANNED) status = dg_store_run(engine->store, result);
    engine->outcome.seconds_store += dg_clock() - begin;
    pthread_mutex_unlock(&queue->lock);
    return status;
}

static dg_status store_batch(batch_queue *queue, const dg_backend *backend, const dg_batch *batch,
                             const dg_batch_plan *plan)
{
    dg_run_result result;
    void *block = aligned_alloc(64, (size_t)dg_state_bytes(&plan->shape));
    if (!block) return dg_fail(DG_ERR_MEMORY, "no memory to read a run back");
    dg_status status = DG_OK;
    for (int32_t r = 0; r < plan->options.runs && status == DG_OK; r++) {
        status = read_run(&result, backend, batch, plan, r, block);
        if (status == DG_OK) status = store_run(queue, &result);
    }
    free(block);
    return status;
}

/* ---- one device ------------------------------------------------------------------------------- */

static void add_seconds(batch_queue *queue, double start, double advance)
{
    pthread_mutex_lock(&queue->lock);
    queue->engine->outcome.seconds_start += start;
    queue->engine->outcome.seconds_advance += advance;
    pthread_mutex_unlock(&queue->lock);
}

static dg_status run_batch(batch_queue *queue, const dg_backend *backend, const dg_batch_plan *plan)
{
    dg_batch *batch = NULL;
    dg_status status = DG_OK;
    double start = 0;
    DG_TRY(dg_starts_make(&batch, NULL, backend, queue->engine->experiment, plan, &start));
    dg_watch watch = dg_ticker_watch(&queue->engine->ticker);
    watch.stop = queue->stop;
    const double begin = dg_clock();
    DG_TRY_GOTO(backend->advance(batch, plan->shape.generations, &watch), end);
    add_seconds(queue, start, dg_clock() - begin);
    status = store_batch(queue, backend, batch, plan);
end:
    backend->destroy(&batch);
    return status;
}

/** Take the next batch for a device; NULL when there is none, or no more is wanted. */
static dg_batch_plan *queue_take(batch_queue *queue, const dg_device *device)
{
    const bool several = queue->engine->devices->count > 1;
    char name[32], where[40] = "";
    dg_batch_plan *plan = NULL;
    pthread_mutex_lock(&queue->lock);
    if (queue->next < queue->count && !queue_halted(queue)) {
        plan = &queue->plan[queue->next++];
        plan->options.device = device->index;
        plan->options.threads = queue->threads;
        if (several)
            snprintf(where, sizeof where, " on %s", dg_device_name(device, name, sizeof name));
        dg_engine_log(queue->engine, "batch %zu of %zu: %d runs%s", queue->next, queue->count,
                      plan->options.runs, where);
    }
    pthread_mutex_unlock(&queue->lock);
    return plan;
}

/** The last word of a device. The first failure stops the others; its message is kept. */
static void queue_leave(batch_queue *queue, const dg_device *device, dg_status status)
{
    const bool several = queue->engine->devices->count > 1;
    char name[32];
    pthread_mutex_lock(&queue->lock);
    if (status != DG_OK && queue->status == DG_OK) {
        queue->status = status;
        snprintf(queue->said, sizeof queue->said, "%s%s%s",
                 several ? dg_device_name(device, name, sizeof name) : "", several ? ": " : "",
                 dg_error());
        __atomic_store_n(&queue->halt, 1, __ATOMIC_RELAXED);
    }
    queue->working--;
    pthread_cond_signal(&queue->device_done);
    pthread_mutex_unlock(&queue->lock);
}

static void *work(void *argument)
{
    const worker *w = argument;
    dg_status status = DG_OK;
    const dg_batch_plan *plan = NULL;
    while (status == DG_OK && (plan = queue_take(w->queue, w->device)) != NULL)
        status = run_batch(w->queue, w->device->backend, plan);
    queue_leave(w->queue, w->device, status);
    return NULL;
}

/* ---- several devices -------------------------------------------------------------------------- */

/** Wait until all devices have left. They watch one flag: hand the caller's stop on to it. */
static void relay_stop(batch_queue *queue)
{
    struct timespec until;
    pthread_mutex_lock(&queue->lock);
    while (queue->working > 0) {
        if (dg_engine_stopped(queue->engine)) __atomic_store_n(&queue->halt, 1, __ATOMIC_RELAXED);
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
    worker workers[DG_MAX_DEVICES];
    int32_t started = 0;
    queue->stop = &queue->halt;
    for (; started < devices->count; started++) {
        worker *w = &workers[started];
        w->queue = queue;
        w->device = &devices->device[started];
        if (pthread_create(&w->thread, NULL, work, w) != 0) break;
    }
    for (int32_t d = started; d < devices->count; d++)
        queue_leave(queue, &devices->device[d],
                    dg_fail(DG_ERR_MEMORY, "the thread of a device could not start"));
    relay_stop(queue);
    for (int32_t d = 0; d < started; d++) pthread_join(workers[d].thread, NULL);
}

/* ---- all of them ------------------------------------------------------------------------------ */

/** Threads of the host for each device; 0, that is all, where there is one. */
static int threads_each(const dg_engine *engine)
{
    const int32_t devices = engine->devices->count;
    if (devices == 1) return engine->options->threads;
    const int all = engine->options->threads > 0 ? engine->options->threads : omp_get_max_threads();
    return all > devices ? all / devices : 1;
}

static void queue_open(batch_queue *queue)
{
    pthread_mutex_init(&queue->lock, NULL);
    dg_condition_init(&queue->device_done);
}

dg_status dg_engine_batches(dg_engine *engine, dg_batch_plan *plans, size_t count)
{
    batch_queue queue = {.engine = engine,
                         .plan = plans,
                         .count = count,
                         .threads = threads_each(engine),
                         .stop = engine->options->stop,
                         .working = engine->devices->count,
                         .status = DG_OK};
    queue_open(&queue);
    if (engine->devices->count == 1)
        work(&(worker){.queue = &queue, .device = &engine->devices->device[0]});
    else
        work_together(&queue, engine->devices);
    pthread_cond_destroy(&queue.device_done);
    pthread_mutex_destroy(&queue.lock);
    return queue.status == DG_OK ? DG_OK : dg_fail(queue.status, "%s", queue.said);
}
