/** The log file of `digico run`; see log_file.h. */
#include "host/cli/log_file.h"

#include "host/base/file_open.h"
#include "host/base/files.h"
#include "host/base/utf8.h"
#include "host/cli/command.h"
#include "host/cli/stop.h"
#include "host/directory/own_files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- opening --------------------------------------------------------------------------------- */

/** "2026-11-22T09:32:04+0000 ", with any digits; how dg_log_write() begins a line */
static bool begins_with_date(const char *text, size_t length)
{
    static const char date[] = "0000-00-00T00:00:00+0000 ";
    if (length < sizeof date - 1) return false;
    for (size_t k = 0; k < sizeof date - 1; k++) {
        const bool same = date[k] == '0'   ? isdigit((unsigned char)text[k])
                          : date[k] == '+' ? text[k] == '+' || text[k] == '-'
                                           : text[k] == date[k];
        if (!same) return false;
    }
    return true;
}

/**
 * stdout or stderr, which goes to this file, as with --log /dev/stdout: there it has other lines, too. -1: neither
 * does.
 */
static int output_of(const struct stat *info)
{
    for (int file = STDOUT_FILENO; file <= STDERR_FILENO; file++) {
        struct stat output;
        if (fstat(file, &output) == 0 && dg_file_is_same(&output, info)) return file;
    }
    return -1;
}

/**
 * A file that has something else in it than a log is refused: it may be a hard link to data, the data of anything else,
 * or a program.
 */
static dg_status check_content(bool *is_log, const char *path)
{
    char text[32];
    struct stat info;
    int file = -1;
    *is_log = true;
    if (stat(path, &info) != 0 || output_of(&info) >= 0) return DG_OK;
    if (!S_ISBLK(info.st_mode) && (!S_ISREG(info.st_mode) || info.st_size == 0)) return DG_OK;
    DG_TRY(dg_file_open(&file, path, O_RDONLY));
    const ssize_t length = pread(file, text, sizeof text, 0);
    close(file);
    if (length < 0) return dg_fail_errno(path, "cannot read the log");
    *is_log = begins_with_date(text, (size_t)length);
    return DG_OK;
}

dg_status dg_log_check(const char *path)
{
    bool is_log = true;
    if (check_content(&is_log, path) != DG_OK || is_log) return DG_OK; /* unreadable: no log */
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s: not a log, as it does not begin with the date of a line; move it away, or "
                   "name another log with --log",
                   path);
}

/** The same anew: whoever writes to a regular file, there is one place in it to write at. */
static int same_output(const char *path)
{
    struct stat info;
    const int output = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? output_of(&info) : -1;
    return output >= 0 ? fcntl(output, F_DUPFD_CLOEXEC, 0) : -1;
}

static dg_status open_log(dg_log_file *log, const char *path)
{
    /* O_NONBLOCK stays: the outlet waits for no reader */
    const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    struct stat info;
    log->outlet.file = same_output(path);
    if (log->outlet.file >= 0) return DG_OK;
    log->outlet.file = open(path, flags | O_EXCL, 0666);
    log->made = log->outlet.file >= 0;
    if (!log->made) log->outlet.file = open(path, flags, 0666);
    if (log->outlet.file >= 0) return DG_OK;
    if (errno == ENOENT || errno == ENOTDIR)
        return dg_fail(DG_ERR_ARGUMENT, "--log: %s: %s; expected a file in a folder that exists",
                       path, dg_errno_text(errno));
    if (errno == ENXIO && stat(path, &info) == 0 && S_ISFIFO(info.st_mode))
        return dg_fail(DG_ERR_IO, "%s: cannot append to the log: a FIFO that nobody reads", path);
    return dg_fail_errno(path, "cannot append to the log");
}

/** Can this only be the name of a folder, whether it exists or not? */
static bool is_folder(const char *path)
{
    struct stat info;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return strcmp(name, "") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           (stat(path, &info) == 0 && S_ISDIR(info.st_mode));
}

/** Refuse names that no log can have, or that the call needs itself. */
static dg_status check_name(dg_place *place, const char *path, const char *directory)
{
    DG_TRY(dg_place_of(place, directory, path));
    if (*place == DG_PLACE_FOLDER || is_folder(path))
        return dg_fail(DG_ERR_ARGUMENT,
                       "--log: %s: the name of a folder; expected a file, such as %s/run.log", path,
                       directory);
    if (*place != DG_PLACE_OWN) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "--log: %s: a name of the data in a result directory; expected another, such as "
                   "%s/run.log",
                   path, directory);
}

dg_status dg_log_open(dg_log_file *log, const char *path, const char *directory)
{
    bool is_log = true;
    dg_place place = DG_PLACE_ELSEWHERE;
    DG_TRY(check_name(&place, path, directory));
    DG_TRY(check_content(&is_log, path));
    if (!is_log)
        return dg_fail(DG_ERR_ARGUMENT,
                       "--log: %s: not a log, as it does not begin with the date of a line; "
                       "expected a log or a new file",
                       path);
    log->path = strdup(path);
    if (log->path == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the name of a log");
    return place == DG_PLACE_INSIDE && !dg_file_exists(directory) ? DG_OK : open_log(log, path);
}

static void note_failure(dg_log_file *log)
{
    if (log->failed) return;
    log->failed = true;
    dg_command_say("%s: cannot append to the log: %s", log->path != NULL ? log->path : "--log",
                   errno == EAGAIN ? "nobody reads it" : dg_errno_text(errno));
}

void dg_log_try(dg_log_file *log, const char *path)
{
    if (log->outlet.file >= 0 || log->failed) return;
    log->outlet.file =
        dg_file_try(log->path != NULL ? log->path : path, O_WRONLY | O_APPEND | O_CREAT);
    if (log->outlet.file < 0 && log->path != NULL) note_failure(log);
    if (log->outlet.file >= 0 && log->path == NULL) log->path = strdup(path);
}

void dg_log_undo(const dg_log_file *log)
{
    if (log->made) unlink(log->path);
}

/* ---- lines ----------------------------------------------------------------------------------- */

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
