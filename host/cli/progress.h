/**
 * Output of `digico run`: a progress bar on a terminal, and lines with dates in a log file. If
 * stderr is no terminal that can redraw a line, one line at the start and one at the end. None of
 * them waits for who reads it (outlet.h) before the end.
 */
#ifndef DG_PROGRESS_H
#define DG_PROGRESS_H

#include "host/config/shard.h"

#include <stdbool.h>

typedef struct dg_monitor dg_monitor;

/**
 * Make a monitor; the caller frees it with dg_monitor_close().
 *
 * @param directory  result directory, borrowed; once it exists, log lines are appended to run.log
 *                   there, or to run-I-of-N.log for a shard
 * @param log        another log file to use instead, opened at once; NULL: none
 * @param quiet      print nothing on stderr
 * @return DG_OK, DG_ERR_ARGUMENT (a log would damage something), DG_ERR_IO (`log` cannot be opened) or
 *         DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_monitor_open(dg_monitor **out, const char *directory, dg_shard shard,
                                        const char *log, bool quiet);

/** Set the start line, which is printed with the first event of the call. */
void dg_monitor_begin(dg_monitor *monitor, const char *line);

/**
 * For dg_options.progress, log and warn, with the monitor as `user`; thread-safe. Only warnings are
 * printed on stderr, too.
 */
void dg_monitor_progress(void *user, const dg_progress *progress);
void dg_monitor_log(void *user, const char *line);
void dg_monitor_warn(void *user, const char *line);

/** Log the last line; print it too if `done`. After a failure the caller prints the error. */
void dg_monitor_end(dg_monitor *monitor, const char *line, bool done);

/** The call was refused: if it has not begun, remove a log that dg_monitor_open() has made. */
void dg_monitor_refused(const dg_monitor *monitor);

/** Write the rest of the log, close it, free the monitor and set *monitor to NULL; accepts NULL inside. */
void dg_monitor_close(dg_monitor **monitor);

#endif
