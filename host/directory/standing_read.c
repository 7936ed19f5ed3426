/** Reading the state of a sweep from its directory; see standing_read.h. */
#include "host/directory/standing_read.h"

#include "host/archive/provenance.h"
#include "host/directory/manifest.h"
#include "host/directory/owner.h"
#include "host/directory/recorded.h"
#include "host/directory/standing_calls.h"
#include "host/store/results.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static dg_status list_batches(dg_names *out, const char *directory)
{
    char *path = dg_text("%s/" DG_BATCH_FOLDER, directory);
    const dg_status status = path ? dg_directory_list(out, path, DG_BATCH_ENDING) : no_memory();
    free(path);
    return status;
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
    const dg_inventory_request request = {s->directory, sorted, check ? s->experiment->runs : 0,
                                          note_damage,  s,      s->experiment,
                                          id,           NULL};
    bool steady = false;
    for (int k = 0; k < TRIES && !steady; k++) {
        dg_inventory_free(out);
        dg_names_free(&s->damages);
        DG_TRY(read_once(out, &request, &steady));
    }
    return DG_OK;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static dg_sweep_run run_of(int32_t status)
{
    switch (status) {
    case DG_RUN_COMPLETED: return DG_STANDING_COMPLETED;
    case DG_RUN_CONVERGED: return DG_STANDING_CONVERGED;
    case DG_RUN_NONFINITE: return DG_STANDING_NONFINITE;
    default: return DG_STANDING_MISSING;
    }
}

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
        const int64_t agent_steps = model->agent_steps(&c, model->generations(&c));
        s->run[r] = ended   ? run_of(ended->head.status)
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

static void count_runs(dg_standing *s)
{
    memset(s->count, 0, sizeof s->count);
    for (size_t r = 0; r < s->experiment->runs; r++) s->count[s->run[r]]++;
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

/* ---- the result ------------------------------------------------------------------------------ */

/** Count a result that cannot be read as damage. */
static dg_status note_damaged_result(dg_standing *s, dg_status status)
{
    if (status == DG_ERR_MEMORY) return status;
    note_damage(s, dg_error());
    s->result = DG_STANDING_DAMAGED_RESULT;
    return DG_OK;
}

/** Count a result of another experiment as damage. */
static void note_other_result(dg_standing *s)
{
    if (dg_owner_refuse(s->directory) != DG_OK) note_damage(s, dg_error());
    s->result = DG_STANDING_OTHER_RESULT;
}

/** A result that is not recorded as that of the experiment is of a smaller one, or of another. */
static dg_status check_owner(dg_standing *s, const dg_fingerprint *id)
{
    dg_owner owner = DG_OWNER_OURS;
    if (s->result != DG_STANDING_OLD_RESULT || dg_recorded_as_of(s->directory, s->experiment, id))
        return DG_OK;
    const dg_status status = dg_owner_find(&owner, s->directory, s->experiment, id);
    if (status != DG_OK) return note_damaged_result(s, status);
    if (owner == DG_OWNER_OTHER) note_other_result(s);
    return DG_OK;
}

/** If all runs of the result have ended, take their states from it: its batches may be removed. */
static dg_status use_result(dg_standing *s, const dg_fingerprint *id)
{
    dg_results *results = NULL;
    bool other = false;
    dg_status status = dg_results_open(&results, s->directory);
    if (status != DG_OK) return note_damaged_result(s, status);
    if (!dg_recorded_as_of(s->directory, s->experiment, id))
        status = dg_owner_has_others(&other, results, s->experiment, id);
    if (status == DG_OK && other) note_other_result(s);
    bool whole = status == DG_OK && !other && results->runs == s->experiment->runs;
    for (size_t r = 0; r < results->runs && whole; r++)
        whole = run_of(results->status[r]) != DG_STANDING_MISSING;
    for (size_t r = 0; r < results->runs && whole; r++) s->run[r] = run_of(results->status[r]);
    if (whole) {
        s->begun = 0;
        s->begun_share = 0;
        s->agent_steps_safe = s->agent_steps;
    }
    dg_results_close(&results);
    return status;
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec) return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
    return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/** Add the bytes of a folder to *bytes; *newest receives its newest file, if there is any. */
static dg_status measure_folder(const dg_standing *s, const char *folder, int64_t *bytes,
                                struct stat *newest)
{
    dg_names names = {0};
    char *path = dg_text("%s/%s", s->directory, folder);
    dg_status status = path ? dg_directory_list(&names, path, "") : no_memory();
    for (size_t k = 0; k < names.count && status == DG_OK; k++) {
        struct stat info;
        char *file = dg_text("%s/%s", path, names.name[k]);
        if (!file) status = no_memory();
        if (file && stat(file, &info) == 0 && S_ISREG(info.st_mode)) {
            *bytes += info.st_size;
            if (is_newer(&info, newest)) *newest = info;
        }
        free(file);
    }
    dg_names_free(&names);
    free(path);
    return status;
}

/** Age of results.nc by provenance.json; if that does not record it, by the dates of the files. */
static dg_sweep_result age_of(dg_standing *s, const dg_fingerprint *id, bool batch_newer)
{
    const dg_result_age age =
        dg_result_recorded_age(s->directory, s->experiment, id, dg_sweep_ended(s));
    s->by_dates = age == DG_RESULT_UNKNOWN && batch_newer;
    if (age == DG_RESULT_UNKNOWN) return batch_newer ? DG_STANDING_OLD_RESULT : DG_STANDING_RESULT;
    return age == DG_RESULT_OLD ? DG_STANDING_OLD_RESULT : DG_STANDING_RESULT;
}

/** Compare results.nc with its hash, every byte of it. Without a hash nothing vouches for it. */
static dg_status check_result(dg_standing *s)
{
    dg_integrity integrity = DG_RESULT_UNCHECKED;
    dg_status status = dg_integrity_of(&integrity, NULL, s->directory, true);
    if (status == DG_OK && integrity != DG_RESULT_INTACT)
        status = dg_integrity_refuse(s->directory, integrity);
    return status == DG_OK ? DG_OK : note_damaged_result(s, status);
}

/** Would dg_owner_check() refuse to compute beside this result? Only where no batch has a run. */
static dg_status find_blocked(dg_standing *s, const dg_fingerprint *id)
{
    dg_owner owner = DG_OWNER_NONE;
    if (dg_sweep_ended(s) > 0) return DG_OK;
    const dg_status status = dg_owner_find(&owner, s->directory, s->experiment, id);
    if (status != DG_OK) return note_damaged_result(s, status);
    s->blocked = owner != DG_OWNER_OURS && owner != DG_OWNER_NONE;
    return DG_OK;
}

static dg_status read_result(dg_standing *s, const dg_fingerprint *id, bool check)
{
    struct stat result, batch = {0}, checkpoint = {0};
    DG_TRY(measure_folder(s, DG_BATCH_FOLDER, &s->batch_bytes, &batch));
    DG_TRY(measure_folder(s, DG_CHECKPOINT_FOLDER, &s->checkpoint_bytes, &checkpoint));
    char *path = dg_text("%s/" DG_RESULT_NAME, s->directory);
    if (!path) return no_memory();
    const bool there = stat(path, &result) == 0;
    free(path);
    if (!there) return DG_OK;
    count_runs(s);
    s->result = age_of(s, id, is_newer(&batch, &result));
    DG_TRY(find_blocked(s, id));
    if (check && s->result != DG_STANDING_DAMAGED_RESULT) DG_TRY(check_result(s));
    if (s->result != DG_STANDING_DAMAGED_RESULT) DG_TRY(check_owner(s, id));
    if (s->result == DG_STANDING_DAMAGED_RESULT || s->result == DG_STANDING_OTHER_RESULT ||
        dg_sweep_ended(s) == s->experiment->runs)
        return DG_OK;
    return use_result(s, id);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static dg_status check_directory(const char *directory)
{
    DIR *folder = opendir(directory);
    if (!folder) return dg_fail_errno(directory, "cannot read this directory");
    closedir(folder);
    return DG_OK;
}

static dg_status read_all(dg_standing *s, bool check)
{
    dg_fingerprint *id = NULL;
    DG_TRY(check_directory(s->directory));
    DG_TRY(dg_manifest_read(&s->experiment, &s->build, s->directory));
    DG_TRY(dg_fingerprints_of(&id, s->experiment));
    dg_status status = read_runs(s, id, check);
    if (status == DG_OK) status = read_result(s, id, check);
    free(id);
    DG_TRY(status);
    DG_TRY(dg_sweep_calls_read(s));
    count_runs(s);
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
