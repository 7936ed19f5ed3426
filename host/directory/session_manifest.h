/** Is a result directory of this experiment? */
#ifndef DG_SESSION_MANIFEST_H
#define DG_SESSION_MANIFEST_H

#include "host/directory/session.h"

/**
 * Would a session of this experiment be let in? Reads alone, locks nothing; a directory that is not there
 * is as good as an empty one.
 *
 * @param options  mixed_builds
 * @return as dg_session_open()
 */
DG_MUST_CHECK dg_status dg_session_check(const dg_experiment *experiment, const char *directory,
                                         const dg_options *options);

/** Refuse a result of an unknown maker. */
DG_MUST_CHECK dg_status dg_session_check_foreign(const char *directory);

/** Was nothing computed there that another experiment could disturb? */
bool dg_session_is_empty(const dg_session *session);

/** Compare with the manifest, `sorted` being all runs' fingerprints in order; write it where it has to be. */
DG_MUST_CHECK dg_status dg_session_adopt(dg_session *session, const dg_fingerprint *sorted,
                                         const dg_options *options);

#endif
