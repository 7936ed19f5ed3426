/** What provenance.json records of a result, and whose result it is; see recorded.h. */
#include "host/directory/recorded.h"

#include "host/base/files.h"
#include "host/base/hash.h"
#include "host/directory/manifest.h"
#include "host/directory/session_internal.h"
#include "host/store/results.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- provenance.json ------------------------------------------------------------------------- */

uint64_t dg_recorded_experiment_hash(const dg_experiment *e, const dg_fingerprint *id,
                                     const char *build)
{
    const char *name = dg_experiment_file(e);
    const uint64_t part[] = {dg_fingerprints_hash(id, e->runs),
                             dg_hash_bytes(name, (int64_t)strlen(name)),
                             dg_hash_bytes(e->text, (int64_t)strlen(e->text)),
                             dg_hash_bytes(build, (int64_t)strlen(build))};
    return dg_hash_bytes(part, sizeof part);
}

static bool is_hash(const char *text, uint64_t hash)
{
    char expected[17];
    snprintf(expected, sizeof expected, "%016" PRIx64, hash);
    return text && strcmp(text, expected) == 0;
}

/** Is a provenance of this experiment, written by the program of this dg_manifest_build()? */
static bool is_of(const dg_node *root, const dg_experiment *e, const dg_fingerprint *id,
                  const char *build)
{
    return is_hash(dg_node_text(root, "experiment", NULL),
                   dg_recorded_experiment_hash(e, id, build));
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
    return counts;
}

/** What provenance.json records about results.nc. */
typedef struct recorded_result {
    bool readable;
    bool of_experiment;  /* it is the whole experiment's, written by this build */
    dg_run_counts count; /* SIZE_MAX where it is not recorded */
} recorded_result;

/** provenance.json, NULL if it is missing or damaged. The caller frees the pool. */
static const dg_node *read_provenance(dg_pool *pool, const char *directory)
{
    const dg_node *root = NULL;
    return dg_integrity_read(&root, pool, directory) == DG_OK ? root : NULL;
}

static recorded_result recorded_of(const dg_session *s)
{
    dg_pool pool = {0};
    const dg_node *root = read_provenance(&pool, s->directory);
    const recorded_result recorded = {.readable = dg_node_text(root, "xxh3_64", NULL) != NULL,
                                      .of_experiment =
                                          is_of(root, s->experiment, s->id, dg_manifest_build()),
                                      .count = read_counts(root)};
    dg_pool_free(&pool);
    return recorded;
}

/* ---- is it complete? ------------------------------------------------------------------------- */

/** Log that a damaged result is replaced: the user should learn of a failing disk. */
static void report_damage(const dg_options *options, const dg_session *s, bool recorded,
                          bool intact)
{
    if (!options || !options->log || (recorded && intact)) return;
    char *line =
        dg_text("%s/" DG_RESULT_NAME ": %s; it is written again from the batches", s->directory,
                recorded ? "damaged: its hash differs from that in " DG_PROVENANCE_NAME
                         : "cannot be checked: " DG_PROVENANCE_NAME " is missing or damaged");
    if (line) options->log(options->user, line);
    free(line);
}

bool dg_assembled_already(dg_run_counts *out, const dg_session *s, const dg_options *options)
{
    dg_integrity integrity = DG_RESULT_UNCHECKED;
    if (!dg_directory_has(s->directory, DG_RESULT_NAME)) return false;
    const recorded_result recorded = recorded_of(s);
    const bool intact = dg_integrity_of(&integrity, NULL, s->directory, false) == DG_OK &&
                        integrity == DG_RESULT_INTACT;
    report_damage(options, s, recorded.readable, intact);
    if (!intact || !recorded.of_experiment || recorded.count.of[DG_RUN_PLANNED] != 0 ||
        dg_run_counts_ended(&recorded.count) != s->experiment->runs)
        return false;
    *out = recorded.count;
    return true;
}

/* ---- whose is it? ---------------------------------------------------------------------------- */

/** Has the session's experiment this run of a result? */
static bool is_our_run(const dg_session *s, const dg_fingerprint *sorted, const dg_results *results,
                       size_t run)
{
    dg_experiment *one = NULL;
    dg_fingerprint *id = NULL;
    const bool read =
        dg_results_experiment(results, run, &one) == DG_OK && dg_fingerprints_of(&id, one) == DG_OK;
    const bool ours =
        read && bsearch(id, sorted, s->experiment->runs, sizeof *sorted, dg_fingerprint_compare);
    free(id);
    dg_experiment_free(&one);
    return ours;
}

/**
 * *ours: results.nc can be read, and the session's experiment has each of its runs. A file that
 * nothing vouches for may state any lengths: what there is no memory for is not ours.
 */
static dg_status has_our_runs(bool *ours, const dg_session *s)
{
    dg_results *results = NULL;
    dg_fingerprint *sorted = dg_session_sorted_ids(s);
    if (!sorted) return dg_session_no_memory();
    *ours = dg_results_open_within(&results, s->directory, s->experiment->runs) == DG_OK;
    for (size_t r = 0; *ours && r < results->runs; r++) *ours = is_our_run(s, sorted, results, r);
    dg_results_close(&results);
    free(sorted);
    return DG_OK;
}

/** Is a provenance that of the session's experiment, by any build? */
static bool is_recorded_as_ours(const dg_session *s)
{
    dg_pool pool = {0};
    const dg_node *root = read_provenance(&pool, s->directory);
    const char *build = dg_node_text(root, "written_by", NULL);
    const bool ours = build && is_of(root, s->experiment, s->id, build);
    dg_pool_free(&pool);
    return ours;
}

/**
 * *other: there is a results.nc that is damaged or has a run of another experiment.
 *
 * @param look  open a file whose hash is not recorded, too; else it counts as another's
 */
static dg_status holds_other(bool *other, const dg_session *s, bool look)
{
    dg_integrity integrity = DG_RESULT_UNCHECKED;
    bool ours = false;
    *other = false;
    if (!dg_directory_has(s->directory, DG_RESULT_NAME)) return DG_OK;
    const dg_status status = dg_integrity_of(&integrity, NULL, s->directory, false);
    if (status == DG_ERR_MEMORY) return status;
    const bool intact = status == DG_OK && integrity == DG_RESULT_INTACT;
    const bool unrecorded = status == DG_OK && integrity == DG_RESULT_UNRECORDED;
    /* a sweep that has grown since is not recorded: its runs are looked up one by one */
    if (intact) ours = is_recorded_as_ours(s);
    if (!ours && (intact || (unrecorded && look))) DG_TRY(has_our_runs(&ours, s));
    *other = !ours;
    return DG_OK;
}

dg_status dg_recorded_check(const dg_session *s)
{
    bool other = false;
    for (size_t r = 0; r < s->experiment->runs; r++)
        if (dg_inventory_finished(&s->inventory, &s->id[r])) return DG_OK;
    DG_TRY(holds_other(&other, s, true));
    if (!other) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s/" DG_RESULT_NAME ": damaged, or the result of another experiment, and there "
                   "are no batches to write it from; use another folder, move the file away, or "
                   "let `digico run --overwrite` compute all runs and replace it",
                   s->directory);
}

/** A name that no file has: results.nc.replaced, results.nc.replaced-2 ...; freed by the caller. */
static char *free_name(const dg_session *s)
{
    char *path = dg_text("%s/" DG_RESULT_NAME DG_REPLACED, s->directory);
    for (int k = 2; path && dg_file_exists(path); k++) {
        free(path);
        path = dg_text("%s/" DG_RESULT_NAME DG_REPLACED "-%d", s->directory, k);
    }
    return path;
}

/** Rename results.nc to a name that no file has, and log it. */
static dg_status put_aside(const dg_session *s, const char *result, const dg_options *options)
{
    dg_status status = DG_OK;
    char *kept = free_name(s);
    char *line =
        kept ? dg_text("%s: damaged, of another experiment, or not recorded in " DG_PROVENANCE_NAME
                       ": renamed to %s",
                       result, kept)
             : NULL;
    if (!line)
        status = dg_session_no_memory();
    else if (rename(result, kept) != 0)
        status = dg_fail_errno(result, "cannot rename");
    else if (options)
        dg_session_log(options, line);
    free(line);
    free(kept);
    return status;
}

dg_status dg_recorded_keep_other(const dg_session *s, uint64_t written, const dg_options *options)
{
    bool other = false;
    uint64_t hash = 0;
    int64_t bytes = 0;
    /* HDF5 may crash in a damaged file: one that nothing vouches for is not opened */
    DG_TRY(holds_other(&other, s, false));
    if (!other) return DG_OK;
    char *result = dg_text("%s/" DG_RESULT_NAME, s->directory);
    if (!result) return dg_session_no_memory();
    const bool same = dg_file_hash(result, &hash, &bytes) == DG_OK && hash == written;
    const dg_status status = same ? DG_OK : put_aside(s, result, options);
    free(result);
    return status;
}

/* ---- its age --------------------------------------------------------------------------------- */

dg_result_age dg_result_recorded_age(const char *directory, const dg_experiment *experiment,
                                     const dg_fingerprint *id, size_t ended)
{
    dg_pool pool = {0};
    dg_result_age age = DG_RESULT_UNKNOWN;
    const dg_node *root = read_provenance(&pool, directory);
    const char *build = dg_node_text(root, "written_by", NULL);
    const size_t missing = count_of(root, "runs_missing");
    if (build && missing <= experiment->runs) {
        const bool all = missing + ended <= experiment->runs;
        age = all && is_of(root, experiment, id, build) ? DG_RESULT_NEW : DG_RESULT_OLD;
    }
    dg_pool_free(&pool);
    return age;
}
