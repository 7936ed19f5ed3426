/** The log file of `digico run`; see log_file.h. */
#include "host/cli/log_file.h"

#include "host/base/file_open.h"
#include "host/base/utf8.h"
#include "host/cli/command.h"
#include "host/cli/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

dg_status dg_log_open(dg_log_file *log, const char *path)
{
    struct stat info;
    /* O_NONBLOCK stays: the outlet waits for no reader */
    log->outlet.file =
        open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (log->outlet.file >= 0) {
        log->path = strdup(path);
        return DG_OK;
    }
    if (errno == ENXIO && stat(path, &info) == 0 && S_ISFIFO(info.st_mode))
        return dg_fail(DG_ERR_IO, "%s: cannot append to the log: a FIFO that nobody reads", path);
    return dg_fail_errno(path, "cannot append to the log");
}

void dg_log_try(dg_log_file *log, const char *path)
{
    log->outlet.file = dg_file_try(path, O_WRONLY | O_APPEND | O_CREAT);
    if (log->outlet.file >= 0) log->path = strdup(path);
}

static void note_failure(dg_log_file *log)
{
    if (log->failed) return;
    log->failed = true;
    dg_command_say("%s: cannot append to the log: %s", log->path != NULL ? log->path : "--log",
                   errno == EAGAIN ? "nobody reads it" : dg_errno_text(errno));
}

void dg_log_write(dg_log_file *log, const char *line)
{
    char date[32] = "", shown[12288], text[sizeof date + sizeof shown + 2];
    struct tm local;
    const time_t now = time(NULL);
    if (log->outlet.file < 0) return;
    if (localtime_r(&now, &local) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S%z", &local) == 0)
        date[0] = '\0';
    const int length =
        snprintf(text, sizeof text, "%s %s\n", date, dg_printable(shown, sizeof shown, line));
    if (!dg_outlet_put(&log->outlet, text, (size_t)length)) note_failure(log);
}

void dg_log_flush(dg_log_file *log)
{
    if (!dg_outlet_flush(&log->outlet)) note_failure(log);
}

void dg_log_close(dg_log_file *log)
{
    if (!dg_outlet_drain(&log->outlet, dg_stop_flag())) note_failure(log);
    if (log->outlet.file >= 0) close(log->outlet.file);
    free(log->outlet.kept);
    free(log->path);
    *log = (dg_log_file){.outlet.file = -1};
}
