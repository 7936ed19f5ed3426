/** Result directories: made by runs, looked into, damaged. */
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

/** Path of the k-th of them by name; fails the test if there are fewer. Valid as folder_path()'s. */
const char *folder_file(const char *directory, const char *folder, size_t k);

/** A whole file, to be freed; fails the test if it cannot be read. */
char *file_bytes(const char *path, size_t *length);

/** Write a file of these bytes; an older one keeps its place on the disk. */
void file_put(const char *path, const char *bytes, size_t length);

/** Turn one bit of a byte of a file over; `at` < 0 counts from its end. */
void file_flip(const char *path, long at, int bit);

/** Write an archive anew with the first `from` in each of its sections replaced; checksums are right. */
void archive_change(const char *path, dg_archive_kind kind, const char *from, const char *to);

/** Run an experiment into a directory on these devices (NULL: the CPU). */
dg_status folder_run(const char *directory, const char *yaml, const dg_options *options,
                     const dg_devices *devices, dg_outcome *outcome);

/** Run an experiment into a new directory on the CPU without any interruption. */
char *folder_unbroken(const char *yaml);

/** Path of results.nc in a directory; valid as folder_path()'s. */
const char *folder_result(const char *directory);

/** Lines that were told, one after the other. */
typedef struct told {
    int lines;
    char text[8192];
} told;

/** For dg_options.log and the like; `user` is a told. */
void hear(void *user, const char *line);

#endif
