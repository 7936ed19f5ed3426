/**
 * Functions shared by the session_*.c files, defined in session.c. session_open.c opens a
 * directory, session_manifest.c compares the experiment with the manifest, session_repair.c repairs
 * damage, session_clear.c removes files.
 */
#ifndef DG_SESSION_INTERNAL_H
#define DG_SESSION_INTERNAL_H

#include "host/directory/session.h"

/** Appended to the name of a damaged file, which is kept for inspection. */
#define DG_DAMAGED ".damaged"

/** DG_ERR_MEMORY. Inline, so that the static analyser knows in every file that it is an error. */
DG_MUST_CHECK static inline dg_status dg_session_no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for the contents of a result directory");
}

/** Hand one line to options->log, or to dg_session_warner(), if it is set. */
void dg_session_log(const dg_options *options, const char *line);
void dg_session_warn(const dg_options *options, const char *line);

/** Sorted fingerprints of all runs, freed by the caller; NULL: no memory. */
dg_fingerprint *dg_session_sorted_ids(const dg_session *session);

/** Read the inventory; the arguments are those of dg_inventory_request. */
DG_MUST_CHECK dg_status dg_session_read_inventory(dg_session *session, const dg_fingerprint *check,
                                                  size_t check_count,
                                                  void (*report)(void *user, const char *line),
                                                  void *user);

#endif
