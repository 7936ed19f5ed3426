/** Opening the result of a directory; see result.h. */
#include "host/directory/result.h"

#include "host/directory/standing_read.h"

#include <stdlib.h>

/** Say what is there instead of a result: nothing, or a sweep under way. */
static dg_status fail_absent(const char *directory)
{
    dg_standing *sweep = NULL;
    char next[512];
    const dg_status status = dg_standing_read(&sweep, directory, false);
    if (status != DG_OK)
        return dg_fail(DG_ERR_IO, "%s/" DG_RESULT_NAME ": no result there", directory);
    const size_t ended = dg_sweep_ended(sweep), planned = sweep->experiment->runs;
    dg_sweep_next(sweep, next, sizeof next);
    const bool holes = ended > 0 && ended < planned && dg_sweep_living(sweep) == 0;
    dg_standing_free(&sweep);
    return dg_fail(DG_ERR_IO, "%s: no result yet: %zu of %zu runs have ended; %s%s", directory,
                   ended, planned, next,
                   holes ? "; `digico merge --partial` makes one with holes" : "");
}

dg_status dg_result_open(dg_results **out, const char *directory)
{
    char *path = dg_text("%s/" DG_RESULT_NAME, directory);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory to open a result");
    const bool there = dg_file_exists(path);
    free(path);
    return there ? dg_results_open(out, directory) : fail_absent(directory);
}
