/** Opening the result of a directory; see result.h. */
#include "host/directory/result.h"

#include "host/base/shell.h"
#include "host/directory/standing_read.h"

#include <stdlib.h>
#include <sys/stat.h>

/** DG_ERR_IO: there is neither a result nor a sweep. */
static dg_status fail_without_sweep(const char *directory)
{
    char *folder = dg_shell_path(directory);
    const dg_status status =
        dg_fail(DG_ERR_IO, "%s/" DG_RESULT_NAME ": no result; `digico run FILE -o %s` computes one",
                directory, folder ? folder : directory);
    free(folder);
    return status;
}

/** DG_ERR_IO: there is no result; if there is a sweep, with its progress and the next command. */
static dg_status fail_absent(const char *directory)
{
    dg_standing *sweep = NULL;
    const dg_status status = dg_standing_read(&sweep, directory, false);
    if (status != DG_OK) return fail_without_sweep(directory);
    const size_t ended = dg_sweep_ended(sweep), planned = sweep->experiment->runs;
    const bool some = ended > 0 && ended < planned && dg_sweep_active_calls(sweep) == 0;
    char *next = dg_sweep_next(sweep);
    const dg_status absent =
        dg_fail(DG_ERR_IO, "%s: no result yet: %zu of %zu runs have ended; %s%s", directory, ended,
                planned, next ? next : "",
                some ? "; `digico merge --partial` writes a result without the others" : "");
    free(next);
    dg_standing_free(&sweep);
    return absent;
}

dg_status dg_result_open(dg_results **out, const char *directory, bool trust)
{
    struct stat info;
    if (directory[0] == '\0') /* "%s/results.nc" would be a file of the root directory */
        return dg_fail(DG_ERR_ARGUMENT, "directory: expected a name, got an empty one");
    char *path = dg_text("%s/" DG_RESULT_NAME, directory);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory to open a result");
    const bool exists = stat(path, &info) == 0;
    const int reason = exists ? 0 : errno;
    free(path);
    if (exists)
        return trust ? dg_results_open_unchecked(out, directory) : dg_results_open(out, directory);
    if (reason == ENOENT) return fail_absent(directory);
    /* it may be there: the folder is another user's, or no folder */
    errno = reason;
    return dg_fail_errno(directory, "cannot read this directory");
}
