/** Which names in a result directory are those of this program's data. */
#ifndef DG_OWN_FILES_H
#define DG_OWN_FILES_H

#include "host/base/error.h"

#include <stdbool.h>

/**
 * *out: is this the path of data of the result directory, so that nothing else may be written there?
 * Such are all paths in batches and checkpoints, and the names that the program itself gives in the
 * directory, but not those of logs. Links to what exists are followed; neither path need exist.
 */
DG_MUST_CHECK dg_status dg_directory_owns(bool *out, const char *directory, const char *path);

#endif
