/**
 * What the session_*.c files share: session.c opens and closes, session_manifest.c compares with what the
 * directory is for, session_repair.c mends, session_clear.c removes.
 */
#ifndef DG_SESSION_INTERNAL_H
#define DG_SESSION_INTERNAL_H

#include "host/directory/session.h"

/** Appended to a file that is put aside. */
#define DG_DAMAGED ".damaged"

/** DG_ERR_MEMORY; here, where the analyser of every file sees that it is no success. */
DG_MUST_CHECK static inline dg_status dg_session_no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for what a result directory holds");
}

/** One line to the caller's log, if it has one. */
void dg_session_say(const dg_options *options, const char *line);

/** Fingerprints of all runs in order, freed by the caller; NULL without memory. */
dg_fingerprint *dg_session_sorted_ids(const dg_session *session);

/** Make the inventory anew; the arguments are those of dg_inventory_request. */
DG_MUST_CHECK dg_status dg_session_look_at(dg_session *session, const dg_fingerprint *own,
                                           size_t owned, void (*tell)(void *user, const char *line),
                                           void *user);

/* ---- session_clear.c -------------------------------------------------------------------------- */

/** Remove everything of a sweep, what tells of it last. */
DG_MUST_CHECK dg_status dg_session_start_anew(const char *directory);

/** Remove what calls that were killed left half-written. Only for who holds the whole directory. */
DG_MUST_CHECK dg_status dg_session_remove_parts(const char *directory);

/* ---- session_manifest.c ----------------------------------------------------------------------- */

/** Refuse a result of an unknown maker. */
DG_MUST_CHECK dg_status dg_session_check_foreign(const char *directory);

/** Was nothing computed there that another experiment could disturb? */
bool dg_session_is_empty(const dg_session *session);

/** Compare with the manifest, `sorted` being all runs' fingerprints in order; write it where it has to be. */
DG_MUST_CHECK dg_status dg_session_adopt(dg_session *session, const dg_fingerprint *sorted,
                                         const dg_options *options);

/* ---- session_repair.c ------------------------------------------------------------------------- */

/** Is there anything to mend? */
bool dg_session_repair_is_due(const dg_session *session);

/** Mend; *changed: the inventory is of yesterday. */
DG_MUST_CHECK dg_status dg_session_repair(dg_session *session, const dg_options *options,
                                          bool *changed);

#endif
