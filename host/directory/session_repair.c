/** Damaged files of a result directory: intact runs are kept, the rest is put aside. */
#include "host/directory/session_repair.h"

#include "host/directory/session_internal.h"
#include "host/base/files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Of all places of a run, the one that is kept: two checkpoints may hold the same run at its end. */
static const dg_run_place *best_place(const dg_session *s, const dg_fingerprint *run)
{
    const dg_run_place *finished = dg_inventory_finished(&s->inventory, run);
    return finished ? finished : dg_inventory_begun(&s->inventory, run);
}

/** Runs of one archive that are worth keeping: finished, and nowhere else. */
static size_t worth_keeping(const dg_session *s, const dg_archive *archive, bool checkpoint,
                            const dg_run_place **kept)
{
    const dg_run_place *place = checkpoint ? s->inventory.begun : s->inventory.finished;
    const size_t count = checkpoint ? s->inventory.begun_count : s->inventory.finished_count;
    size_t found = 0;
    for (size_t k = 0; k < count; k++)
        if (place[k].archive == archive && place[k].head.status != DG_RUN_PLANNED &&
            best_place(s, &place[k].head.id) == &place[k])
            kept[found++] = &place[k];
    return found;
}

static dg_status copy_provenance(dg_archive_writer *writer, const dg_archive *archive)
{
    const dg_archive_section *section = dg_archive_find(archive, DG_PART_PROVENANCE, 0);
    void *text = NULL;
    if (!section || dg_archive_take(archive, section, &text) != DG_OK) return DG_OK;
    const dg_status status =
        dg_archive_add(writer, DG_PART_PROVENANCE, 0, text, section->bytes, false);
    free(text);
    return status;
}

/** A name for rescued runs: in place of the damaged file or new, but never that of another batch. */
static char *rescue_path(const dg_session *s, const dg_archive *archive, const dg_fingerprint *id,
                         size_t count)
{
    char *path = NULL;
    uint64_t name = dg_fingerprints_hash(id, count);
    do {
        free(path);
        path = dg_text("%s/" DG_BATCH_FOLDER "/%016llx" DG_BATCH_ENDING, s->directory,
                       (unsigned long long)name++);
    } while (path && dg_file_exists(path) && strcmp(path, archive->path) != 0);
    return path;
}

/** Write finished runs into a batch of their own; *replaced: it has taken the place of the archive. */
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
    for (size_t k = 0; k < count && status == DG_OK; k++)
        status = dg_run_copy(writer, (uint32_t)k, place[k]);
    if (status == DG_OK) status = copy_provenance(writer, archive);
    if (status == DG_OK) status = dg_archive_commit(&writer);
    dg_archive_discard(&writer);
    *replaced = status == DG_OK && strcmp(path, archive->path) == 0;
    free(id);
    free(path);
    return status;
}

static dg_status put_aside(const char *path, const dg_options *options)
{
    char *aside = dg_text("%s" DG_DAMAGED, path), *line = NULL;
    if (!aside) return dg_session_no_memory();
    if (rename(path, aside) == 0) line = dg_text("%s: put aside as %s", path, aside);
    if (line) dg_session_say(options, line);
    free(line);
    free(aside);
    return DG_OK; /* another shard may have done it */
}

/** Finished runs of checkpoints and of damaged batches into batches of their own. */
static dg_status repair_archive(const dg_session *s, size_t k, const dg_options *options,
                                bool *changed)
{
    const dg_held *held = &s->inventory.held[k];
    const dg_archive *archive = held->archive;
    const bool checkpoint = k >= s->inventory.batches, hurt = held->hurt;
    const size_t most = s->inventory.begun_count + s->inventory.finished_count + 1;
    if (!held->checked || (!checkpoint && !hurt)) return DG_OK;
    const dg_run_place **place = calloc(most, sizeof *place);
    if (!place) return dg_session_no_memory();
    const size_t count = worth_keeping(s, archive, checkpoint, place);
    const bool aside = hurt && !checkpoint;
    bool replaced = false;
    dg_status status = count > 0 ? rescue(s, archive, place, count, &replaced) : DG_OK;
    if (status == DG_OK && aside && !replaced) status = put_aside(archive->path, options);
    *changed = *changed || count > 0 || aside;
    free(place);
    return status;
}

bool dg_session_repair_is_due(const dg_session *s)
{
    const dg_inventory *held = &s->inventory;
    if (held->lost.count > 0) return true;
    for (size_t k = 0; k < held->batches; k++)
        if (held->held[k].hurt) return true;
    for (size_t k = 0; k < held->begun_count; k++)
        if (held->begun[k].head.status != DG_RUN_PLANNED &&
            best_place(s, &held->begun[k].head.id) == &held->begun[k])
            return true;
    return false;
}

dg_status dg_session_repair(dg_session *s, const dg_options *options, bool *changed)
{
    for (size_t k = 0; k < s->inventory.files; k++) DG_TRY(repair_archive(s, k, options, changed));
    if (s->shard.count > 0) return DG_OK; /* what nobody can read is for the one who holds all */
    for (size_t k = 0; k < s->inventory.lost.count; k++)
        DG_TRY(put_aside(s->inventory.lost.name[k], options));
    return DG_OK;
}

void dg_session_prune(dg_session *s)
{
    const dg_inventory *held = &s->inventory;
    for (size_t k = held->batches; k < held->files; k++) {
        const dg_archive *archive = held->held[k].archive;
        bool needed = false;
        for (size_t r = 0; r < held->begun_count && !needed; r++)
            needed = held->begun[r].archive == archive &&
                     !dg_inventory_finished(held, &held->begun[r].head.id);
        if (!needed) unlink(archive->path);
    }
}
