/** Opening the result of a directory; see result.h. */
#include "host/directory/result.h"

#include "host/base/files.h"
#include "host/base/shell.h"
#include "host/directory/manifest.h"
#include "host/directory/owner.h"
#include "host/directory/standing_read.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** DG_ERR_IO: there is neither a result nor a sweep that can be gone on with; dg_error() says why. */
static dg_status fail_without_sweep(const char *directory)
{
    dg_inventory inventory = {0};
    const dg_inventory_request request = {.directory = directory};
    if (dg_directory_has(directory, DG_MANIFEST_NAME) ||
        dg_inventory_make(&inventory, &request) != DG_OK)
        return dg_fail(DG_ERR_IO, "%s: no result: %s", directory, dg_error());
    dg_inventory_free(&inventory);
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
    if (status == DG_ERR_MEMORY) return status;
    if (status != DG_OK) return fail_without_sweep(directory);
    const size_t ended = dg_sweep_ended(sweep), planned = sweep->experiment->runs;
    const bool some = ended < planned && dg_sweep_active_calls(sweep) == 0;
    char *next = dg_sweep_next(sweep), *partial = some ? dg_sweep_next_partial(sweep) : NULL;
    const dg_status absent =
        dg_fail(DG_ERR_IO, "%s: no result yet: %zu of %zu runs have ended; %s%s%s%s", directory,
                ended, planned, next ? next : "", partial ? "; " : "", partial ? partial : "",
                partial ? " writes a result without the others" : "");
    free(next);
    free(partial);
    dg_standing_free(&sweep);
    return absent;
}

/**
 * Fail with dg_error(), why a result is refused, and what to do about it: what dg_sweep_next() says of a result
 * that is not to be used, and --trust where that would read it.
 */
static dg_status advise(dg_status status, const char *directory)
{
    dg_standing *sweep = NULL;
    dg_integrity integrity = DG_RESULT_INTACT;
    char *why = strdup(dg_error()), *next = NULL;
    const bool other = status == DG_ERR_ARGUMENT;
    const bool trust =
        other || (dg_integrity_glance(&integrity, directory) == DG_OK &&
                  (integrity == DG_RESULT_DIFFERS || integrity == DG_RESULT_UNCHECKED));
    const bool of_sweep = why && dg_standing_read(&sweep, directory, false) == DG_OK;
    if (of_sweep && sweep->result != DG_STANDING_RESULT) next = dg_sweep_next(sweep);
    if (!of_sweep && dg_directory_has(directory, DG_MANIFEST_NAME)) next = strdup(dg_error());
    if (why)
        status = dg_fail(status, "%s%s%s%s", why, next ? "; " : "", next ? next : "",
                         trust ? "; --trust reads it as it is" : "");
    free(why);
    free(next);
    dg_standing_free(&sweep);
    return status;
}

/** Is the result of another experiment than `stored`? `results` is it, or NULL: only an intact one. */
static dg_status compare(const dg_results *results, const char *directory,
                         const dg_experiment *stored)
{
    dg_fingerprint *id = NULL;
    bool other = false;
    dg_owner owner = DG_OWNER_OURS;
    dg_status status = dg_fingerprints_of(&id, stored);
    if (status == DG_OK && results && results->integrity != DG_RESULT_INTACT)
        status = dg_owner_has_others(&other, results, stored, id);
    else if (status == DG_OK)
        status = dg_owner_find(&owner, directory, stored, id);
    if (status == DG_OK && (other || owner == DG_OWNER_OTHER)) status = dg_owner_refuse(directory);
    free(id);
    return status;
}

/** Refuse a result that is not of the sweep in whose directory it stands, if there is a sweep. */
static dg_status check_owner(const dg_results *results, const char *directory)
{
    dg_experiment *stored = NULL;
    char *build = NULL;
    dg_status status = dg_manifest_read(&stored, &build, directory);
    if (status == DG_OK)
        status = compare(results, directory, stored);
    else if (status != DG_ERR_MEMORY)
        status = DG_OK; /* a result without a sweep */
    dg_experiment_free(&stored);
    free(build);
    return status;
}

/** The failures that a look at the sweep helps with. */
static dg_status advise_on(dg_status status, const char *directory)
{
    return status == DG_ERR_IO || status == DG_ERR_ARGUMENT ? advise(status, directory) : status;
}

dg_status dg_result_check_owner(const char *directory)
{
    return advise_on(check_owner(NULL, directory), directory);
}

static dg_status open_and_check(dg_results **out, const char *directory)
{
    dg_status status = dg_results_open(out, directory);
    if (status == DG_OK) status = check_owner(*out, directory);
    if (status == DG_OK) return DG_OK;
    dg_results_close(out);
    return advise_on(status, directory);
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
    dg_status status = DG_OK;
    /* it may be there: the folder is another user's or no folder, or it is a link in a loop */
    if (reason != 0 && reason != ENOENT) status = dg_directory_check(directory);
    errno = reason;
    if (status == DG_OK && reason != 0) status = dg_fail_errno(path, "cannot open");
    free(path);
    if (reason == ENOENT) return fail_absent(directory);
    DG_TRY(status);
    return trust ? dg_results_open_unchecked(out, directory) : open_and_check(out, directory);
}
