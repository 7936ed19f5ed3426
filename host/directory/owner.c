/** Whose result it is, and that of others is not lost; see owner.h. */
#include "host/directory/owner.h"

#include "host/base/files.h"
#include "host/directory/manifest.h"
#include "host/directory/recorded.h"
#include "host/directory/session_internal.h"
#include "host/store/results.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- whose is it? ---------------------------------------------------------------------------- */

/** Has the experiment this run of a result? */
static bool is_our_run(const dg_fingerprint *sorted, size_t runs, const dg_results *results,
                       size_t run)
{
    dg_experiment *one = NULL;
    dg_fingerprint *id = NULL;
    const bool read =
        dg_results_experiment(results, run, &one) == DG_OK && dg_fingerprints_of(&id, one) == DG_OK;
    const bool ours = read && bsearch(id, sorted, runs, sizeof *sorted, dg_fingerprint_compare);
    free(id);
    dg_experiment_free(&one);
    return ours;
}

dg_status dg_owner_has_others(bool *other, const dg_results *results, const dg_experiment *e,
                              const dg_fingerprint *id)
{
    dg_fingerprint *sorted = dg_fingerprints_sorted(id, e->runs);
    if (!sorted) return dg_session_no_memory();
    *other = results->runs > e->runs;
    for (size_t r = 0; !*other && r < results->runs; r++)
        *other = !is_our_run(sorted, e->runs, results, r);
    free(sorted);
    return DG_OK;
}

/** The hash was compared: the file may be opened. A smaller sweep of before is recorded as another. */
static dg_status look_inside(dg_owner *out, const char *directory, const dg_experiment *e,
                             const dg_fingerprint *id)
{
    dg_results *results = NULL;
    bool other = true;
    const dg_status opened = dg_results_open(&results, directory);
    if (opened == DG_ERR_MEMORY) return opened;
    if (opened == DG_OK) DG_TRY(dg_owner_has_others(&other, results, e, id));
    dg_results_close(&results);
    *out = other ? DG_OWNER_OTHER : DG_OWNER_OURS;
    return DG_OK;
}

dg_status dg_owner_find(dg_owner *out, const char *directory, const dg_experiment *e,
                        const dg_fingerprint *id)
{
    dg_integrity integrity = DG_RESULT_UNCHECKED;
    *out = DG_OWNER_NONE;
    if (!dg_directory_has(directory, DG_RESULT_NAME)) return DG_OK;
    const dg_status status = dg_integrity_of(&integrity, NULL, directory, false);
    if (status == DG_ERR_MEMORY) return status;
    if (status != DG_OK) DG_TRY(dg_integrity_opens(directory));
    *out = DG_OWNER_DAMAGED;
    if (status == DG_OK && integrity == DG_RESULT_UNRECORDED) *out = DG_OWNER_UNRECORDED;
    if (status != DG_OK || integrity != DG_RESULT_INTACT) return DG_OK;
    *out = DG_OWNER_OURS;
    return dg_recorded_as_of(directory, e, id) ? DG_OK : look_inside(out, directory, e, id);
}

static const char *text_of(dg_owner owner)
{
    switch (owner) {
    case DG_OWNER_DAMAGED:
        return "damaged or replaced: it is not what " DG_PROVENANCE_NAME " records";
    case DG_OWNER_OTHER: return "of another experiment";
    case DG_OWNER_UNRECORDED: return "cannot be checked: its hash is not in " DG_PROVENANCE_NAME;
    case DG_OWNER_OURS:
    case DG_OWNER_NONE: break;
    }
    return "of this experiment";
}

dg_status dg_owner_refuse(const char *directory)
{
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s/" DG_RESULT_NAME ": of another experiment than " DG_MANIFEST_NAME,
                   directory);
}

/* ---- it is not lost -------------------------------------------------------------------------- */

dg_status dg_owner_check(const dg_session *s)
{
    dg_owner owner = DG_OWNER_NONE;
    DG_TRY(dg_integrity_opens(s->directory)); /* now, not once all runs are computed */
    for (size_t r = 0; r < s->experiment->runs; r++)
        if (dg_inventory_finished(&s->inventory, &s->id[r])) return DG_OK;
    DG_TRY(dg_owner_find(&owner, s->directory, s->experiment, s->id));
    if (owner == DG_OWNER_OURS || owner == DG_OWNER_NONE) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s/" DG_RESULT_NAME ": %s, and there are no batches to write it from; use "
                   "another folder, move the file away, or let --overwrite of digico run compute "
                   "all runs and replace it",
                   s->directory, text_of(owner));
}

/** A name that no file has: results.nc.replaced, results.nc.replaced-2 ...; freed by the caller. */
static char *free_name(const dg_session *s)
{
    char *path = dg_text("%s/" DG_RESULT_NAME DG_REPLACED, s->directory);
    /* not dg_file_exists(): what cannot be looked at would make this endless */
    for (int k = 2; path && access(path, F_OK) == 0; k++) {
        free(path);
        path = dg_text("%s/" DG_RESULT_NAME DG_REPLACED "-%d", s->directory, k);
    }
    return path;
}

/** Rename results.nc to a name that no file has, and say it. */
static dg_status put_aside(const dg_session *s, const char *result, dg_owner owner,
                           const dg_options *options)
{
    dg_status status = DG_OK;
    char *kept = free_name(s);
    char *line = kept ? dg_text("%s: %s: renamed to %s", result, text_of(owner), kept) : NULL;
    if (!line)
        status = dg_session_no_memory();
    else if (rename(result, kept) != 0)
        status = dg_fail_errno(result, "cannot rename");
    else if (options)
        dg_session_warn(options, line);
    free(line);
    free(kept);
    return status;
}

dg_status dg_owner_keep_other(const dg_session *s, uint64_t written, const dg_options *options)
{
    dg_owner owner = DG_OWNER_NONE;
    uint64_t hash = 0;
    int64_t bytes = 0;
    DG_TRY(dg_owner_find(&owner, s->directory, s->experiment, s->id));
    if (owner == DG_OWNER_OURS || owner == DG_OWNER_NONE) return DG_OK;
    char *result = dg_text("%s/" DG_RESULT_NAME, s->directory);
    if (!result) return dg_session_no_memory();
    const bool same = dg_file_hash(result, &hash, &bytes) == DG_OK && hash == written;
    const dg_status status = same ? DG_OK : put_aside(s, result, owner, options);
    free(result);
    return status;
}
