/** Writing results.nc and provenance.json from the batches; see assemble.h. */
#include "host/directory/assemble.h"

#include "host/models/batch_shape.h"
#include "host/config/tree.h"
#include "host/base/files.h"
#include "host/base/json.h"
#include "host/directory/manifest.h"
#include "host/directory/provenance.h"
#include "host/base/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

static dg_status store_runs(dg_store *store, const dg_session *s)
{
    for (size_t r = 0; r < s->experiment->runs; r++) {
        const dg_run_place *place = dg_inventory_finished(&s->inventory, &s->id[r]);
        if (place) DG_TRY(store_run(store, &s->experiment->run[r], r, place));
    }
    return DG_OK;
}

/* ---- provenance ------------------------------------------------------------------------------ */

/** Hash of an experiment: its runs in order, name and text of its file, and the build. */
static uint64_t experiment_hash(const dg_experiment *e, const dg_fingerprint *id, const char *build)
{
    const char *name = dg_experiment_file(e);
    const uint64_t part[] = {dg_fingerprints_hash(id, e->runs),
                             dg_hash_bytes(name, (int64_t)strlen(name)),
                             dg_hash_bytes(e->text, (int64_t)strlen(e->text)),
                             dg_hash_bytes(build, (int64_t)strlen(build))};
    return dg_hash_bytes(part, sizeof part);
}

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
    const dg_archive_section *section = dg_archive_find(archive, DG_PART_PROVENANCE, 0);
    void *how = NULL;
    dg_json json;
    if (runs == 0) return;
    fprintf(list->file, "%s\n    ", list->members++ > 0 ? "," : "");
    dg_json_open(&json, list->file, NULL);
    dg_json_text(&json, "file", strrchr(archive->path, '/') + 1);
    dg_json_integer(&json, "runs", (int64_t)runs);
    if (section && dg_archive_load(archive, section, &how) == DG_OK) {
        dg_json_key(&json, "computed");
        fputs(how, list->file);
    }
    free(how);
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
    dg_json_integer(&json, "archive_version", DG_ARCHIVE_VERSION);
    put_hash(&json, "experiment", experiment_hash(s->experiment, s->id, dg_manifest_build()));
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

static char *path_in(const dg_session *s, const char *name)
{
    return dg_text("%s/%s", s->directory, name);
}

static dg_status write_provenance(const dg_session *s)
{
    uint64_t hash = 0;
    int64_t bytes = 0;
    char *text = NULL, *path = path_in(s, DG_PROVENANCE_NAME), *result = path_in(s, DG_RESULT_NAME);
    size_t size = 0;
    const dg_archive **of_run = archives_of(s);
    FILE *file = open_memstream(&text, &size);
    dg_status status = path && result && of_run && file
                           ? dg_file_hash(result, &hash, &bytes)
                           : dg_fail(DG_ERR_MEMORY, "no memory for a provenance");
    if (status == DG_OK) put_provenance(file, s, of_run, hash, bytes);
    if (file && fclose(file) != 0 && status == DG_OK)
        status = dg_fail(DG_ERR_MEMORY, "no memory for a provenance");
    if (status == DG_OK) status = dg_file_replace(path, text, true);
    free(of_run);
    free(text);
    free(path);
    free(result);
    return status;
}

/* ---- the result ------------------------------------------------------------------------------ */

dg_status dg_assemble(const dg_session *s)
{
    dg_store *store = NULL;
    const dg_model *model = dg_model_of_experiment(s->experiment);
    DG_TRY(dg_store_begin(&store, s->experiment, model->layout, s->directory));
    const dg_status status = store_runs(store, s);
    if (status != DG_OK) {
        dg_store_abandon(&store);
        return status;
    }
    DG_TRY(dg_store_finish(&store));
    return write_provenance(s);
}

static bool is_hash(const char *text, uint64_t hash)
{
    char expected[17];
    snprintf(expected, sizeof expected, "%016" PRIx64, hash);
    return text && strcmp(text, expected) == 0;
}

/** Is a provenance of this experiment? Without a version it has fingerprints of the old scheme. */
static bool is_of(const dg_node *root, const dg_experiment *e, const dg_fingerprint *id,
                  const char *build)
{
    dg_fingerprint *old = NULL;
    if (!dg_node_text(root, "archive_version", NULL)) {
        if (dg_fingerprints_by(&old, e, dg_fingerprint_old_of) != DG_OK) return false;
        id = old;
    }
    const bool same =
        is_hash(dg_node_text(root, "experiment", NULL), experiment_hash(e, id, build));
    free(old);
    return same;
}

/** A count of runs; SIZE_MAX if the key is missing or not a number. */
static size_t count_of(const dg_node *root, const char *key)
{
    const char *text = dg_node_text(root, key, NULL);
    char *end = NULL;
    const unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    return text && *text && !*end ? (size_t)value : SIZE_MAX;
}

static dg_run_counts read_counts(const dg_node *root)
{
    dg_run_counts counts;
    for (int k = 0; k < DG_RUN_STATUSES; k++) {
        char key[32];
        snprintf(key, sizeof key, "runs_%s", dg_run_status_word((dg_run_status)k));
        counts.of[k] = count_of(root, k == DG_RUN_PLANNED ? "runs_missing" : key);
    }
    /* older files have this key */
    if (counts.of[DG_RUN_NONFINITE] == SIZE_MAX)
        counts.of[DG_RUN_NONFINITE] = count_of(root, "runs_failed");
    return counts;
}

/** What provenance.json records about results.nc. */
typedef struct recorded_result {
    bool readable;
    bool of_experiment;  /* the hash of the experiment matches */
    bool of_bytes;       /* the hash of results.nc matches */
    dg_run_counts count; /* SIZE_MAX where it is not recorded */
} recorded_result;

static recorded_result read_provenance(const char *text, size_t length, const dg_session *s,
                                       uint64_t result)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    recorded_result recorded = {0};
    if (dg_tree_parse(&root, &pool, DG_PROVENANCE_NAME, 0, text, length) == DG_OK) {
        recorded.readable = dg_node_text(root, "xxh3_64", NULL) != NULL;
        recorded.of_experiment = is_of(root, s->experiment, s->id, dg_manifest_build());
        recorded.of_bytes = is_hash(dg_node_text(root, "xxh3_64", NULL), result);
        recorded.count = read_counts(root);
    }
    dg_pool_free(&pool);
    return recorded;
}

/** Log that a damaged result is replaced: the user should learn of a failing disk. */
static void report_damage(const dg_options *options, const char *result,
                          const recorded_result *recorded)
{
    if (!options || !options->log || (recorded->readable && recorded->of_bytes)) return;
    char *line = dg_text("%s: %s; it is written again from the batches", result,
                         recorded->readable
                             ? "damaged: its hash differs from that in " DG_PROVENANCE_NAME
                             : "cannot be checked: " DG_PROVENANCE_NAME " is missing or damaged");
    if (line) options->log(options->user, line);
    free(line);
}

/** Is results.nc intact, and does it hold all runs of the experiment? */
static bool is_complete(const recorded_result *recorded, size_t runs)
{
    return recorded->readable && recorded->of_experiment && recorded->of_bytes &&
           recorded->count.of[DG_RUN_PLANNED] == 0 && dg_run_counts_ended(&recorded->count) == runs;
}

bool dg_assembled_already(dg_run_counts *out, const dg_session *s, const dg_options *options)
{
    char *path = path_in(s, DG_PROVENANCE_NAME), *result = path_in(s, DG_RESULT_NAME), *text = NULL;
    size_t length = 0;
    uint64_t hash = 0;
    int64_t bytes = 0;
    recorded_result recorded = {0};
    const bool exists = path && result && dg_file_exists(result);
    if (exists && dg_file_load(path, &text, &length) == DG_OK &&
        dg_file_hash(result, &hash, &bytes) == DG_OK)
        recorded = read_provenance(text, length, s, hash);
    if (exists) report_damage(options, result, &recorded);
    const bool complete = is_complete(&recorded, s->experiment->runs);
    if (complete) *out = recorded.count;
    free(text);
    free(path);
    free(result);
    return complete;
}

dg_result_age dg_result_recorded_age(const char *directory, const dg_experiment *experiment,
                                     const dg_fingerprint *id, size_t ended)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    dg_result_age age = DG_RESULT_UNKNOWN;
    size_t length = 0;
    char *text = NULL, *path = dg_text("%s/" DG_PROVENANCE_NAME, directory);
    if (path && dg_file_exists(path) && dg_file_load(path, &text, &length) == DG_OK &&
        dg_tree_parse(&root, &pool, DG_PROVENANCE_NAME, 0, text, length) == DG_OK) {
        const char *build = dg_node_text(root, "written_by", NULL);
        const size_t missing = count_of(root, "runs_missing");
        if (build && missing <= experiment->runs) {
            const bool all = missing + ended <= experiment->runs;
            age = all && is_of(root, experiment, id, build) ? DG_RESULT_NEW : DG_RESULT_OLD;
        }
    }
    dg_pool_free(&pool);
    free(text);
    free(path);
    return age;
}
