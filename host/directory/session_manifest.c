/** Does an experiment belong into a result directory? Its manifest, and what is there, tell. */
#include "host/directory/session_manifest.h"

#include "host/directory/session_internal.h"
#include "host/base/files.h"
#include "host/directory/manifest.h"
#include "host/store/results.h"

#include <stdlib.h>
#include <string.h>

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
bool dg_session_is_empty(const dg_session *s)
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
    if (!dg_session_is_empty(s) || dg_directory_has_others(s->lock)) {
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
            dg_session_say(options, "the sweep has grown; what is there is kept");
    }
    return dg_manifest_write(s->directory, s->experiment);
}

dg_status dg_session_adopt(dg_session *s, const dg_fingerprint *sorted, const dg_options *options)
{
    dg_experiment *there = NULL;
    char *build = NULL, *path = dg_text("%s/" DG_MANIFEST_NAME, s->directory);
    if (!path) return dg_session_no_memory();
    const bool exists = dg_file_exists(path);
    free(path);
    if (!exists) {
        if (s->inventory.files > 0)
            dg_session_say(options, DG_MANIFEST_NAME " is missing beside runs: it is written anew");
        return dg_manifest_write(s->directory, s->experiment);
    }
    dg_status status = dg_manifest_read(&there, &build, s->directory);
    if (status == DG_OK) {
        status = compare_manifest(s, there, build, sorted, options);
    } else if (status == DG_ERR_IO) {
        /* runs are known by their fingerprints: only the comparison of keys is lost */
        dg_session_say(options, dg_error());
        dg_session_say(options, "the manifest is written anew");
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
dg_status dg_session_check_foreign(const char *directory)
{
    dg_status status = DG_OK;
    char *manifest = dg_text("%s/" DG_MANIFEST_NAME, directory);
    char *result = dg_text("%s/" DG_RESULT_NAME, directory);
    char *batches = dg_text("%s/" DG_BATCH_FOLDER, directory);
    if (!manifest || !result || !batches)
        status = dg_session_no_memory();
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

/* ---- asking beforehand ------------------------------------------------------------------------ */

/** Does what is there belong to this experiment and build? */
static dg_status check_content(const dg_session *s, const dg_options *options)
{
    bool all = false;
    char keys[700];
    char *build = NULL;
    dg_experiment *there = NULL;
    dg_fingerprint *sorted = dg_session_sorted_ids(s);
    dg_status status = sorted ? DG_OK : dg_session_no_memory();
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
    if (!s) return dg_session_no_memory();
    s->experiment = experiment;
    s->lock = -1;
    s->directory = strdup(directory);
    dg_status status =
        s->directory ? dg_fingerprints_of(&s->id, experiment) : dg_session_no_memory();
    if (status == DG_OK) status = dg_session_check_foreign(directory);
    if (status == DG_OK) status = dg_session_look_at(s, NULL, 0, NULL, NULL);
    if (status == DG_OK && !dg_session_is_empty(s)) status = check_content(s, options);
    dg_session_close(&s);
    return status;
}
