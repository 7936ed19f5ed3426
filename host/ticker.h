/** Progress of a long call: counters that threads add to, and a thread that reports them. */
#ifndef DG_TICKER_H
#define DG_TICKER_H

#include "digico/digico.h"
#include "kernels/backend.h"

#include <pthread.h>
#include <stdbool.h>

typedef struct dg_ticker {
    const dg_options *options; /* borrowed; progress may be NULL: then no thread runs */
    dg_progress planned;       /* the *_planned fields */
    double begin;              /* dg_clock() at the start */
    _Atomic int64_t generations_done;
    _Atomic int64_t agent_steps_done;
    _Atomic int64_t runs_done;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool running;
    bool ending;
} dg_ticker;

/** Start reporting a few times a second. */
DG_MUST_CHECK dg_status dg_ticker_begin(dg_ticker *ticker, const dg_options *options,
                                        int64_t generations, int64_t agent_steps, size_t runs);

/** Report once more and stop; accepts a ticker that never began (zeroed). */
void dg_ticker_end(dg_ticker *ticker);

/** What backends add to. */
dg_watch dg_ticker_watch(dg_ticker *ticker);

#endif
