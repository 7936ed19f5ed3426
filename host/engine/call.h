/**
 * One call of the engine: the data that its parts share.
 *
 * engine.c: the whole call, from opening the directory to writing the result. batches.c:
 * distributing batches over devices, stopping. worker.c: one device, which begins, saves and stores
 * batches. batch.c: one batch. singles.c: models that compute one run at a time.
 */
#ifndef DG_CALL_H
#define DG_CALL_H

#include "host/engine/batch_plan.h"
#include "host/backends/devices.h"
#include "host/archive/provenance.h"
#include "host/directory/session.h"
#include "host/directory/status_file.h"
#include "host/base/ticker.h"

typedef struct dg_engine {
    const dg_experiment *experiment;
    const dg_options *options;
    const dg_devices *devices;
    dg_session *session;
    dg_ticker ticker;
    dg_status_file status_file;
    dg_outcome outcome;
    double stop_at; /* dg_clock() at which the call must stop for --walltime; INFINITY: never */
} dg_engine;

/** Was a stop requested, or is the walltime nearly over? Thread-safe. */
bool dg_engine_stopped(const dg_engine *engine);

/** Hand one line to options->log, if it is set. Not thread-safe. */
void dg_engine_log(const dg_engine *engine, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Add runs to the outcome; nonfinite ones are logged. Not thread-safe. */
void dg_engine_count(dg_engine *engine, const dg_run_counts *runs);

#endif
