/** Progress of a long call: atomic counters, and a thread that reports them. */
#ifndef DG_TICKER_H
#define DG_TICKER_H

#include "digico/digico.h"
#include "kernels/backend.h"

#include <pthread.h>
#include <stdbool.h>

typedef struct dg_ticker {
    const dg_options *options; /* borrowed */
    void (*tick)(void *user, const dg_progress *progress);
    void *user;          /* argument of tick */
    dg_progress planned; /* only the *_planned and *_kept fields */
    double begin;        /* dg_clock() at the start */
    _Atomic int64_t generations_done;
    _Atomic int64_t agent_steps_done;
    _Atomic int64_t runs_done;
    _Atomic int64_t generations_spared; /* planned, but not needed: their runs ended early */
    _Atomic int64_t agent_steps_spared;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool running;
    bool ending;
} dg_ticker;

/**
 * Start a thread that calls tick(user, progress) four times a second.
 *
 * @param options  borrowed until dg_ticker_end(); only `stop` is used
 * @param planned  only the *_planned and *_kept fields; reports add *_kept to the work done
 * @return DG_OK, or DG_ERR_MEMORY if the thread cannot start
 */
DG_MUST_CHECK dg_status dg_ticker_begin(dg_ticker *ticker, const dg_options *options,
                                        const dg_progress *planned,
                                        void (*tick)(void *user, const dg_progress *progress),
                                        void *user);

/** The progress so far; may be called from any thread. */
dg_progress dg_ticker_now(const dg_ticker *ticker);

/** Report once more and end the thread; does nothing if the ticker (zeroed) was never begun. */
void dg_ticker_end(dg_ticker *ticker);

/** The counters and the stop flag, for backends. */
dg_watch dg_ticker_watch(dg_ticker *ticker);

#endif
