/** The log file of `digico run`; see log_file.h. */
#include "host/cli/log_file.h"

#include "host/base/file_open.h"
#include "host/base/utf8.h"
#include "host/cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* between two looks whether the call is to stop */
#define WAIT_MILLISECONDS 100

dg_status dg_log_open(dg_log_file *log, const char *path)
{
    struct stat info;
    /* O_NONBLOCK stays: who does not read keeps a stop from nothing */
    log->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (log->file >= 0) {
        log->path = strdup(path);
        return DG_OK;
    }
    if (errno == ENXIO && stat(path, &info) == 0 && S_ISFIFO(info.st_mode))
        return dg_fail(DG_ERR_IO, "%s: cannot append to the log: a FIFO that nobody reads", path);
    return dg_fail_errno(path, "cannot append to the log");
}

void dg_log_try(dg_log_file *log, const char *path)
{
    log->file = dg_file_try(path, O_WRONLY | O_APPEND | O_CREAT);
    if (log->file >= 0) log->path = strdup(path);
}

/** Wait until the log takes more; false: the call is to stop before. */
static bool wait_for_reader(const dg_log_file *log)
{
    struct pollfd one = {.fd = log->file, .events = POLLOUT};
    while (!*log->stop)
        if (poll(&one, 1, WAIT_MILLISECONDS) > 0) return true;
    errno = EAGAIN;
    return false;
}

static bool write_all(const dg_log_file *log, const char *text, size_t length)
{
    while (length > 0) {
        const ssize_t written = write(log->file, text, length);
        if (written < 0 && errno == EAGAIN && !wait_for_reader(log)) return false;
        if (written < 0 && errno != EAGAIN && errno != EINTR) return false;
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return true;
}

void dg_log_write(dg_log_file *log, const char *line)
{
    char date[32] = "", shown[12288], text[sizeof date + sizeof shown + 2];
    struct tm local;
    const time_t now = time(NULL);
    if (log->file < 0) return;
    if (localtime_r(&now, &local) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S%z", &local) == 0)
        date[0] = '\0';
    const int length =
        snprintf(text, sizeof text, "%s %s\n", date, dg_printable(shown, sizeof shown, line));
    if (write_all(log, text, (size_t)length) || log->failed) return;
    log->failed = true;
    dg_command_say("%s: cannot append to the log: %s", log->path != NULL ? log->path : "--log",
                   errno == EAGAIN ? "nobody reads it" : dg_errno_text(errno));
}

void dg_log_close(dg_log_file *log)
{
    if (log->file >= 0) close(log->file);
    free(log->path);
    *log = (dg_log_file){.file = -1};
}
