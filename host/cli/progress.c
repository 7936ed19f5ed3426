/** Progress bar and log file of `digico run`; called by command_run.c and by the engine. */
#include "host/cli/progress.h"

#include "host/base/files.h"
#include "host/base/rate.h"
#include "host/base/progress_line.h"
#include "host/cli/command.h"
#include "host/cli/log_file.h"
#include "host/cli/outlet.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* the log gets a line after each tenth of the work, and at least once a minute */
#define LOG_PARTS   10
#define LOG_SECONDS 60.0

/* used if the width of the terminal is unknown */
#define COLUMNS 80

struct dg_monitor {
    pthread_mutex_t lock;
    const char *directory; /* borrowed */
    dg_shard shard;
    dg_log_file log; /* none until the directory exists */
    char *start_line;
    bool started;       /* the start line was printed */
    bool terminal;      /* draw a bar: stderr is a terminal that can redraw a line, and not quiet */
    bool quiet;         /* print only errors and warnings on stderr */
    int64_t log_part;   /* number of tenths already logged */
    double log_seconds; /* dg_progress.seconds of the last log line */
    dg_rate recent;
};

/* ---- start --------------------------------------------------------------------------------- */

/** Path of the log in the directory, freed by the caller; NULL: no memory. */
static char *default_log(const char *directory, dg_shard shard)
{
    return shard.count > 0 ? dg_text("%s/run-%d-of-%d.log", directory, shard.index, shard.count)
                           : dg_text("%s/run.log", directory);
}

/** Open the log once the directory exists; the library creates it after checking all options. */
static void try_log(dg_monitor *monitor)
{
    if (monitor->log.outlet.file >= 0 || !dg_file_exists(monitor->directory)) return;
    char *path = default_log(monitor->directory, monitor->shard);
    if (path != NULL) dg_log_try(&monitor->log, path);
    free(path);
    if (monitor->start_line != NULL) dg_log_write(&monitor->log, monitor->start_line);
}

/**
 * Print the start line with the first event. A call that is refused before that prints only its
 * error.
 */
static void print_start(dg_monitor *monitor)
{
    if (!monitor->started && !monitor->quiet && monitor->start_line != NULL) {
        dg_command_say("%s", monitor->start_line);
    }
    monitor->started = true;
    try_log(monitor);
}

/* ---- progress -------------------------------------------------------------------------------- */

static bool log_is_due(dg_monitor *monitor, const dg_progress *p)
{
    const int64_t part = (int64_t)(dg_progress_share(p) * LOG_PARTS);
    if (part <= monitor->log_part && p->seconds - monitor->log_seconds < LOG_SECONDS) return false;
    monitor->log_part = part;
    monitor->log_seconds = p->seconds;
    return true;
}

/** Width of the terminal; read each time, because the window may change. */
static int terminal_columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return COLUMNS;
    return size.ws_col;
}

/** Overwrite the previous line in one write, then clear the rest of the line: avoids flicker. */
static void draw(const dg_progress *progress, double rate)
{
    char line[DG_PROGRESS_LINE_BYTES], text[sizeof line + 8];
    const int length = snprintf(text, sizeof text, "\r%s\033[K",
                                dg_progress_line(progress, rate, terminal_columns(), line));
    dg_outlet_offer(dg_outlet_stderr(), text, (size_t)length);
}

/** Clear the bar, so that a message has the line for itself. */
static void clear_line(void)
{
    static const char text[] = "\r\033[K";
    (void)dg_outlet_put(dg_outlet_stderr(), text, sizeof text - 1);
}

void dg_monitor_progress(void *user, const dg_progress *progress)
{
    dg_monitor *monitor = user;
    char line[DG_PROGRESS_LINE_BYTES];
    pthread_mutex_lock(&monitor->lock);
    print_start(monitor);
    dg_rate_note(&monitor->recent, progress);
    const double rate = dg_rate_now(&monitor->recent, progress);
    if (log_is_due(monitor, progress))
        dg_log_write(&monitor->log, dg_progress_text(progress, rate, line, sizeof line));
    if (monitor->terminal) draw(progress, rate);
    (void)dg_outlet_flush(dg_outlet_stderr()); /* what readers did not take before */
    dg_log_flush(&monitor->log);
    pthread_mutex_unlock(&monitor->lock);
}

void dg_monitor_log(void *user, const char *line)
{
    dg_monitor *monitor = user;
    pthread_mutex_lock(&monitor->lock);
    print_start(monitor);
    dg_log_write(&monitor->log, line);
    pthread_mutex_unlock(&monitor->lock);
}

void dg_monitor_warn(void *user, const char *line)
{
    dg_monitor *monitor = user;
    pthread_mutex_lock(&monitor->lock);
    print_start(monitor);
    dg_log_write(&monitor->log, line);
    if (monitor->terminal) clear_line();
    dg_command_say("%s", line); /* also if quiet: what is read or computed is not as expected */
    pthread_mutex_unlock(&monitor->lock);
}

/* ---- begin and end --------------------------------------------------------------------------- */

/** Is stderr a terminal that can return to the start of a line and clear it? */
static bool can_redraw(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

static dg_status open_log(dg_log_file *log, const char *directory, dg_shard shard,
                          const char *named)
{
    if (named != NULL) return dg_log_open(log, named, directory);
    char *path = default_log(directory, shard);
    const dg_status status =
        path != NULL ? dg_log_check(path) : dg_fail(DG_ERR_MEMORY, "out of memory");
    free(path);
    return status;
}

dg_status dg_monitor_open(dg_monitor **out, const char *directory, dg_shard shard, const char *log,
                          bool quiet)
{
    dg_monitor *monitor = calloc(1, sizeof *monitor);
    if (monitor == NULL) return dg_fail(DG_ERR_MEMORY, "out of memory");
    monitor->log = (dg_log_file){.outlet.file = -1};
    const dg_status status = open_log(&monitor->log, directory, shard, log);
    if (status != DG_OK) {
        dg_log_close(&monitor->log);
        free(monitor);
        return status;
    }
    pthread_mutex_init(&monitor->lock, NULL);
    monitor->directory = directory;
    monitor->shard = shard;
    monitor->quiet = quiet;
    monitor->terminal = !quiet && can_redraw();
    *out = monitor;
    return DG_OK;
}

void dg_monitor_begin(dg_monitor *monitor, const char *line)
{
    monitor->start_line = strdup(line);
    dg_log_write(&monitor->log, line);
}

void dg_monitor_end(dg_monitor *monitor, const char *line, bool done)
{
    pthread_mutex_lock(&monitor->lock);
    if (done) print_start(monitor);
    dg_log_write(&monitor->log, line);
    if (monitor->terminal && monitor->started) clear_line();
    if (!monitor->quiet && done) dg_command_say("%s", line);
    pthread_mutex_unlock(&monitor->lock);
}

void dg_monitor_refused(const dg_monitor *monitor)
{
    if (!monitor->started) dg_log_undo(&monitor->log);
}

void dg_monitor_close(dg_monitor **monitor)
{
    if (*monitor == NULL) return;
    dg_log_close(&(*monitor)->log);
    pthread_mutex_destroy(&(*monitor)->lock);
    free((*monitor)->start_line);
    free(*monitor);
    *monitor = NULL;
}
