/** Lines with dates in a log file of `digico run`, which may be anything that is written to. */
#ifndef DG_LOG_FILE_H
#define DG_LOG_FILE_H

#include "host/base/error.h"

#include <stdbool.h>

typedef struct dg_log_file {
    int file;                 /* -1: none */
    char *path;               /* for messages; NULL: no memory for it */
    const volatile int *stop; /* borrowed; once not 0, no line waits for a reader */
    bool failed;              /* it was said that a line could not be written */
} dg_log_file;

/** Open the log that the user named, also a device. A FIFO that nobody reads is refused. */
DG_MUST_CHECK dg_status dg_log_open(dg_log_file *log, const char *path);

/** Open run.log in a result directory, a regular file; without it there is no log. */
void dg_log_try(dg_log_file *log, const char *path);

/** Append the time and a line; the first that cannot be written is told on stderr, once. */
void dg_log_write(dg_log_file *log, const char *line);

void dg_log_close(dg_log_file *log);

#endif
