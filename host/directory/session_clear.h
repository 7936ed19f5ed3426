/** Removing what a result directory holds. */
#ifndef DG_SESSION_CLEAR_H
#define DG_SESSION_CLEAR_H

#include "host/base/error.h"

/** Remove everything of a sweep, what tells of it last. */
DG_MUST_CHECK dg_status dg_session_start_anew(const char *directory);

/** Remove what calls that were killed left half-written. Only for who holds the whole directory. */
DG_MUST_CHECK dg_status dg_session_remove_parts(const char *directory);

#endif
