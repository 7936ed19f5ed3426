/** Reading the state of a sweep from its directory; see standing_read.h. */
#include "host/directory/standing_read.h"

#include "host/archive/provenance.h"
#include "host/directory/manifest.h"
#include "host/directory/standing_calls.h"

#include <stdlib.h>
#include <string.h>

/* the inventory is read at most this often if files change meanwhile */
#define TRIES 3

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for the status of a sweep");
}

/* ---- what is on disk ------------------------------------------------------------------------- */

static void note_damage(void *user, const char *line)
{
    dg_standing *s = user;
    if (!dg_names_add(&s->damages, line)) {
        /* no memory: this line is missing from the list */
    }
}

static void note_unreadable(void *user, const char *line)
{
    (void)line; /* it is dg_error() */
    if (dg_standing_note(user) != DG_OK) {
        /* no memory: this line is missing from the list */
    }
}

/** A folder that cannot be read has an empty list; the inventory tells why. */
static dg_status list_batches(dg_names *out, const char *directory)
{
    char *path = dg_text("%s/" DG_BATCH_FOLDER, directory);
    const dg_status status = path ? dg_directory_list(out, path, DG_BATCH_ENDING) : no_memory();
    free(path);
    return status == DG_ERR_IO ? DG_OK : status;
}

static bool same_names(const dg_names *a, const dg_names *b)
{
    bool same = a->count == b->count;
    for (size_t k = 0; k < a->count && same; k++) same = strcmp(a->name[k], b->name[k]) == 0;
    return same;
}

/** Do all files of the inventory still exist? */
static bool all_exist(const dg_inventory *inventory)
{
    for (size_t k = 0; k < inventory->files; k++)
        if (!dg_file_exists(inventory->file[k].archive->path)) return false;
    return true;
}

/** Read the inventory once; *steady: no file was added or removed meanwhile. */
static dg_status read_once(dg_inventory *out, const dg_inventory_request *request, bool *steady)
{
    dg_names before = {0}, after = {0};
    dg_status status = list_batches(&before, request->directory);
    if (status == DG_OK) status = dg_inventory_make(out, request);
    if (status == DG_OK) status = list_batches(&after, request->directory);
    if (status == DG_OK) *steady = same_names(&before, &after) && all_exist(out);
    dg_names_free(&before);
    dg_names_free(&after);
    return status;
}

/**
 * Read the inventory until no file changes meanwhile, at most TRIES times: the runs of a batch that
 * is stored after the batches are listed and before the checkpoints are would be in neither list.
 */
static dg_status read_inventory(dg_inventory *out, dg_standing *s, const dg_fingerprint *id,
                                const dg_fingerprint *sorted, bool check)
{
    const dg_inventory_request request = {.directory = s->directory,
                                          .check = sorted,
                                          .check_count = check ? s->experiment->runs : 0,
                                          .report = note_damage,
                                          .user = s,
                                          .experiment = s->experiment,
                                          .id = id,
                                          .unreadable = note_unreadable};
    bool steady = false;
    for (int k = 0; k < TRIES && !steady; k++) {
        dg_inventory_free(out);
        dg_names_free(&s->damages);
        dg_names_free(&s->unreadable);
        DG_TRY(read_once(out, &request, &steady));
    }
    return DG_OK;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static void place_runs(dg_standing *s, const dg_inventory *inventory, const dg_fingerprint *id)
{
    const dg_model *model = dg_model_of_experiment(s->experiment);
    int64_t begun = 0, planned = 0, safe = 0; /* agent-steps */
    for (size_t r = 0; r < s->experiment->runs; r++) {
        const dg_config c = dg_run_config(s->experiment, r);
        const dg_run_place *place = dg_inventory_begun(inventory, &id[r]);
        const dg_run_place *ended = dg_inventory_finished(inventory, &id[r]);
        /* an ended run stays in the checkpoint until all runs of its batch have ended */
        if (!ended && place && place->head.status != DG_RUN_PLANNED) ended = place;
        if (ended) place = NULL;
        s->stored += dg_inventory_finished(inventory, &id[r]) != NULL;
        const int64_t agent_steps = model->agent_steps(&c, model->generations(&c));
        s->run[r] = ended   ? dg_sweep_run_of(ended->head.status)
                    : place ? DG_STANDING_SAVED
                            : DG_STANDING_MISSING;
        s->agent_steps = dg_count_add(s->agent_steps, agent_steps);
        if (ended) safe = dg_count_add(safe, agent_steps);
        if (!place) continue;
        s->begun++;
        planned = dg_count_add(planned, agent_steps);
        begun = dg_count_add(begun, model->agent_steps(&c, place->head.generations));
    }
    s->begun_share = planned > 0 ? (double)begun / (double)planned : 0;
    s->agent_steps_safe = dg_count_add(safe, begun);
}

/** Note the batches without a provenance, as a repair of one that was damaged leaves them. */
static dg_status note_unknown_builds(dg_standing *s, const dg_inventory *inventory)
{
    for (size_t k = 0; k < inventory->batches; k++) {
        const dg_archive *archive = inventory->file[k].archive;
        if (dg_archive_find(archive, DG_PART_PROVENANCE, 0)) continue;
        char *line = dg_provenance_unknown(archive);
        const bool added = line && dg_names_add(&s->notes, line);
        free(line);
        if (!added) return no_memory();
    }
    return DG_OK;
}

static dg_status read_runs(dg_standing *s, const dg_fingerprint *id, bool check)
{
    dg_inventory inventory = {0};
    const size_t runs = s->experiment->runs;
    dg_fingerprint *sorted = check ? dg_fingerprints_sorted(id, runs) : NULL;
    s->run = calloc(runs, sizeof *s->run);
    dg_status status = s->run && (sorted || !check)
                           ? read_inventory(&inventory, s, id, sorted, check)
                           : no_memory();
    if (status == DG_OK) {
        place_runs(s, &inventory, id);
        s->batches = inventory.batches;
        s->checkpoints = inventory.files - inventory.batches;
        status = note_unknown_builds(s, &inventory);
    }
    dg_inventory_free(&inventory);
    free(sorted);
    return status;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static dg_status read_all(dg_standing *s, bool check)
{
    dg_fingerprint *id = NULL;
    DG_TRY(dg_directory_check(s->directory));
    DG_TRY(dg_manifest_read(&s->experiment, &s->build, s->directory));
    DG_TRY(dg_fingerprints_of(&id, s->experiment));
    dg_status status = read_runs(s, id, check);
    if (status == DG_OK) status = dg_standing_read_result(s, id, check);
    free(id);
    DG_TRY(status);
    DG_TRY(dg_sweep_calls_read(s));
    dg_standing_count(s);
    return DG_OK;
}

dg_status dg_standing_read(dg_standing **out, const char *directory, bool check)
{
    dg_standing *s = calloc(1, sizeof *s);
    if (!s) return no_memory();
    s->directory = strdup(directory);
    const dg_status status = s->directory ? read_all(s, check) : no_memory();
    if (status == DG_OK)
        *out = s;
    else
        dg_standing_free(&s);
    return status;
}
