/** Writing results.nc and provenance.json from the batches; see assemble.h. */
#include "host/directory/assemble.h"

#include "host/models/batch_shape.h"
#include "host/base/files.h"
#include "host/base/json.h"
#include "host/directory/manifest.h"
#include "host/archive/provenance.h"
#include "host/directory/owner.h"
#include "host/directory/recorded.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- runs ------------------------------------------------------------------------------------ */

dg_run_counts dg_assembled_count(const dg_session *s)
{
    dg_run_counts counts = {{0}};
    for (size_t r = 0; r < s->experiment->runs; r++) {
        const dg_run_place *place = dg_inventory_finished(&s->inventory, &s->id[r]);
        dg_run_count(&counts, place ? place->head.status : DG_RUN_PLANNED);
    }
    return counts;
}

/** Read the parts of a run from its archive; the model writes them into the result file. */
static dg_status store_run(dg_store *store, const dg_config *config, size_t run,
                           const dg_run_place *place)
{
    static const dg_options plain;
    const dg_model *model = dg_model_of(config->model);
    const dg_run_head *head = &place->head;
    dg_shape shape;
    dg_batch_options options;
    void *part[DG_PARTS] = {NULL};
    dg_status status = DG_OK;
    for (int p = DG_PART_RECORDS; p < DG_PARTS; p++) {
        const int64_t bytes = model->part_bytes(config, (dg_part)p, head->generations);
        DG_TRY_GOTO(dg_run_part_for(place, (dg_part)p, bytes, &part[p]), end);
    }
    dg_kept_run kept = {.outcome = {.run = run,
                                    .status = (dg_run_status)head->status,
                                    .generations = head->generations,
                                    .hash = head->hash},
                        .records = part[DG_PART_RECORDS],
                        .trace = part[DG_PART_TRACE],
                        .packed = part[DG_PART_PACKED],
                        .packed_bytes = head->bytes[DG_PART_PACKED]};
    if (dg_model_on_backends(model)) {
        dg_batch_describe(config, &plain, &shape, &options);
        kept.shape = &shape;
        kept.traced = &options;
    }
    status = model->store(store, &kept);
end:
    for (int p = 0; p < DG_PARTS; p++) free(part[p]);
    return status;
}

/** A stop is obeyed between two runs: a sweep of many runs takes minutes to write. */
static dg_status store_runs(dg_store *store, const dg_session *s, const dg_options *options)
{
    for (size_t r = 0; r < s->experiment->runs; r++) {
        if (options && dg_flag_set(options->stop))
            return dg_fail(DG_ERR_STOPPED,
                           "%s/" DG_RESULT_NAME ": stopped before it was written; the same command "
                           "writes it from the batches",
                           s->directory);
        const dg_run_place *place = dg_inventory_finished(&s->inventory, &s->id[r]);
        if (!place) continue;
        const dg_config config = dg_run_config(s->experiment, r);
        DG_TRY(store_run(store, &config, r, place));
    }
    return DG_OK;
}

/* ---- provenance ------------------------------------------------------------------------------ */

static void put_hash(dg_json *json, const char *key, uint64_t hash)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    dg_json_text(json, key, text);
}

static int by_archive(const void *a, const void *b)
{
    const dg_archive *const *left = a, *const *right = b;
    return (*left > *right) - (*left < *right);
}

/**
 * For each run the archive that it is read from, NULL if it is in none; sorted by address. The
 * caller frees the array; NULL: no memory.
 */
static const dg_archive **archives_of(const dg_session *s)
{
    const size_t runs = s->experiment->runs;
    const dg_archive **of_run = malloc(runs * sizeof *of_run);
    if (!of_run) return NULL;
    for (size_t r = 0; r < runs; r++) {
        const dg_run_place *place = dg_inventory_finished(&s->inventory, &s->id[r]);
        of_run[r] = place ? place->archive : NULL;
    }
    qsort(of_run, runs, sizeof *of_run, by_archive);
    return of_run;
}

/** How many runs are read from an archive: of a run in several batches one copy is used. */
static size_t runs_of(const dg_archive *const *of_run, size_t runs, const dg_archive *archive)
{
    const dg_archive *const *any = bsearch(&archive, of_run, runs, sizeof *of_run, by_archive);
    if (!any) return 0;
    const dg_archive *const *first = any, *const *last = any;
    while (first > of_run && first[-1] == archive) first--;
    while (last + 1 < of_run + runs && last[1] == archive) last++;
    return (size_t)(last - first) + 1;
}

static void put_batch(dg_json *list, const dg_archive *archive, size_t runs)
{
    dg_json json;
    if (runs == 0) return;
    fprintf(list->file, "%s\n    ", list->members++ > 0 ? "," : "");
    dg_json_open(&json, list->file, NULL);
    dg_json_text(&json, "file", strrchr(archive->path, '/') + 1);
    dg_json_integer(&json, "runs", (int64_t)runs);
    dg_provenance_put(&json, "computed", archive);
    dg_json_close(&json);
}

/** "runs_completed" and so on; planned runs without a result count as missing. */
static void put_counts(dg_json *json, const dg_run_counts *counts)
{
    for (int k = 0; k < DG_RUN_STATUSES; k++) {
        char key[32];
        if (k == DG_RUN_PLANNED) continue;
        snprintf(key, sizeof key, "runs_%s", dg_run_status_word((dg_run_status)k));
        dg_json_integer(json, key, (int64_t)counts->of[k]);
    }
    dg_json_integer(json, "runs_missing", (int64_t)counts->of[DG_RUN_PLANNED]);
}

/** @param of_run  archives_of() the session */
static void put_provenance(FILE *file, const dg_session *s, const dg_archive *const *of_run,
                           uint64_t result, int64_t bytes)
{
    const dg_run_counts count = dg_assembled_count(s);
    dg_json json, list = {.file = file};
    char now[32];
    dg_json_open(&json, file, "  ");
    dg_json_text(&json, "result", DG_RESULT_NAME);
    dg_json_integer(&json, "bytes", bytes);
    put_hash(&json, "xxh3_64", result);
    put_hash(&json, "experiment",
             dg_recorded_experiment_hash(s->experiment, s->id, dg_manifest_build()));
    dg_json_text(&json, "configuration", dg_experiment_file(s->experiment));
    dg_json_text(&json, "written_by", dg_manifest_build());
    dg_json_text(&json, "written", dg_now(now, sizeof now));
    dg_json_integer(&json, "runs_planned", (int64_t)s->experiment->runs);
    put_counts(&json, &count);
    dg_json_key(&json, "batches");
    fputc('[', file);
    for (size_t k = 0; k < s->inventory.batches; k++) {
        const dg_archive *archive = s->inventory.file[k].archive;
        put_batch(&list, archive, runs_of(of_run, s->experiment->runs, archive));
    }
    fputs("\n  ]", file);
    dg_json_close(&json);
    fputc('\n', file);
}

/** The text of provenance.json, freed by the caller. */
static dg_status make_provenance(char **out, const dg_session *s, uint64_t hash, int64_t bytes)
{
    size_t size = 0;
    const dg_archive **of_run = archives_of(s);
    FILE *file = of_run ? open_memstream(out, &size) : NULL;
    if (file) put_provenance(file, s, of_run, hash, bytes);
    free(of_run);
    if (file && fclose(file) == 0) return DG_OK;
    return dg_fail(DG_ERR_MEMORY, "no memory for a provenance");
}

/* ---- the result ------------------------------------------------------------------------------ */

/**
 * Give both files their names. Between the two renames there is a result without a provenance, and
 * never one with the provenance of another: that would look like damage.
 */
static dg_status rename_both(dg_store **store, const char *part, const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT) return dg_fail_errno(path, "cannot remove");
    DG_TRY(dg_store_finish(store));
    return dg_file_rename(part, path);
}

/** Write provenance.json under a temporary name; then replace it and the result. */
static dg_status finish(dg_store **store, const dg_session *s, const dg_options *options)
{
    uint64_t hash = 0;
    int64_t bytes = 0;
    char *text = NULL, *path = dg_text("%s/" DG_PROVENANCE_NAME, s->directory);
    char *part = dg_text("%s/" DG_PROVENANCE_NAME ".part", s->directory);
    dg_status status = path && part ? dg_store_seal(*store, &hash, &bytes)
                                    : dg_fail(DG_ERR_MEMORY, "no memory for a provenance");
    if (status == DG_OK) status = make_provenance(&text, s, hash, bytes);
    if (status == DG_OK) status = dg_file_replace(part, text, true);
    if (status == DG_OK) status = dg_owner_keep_other(s, hash, options);
    if (status == DG_OK) status = rename_both(store, part, path);
    if (status != DG_OK && part) unlink(part);
    free(text);
    free(path);
    free(part);
    return status;
}

dg_status dg_assemble(const dg_session *s, const dg_options *options)
{
    dg_store *store = NULL;
    const dg_model *model = dg_model_of_experiment(s->experiment);
    DG_TRY(dg_session_check_place(s));
    DG_TRY(dg_store_begin(&store, s->experiment, model->layout, s->directory));
    dg_status status = store_runs(store, s, options);
    if (status == DG_OK) status = dg_session_check_place(s);
    if (status == DG_OK) status = finish(&store, s, options);
    dg_store_abandon(&store);
    return status;
}
