/** Opening the result of a directory; see result.h. */
#include "host/directory/result.h"

#include "host/directory/standing_read.h"

#include <stdlib.h>

/** DG_ERR_IO: there is no result; if there is a sweep, with its progress and the next command. */
static dg_status fail_absent(const char *directory)
{
    dg_standing *sweep = NULL;
    char next[512];
    const dg_status status = dg_standing_read(&sweep, directory, false);
    if (status != DG_OK)
        return dg_fail(DG_ERR_IO,
                       "%s/" DG_RESULT_NAME ": no result; `digico run FILE -o %s` computes one",
                       directory, directory);
    const size_t ended = dg_sweep_ended(sweep), planned = sweep->experiment->runs;
    dg_sweep_next(sweep, next, sizeof next);
    const bool some = ended > 0 && ended < planned && dg_sweep_active_calls(sweep) == 0;
    dg_standing_free(&sweep);
    return dg_fail(DG_ERR_IO, "%s: no result yet: %zu of %zu runs have ended; %s%s", directory,
                   ended, planned, next,
                   some ? "; `digico merge --partial` writes a result without the others" : "");
}

dg_status dg_result_open(dg_results **out, const char *directory)
{
    char *path = dg_text("%s/" DG_RESULT_NAME, directory);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory to open a result");
    const bool exists = dg_file_exists(path);
    free(path);
    return exists ? dg_results_open(out, directory) : fail_absent(directory);
}
