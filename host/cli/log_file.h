/** Lines with dates in a log file of `digico run`, which may be anything that is written to. */
#ifndef DG_LOG_FILE_H
#define DG_LOG_FILE_H

#include "host/base/error.h"
#include "host/cli/outlet.h"

#include <stdbool.h>

typedef struct dg_log_file {
    dg_outlet outlet; /* .file -1: none */
    char *path;       /* for messages; NULL: no memory for it */
    bool failed;      /* it was said that a line could not be written */
    bool made;        /* by dg_log_open(): there was no such file */
} dg_log_file;

/**
 * Open the log that the user named, also a device. Refused is what would damage something: names of data of a
 * result directory, and a file that begins with something else than the date of a line; and what cannot be a
 * file, such as the directory itself. So is a FIFO that nobody reads.
 *
 * @param directory  of this call; if it does not exist, a log in it is left to dg_log_try()
 * @return DG_OK, DG_ERR_ARGUMENT (refused), DG_ERR_IO or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_log_open(dg_log_file *log, const char *path, const char *directory);

/** DG_ERR_ARGUMENT if dg_log_try() would append to something else than a log, as through a link. */
DG_MUST_CHECK dg_status dg_log_check(const char *path);

/** The call was refused: remove the file if dg_log_open() has made it. */
void dg_log_undo(const dg_log_file *log);

/**
 * Once the result directory is there, open the log that was named in it, or else its run.log, a regular file
 * without which there is no log. Does nothing if a log is open.
 *
 * @param path  of run.log, or of that of the shard
 */
void dg_log_try(dg_log_file *log, const char *path);

/**
 * Append the time and a line, without waiting for a reader; the first that cannot be written is told on
 * stderr, once.
 */
void dg_log_write(dg_log_file *log, const char *line);

/** Write what a reader did not take before, as far as it takes it now. */
void dg_log_flush(dg_log_file *log);

/** Wait for a reader until all is taken, or, once a stop was requested, for a second; close. */
void dg_log_close(dg_log_file *log);

#endif
