/** What provenance.json records of a result, and whose result it is; see recorded.h. */
#include "host/directory/recorded.h"

#include "host/base/files.h"
#include "host/base/hash.h"
#include "host/directory/manifest.h"
#include "host/directory/session_internal.h"
#include "host/store/integrity.h"

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
                          dg_status compared)
{
    if (!options) return;
    char *line =
        compared != DG_OK && recorded
            ? dg_text("%s; it is written again from the batches", dg_error())
            : dg_text("%s/" DG_RESULT_NAME ": %s; it is written again from the batches",
                      s->directory,
                      recorded ? "damaged: its hash differs from that in " DG_PROVENANCE_NAME
                               : "cannot be checked: " DG_PROVENANCE_NAME " is missing or damaged");
    if (line) dg_session_warn(options, line);
    free(line);
}

bool dg_assembled_already(dg_run_counts *out, const dg_session *s, const dg_options *options)
{
    dg_integrity integrity = DG_RESULT_UNCHECKED;
    if (!dg_directory_has(s->directory, DG_RESULT_NAME)) return false;
    const recorded_result recorded = recorded_of(s);
    const dg_status compared = dg_integrity_of(&integrity, NULL, s->directory, false);
    const bool intact = compared == DG_OK && integrity == DG_RESULT_INTACT;
    if (!intact || !recorded.readable) report_damage(options, s, recorded.readable, compared);
    if (!intact || !recorded.of_experiment || recorded.count.of[DG_RUN_PLANNED] != 0 ||
        dg_run_counts_ended(&recorded.count) != s->experiment->runs)
        return false;
    *out = recorded.count;
    return true;
}

/* ---- whose is it? ---------------------------------------------------------------------------- */

bool dg_recorded_as_of(const char *directory, const dg_experiment *e, const dg_fingerprint *id)
{
    dg_pool pool = {0};
    const dg_node *root = read_provenance(&pool, directory);
    const char *build = dg_node_text(root, "written_by", NULL);
    const bool ours = build && is_of(root, e, id, build);
    dg_pool_free(&pool);
    return ours;
}

dg_status dg_recorded_build(char **out, const char *directory)
{
    dg_pool pool = {0};
    *out = NULL;
    if (!dg_directory_has(directory, DG_RESULT_NAME)) return DG_OK;
    const char *build = dg_node_text(read_provenance(&pool, directory), "written_by", NULL);
    if (build) *out = strdup(build);
    const dg_status status = build && !*out ? dg_session_no_memory() : DG_OK;
    dg_pool_free(&pool);
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
