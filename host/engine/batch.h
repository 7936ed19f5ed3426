/** One batch: started from new runs or checkpoints, saved, and stored when all runs have ended. */
#ifndef DG_BATCH_H
#define DG_BATCH_H

#include "host/archive/provenance.h"
#include "host/directory/session.h"
#include "host/engine/batch_plan.h"

/** Progress of a batch when it was saved or stored. */
typedef struct dg_outcome_counts {
    dg_run_counts runs;  /* runs that have not ended count as planned */
    int64_t agent_steps; /* of all finished generations */
} dg_outcome_counts;

/** A batch that is being computed. */
typedef struct dg_batch_task {
    const dg_session *session;
    const dg_backend *backend;
    const dg_batch_plan *plan;
    dg_batch *batch;
    dg_provenance provenance;
    int checkpoint;      /* number of the latest checkpoint of these runs, 0: none */
    int64_t agent_steps; /* done at the last save, or at the start */
} dg_batch_task;

/**
 * Create the batch on its device: new runs at generation 0, others at their latest checkpoint.
 *
 * @param task     session, backend, plan and provenance are set; freed with dg_batch_end()
 * @param seconds  the time of starting the runs is added
 */
DG_MUST_CHECK dg_status dg_batch_begin(dg_batch_task *task, double *seconds);

/**
 * Save all runs in a checkpoint; the last two checkpoints are kept. Writes nothing if there is no
 * progress since the last save, or if all runs have ended: then call dg_batch_store().
 *
 * @param tally  receives the progress; if there is none since the last save, all runs as planned
 */
DG_MUST_CHECK dg_status dg_batch_save(dg_batch_task *task, dg_outcome_counts *tally);

/** Store all runs, which must have ended, in a batch file, and remove their checkpoints. */
DG_MUST_CHECK dg_status dg_batch_store(dg_batch_task *task, dg_outcome_counts *tally);

/** Free the batch on its device. */
void dg_batch_end(dg_batch_task *task);

#endif
