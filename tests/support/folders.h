/** Makes, inspects and damages result directories. */
#ifndef DG_TEST_FOLDERS_H
#define DG_TEST_FOLDERS_H

#include "host/archive/archive.h"
#include "host/backends/devices.h"
#include "records.h"

#include <stdbool.h>
#include <stddef.h>

/** "directory/name"; valid for seven more calls. */
const char *folder_path(const char *directory, const char *name);

/** Number of names in a folder of a directory, without hidden ones; 0 if there is no folder. */
size_t folder_count(const char *directory, const char *folder);

/** Path of the k-th of them, sorted; fails the test if there are fewer. Valid as folder_path(). */
const char *folder_file(const char *directory, const char *folder, size_t k);

/** Contents of a file, which the caller frees; fails the test if it cannot be read. */
char *file_bytes(const char *path, size_t *length);

/** Write these bytes to a file; an existing file keeps its inode. */
void file_put(const char *path, const char *bytes, size_t length);

/** Invert bit `bit` of byte `at` of a file; `at` < 0 counts from its end. */
void file_flip(const char *path, long at, int bit);

/** Replace the first `from` in each section of an archive by `to`, with correct checksums. */
void archive_change(const char *path, dg_archive_kind kind, const char *from, const char *to);

/** Let an archive be of another version of the model and of the format, with a correct header. */
void archive_of_version(const char *path, uint32_t model, uint32_t format);

/** Run an experiment in a directory, on these devices (NULL: the CPU). */
dg_status folder_run(const char *directory, const char *yaml, const dg_options *options,
                     const dg_devices *devices, dg_outcome *outcome);

/** Run an experiment in a new directory, on the CPU, without interruption; returns its path. */
char *folder_unbroken(const char *yaml);

/** Path of results.nc in a directory; valid as folder_path(). */
const char *folder_result(const char *directory);

/** Log lines, each followed by a line feed. */
typedef struct collected_log {
    int lines;
    char text[8192];
} collected_log;

/** Appends a log line, for dg_options.log and similar callbacks; `user` is a collected_log. */
void collect_log(void *user, const char *line);

#endif
