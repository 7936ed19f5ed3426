/** Which paths and files are those of this program in a result directory. */
#ifndef DG_OWN_FILES_H
#define DG_OWN_FILES_H

#include "host/base/error.h"

/** Where a file lies, or would lie. */
typedef enum dg_place {
    DG_PLACE_ELSEWHERE,
    DG_PLACE_INSIDE, /* in the directory itself, under a name that is not of the data */
    DG_PLACE_FOLDER, /* the directory itself, a folder above it, or the name of a folder in it */
    DG_PLACE_OWN     /* a name of the data of this result directory, or of another */
} dg_place;

/**
 * Where is this path, seen from a result directory? Names of the data are all in batches and checkpoints, and
 * those that the program gives in the directory, but not those of logs. Links are followed; neither path need
 * exist. DG_OK, or DG_ERR_IO: links lead in a circle, there is no memory.
 */
DG_MUST_CHECK dg_status dg_place_of(dg_place *out, const char *directory, const char *path);

#endif
