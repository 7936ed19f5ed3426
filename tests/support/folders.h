/** Result directories for tests: made by runs, inspected, damaged. */
#ifndef DG_TEST_FOLDERS_H
#define DG_TEST_FOLDERS_H

#include "host/directory/archive.h"
#include "host/backends/devices.h"
#include "records.h"

#include <stdbool.h>
#include <stddef.h>

/** "directory/name"; valid until the eighth call after it. */
const char *folder_path(const char *directory, const char *name);

/** Names in a folder of a directory, hidden ones left out; 0 if there is no such folder. */
size_t folder_count(const char *directory, const char *folder);

/** Path of the k-th of them, sorted by name, valid like folder_path(); fails if there are fewer. */
const char *folder_file(const char *directory, const char *folder, size_t k);

/** A whole file, to be freed; fails the test if it cannot be read. */
char *file_bytes(const char *path, size_t *length);

/** Write a file of these bytes; an existing one is overwritten in place. */
void file_put(const char *path, const char *bytes, size_t length);

/** Flip one bit of a byte of a file; `at` < 0 counts from its end. */
void file_flip(const char *path, long at, int bit);

/** Rewrite an archive with the first `from` in each section replaced, with right checksums. */
void archive_change(const char *path, dg_archive_kind kind, const char *from, const char *to);

/** Run an experiment into a directory on these devices (NULL: the CPU). */
dg_status folder_run(const char *directory, const char *yaml, const dg_options *options,
                     const dg_devices *devices, dg_outcome *outcome);

/** Run an experiment into a new directory on the CPU without any interruption. */
char *folder_unbroken(const char *yaml);

/** Path of results.nc in a directory, valid like folder_path(). */
const char *folder_result(const char *directory);

/** Lines of a log, one after the other. */
typedef struct collected_log {
    int lines;
    char text[8192];
} collected_log;

/** A function for dg_options.log and other callbacks; `user` is a collected_log. */
void collect_log(void *user, const char *line);

#endif
