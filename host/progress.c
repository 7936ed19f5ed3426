/** Terminal line and log file of a run; called by command_run.c and, while it runs, by the engine. */
#include "host/progress.h"

#include "host/command.h"
#include "host/error.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* the log hears of every tenth part, and at least once a minute */
#define LOG_PARTS   10
#define LOG_SECONDS 60.0

struct dg_monitor {
    pthread_mutex_t lock;
    const char *directory; /* borrowed */
    FILE *log;             /* NULL until the directory exists */
    char *begin;           /* start line */
    bool begun;            /* it was printed */
    bool terminal;         /* stderr is one, and may be written to */
    bool quiet;            /* stderr is left to errors */
    int64_t log_part;      /* tenths already logged */
    double log_seconds;
};

/* ---- log file ------------------------------------------------------------------------------- */

static void write_log(dg_monitor *monitor, const char *line)
{
    char date[32];
    struct tm local;
    const time_t now = time(NULL);
    if (monitor->log == NULL) return;
    if (localtime_r(&now, &local) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S%z", &local) == 0) {
        date[0] = '\0';
    }
    fprintf(monitor->log, "%s %s\n", date, line);
    fflush(monitor->log);
}

/* run.log waits for the directory, which the library makes once everything has been checked */
static void try_log(dg_monitor *monitor)
{
    struct stat info;
    char *path = NULL;
    size_t size = 0;
    if (monitor->log != NULL || stat(monitor->directory, &info) != 0) return;
    FILE *stream = open_memstream(&path, &size);
    if (stream == NULL) return;
    fprintf(stream, "%s/run.log", monitor->directory);
    if (fclose(stream) == 0) monitor->log = fopen(path, "ae");
    free(path);
    if (monitor->begin != NULL) write_log(monitor, monitor->begin);
}

/* the start is announced by the first sign of life: what is refused before it prints one line only */
static void announce(dg_monitor *monitor)
{
    if (!monitor->begun && !monitor->quiet && monitor->begin != NULL) {
        fprintf(stderr, "digico: %s\n", monitor->begin);
    }
    monitor->begun = true;
    try_log(monitor);
}

/* ---- one line of progress ------------------------------------------------------------------- */

static const char *clock_text(double seconds, char *text, size_t size)
{
    const long long s = seconds > 0.0 ? (long long)(seconds + 0.5) : 0;
    if (s >= 3600) {
        snprintf(text, size, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(text, size, "%lld:%02lld", s / 60, s % 60);
    }
    return text;
}

static double share_done(const dg_progress *p)
{
    if (p->agent_steps_planned <= 0) return 0.0;
    return (double)p->agent_steps_done / (double)p->agent_steps_planned;
}

static void format_progress(const dg_progress *p, char *text, size_t size)
{
    char rate[32];
    char elapsed[32];
    char left[32] = "?";
    const double share = share_done(p);
    const double per_second = dg_progress_rate(p);
    if (per_second > 0.0)
        clock_text((double)(p->agent_steps_planned - p->agent_steps_done) / per_second, left,
                   sizeof left);
    snprintf(text, size, "%5.1f %%  %zu/%zu runs  %s agent-steps/s  %s elapsed, %s left",
             100.0 * share, p->runs_done, p->runs_planned,
             dg_command_si(per_second, rate, sizeof rate),
             clock_text(p->seconds, elapsed, sizeof elapsed), left);
}

static bool log_is_due(dg_monitor *monitor, const dg_progress *p)
{
    const int64_t part = (int64_t)(share_done(p) * LOG_PARTS);
    if (part <= monitor->log_part && p->seconds - monitor->log_seconds < LOG_SECONDS) return false;
    monitor->log_part = part;
    monitor->log_seconds = p->seconds;
    return true;
}

void dg_monitor_progress(void *user, const dg_progress *progress)
{
    dg_monitor *monitor = user;
    char line[160];
    format_progress(progress, line, sizeof line);
    pthread_mutex_lock(&monitor->lock);
    announce(monitor);
    if (log_is_due(monitor, progress)) write_log(monitor, line);
    if (monitor->terminal) fprintf(stderr, "\r%.78s\033[K", line);
    pthread_mutex_unlock(&monitor->lock);
}

void dg_monitor_log(void *user, const char *line)
{
    dg_monitor *monitor = user;
    pthread_mutex_lock(&monitor->lock);
    announce(monitor);
    write_log(monitor, line);
    pthread_mutex_unlock(&monitor->lock);
}

/* ---- begin and end -------------------------------------------------------------------------- */

dg_status dg_monitor_open(dg_monitor **out, const char *directory, const char *log, bool quiet)
{
    dg_monitor *monitor = calloc(1, sizeof *monitor);
    if (monitor == NULL) return dg_fail(DG_ERR_MEMORY, "out of memory");
    if (log != NULL) {
        monitor->log = fopen(log, "ae");
        if (monitor->log == NULL) {
            free(monitor);
            return dg_fail(DG_ERR_IO, "%s: cannot append to the log: %s", log, strerror(errno));
        }
    }
    pthread_mutex_init(&monitor->lock, NULL);
    monitor->directory = directory;
    monitor->quiet = quiet;
    monitor->terminal = !quiet && isatty(STDERR_FILENO);
    *out = monitor;
    return DG_OK;
}

void dg_monitor_begin(dg_monitor *monitor, const char *line)
{
    monitor->begin = strdup(line);
    if (monitor->log != NULL) write_log(monitor, line);
}

void dg_monitor_end(dg_monitor *monitor, const char *line, bool done)
{
    pthread_mutex_lock(&monitor->lock);
    if (done) announce(monitor);
    write_log(monitor, line);
    if (monitor->terminal && monitor->begun) fputs("\r\033[K", stderr);
    if (!monitor->quiet && done) fprintf(stderr, "digico: %s\n", line);
    pthread_mutex_unlock(&monitor->lock);
}

void dg_monitor_close(dg_monitor **monitor)
{
    if (*monitor == NULL) return;
    if ((*monitor)->log != NULL) fclose((*monitor)->log);
    pthread_mutex_destroy(&(*monitor)->lock);
    free((*monitor)->begin);
    free(*monitor);
    *monitor = NULL;
}
