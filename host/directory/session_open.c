/** Opening a session; see session_open.h. */
#include "host/directory/session_open.h"

#include "host/base/files.h"
#include "host/directory/session_clear.h"
#include "host/directory/session_internal.h"
#include "host/directory/session_manifest.h"
#include "host/directory/session_repair.h"
#include "host/store/netcdf.h"

#include <stdlib.h>
#include <string.h>

/** List the runs of the shard that are not finished. */
static dg_status find_todo(dg_session *s)
{
    s->todo = malloc((s->shard_runs + 1) * sizeof *s->todo);
    if (!s->todo) return dg_session_no_memory();
    for (size_t k = 0; k < s->shard_runs; k++)
        if (!dg_inventory_finished(&s->inventory, &s->id[s->shard_run[k]]))
            s->todo[s->left++] = s->shard_run[k];
    return DG_OK;
}

/** Repair damage. A shard reads the inventory again before: another shard may have repaired it. */
static dg_status repair(dg_session *s, const dg_fingerprint *id, const dg_options *options)
{
    bool changed = false;
    if (!dg_session_needs_repair(s)) return DG_OK;
    if (s->shard.count > 0) DG_TRY(dg_session_read_inventory(s, id, s->shard_runs, NULL, NULL));
    DG_TRY(dg_session_repair(s, options, &changed));
    return changed ? dg_session_read_inventory(s, id, s->shard_runs, NULL, NULL) : DG_OK;
}

/** Read the inventory, compare the manifest, repair; the files of the shard's runs are checked. */
static dg_status read_and_repair(dg_session *s, const dg_options *options)
{
    dg_fingerprint *id = malloc((s->shard_runs + 1) * sizeof *id);
    dg_status status = DG_OK;
    if (!id) return dg_session_no_memory();
    for (size_t k = 0; k < s->shard_runs; k++) id[k] = s->id[s->shard_run[k]];
    qsort(id, s->shard_runs, sizeof *id, dg_fingerprint_compare);
    DG_TRY_GOTO(
        dg_session_read_inventory(s, id, s->shard_runs, dg_session_warner(options), options->user),
        end);
    /* shards may start at the same time: only one at a time writes the manifest and repairs */
    dg_directory_lock_shared(s->lock);
    status = dg_session_update_manifest(s, options);
    if (status == DG_OK) status = repair(s, id, options);
    dg_directory_unlock_shared(s->lock);
end:
    free(id);
    return status;
}

static dg_status make_folders(const dg_session *s)
{
    static const char *const folder[] = {DG_BATCH_FOLDER, DG_CHECKPOINT_FOLDER};
    for (int k = 0; k < 2; k++) {
        char *path = dg_text("%s/%s", s->directory, folder[k]);
        const dg_status status = path ? dg_directory_make(path) : dg_session_no_memory();
        free(path);
        DG_TRY(status);
    }
    return DG_OK;
}

/** Lock the shard's part of the directory; say it once if the file system has no locks. */
static dg_status lock(dg_session *s, const dg_options *options)
{
    DG_TRY(dg_directory_lock(&s->lock, s->directory, s->shard));
    if (!dg_directory_has_locks(s->lock))
        dg_session_warn(options,
                        "this file system has no locks: nothing keeps a second call of the "
                        "same runs from writing here, too");
    return DG_OK;
}

static dg_status open_session(dg_session *s, const dg_options *options)
{
    DG_TRY(dg_fingerprints_of(&s->id, s->experiment));
    DG_TRY(dg_shard_runs(&s->shard_run, &s->shard_runs, s->experiment, s->shard));
    DG_TRY(dg_session_check_foreign(s->directory, options->overwrite));
    DG_TRY(dg_directory_make(s->directory));
    DG_TRY(lock(s, options));
    if (options->overwrite) DG_TRY(dg_session_remove_all(s->directory));
    DG_TRY(make_folders(s));
    if (s->shard.count == 0) DG_TRY(dg_session_remove_parts(s->directory));
    /* to check many files takes long; a call that begins with a stop still records its experiment */
    s->stop = dg_flag_set(options->stop) ? NULL : options->stop;
    DG_TRY(read_and_repair(s, options));
    s->stop = NULL;
    return find_todo(s);
}

dg_status dg_session_open(dg_session **out, const dg_experiment *experiment, const char *directory,
                          const dg_options *options)
{
    dg_session *s = calloc(1, sizeof *s);
    if (!s) return dg_session_no_memory();
    dg_netcdf_begin(); /* here, as no thread computes yet */
    s->experiment = experiment;
    s->shard = (dg_shard){options->shard, options->shards};
    s->lock = -1;
    s->directory = strdup(directory);
    const dg_status status = s->directory ? open_session(s, options) : dg_session_no_memory();
    if (status == DG_OK)
        *out = s;
    else
        dg_session_close(&s);
    return status;
}
