/** Removing files of a result directory. */
#ifndef DG_SESSION_CLEAR_H
#define DG_SESSION_CLEAR_H

#include "host/base/error.h"

/** Remove all files of a sweep, the manifest last; other files of the directory are left alone. */
DG_MUST_CHECK dg_status dg_session_remove_all(const char *directory);

/** Remove incomplete files (.part) of killed calls. The caller must hold the lock of all shards. */
DG_MUST_CHECK dg_status dg_session_remove_parts(const char *directory);

#endif
