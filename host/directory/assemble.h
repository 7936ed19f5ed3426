/**
 * results.nc out of batches, run by run in the order of the experiment: so its bytes tell nothing of
 * how, where, in how many pieces and with how many interruptions the runs were computed.
 */
#ifndef DG_ASSEMBLE_H
#define DG_ASSEMBLE_H

#include "host/directory/session.h"

/** Count the runs of an experiment by what became of them; those in no batch are planned. */
dg_run_counts dg_assembled_count(const dg_session *session);

/**
 * Is results.nc whole, undamaged, and of exactly this experiment? Then *out is what it holds, also where
 * its batches have been removed. The log of `options` (may be NULL) hears of one that is damaged.
 */
bool dg_assembled_already(dg_run_counts *out, const dg_session *session, const dg_options *options);

typedef enum dg_result_age {
    DG_RESULT_UNTOLD, /* provenance.json is not there, or says nothing of it */
    DG_RESULT_OLD,    /* of a smaller sweep, or of fewer runs than have ended */
    DG_RESULT_NEW
} dg_result_age;

/**
 * What provenance.json says of results.nc, without a look at its bytes. Dates tell less: clocks of machines
 * differ, and a copied folder has new ones.
 *
 * @param id     [runs] of the experiment
 * @param ended  runs that have ended
 */
dg_result_age dg_result_told(const char *directory, const dg_experiment *experiment,
                             const dg_fingerprint *id, size_t ended);

/**
 * Write results.nc and provenance.json, each in one step. Runs that are missing stay `planned`.
 *
 * @return DG_OK; DG_ERR_IO: a batch is damaged, or the disk is full: nothing has changed
 */
DG_MUST_CHECK dg_status dg_assemble(const dg_session *session);

#endif
