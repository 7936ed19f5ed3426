/** Repairing damaged files of a result directory. */
#ifndef DG_SESSION_REPAIR_H
#define DG_SESSION_REPAIR_H

#include "host/directory/session.h"

/** Is a file damaged, or is there an ended run that only a checkpoint holds? */
bool dg_session_needs_repair(const dg_session *session);

/**
 * Copy intact ended runs of damaged batches and of checkpoints into new batches; append .damaged to
 * the names of damaged files.
 *
 * @param options  log and user are used
 * @param changed  set to true if files have changed: the inventory must be read again
 */
DG_MUST_CHECK dg_status dg_session_repair(dg_session *session, const dg_options *options,
                                          bool *changed);

#endif
