/** Opening a session. */
#ifndef DG_SESSION_OPEN_H
#define DG_SESSION_OPEN_H

#include "host/directory/session.h"

/**
 * Open a result directory, which is created if missing: lock it, compare its manifest with the
 * experiment, read the inventory, repair damage and list the unfinished runs.
 *
 * @param out         receives the session; the caller frees it with dg_session_close()
 * @param experiment  borrowed until then
 * @param options     overwrite, shard, shards, mixed_builds, log and user are used
 * @return DG_OK; DG_ERR_ARGUMENT: the directory holds another configuration (dg_error() names the
 *         keys) or is of another build or model version; DG_ERR_IO: another process holds the lock,
 *         or a file cannot be read or written; DG_ERR_UNSUPPORTED: of another version of the file
 *         format; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_session_open(dg_session **out, const dg_experiment *experiment,
                                        const char *directory, const dg_options *options);

#endif
