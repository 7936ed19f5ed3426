/** Opening a result directory for a call: lock, compare, mend, list what is left. */
#ifndef DG_SESSION_OPEN_H
#define DG_SESSION_OPEN_H

#include "host/directory/session.h"

/**
 * Open a directory, made if absent: lock it, compare its manifest, list what it holds, put aside what is
 * damaged.
 *
 * @param options  overwrite, shard, mixed_builds, log
 * @return DG_OK; DG_ERR_ARGUMENT: it holds another configuration (the keys are named); DG_ERR_IO: locked,
 *         or files fail; DG_ERR_UNSUPPORTED: made by another model version; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_session_open(dg_session **out, const dg_experiment *experiment,
                                        const char *directory, const dg_options *options);

#endif
