/** The thread that reports progress; see ticker.h. */
#include "host/base/ticker.h"

#include "host/base/clock.h"
#include "host/base/error.h"

#include <string.h>

#define TICK_NANOSECONDS 250000000

dg_progress dg_ticker_now(const dg_ticker *t)
{
    dg_progress p = t->planned;
    p.generations_planned -= t->generations_spared; /* of runs that ended early */
    p.agent_steps_planned -= t->agent_steps_spared;
    p.generations_done = p.generations_kept + t->generations_done;
    p.runs_done = p.runs_kept + (size_t)t->runs_done;
    p.agent_steps_done = p.agent_steps_kept + t->agent_steps_done;
    p.seconds = dg_clock() - t->begin;
    return p;
}

static void report(dg_ticker *t)
{
    const dg_progress p = dg_ticker_now(t);
    t->tick(t->user, &p);
}

/** Sleep until the next report; true once the call is ending. */
static bool sleep_tick(dg_ticker *t)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&t->lock);
    if (!t->ending) pthread_cond_timedwait(&t->wake, &t->lock, &until);
    const bool ending = t->ending;
    pthread_mutex_unlock(&t->lock);
    return ending;
}

static void *tick(void *argument)
{
    dg_ticker *t = argument;
    do report(t);
    while (!sleep_tick(t));
    report(t);
    return NULL;
}

static void destroy_locks(dg_ticker *t)
{
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
}

dg_status dg_ticker_begin(dg_ticker *t, const dg_options *options, const dg_progress *planned,
                          void (*tick_to)(void *user, const dg_progress *progress), void *user)
{
    memset(t, 0, sizeof *t);
    t->options = options;
    t->tick = tick_to;
    t->user = user;
    t->planned = *planned;
    t->begin = dg_clock();
    pthread_mutex_init(&t->lock, NULL);
    dg_condition_init(&t->wake);
    const int reason = pthread_create(&t->thread, NULL, tick, t);
    t->running = reason == 0;
    if (t->running) return DG_OK;
    destroy_locks(t);
    return dg_fail(DG_ERR_MEMORY,
                   "cannot start the thread that reports progress: %s (%s, or ulimit -v)",
                   strerror(reason), dg_limit_on_processes());
}

void dg_ticker_end(dg_ticker *t)
{
    if (!t->running) return;
    pthread_mutex_lock(&t->lock);
    t->ending = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    destroy_locks(t);
    t->running = false;
}

dg_watch dg_ticker_watch(dg_ticker *t)
{
    const dg_watch watch = {.stop = t->options->stop,
                            .generations_done = &t->generations_done,
                            .agent_steps_done = &t->agent_steps_done,
                            .runs_done = &t->runs_done,
                            .generations_spared = &t->generations_spared,
                            .agent_steps_spared = &t->agent_steps_spared};
    return watch;
}
