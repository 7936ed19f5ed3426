/** Comparing an experiment with the manifest and contents of a result directory. */
#ifndef DG_SESSION_MANIFEST_H
#define DG_SESSION_MANIFEST_H

#include "host/directory/session.h"

/**
 * Would dg_session_open() accept this experiment? Only reads, and locks nothing. A directory that
 * does not exist counts as empty.
 *
 * @param options  mixed_builds, warn and log are used
 * @return as dg_session_open()
 */
DG_MUST_CHECK dg_status dg_session_check(const dg_experiment *experiment, const char *directory,
                                         const dg_options *options);

/** The same without --mixed-builds, and, *mixed, where that is refused, with it. */
DG_MUST_CHECK dg_status dg_session_check_mixed(const dg_experiment *experiment,
                                               const char *directory, bool *mixed);

/**
 * DG_ERR_ARGUMENT if a call would replace a file of unknown origin: results.nc without manifest and batches, unless
 * it is to be overwritten, or what dg_own_files_check() finds.
 */
DG_MUST_CHECK dg_status dg_session_check_foreign(const char *directory, bool overwrite);

/** Has the directory no runs (in batches or checkpoints) and no result? */
bool dg_session_is_empty(const dg_session *session);

/**
 * Compare the experiment with the manifest; write the manifest if it is missing, damaged or to be
 * replaced.
 *
 * @param options  mixed_builds, warn and log are used
 */
DG_MUST_CHECK dg_status dg_session_update_manifest(dg_session *session, const dg_options *options);

#endif
