/** What the parts of the engine share while an experiment runs. */
#ifndef DG_ENGINE_H
#define DG_ENGINE_H

#include "host/store.h"
#include "host/ticker.h"

typedef struct dg_engine {
    const dg_experiment *experiment;
    const dg_options *options;
    const dg_backend *backend;
    dg_store *store;
    dg_ticker ticker;
    dg_outcome outcome;
} dg_engine;

/** Was a stop asked for? */
bool dg_engine_stopped(const dg_engine *engine);

/** One line to the caller's log, if it has one. */
void dg_engine_log(const dg_engine *engine, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Count what became of a run. */
void dg_engine_count(dg_engine *engine, dg_run_status status, size_t run);

/** All runs of an echo-chamber experiment into the store; engine_echo.c */
DG_MUST_CHECK dg_status dg_engine_echo(dg_engine *engine);

#endif
