/**
 * Files and directories. A read or write handles all bytes or fails; every failure has a message of
 * one line that names the path.
 */
#ifndef DG_FILES_H
#define DG_FILES_H

#include "host/base/error.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

/** Format a text into new memory, which the caller frees; NULL if out of memory. */
char *dg_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Write `bytes` bytes to the descriptor `file`; `path` is for the message. */
DG_MUST_CHECK dg_status dg_file_write(int file, const char *path, const void *data, size_t bytes);

/** Read exactly `bytes` bytes from `offset`; DG_ERR_IO if the file is shorter. */
DG_MUST_CHECK dg_status dg_file_read(int file, const char *path, void *data, size_t bytes,
                                     int64_t offset);

/** Read a whole file into new memory, with a NUL after it; the caller frees *text. */
DG_MUST_CHECK dg_status dg_file_load(const char *path, char **text, size_t *length);

/** Compute the 64-bit XXH3 hash of a file and its length in bytes; reads it in chunks. */
DG_MUST_CHECK dg_status dg_file_hash(const char *path, uint64_t *hash, int64_t *bytes);

/** Rename a file and sync its directory, so that the new name survives a power failure. */
DG_MUST_CHECK dg_status dg_file_rename(const char *from, const char *to);

/**
 * Replace the contents of a file atomically: readers see the old text or the new one.
 *
 * @param sync  also sync to disk, so that the new text survives a power failure
 */
DG_MUST_CHECK dg_status dg_file_replace(const char *path, const char *text, bool sync);

/** The same of any bytes; `mode` as of open(2). */
DG_MUST_CHECK dg_status dg_file_replace_bytes(const char *path, const char *data, size_t length,
                                              mode_t mode, bool sync);

/**
 * Does a file or directory of this name exist? Also what cannot be looked at, as for want of permission or
 * in a loop of links: to open it fails, and tells why.
 */
bool dg_file_exists(const char *path);

/** Does a name, or any text, end so? */
bool dg_ends_in(const char *text, const char *ending);

/** Is there a file or directory of this name in a directory? */
bool dg_directory_has(const char *directory, const char *name);

/** DG_ERR_IO if this is no directory whose names can be read; DG_ERR_MEMORY: no descriptors. */
DG_MUST_CHECK dg_status dg_directory_check(const char *path);

/** Create a directory and its parents; an existing directory is no error. */
DG_MUST_CHECK dg_status dg_directory_make(const char *path);

/** A list of names; zero-initialise, free with dg_names_free(). */
typedef struct dg_names {
    char **name; /* [count] owned */
    size_t count;
} dg_names;

/** Append a copy of `name`; false if out of memory. */
bool dg_names_add(dg_names *names, const char *name);

/** Free the names and leave an empty list. */
void dg_names_free(dg_names *names);

/**
 * List the names in a directory that end in `suffix` and are longer than it, sorted. A directory
 * that does not exist gives an empty list.
 */
DG_MUST_CHECK dg_status dg_directory_list(dg_names *out, const char *path, const char *suffix);

#endif
