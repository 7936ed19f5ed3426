/** The runs in a result directory; see inventory.h. */
#include "host/directory/inventory.h"

#include "host/base/file_open.h"
#include "host/archive/provenance.h"
#include "host/archive/run_head.h"

#include <stdlib.h>
#include <string.h>

/* ---- files ----------------------------------------------------------------------------------- */

static void report_damage(dg_inventory *out, const dg_inventory_request *request, const char *line)
{
    out->damages++;
    if (request->report) request->report(request->user, line);
}

/** Report dg_error(): as a file that cannot be read (true), or as damage. */
static bool report_error(dg_inventory *out, const dg_inventory_request *request)
{
    const bool unreadable = request->unreadable && dg_error_reason() != 0;
    if (!unreadable) {
        report_damage(out, request, dg_error());
        return false;
    }
    out->damages++;
    request->unreadable(request->user, dg_error());
    return true;
}

/** Open one file and append it; one without a valid header is reported and listed as unreadable. */
static dg_status open_archive(dg_inventory *out, const dg_inventory_request *request,
                              const char *path, dg_archive_kind kind)
{
    dg_archive *archive = NULL;
    dg_status status = dg_archive_open(&archive, path, kind);
    /* a second try: a transient failure is not damage */
    if (status == DG_ERR_IO) status = dg_archive_open(&archive, path, kind);
    if (status != DG_OK && status != DG_ERR_IO) return status;
    if (status != DG_OK) {
        /* another process may have removed it since the folder was listed */
        if (!dg_file_exists(path) || report_error(out, request)) return DG_OK;
        DG_TRY(dg_file_check_opens(path));
        return dg_names_add(&out->unreadable, path)
                   ? DG_OK
                   : dg_fail(DG_ERR_MEMORY, "no memory for %s", path);
    }
    if (archive->damage) report_damage(out, request, archive->damage);
    out->file[out->files++] =
        (dg_inventory_file){.archive = archive, .damaged = archive->damage != NULL};
    return DG_OK;
}

static dg_status open_folder(dg_inventory *out, const dg_inventory_request *request,
                             const char *folder, const char *ending, dg_archive_kind kind)
{
    dg_names names = {0};
    dg_status status = DG_OK;
    char *path = dg_text("%s/%s", request->directory, folder);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory to list %s", request->directory);
    status = dg_directory_list(&names, path, ending);
    if (status == DG_ERR_IO && request->unreadable && report_error(out, request)) status = DG_OK;
    if (status != DG_OK) goto end;
    dg_inventory_file *grown = realloc(out->file, (out->files + names.count + 1) * sizeof *grown);
    if (grown)
        out->file = grown;
    else
        status = dg_fail(DG_ERR_MEMORY, "no memory to list %s", path);
    for (size_t k = 0; k < names.count && status == DG_OK; k++) {
        char *file = dg_text("%s/%s", path, names.name[k]);
        status = file ? open_archive(out, request, file, kind)
                      : dg_fail(DG_ERR_MEMORY, "no memory to list %s", path);
        free(file);
    }
end:
    dg_names_free(&names);
    free(path);
    return status;
}

/* ---- runs ------------------------------------------------------------------------------------ */

/** Is any of these runs one that the caller wants checked? */
static bool has_run_to_check(const dg_inventory_request *request, const dg_run_place *place,
                             size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (bsearch(&place[k].head.id, request->check, request->check_count, sizeof *request->check,
                    dg_fingerprint_compare))
            return true;
    return false;
}

/**
 * After a failed check: report dg_error() and mark the file as damaged. DG_ERR_IO: the file cannot
 * be opened now. A file that another process has removed meanwhile is not damaged.
 */
static dg_status note_damage(dg_inventory *out, const dg_inventory_request *request,
                             dg_inventory_file *file)
{
    if (!dg_file_exists(file->archive->path) || report_error(out, request)) return DG_OK;
    file->damaged = true;
    return dg_file_check_opens(file->archive->path);
}

/* a check that fails is repeated: a transient failure to open or read is not damage */
#define CHECKS 2

static bool run_is_intact(const dg_run_place *place)
{
    for (int k = 0; k < CHECKS; k++)
        if (dg_run_check(place) == DG_OK) return true;
    return false;
}

static bool section_is_intact(const dg_archive *archive, const dg_archive_section *section)
{
    for (int k = 0; k < CHECKS; k++)
        if (dg_archive_check(archive, section) == DG_OK) return true;
    return false;
}

static bool provenance_is_valid(const dg_archive *archive)
{
    for (int k = 0; k < CHECKS; k++)
        if (dg_provenance_check(archive) == DG_OK) return true;
    return false;
}

/** Drop the runs whose contents are damaged; *kept receives the number of the others. */
static dg_status keep_intact(dg_inventory *out, const dg_inventory_request *request,
                             dg_inventory_file *file, dg_run_place *place, size_t count,
                             size_t *kept)
{
    *kept = 0;
    for (size_t k = 0; k < count; k++) {
        if (run_is_intact(&place[k]))
            place[(*kept)++] = place[k];
        else
            DG_TRY(note_damage(out, request, file));
    }
    return DG_OK;
}

/** Check the sections that run_is_intact() does not: heads of runs and the provenance. */
static dg_status check_other_sections(dg_inventory *out, const dg_inventory_request *request,
                                      dg_inventory_file *file)
{
    const dg_archive *a = file->archive;
    for (size_t k = 0; k < a->sections; k++) {
        const dg_archive_section *s = &a->section[k];
        if (s->tag != DG_PART_HEAD && s->tag != DG_PART_PROVENANCE) continue;
        if (!section_is_intact(a, s) || (s->tag == DG_PART_PROVENANCE && !provenance_is_valid(a)))
            DG_TRY(note_damage(out, request, file));
    }
    return DG_OK;
}

/**
 * Must this file be checked byte by byte? Always if a run in it cannot be identified, as that run
 * may be anybody's.
 */
static bool needs_check(const dg_inventory_request *request, const dg_inventory_file *file,
                        const dg_run_place *place, size_t count)
{
    size_t heads = 0;
    for (size_t k = 0; k < file->archive->sections; k++)
        heads += file->archive->section[k].tag == DG_PART_HEAD;
    if (heads != count) return true;
    return request->check_count > 0 && (file->damaged || has_run_to_check(request, place, count));
}

static dg_status list_runs(dg_inventory *out, const dg_inventory_request *request)
{
    for (size_t k = 0; k < out->files; k++) {
        dg_inventory_file *file = &out->file[k];
        dg_run_place **places = k < out->batches ? &out->finished : &out->begun;
        size_t *count = k < out->batches ? &out->finished_count : &out->begun_count;
        const size_t before = *count;
        DG_TRY(dg_run_places(places, count, file->archive));
        if (!needs_check(request, file, *places + before, *count - before)) continue;
        size_t kept = 0;
        if (dg_flag_set(request->stop))
            return dg_fail(DG_ERR_STOPPED,
                           "%s: stopped while its files were checked; the same command continues",
                           request->directory);
        file->checked = true;
        DG_TRY(check_other_sections(out, request, file));
        /* dropped places are only marked, for *count gives the capacity (see add_place()) */
        dg_run_place *added = *places + before;
        DG_TRY(keep_intact(out, request, file, added, *count - before, &kept));
        for (size_t r = before + kept; r < *count; r++) (*places)[r].archive = NULL;
    }
    return DG_OK;
}

/** By fingerprint, then by generations, most first; dropped places last. */
static int compare_places(const void *a, const void *b)
{
    const dg_run_place *left = a, *right = b;
    if (!left->archive || !right->archive)
        return (left->archive == NULL) - (right->archive == NULL);
    const int order = dg_fingerprint_compare(left, right);
    if (order != 0) return order;
    return (left->head.generations < right->head.generations) -
           (left->head.generations > right->head.generations);
}

static void sort_places(dg_run_place *place, size_t *count)
{
    if (*count > 0) qsort(place, *count, sizeof *place, compare_places);
    while (*count > 0 && !place[*count - 1].archive) --*count;
}

/** Drop a run whose head cannot be true, and report its file as damaged. */
static void check_head(dg_inventory *out, const dg_inventory_request *request, dg_run_place *place,
                       const dg_config *config, bool ended)
{
    if (!place->archive || dg_run_head_check(place, config, ended) == DG_OK) return;
    report_damage(out, request, dg_error());
    for (size_t k = 0; k < out->files; k++)
        if (out->file[k].archive == place->archive) out->file[k].damaged = true;
    place->archive = NULL;
}

/** Sort the places and check their heads: those of the experiment's runs by their configurations. */
static void drop_untrue(dg_inventory *out, const dg_inventory_request *request, bool ended)
{
    dg_run_place *place = ended ? out->finished : out->begun;
    size_t *count = ended ? &out->finished_count : &out->begun_count;
    if (*count == 0) return;
    sort_places(place, count);
    for (size_t k = 0; k < *count; k++) check_head(out, request, &place[k], NULL, ended);
    const dg_run_place *end = place + *count;
    for (size_t r = 0; request->id && r < request->experiment->runs; r++) {
        const dg_fingerprint *id = &request->id[r];
        size_t k = (size_t)(dg_run_place_first(place, *count, id) - place);
        for (; place + k < end && dg_fingerprint_compare(&place[k], id) == 0; k++) {
            const dg_config config = dg_run_config(request->experiment, r);
            check_head(out, request, &place[k], &config, ended);
        }
    }
    sort_places(place, count);
}

dg_status dg_inventory_make(dg_inventory *out, const dg_inventory_request *request)
{
    dg_inventory made = {0};
    dg_status status =
        open_folder(&made, request, DG_BATCH_FOLDER, DG_BATCH_ENDING, DG_ARCHIVE_BATCH);
    made.batches = made.files;
    if (status == DG_OK)
        status = open_folder(&made, request, DG_CHECKPOINT_FOLDER, DG_CHECKPOINT_ENDING,
                             DG_ARCHIVE_CHECKPOINT);
    if (status == DG_OK) status = list_runs(&made, request);
    if (status != DG_OK) {
        dg_inventory_free(&made);
        return status;
    }
    drop_untrue(&made, request, true);
    drop_untrue(&made, request, false);
    *out = made;
    return DG_OK;
}

void dg_inventory_free(dg_inventory *inventory)
{
    for (size_t k = 0; k < inventory->files; k++) dg_archive_close(&inventory->file[k].archive);
    dg_names_free(&inventory->unreadable);
    free(inventory->file);
    free(inventory->finished);
    free(inventory->begun);
    *inventory = (dg_inventory){0};
}
