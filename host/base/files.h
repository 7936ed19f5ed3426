/** Files and directories: reads and writes that are whole or say why not, each in one line. */
#ifndef DG_FILES_H
#define DG_FILES_H

#include "host/base/error.h"

#include <errno.h>
#include <stdbool.h>

/** DG_ERR_IO with "path: what: why the system refused". */
DG_MUST_CHECK dg_status dg_fail_errno(const char *path, const char *what);

/** A text in memory of its own, freed by the caller; NULL without memory. */
char *dg_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Write all bytes; DG_ERR_IO names `path`. */
DG_MUST_CHECK dg_status dg_file_write(int file, const char *path, const void *data, size_t bytes);

/** Read exactly `bytes` from `offset` on; a shorter file is DG_ERR_IO. */
DG_MUST_CHECK dg_status dg_file_read(int file, const char *path, void *data, size_t bytes,
                                     int64_t offset);

/** A whole file in new memory with a NUL behind it, freed by the caller. */
DG_MUST_CHECK dg_status dg_file_load(const char *path, char **text, size_t *length);

/** XXH3 hash of a file and its length, read piece by piece. */
DG_MUST_CHECK dg_status dg_file_hash(const char *path, uint64_t *hash, int64_t *bytes);

/** Rename and have the directory know it after a power cut. */
DG_MUST_CHECK dg_status dg_file_rename(const char *from, const char *to);

/**
 * Put a text in the place of a file, whole or not at all.
 *
 * @param sync  it must outlast a power cut
 */
DG_MUST_CHECK dg_status dg_file_replace(const char *path, const char *text, bool sync);

/** Is there a file or directory of that name? */
bool dg_file_exists(const char *path);

/** Create a directory and those above it. */
DG_MUST_CHECK dg_status dg_directory_make(const char *path);

/** Names in a directory that end so and begin with more, sorted; none if there is no such directory. */
typedef struct dg_names {
    char **name; /* [count] */
    size_t count;
} dg_names;

/** Append a copy; false without memory. */
bool dg_names_add(dg_names *names, const char *name);

DG_MUST_CHECK dg_status dg_directory_list(dg_names *out, const char *path, const char *ending);
void dg_names_free(dg_names *names);

#endif
