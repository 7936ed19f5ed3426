/** One batch: from its runs' starts or their checkpoints to the file of the finished ones. */
#ifndef DG_BATCH_H
#define DG_BATCH_H

#include "host/directory/provenance.h"
#include "host/directory/session.h"
#include "host/engine/batch_plan.h"

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
