/** Which paths and files are those of this program in a result directory. */
#ifndef DG_OWN_FILES_H
#define DG_OWN_FILES_H

#include "host/base/error.h"

/**
 * Files that a call writes in the directory itself: how their names begin and end. Half ones have .part after it,
 * maybe with more before. Without an end it is the whole name.
 */
#define DG_OWN_FILE_LIST(X)                                                                        \
    X(manifest, DG_MANIFEST_NAME, "")                                                              \
    X(provenance, DG_PROVENANCE_NAME, "")                                                          \
    X(remembered, DG_REMEMBERED_NAME, "")                                                          \
    X(status, "status", ".json")                                                                   \
    X(result, DG_RESULT_NAME, "")

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
 * exist. DG_OK, DG_ERR_IO (links lead in a circle) or DG_ERR_MEMORY.
 */
DG_MUST_CHECK dg_status dg_place_of(dg_place *out, const char *directory, const char *path);

/**
 * Before a call writes in a directory that holds no sweep yet: refuse it if a file there has a name that the call
 * would replace or remove, and is by its content not of this program. Damage in a sweep is not foreign.
 * results.nc is left to dg_session_check_foreign(), and logs to who appends to them. foreign.c
 *
 * @return DG_OK, DG_ERR_ARGUMENT (names the file), DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_own_files_check(const char *directory);

/**
 * Refuse a file of the user, such as the configuration, that is one of those which a call writes in the directory,
 * also by a link. DG_OK, DG_ERR_ARGUMENT or DG_ERR_MEMORY. foreign.c
 */
DG_MUST_CHECK dg_status dg_own_files_spare(const char *directory, const char *path);

#endif
