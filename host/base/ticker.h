/** Progress of a long call: counters that threads add to, and a thread that reports them. */
#ifndef DG_TICKER_H
#define DG_TICKER_H

#include "digico/digico.h"
#include "kernels/backend.h"

#include <pthread.h>
#include <stdbool.h>

typedef struct dg_ticker {
    const dg_options *options; /* borrowed */
    void (*tick)(void *user, const dg_progress *progress);
    void *user;          /* of tick */
    dg_progress planned; /* the *_planned and *_kept fields */
    double begin;        /* dg_clock() at the start */
    _Atomic int64_t generations_done;
    _Atomic int64_t agent_steps_done;
    _Atomic int64_t runs_done;
    _Atomic int64_t generations_spared;
    _Atomic int64_t agent_steps_spared;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool running;
    bool ending;
} dg_ticker;

/**
 * Start reporting a few times a second, from a thread of its own.
 *
 * @param planned  the *_planned and *_kept fields; what is done counts what was kept
 * @param tick     called with `user`
 */
DG_MUST_CHECK dg_status dg_ticker_begin(dg_ticker *ticker, const dg_options *options,
                                        const dg_progress *planned,
                                        void (*tick)(void *user, const dg_progress *progress),
                                        void *user);

/** How far it has come. */
dg_progress dg_ticker_now(const dg_ticker *ticker);

/** Report once more and stop; accepts a ticker that never began (zeroed). */
void dg_ticker_end(dg_ticker *ticker);

/** What backends add to. */
dg_watch dg_ticker_watch(dg_ticker *ticker);

#endif
