/** A result directory in use; see session.h. */
#include "host/session.h"

#include "host/files.h"
#include "host/manifest.h"
#include "host/provenance.h"
#include "host/results.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* appended to a file that is put aside */
#define DG_DAMAGED ".damaged"

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for what a result directory holds");
}

static void say(const dg_options *options, const char *line)
{
    if (options->log) options->log(options->user, line);
}

/* ---- names ------------------------------------------------------------------------------------ */

/** Name of a set of runs. */
static uint64_t name_of(const dg_session *s, const size_t *run, size_t count)
{
    dg_fingerprint *id = malloc((count + 1) * sizeof *id);
    if (!id) return 0;
    for (size_t k = 0; k < count; k++) id[k] = s->id[run[k]];
    const uint64_t name = dg_fingerprints_hash(id, count);
    free(id);
    return name;
}

char *dg_session_batch_path(const dg_session *s, const size_t *run, size_t count)
{
    return dg_text("%s/" DG_BATCH_FOLDER "/%016llx" DG_BATCH_ENDING, s->directory,
                   (unsigned long long)name_of(s, run, count));
}

char *dg_session_checkpoint_path(const dg_session *s, const size_t *run, size_t count, int number)
{
    return dg_text("%s/" DG_CHECKPOINT_FOLDER "/%016llx-%06d" DG_CHECKPOINT_ENDING, s->directory,
                   (unsigned long long)name_of(s, run, count), number);
}

/* ---- starting anew ---------------------------------------------------------------------------- */

static dg_status remove_file(const char *directory, const char *name)
{
    char *path = dg_text("%s/%s", directory, name);
    if (!path) return no_memory();
    /* folders within are nobody's of ours */
    const bool gone = unlink(path) == 0 || errno == ENOENT || errno == EISDIR;
    const dg_status status = gone ? DG_OK : dg_fail_errno(path, "cannot remove");
    free(path);
    return status;
}

/** Remove the files of a folder whose names begin and end so: ours, and nothing else that lies there. */
static dg_status remove_files(const char *directory, const char *folder, const char *beginning,
                              const char *ending)
{
    dg_names names = {0};
    char *path = dg_text("%s/%s", directory, folder);
    dg_status status = path ? dg_directory_list(&names, path, ending) : no_memory();
    for (size_t k = 0; k < names.count && status == DG_OK; k++)
        if (strncmp(names.name[k], beginning, strlen(beginning)) == 0)
            status = remove_file(path, names.name[k]);
    dg_names_free(&names);
    free(path);
    return status;
}

/** Files of one ending in a folder of ours, whole, half-written or put aside. */
static dg_status remove_archives(const char *directory, const char *folder, const char *ending)
{
    static const char *const state[] = {"", DG_ARCHIVE_PART, DG_DAMAGED};
    for (int k = 0; k < 3; k++) {
        char tail[64];
        snprintf(tail, sizeof tail, "%s%s", ending, state[k]);
        DG_TRY(remove_files(directory, folder, "", tail));
    }
    return DG_OK;
}

/** What calls that were killed left half-written. Only for who holds the whole directory. */
static dg_status remove_parts(const char *directory)
{
    DG_TRY(remove_files(directory, ".", DG_MANIFEST_NAME, DG_ARCHIVE_PART));
    DG_TRY(remove_files(directory, ".", DG_RESULT_NAME, DG_ARCHIVE_PART));
    DG_TRY(remove_files(directory, ".", DG_PROVENANCE_NAME, DG_ARCHIVE_PART));
    DG_TRY(remove_files(directory, ".", "status", ".json" DG_ARCHIVE_PART));
    DG_TRY(remove_files(directory, DG_BATCH_FOLDER, "", DG_BATCH_ENDING DG_ARCHIVE_PART));
    return remove_files(directory, DG_CHECKPOINT_FOLDER, "", DG_CHECKPOINT_ENDING DG_ARCHIVE_PART);
}

/** What tells of the sweep goes last: cut off half-way, the directory is still known for what it is. */
static dg_status start_anew(const char *directory)
{
    DG_TRY(remove_archives(directory, DG_BATCH_FOLDER, DG_BATCH_ENDING));
    DG_TRY(remove_archives(directory, DG_CHECKPOINT_FOLDER, DG_CHECKPOINT_ENDING));
    DG_TRY(remove_files(directory, ".", "status-", ".json"));
    DG_TRY(remove_file(directory, "status.json"));
    DG_TRY(remove_file(directory, DG_PROVENANCE_NAME));
    DG_TRY(remove_file(directory, DG_RESULT_NAME));
    return remove_file(directory, DG_MANIFEST_NAME);
}

/* ---- the manifest ----------------------------------------------------------------------------- */

/** Are all runs of `there` among the `count` sorted ones? */
static dg_status holds_all(bool *out, const dg_experiment *there, const dg_fingerprint *sorted,
                           size_t count)
{
    dg_fingerprint *id = NULL;
    DG_TRY(dg_fingerprints_of(&id, there));
    *out = true;
    for (size_t r = 0; r < there->runs && *out; r++)
        *out = bsearch(&id[r], sorted, count, sizeof *sorted, dg_fingerprint_compare) != NULL;
    free(id);
    return DG_OK;
}

static bool same_source(const dg_experiment *a, const dg_experiment *b)
{
    return strcmp(dg_experiment_file(a), dg_experiment_file(b)) == 0 &&
           strcmp(a->text, b->text) == 0;
}

/** Refuse to go on with what another build began: the promise of equal bytes is a build's own. */
static dg_status check_build(const dg_session *s, const char *build, const dg_options *options)
{
    if (options->mixed_builds || strcmp(build, dg_manifest_build()) == 0) return DG_OK;
    return dg_fail(
        DG_ERR_ARGUMENT,
        "%s: begun by digico %s, expected this build, %s; --mixed-builds goes on all the "
        "same, --overwrite starts anew",
        s->directory, build, dg_manifest_build());
}

/** Of a finished sweep whose batches were removed the result alone is left. */
static bool has_result(const char *directory)
{
    char *path = dg_text("%s/" DG_RESULT_NAME, directory);
    const bool has = path && dg_file_exists(path);
    free(path);
    return has;
}

/** Nothing was computed there that another experiment could disturb. */
static bool is_empty(const dg_session *s)
{
    return s->inventory.finished_count == 0 && s->inventory.begun_count == 0 &&
           !has_result(s->directory);
}

/** What cannot be assembled anew is not given up by the way: a result whose batches were removed. */
static dg_status check_result_alone(const dg_session *s)
{
    const size_t ended = s->inventory.finished_count == 0 ? dg_results_ended(s->directory) : 0;
    if (ended == 0) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s/" DG_RESULT_NAME ": the batches of its %zu runs are gone, and another text "
                   "or build would compute them anew: expected another folder, or --overwrite",
                   s->directory, ended);
}

/** Compare with what the directory was made for. */
static dg_status compare_manifest(dg_session *s, const dg_experiment *there, const char *build,
                                  const dg_fingerprint *sorted, const dg_options *options)
{
    bool all = false;
    char keys[700];
    /* a shard at work has a claim before its first run is stored */
    if (!is_empty(s) || dg_directory_has_others(s->lock)) {
        DG_TRY(holds_all(&all, there, sorted, s->experiment->runs));
        if (!all)
            return dg_fail(DG_ERR_ARGUMENT, "%s: holds another configuration: %s (--overwrite)",
                           s->directory,
                           dg_manifest_difference(there, s->experiment, keys, sizeof keys));
        DG_TRY(check_build(s, build, options));
        const bool same = same_source(there, s->experiment);
        if (!same || strcmp(build, dg_manifest_build()) != 0) DG_TRY(check_result_alone(s));
        if (same) return DG_OK;
        if (there->runs < s->experiment->runs)
            say(options, "the sweep has grown; what is there is kept");
    }
    return dg_manifest_write(s->directory, s->experiment);
}

static dg_status adopt_manifest(dg_session *s, const dg_fingerprint *sorted,
                                const dg_options *options)
{
    dg_experiment *there = NULL;
    char *build = NULL, *path = dg_text("%s/" DG_MANIFEST_NAME, s->directory);
    if (!path) return no_memory();
    const bool exists = dg_file_exists(path);
    free(path);
    if (!exists) {
        if (s->inventory.files > 0)
            say(options, DG_MANIFEST_NAME " is missing beside runs: it is written anew");
        return dg_manifest_write(s->directory, s->experiment);
    }
    dg_status status = dg_manifest_read(&there, &build, s->directory);
    if (status == DG_OK) {
        status = compare_manifest(s, there, build, sorted, options);
    } else if (status == DG_ERR_IO) {
        /* runs are known by their fingerprints: only the comparison of keys is lost */
        say(options, dg_error());
        say(options, "the manifest is written anew");
        status = dg_manifest_write(s->directory, s->experiment);
    } else if (status == DG_ERR_CONFIG) {
        char why[512];
        snprintf(why, sizeof why, "%s", dg_error());
        status = dg_fail(DG_ERR_ARGUMENT,
                         "%s: its manifest holds what this build does not read: %s (--overwrite)",
                         s->directory, why);
    }
    dg_experiment_free(&there);
    free(build);
    return status;
}

/** A result of an unknown maker is nobody's to replace. One beside batches is ours, its manifest lost. */
static dg_status check_foreign(const char *directory)
{
    dg_status status = DG_OK;
    char *manifest = dg_text("%s/" DG_MANIFEST_NAME, directory);
    char *result = dg_text("%s/" DG_RESULT_NAME, directory);
    char *batches = dg_text("%s/" DG_BATCH_FOLDER, directory);
    if (!manifest || !result || !batches)
        status = no_memory();
    else if (dg_file_exists(result) && !dg_file_exists(manifest) && !dg_file_exists(batches))
        status = dg_fail(DG_ERR_ARGUMENT,
                         "%s exists, and no " DG_MANIFEST_NAME " tells what made it; --overwrite "
                         "replaces it",
                         result);
    free(manifest);
    free(result);
    free(batches);
    return status;
}

/* ---- looking ---------------------------------------------------------------------------------- */

static dg_status look(dg_session *s, const dg_fingerprint *own, size_t owned,
                      void (*tell)(void *user, const char *line), void *user)
{
    const dg_inventory_request request = {s->directory, own, owned, tell, user};
    dg_inventory_free(&s->inventory);
    return dg_inventory_make(&s->inventory, &request);
}

/** Fingerprints of all runs in order, freed by the caller; NULL without memory. */
static dg_fingerprint *sorted_ids(const dg_session *s)
{
    const size_t runs = s->experiment->runs;
    dg_fingerprint *sorted = malloc(runs * sizeof *sorted);
    if (!sorted) return NULL;
    memcpy(sorted, s->id, runs * sizeof *sorted);
    qsort(sorted, runs, sizeof *sorted, dg_fingerprint_compare);
    return sorted;
}

dg_status dg_session_look(dg_session *s, bool check, void (*tell)(void *user, const char *line),
                          void *user)
{
    const size_t runs = s->experiment->runs;
    dg_fingerprint *sorted = sorted_ids(s);
    if (!sorted) return no_memory();
    const dg_status status = look(s, sorted, check ? runs : 0, tell, user);
    free(sorted);
    return status;
}

/* ---- repairing -------------------------------------------------------------------------------- */

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
    if (!id) return no_memory();
    for (size_t k = 0; k < count; k++) id[k] = place[k]->head.id;
    char *path = rescue_path(s, archive, id, count);
    if (!path) status = no_memory();
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
    if (!aside) return no_memory();
    if (rename(path, aside) == 0) line = dg_text("%s: put aside as %s", path, aside);
    if (line) say(options, line);
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
    if (!place) return no_memory();
    const size_t count = worth_keeping(s, archive, checkpoint, place);
    const bool aside = hurt && !checkpoint;
    bool replaced = false;
    dg_status status = count > 0 ? rescue(s, archive, place, count, &replaced) : DG_OK;
    if (status == DG_OK && aside && !replaced) status = put_aside(archive->path, options);
    *changed = *changed || count > 0 || aside;
    free(place);
    return status;
}

static bool repair_is_due(const dg_session *s)
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

static dg_status repair_all(dg_session *s, const dg_options *options, bool *changed)
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

/* ---- open and close --------------------------------------------------------------------------- */

/** The runs of the shard, those left to do among them. */
static dg_status find_todo(dg_session *s)
{
    s->todo = malloc((s->owned + 1) * sizeof *s->todo);
    if (!s->todo) return no_memory();
    for (size_t k = 0; k < s->owned; k++)
        if (!dg_inventory_finished(&s->inventory, &s->id[s->own[k]]))
            s->todo[s->left++] = s->own[k];
    return DG_OK;
}

/** Repair what was found, after another look: another shard may have done it since. */
static dg_status repair(dg_session *s, const dg_fingerprint *own, const dg_options *options)
{
    bool changed = false;
    if (!repair_is_due(s)) return DG_OK;
    if (s->shard.count > 0) DG_TRY(look(s, own, s->owned, NULL, NULL));
    DG_TRY(repair_all(s, options, &changed));
    return changed ? look(s, own, s->owned, NULL, NULL) : DG_OK;
}

static dg_status look_and_repair(dg_session *s, const dg_options *options)
{
    dg_fingerprint *own = malloc((s->owned + 1) * sizeof *own), *all = NULL;
    dg_status status = DG_OK;
    if (!own) return no_memory();
    for (size_t k = 0; k < s->owned; k++) own[k] = s->id[s->own[k]];
    qsort(own, s->owned, sizeof *own, dg_fingerprint_compare);
    DG_TRY_GOTO(look(s, own, s->owned, options->log, options->user), end);
    all = sorted_ids(s);
    if (!all) {
        status = no_memory();
        goto end;
    }
    /* shards may begin at the same moment: one at a time writes the manifest and mends what is shared */
    dg_directory_lock_shared(s->lock);
    status = adopt_manifest(s, all, options);
    if (status == DG_OK) status = repair(s, own, options);
    dg_directory_unlock_shared(s->lock);
end:
    free(own);
    free(all);
    return status;
}

static dg_status make_folders(const dg_session *s)
{
    static const char *const folder[] = {DG_BATCH_FOLDER, DG_CHECKPOINT_FOLDER};
    for (int k = 0; k < 2; k++) {
        char *path = dg_text("%s/%s", s->directory, folder[k]);
        const dg_status status = path ? dg_directory_make(path) : no_memory();
        free(path);
        DG_TRY(status);
    }
    return DG_OK;
}

static dg_status open_session(dg_session *s, const dg_options *options)
{
    DG_TRY(dg_fingerprints_of(&s->id, s->experiment));
    DG_TRY(dg_shard_runs(&s->own, &s->owned, s->experiment, s->shard));
    if (!options->overwrite) DG_TRY(check_foreign(s->directory));
    DG_TRY(dg_directory_make(s->directory));
    DG_TRY(dg_directory_lock(&s->lock, s->directory, s->shard));
    if (options->overwrite) DG_TRY(start_anew(s->directory));
    DG_TRY(make_folders(s));
    if (s->shard.count == 0) DG_TRY(remove_parts(s->directory));
    DG_TRY(look_and_repair(s, options));
    return find_todo(s);
}

dg_status dg_session_open(dg_session **out, const dg_experiment *experiment, const char *directory,
                          const dg_options *options)
{
    dg_session *s = calloc(1, sizeof *s);
    if (!s) return no_memory();
    s->experiment = experiment;
    s->shard = (dg_shard){options->shard, options->shards};
    s->lock = -1;
    s->directory = strdup(directory);
    const dg_status status = s->directory ? open_session(s, options) : no_memory();
    if (status == DG_OK)
        *out = s;
    else
        dg_session_close(&s);
    return status;
}

void dg_session_close(dg_session **session)
{
    dg_session *s = *session;
    if (!s) return;
    dg_directory_unlock(s->lock);
    dg_inventory_free(&s->inventory);
    free(s->directory);
    free(s->id);
    free(s->own);
    free(s->todo);
    free(s);
    *session = NULL;
}

/* ---- asking beforehand ------------------------------------------------------------------------ */

/** Does what is there belong to this experiment and build? */
static dg_status check_content(const dg_session *s, const dg_options *options)
{
    bool all = false;
    char keys[700];
    char *build = NULL;
    dg_experiment *there = NULL;
    dg_fingerprint *sorted = sorted_ids(s);
    dg_status status = sorted ? DG_OK : no_memory();
    if (status != DG_OK) goto end;
    status = dg_manifest_read(&there, &build, s->directory);
    if (status == DG_ERR_IO) status = DG_OK; /* damaged: a call writes it anew */
    if (status != DG_OK || !there) goto end;
    DG_TRY_GOTO(holds_all(&all, there, sorted, s->experiment->runs), end);
    status =
        all ? check_build(s, build, options)
            : dg_fail(DG_ERR_ARGUMENT, "%s: holds another configuration: %s; choose another folder",
                      s->directory,
                      dg_manifest_difference(there, s->experiment, keys, sizeof keys));
end:
    free(sorted);
    free(build);
    dg_experiment_free(&there);
    return status;
}

dg_status dg_session_check(const dg_experiment *experiment, const char *directory,
                           const dg_options *options)
{
    dg_session *s = calloc(1, sizeof *s);
    if (!s) return no_memory();
    s->experiment = experiment;
    s->lock = -1;
    s->directory = strdup(directory);
    dg_status status = s->directory ? dg_fingerprints_of(&s->id, experiment) : no_memory();
    if (status == DG_OK) status = check_foreign(directory);
    if (status == DG_OK) status = look(s, NULL, 0, NULL, NULL);
    if (status == DG_OK && !is_empty(s)) status = check_content(s, options);
    dg_session_close(&s);
    return status;
}
