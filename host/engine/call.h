/**
 * One call of an engine: what its parts share while an experiment runs.
 *
 * engine.c: from the directory to the assembled result. batches.c: batches onto devices, when to stop and
 * when to save. batch.c: one batch, advanced, saved and stored. singles.c: runs of models that compute a
 * run at a time.
 */
#ifndef DG_CALL_H
#define DG_CALL_H

#include "host/engine/batch_plan.h"
#include "host/backends/devices.h"
#include "host/directory/provenance.h"
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
    double stop_at; /* dg_clock() at which --walltime ends the call, INFINITY: never */
} dg_engine;

/** Was a stop asked for, or is the walltime nearly over? */
bool dg_engine_stopped(const dg_engine *engine);

/** One line to the caller's log, if it has one. Not from two threads at once, as all below. */
void dg_engine_log(const dg_engine *engine, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Count what became of runs. */
void dg_engine_count(dg_engine *engine, const dg_run_counts *runs);

#endif
