/**
 * Opening files. Every file that the library opens in a result directory is opened here: what is
 * found under the name may be anything, such as a FIFO, a device or a link that leads elsewhere.
 */
#ifndef DG_FILE_OPEN_H
#define DG_FILE_OPEN_H

#include "host/base/error.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/**
 * Open a regular file; never waits, as open() does for a FIFO.
 *
 * @param file   receives the descriptor, closed on exec
 * @param flags  of open(2); O_CREAT creates with mode 0666
 * @return DG_OK; DG_ERR_IO: it cannot be opened, or is something else than a regular file
 */
DG_MUST_CHECK dg_status dg_file_open(int *file, const char *path, int flags);

/** As dg_file_open(), for a file that may be missing: -1, without a message. */
int dg_file_try(const char *path, int flags);

/** Are these one file, maybe under two names? */
bool dg_file_is_same(const struct stat *a, const struct stat *b);

/**
 * DG_OK if the file can be opened, does not exist or is no regular file. Else DG_ERR_IO: a file that
 * cannot be opened now (no permission, no free descriptor) may be intact, so it must not be treated as
 * damaged or missing.
 */
DG_MUST_CHECK dg_status dg_file_check_opens(const char *path);

/**
 * Create a new file for writing. What has this name is removed before, never written into: it may
 * be a link to another file.
 */
DG_MUST_CHECK dg_status dg_file_create(int *file, const char *path, mode_t mode);

/** Is there something under this name that is no regular file? Links are followed. */
bool dg_file_is_odd(const char *path);

#endif
