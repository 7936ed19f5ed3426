/**
 * Writing results.nc from the batches, run by run in the order of the experiment: its bytes do not
 * depend on how, where, in how many batches or with how many interruptions the runs were computed.
 */
#ifndef DG_ASSEMBLE_H
#define DG_ASSEMBLE_H

#include "host/directory/session.h"

/** Count the runs of the experiment by status; runs that are in no batch count as planned. */
dg_run_counts dg_assembled_count(const dg_session *session);

/**
 * Write results.nc and provenance.json, each atomically. Missing runs have the status `planned`. A
 * results.nc of another experiment is kept under another name (dg_owner_keep_other()).
 *
 * @param options  log, user and stop are used; may be NULL
 * @return DG_OK; DG_ERR_STOPPED: a stop was requested, both files are unchanged; DG_ERR_IO: a batch is damaged or the disk is full, both files are unchanged;
 *         DG_ERR_UNSUPPORTED: a batch has parts of another size than this build; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_assemble(const dg_session *session, const dg_options *options);

#endif
