/** Repairing damaged files: intact runs are copied into a new batch, damaged files renamed. */
#include "host/directory/session_repair.h"

#include "host/directory/session_internal.h"
#include "host/base/files.h"
#include "host/archive/provenance.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Where a run is best read from: a batch, else the checkpoint with the most generations. */
static const dg_run_place *best_place(const dg_session *s, const dg_fingerprint *run)
{
    const dg_run_place *finished = dg_inventory_finished(&s->inventory, run);
    return finished ? finished : dg_inventory_begun(&s->inventory, run);
}

/** List the ended runs of which this archive has the best place; returns their number. */
static size_t runs_to_rescue(const dg_session *s, const dg_archive *archive, bool checkpoint,
                             const dg_run_place **rescued)
{
    const dg_run_place *place = checkpoint ? s->inventory.begun : s->inventory.finished;
    const size_t count = checkpoint ? s->inventory.begun_count : s->inventory.finished_count;
    size_t found = 0;
    for (size_t k = 0; k < count; k++)
        if (place[k].archive == archive && place[k].head.status != DG_RUN_PLANNED &&
            best_place(s, &place[k].head.id) == &place[k])
            rescued[found++] = &place[k];
    return found;
}

static dg_status copy_provenance(dg_archive_writer *writer, const dg_archive *archive)
{
    const dg_archive_section *section = dg_archive_find(archive, DG_PART_PROVENANCE, 0);
    if (!section || dg_provenance_check(archive) != DG_OK) return DG_OK;
    return dg_archive_copy(writer, 0, archive, section);
}

/** Path for a batch of rescued runs: that of the damaged file or a new one, not of another file. */
static char *rescue_path(const dg_session *s, const dg_archive *archive, const dg_fingerprint *id,
                         size_t count)
{
    char *path = NULL;
    uint64_t name = dg_fingerprints_hash(id, count);
    do { /* not dg_file_exists(): what cannot be looked at would make this endless */
        free(path);
        path = dg_text("%s/" DG_BATCH_FOLDER "/%016llx" DG_BATCH_ENDING, s->directory,
                       (unsigned long long)name++);
    } while (path && access(path, F_OK) == 0 && strcmp(path, archive->path) != 0);
    return path;
}

/** Copy ended runs into a new batch. *replaced: it has replaced the archive that they were in. */
static dg_status rescue(const dg_session *s, const dg_archive *archive,
                        const dg_run_place *const *place, size_t count, bool *replaced)
{
    dg_archive_writer *writer = NULL;
    dg_status status = DG_OK;
    dg_fingerprint *id = malloc((count + 1) * sizeof *id);
    if (!id) return dg_session_no_memory();
    for (size_t k = 0; k < count; k++) id[k] = place[k]->head.id;
    char *path = rescue_path(s, archive, id, count);
    if (!path) status = dg_session_no_memory();
    if (status == DG_OK) status = dg_archive_create(&writer, path, DG_ARCHIVE_BATCH);
    if (status == DG_OK) status = copy_provenance(writer, archive);
    for (size_t k = 0; k < count && status == DG_OK; k++)
        status = dg_run_copy(writer, (uint32_t)k, place[k]);
    if (status == DG_OK) status = dg_archive_commit(&writer);
    dg_archive_discard(&writer);
    *replaced = status == DG_OK && strcmp(path, archive->path) == 0;
    free(id);
    free(path);
    return status;
}

/** Append .damaged to the name of a file. */
static dg_status rename_damaged(const char *path, const dg_options *options)
{
    char *renamed = dg_text("%s" DG_DAMAGED, path), *line = NULL;
    if (!renamed) return dg_session_no_memory();
    if (rename(path, renamed) == 0) line = dg_text("%s: renamed to %s", path, renamed);
    if (line) dg_session_warn(options, line);
    free(line);
    free(renamed);
    return DG_OK; /* also if it fails: another shard may have renamed it */
}

/** Copy the ended runs of a checkpoint or of a damaged batch into a new batch. */
static dg_status repair_archive(const dg_session *s, size_t k, const dg_options *options,
                                bool *changed)
{
    const dg_inventory_file *file = &s->inventory.file[k];
    const dg_archive *archive = file->archive;
    const bool checkpoint = k >= s->inventory.batches, damaged = file->damaged;
    const size_t most = s->inventory.begun_count + s->inventory.finished_count + 1;
    if (!file->checked || (!checkpoint && !damaged)) return DG_OK;
    const dg_run_place **place = calloc(most, sizeof *place);
    if (!place) return dg_session_no_memory();
    const size_t count = runs_to_rescue(s, archive, checkpoint, place);
    const bool replace = damaged && !checkpoint;
    bool replaced = false;
    dg_status status = count > 0 ? rescue(s, archive, place, count, &replaced) : DG_OK;
    if (status == DG_OK && replace && !replaced) status = rename_damaged(archive->path, options);
    *changed = *changed || count > 0 || replace;
    free(place);
    return status;
}

bool dg_session_needs_repair(const dg_session *s)
{
    const dg_inventory *inventory = &s->inventory;
    if (inventory->unreadable.count > 0) return true;
    for (size_t k = 0; k < inventory->batches; k++)
        if (inventory->file[k].damaged) return true;
    for (size_t k = 0; k < inventory->begun_count; k++)
        if (inventory->begun[k].head.status != DG_RUN_PLANNED &&
            best_place(s, &inventory->begun[k].head.id) == &inventory->begun[k])
            return true;
    return false;
}

dg_status dg_session_repair(dg_session *s, const dg_options *options, bool *changed)
{
    for (size_t k = 0; k < s->inventory.files; k++) DG_TRY(repair_archive(s, k, options, changed));
    /* only a session of all runs may rename a file whose runs, and so whose shard, are unknown */
    if (s->shard.count > 0) return DG_OK;
    for (size_t k = 0; k < s->inventory.unreadable.count; k++)
        DG_TRY(rename_damaged(s->inventory.unreadable.name[k], options));
    return DG_OK;
}

void dg_session_prune(dg_session *s)
{
    const dg_inventory *inventory = &s->inventory;
    for (size_t k = inventory->batches; k < inventory->files; k++) {
        const dg_archive *archive = inventory->file[k].archive;
        if (!dg_inventory_needs(inventory, archive)) unlink(archive->path);
    }
}
