/**
 * How the program shows a run: a bar on a terminal, dated lines in a log file, and where stderr is no
 * terminal, or one that cannot go back in a line, one at the start and one at the end.
 */
#ifndef DG_PROGRESS_H
#define DG_PROGRESS_H

#include "host/config/shard.h"

#include <stdbool.h>

typedef struct dg_monitor dg_monitor;

/**
 * @param directory  of the result; its log is appended to once the directory exists: run.log, of a
 *                   shard run-I-of-N.log
 * @param log        another log file in place of it, opened at once; or NULL
 * @param quiet      nothing on stderr
 * @return DG_OK, DG_ERR_IO (`log` cannot be opened) or DG_ERR_MEMORY; closed by dg_monitor_close()
 */
DG_MUST_CHECK dg_status dg_monitor_open(dg_monitor **out, const char *directory, dg_shard shard,
                                        const char *log, bool quiet);

/** Keep what begins for the first sign of life: a call that is refused says nothing of it. */
void dg_monitor_begin(dg_monitor *monitor, const char *line);

/** dg_options.progress and dg_options.log, with the monitor as user. From any thread. */
void dg_monitor_progress(void *user, const dg_progress *progress);
void dg_monitor_log(void *user, const char *line);

/** Log how it ended, and say so unless the call failed (`done` false): the caller prints errors. */
void dg_monitor_end(dg_monitor *monitor, const char *line, bool done);

/** Close the log, free, set *monitor to NULL; accepts NULL inside. */
void dg_monitor_close(dg_monitor **monitor);

#endif
