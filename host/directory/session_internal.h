/**
 * What the session_*.c files share; session.c has the functions. session_open.c opens, session_manifest.c
 * compares with what the directory is for, session_repair.c mends, session_clear.c removes.
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

#endif
