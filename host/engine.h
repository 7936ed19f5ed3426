/** What the parts of the engine share while an experiment runs. */
#ifndef DG_ENGINE_H
#define DG_ENGINE_H

#include "host/batch_plan.h"
#include "host/devices.h"
#include "host/store.h"
#include "host/ticker.h"

typedef struct dg_engine {
    const dg_experiment *experiment;
    const dg_options *options;
    const dg_devices *devices;
    dg_store *store;
    dg_ticker ticker;
    dg_outcome outcome;
} dg_engine;

/** Was a stop asked for? */
bool dg_engine_stopped(const dg_engine *engine);

/** One line to the caller's log, if it has one. Not from two threads at once, as all below. */
void dg_engine_log(const dg_engine *engine, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Count what became of a run. */
void dg_engine_count(dg_engine *engine, dg_run_status status, size_t run);

/** dg_experiment_run() on devices already chosen. */
DG_MUST_CHECK dg_status dg_engine_run(const dg_experiment *experiment, const char *directory,
                                      const dg_options *options, const dg_devices *devices,
                                      dg_outcome *outcome);

/** All runs of a `digico` experiment, cut into `count` batches, into the store; engine_batches.c */
DG_MUST_CHECK dg_status dg_engine_batches(dg_engine *engine, dg_batch_plan *plans, size_t count);

/** All runs of an echo-chamber experiment into the store; engine_echo.c */
DG_MUST_CHECK dg_status dg_engine_echo(dg_engine *engine);

#endif
