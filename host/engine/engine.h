/**
 * What the parts of the engine share while an experiment runs.
 *
 * engine.c: one call, from its directory to the assembled result. batches.c: batches onto devices, when to
 * stop and when to save. batch.c: one batch, advanced, saved and stored. singles.c: runs of models that
 * compute a run at a time.
 */
#ifndef DG_ENGINE_H
#define DG_ENGINE_H

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

/** dg_experiment_run() on devices already chosen. */
DG_MUST_CHECK dg_status dg_engine_run(const dg_experiment *experiment, const char *directory,
                                      const dg_options *options, const dg_devices *devices,
                                      dg_outcome *outcome);

/** All runs that are left, cut into `count` batches for the backends; batches.c */
DG_MUST_CHECK dg_status dg_engine_batches(dg_engine *engine, dg_batch_plan *plans, size_t count);

/** All runs that are left of a model that computes a run at a time (dg_model.compute); singles.c */
DG_MUST_CHECK dg_status dg_engine_singles(dg_engine *engine);

/* ---- one batch (batch.c) ----------------------------------------------------------------- */

/** What saving or storing a batch found. */
typedef struct dg_outcome_counts {
    dg_run_counts runs;  /* those that have not ended are planned */
    int64_t agent_steps; /* of all generations that are done */
} dg_outcome_counts;

/** A batch under way, and its way to the disk. */
typedef struct dg_batch_task {
    const dg_session *session;
    const dg_backend *backend;
    const dg_batch_plan *plan;
    dg_batch *batch;
    dg_provenance provenance;
    int checkpoint;      /* number of the latest one of these runs, 0: none */
    int64_t agent_steps; /* that were done when it was saved last, or begun */
} dg_batch_task;

/** Make a batch: new runs at generation 0, others where a checkpoint left them. */
DG_MUST_CHECK dg_status dg_batch_begin(dg_batch_task *task, double *seconds);

/**
 * Save all runs in a checkpoint; two are kept. Nothing is written where nothing has changed, nor
 * where every run has ended: then the batch is better stored.
 */
DG_MUST_CHECK dg_status dg_batch_save(dg_batch_task *task, dg_outcome_counts *tally);

/** Store all runs, every one of which has ended, and remove the batch's checkpoints. */
DG_MUST_CHECK dg_status dg_batch_store(dg_batch_task *task, dg_outcome_counts *tally);

/** Free the batch. */
void dg_batch_end(dg_batch_task *task);

#endif
