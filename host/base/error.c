/** The last error message of each thread, and the text of every status. */
#include "host/base/error.h"

#include "host/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static _Thread_local char last_error[1024];
static _Thread_local int last_reason;

dg_status(dg_fail)(dg_status status, const char *format, ...)
{
    char text[4 * sizeof last_error]; /* longer: it is cut between characters */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dg_printable(last_error, sizeof last_error, text);
    last_reason = 0;
    return status;
}

dg_status dg_status_of_errno(int reason)
{
    return reason == EMFILE || reason == ENFILE || reason == ENOMEM ? DG_ERR_MEMORY : DG_ERR_IO;
}

const char *dg_errno_text(int reason)
{
    if (reason == EMFILE) return "Too many open files (ulimit -n)";
    if (reason == EFBIG)
        return "File too large (ulimit -f, or the most that the file system holds)";
    return strerror(reason);
}

const char *dg_limit_on_processes(void)
{
    struct rlimit limit;
    const bool of_user =
        getuid() != 0 && getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return of_user ? "ulimit -u, or pids.max of the control group"
                   : "pids.max of the control group, or kernel.threads-max";
}

dg_status dg_fail_errno(const char *path, const char *what)
{
    const int reason = errno;
    const dg_status status =
        dg_fail(dg_status_of_errno(reason), "%s: %s: %s", path, what, dg_errno_text(reason));
    last_reason = reason;
    return status;
}

int dg_error_reason(void)
{
    return last_reason;
}

const char *dg_error(void)
{
    return last_error;
}

const char *dg_status_text(dg_status status)
{
    switch (status) {
#define DG_STATUS_CASE(code, text)                                                                 \
    case code: return text;
        DG_STATUS_LIST(DG_STATUS_CASE)
#undef DG_STATUS_CASE
    }
    return "unknown status";
}
