/** Does an experiment match a result directory? Compared with its manifest and contents. */
#include "host/directory/session_manifest.h"

#include "host/directory/session_internal.h"
#include "host/base/files.h"
#include "host/config/tree.h"
#include "host/directory/manifest.h"
#include "host/archive/provenance.h"
#include "host/directory/own_files.h"
#include "host/directory/owner.h"
#include "host/directory/recorded.h"
#include "host/store/results.h"

#include <stdlib.h>
#include <string.h>

static bool same_source(const dg_experiment *a, const dg_experiment *b)
{
    bool same = strcmp(dg_experiment_file(a), dg_experiment_file(b)) == 0 &&
                a->source == b->source && strcmp(a->text, b->text) == 0 && a->sets == b->sets;
    for (size_t i = 0; i < a->sets && same; i++) same = strcmp(a->set[i], b->set[i]) == 0;
    return same;
}

/** *out: are all runs of the stored experiment among those of the session? */
static dg_status has_all_runs(bool *out, const dg_session *s, const dg_experiment *stored)
{
    *out = true;
    if (same_source(stored, s->experiment)) return DG_OK;
    dg_fingerprint *id = NULL, *sorted = dg_session_sorted_ids(s);
    const dg_status status = sorted ? dg_fingerprints_of(&id, stored) : dg_session_no_memory();
    for (size_t r = 0; status == DG_OK && r < stored->runs && *out; r++)
        *out = bsearch(&id[r], sorted, s->experiment->runs, sizeof *sorted,
                       dg_fingerprint_compare) != NULL;
    free(id);
    free(sorted);
    return status;
}

/* ---- builds ---------------------------------------------------------------------------------- */

/** dg_manifest_build() of the program that computed a file's runs, freed by the caller; NULL: unknown. */
static dg_status build_of(char **out, const dg_archive *archive)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    *out = NULL;
    if (!dg_archive_find(archive, DG_PART_PROVENANCE, 0)) return DG_OK;
    dg_status status = dg_provenance_read(&root, &pool, archive);
    if (status == DG_OK) {
        *out = dg_text("%s %s", dg_node_text(root, "digico_version", ""),
                       dg_node_text(root, "git_commit", ""));
        if (!*out) status = dg_session_no_memory();
    }
    dg_pool_free(&pool);
    return status == DG_ERR_IO ? DG_OK : status;
}

/** Of a batch whose provenance was damaged: its intact runs count, whichever command reads them. */
static dg_status say_unknown(const dg_archive *archive, const dg_options *options)
{
    char *line = dg_provenance_unknown(archive);
    if (!line) return dg_session_no_memory();
    dg_session_warn(options, line);
    free(line);
    return DG_OK;
}

/** Refuse batches of another build, and checkpoints that a call would go on from. */
static dg_status check_archives(const dg_session *s, const dg_options *options)
{
    for (size_t k = 0; k < s->inventory.files; k++) {
        const dg_archive *archive = s->inventory.file[k].archive;
        char *build = NULL;
        if (k >= s->inventory.batches && !dg_inventory_needs(&s->inventory, archive)) continue;
        dg_status status = build_of(&build, archive);
        if (status == DG_OK && !build) status = say_unknown(archive, options);
        if (build && !options->mixed_builds && !dg_manifest_is_ours(build))
            status = dg_fail(DG_ERR_ARGUMENT,
                             "%s: computed by digico %s, expected this build, %s; to accept it, "
                             "use --mixed-builds",
                             archive->path, build, dg_manifest_build());
        free(build);
        DG_TRY(status);
    }
    return DG_OK;
}

/** Refuse to replace a result that cannot be written again because its batches were removed. */
static dg_status check_result_alone(const dg_session *s)
{
    const size_t ended = s->inventory.finished_count == 0 ? dg_results_ended(s->directory) : 0;
    if (ended == 0) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s/" DG_RESULT_NAME ": the batches of its %zu runs have been removed, and this "
                   "file or build differs: all would be computed again; use another folder, or "
                   "--overwrite of digico run",
                   s->directory, ended);
}

/**
 * Refuse runs and a result of another build; with --mixed-builds a result is refused alone if its
 * batches are gone, as it would be replaced. Say which runs are of an unknown build.
 */
static dg_status check_builds(const dg_session *s, const dg_options *options)
{
    char *build = NULL;
    DG_TRY(check_archives(s, options));
    DG_TRY(dg_recorded_build(&build, s->directory));
    dg_status status = DG_OK;
    if (build && !dg_manifest_is_ours(build))
        status = options->mixed_builds
                     ? check_result_alone(s)
                     : dg_fail(DG_ERR_ARGUMENT,
                               "%s/" DG_RESULT_NAME ": written by digico %s, expected this build, "
                               "%s; to accept it, use --mixed-builds",
                               s->directory, build, dg_manifest_build());
    free(build);
    return status;
}

/** Refuse what another build began or went on with: one build alone promises equal results. */
static dg_status check_build(const dg_session *s, const char *build, const dg_options *options)
{
    /* the manifest names the build that began; others may have gone on with --mixed-builds */
    if (options->mixed_builds || dg_manifest_is_ours(build)) return check_builds(s, options);
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s: begun by digico %s, expected this build, %s; to continue it anyway, use "
                   "--mixed-builds; to start again, --overwrite of digico run",
                   s->directory, build, dg_manifest_build());
}

/* a finished sweep may consist of results.nc alone: its batches may be removed */
bool dg_session_is_empty(const dg_session *s)
{
    return s->inventory.finished_count == 0 && s->inventory.begun_count == 0 &&
           !dg_directory_has(s->directory, DG_RESULT_NAME);
}

/** *out: are all runs of the session among those of the stored experiment? */
static dg_status is_part_of(bool *out, const dg_session *s, const dg_experiment *stored)
{
    dg_fingerprint *id = NULL;
    DG_TRY(dg_fingerprints_of(&id, stored));
    qsort(id, stored->runs, sizeof *id, dg_fingerprint_compare);
    *out = true;
    for (size_t r = 0; r < s->experiment->runs && *out; r++)
        *out = bsearch(&s->id[r], id, stored->runs, sizeof *id, dg_fingerprint_compare) != NULL;
    free(id);
    return DG_OK;
}

/** Refuse another configuration, with the ways on: the one that deletes comes last. */
static dg_status fail_other(const dg_session *s, const dg_experiment *stored, bool overwrite)
{
    bool part = false;
    char keys[560], ways[200] = "";
    DG_TRY(is_part_of(&part, s, stored));
    dg_manifest_difference(stored, s->experiment, keys, sizeof keys);
    const size_t stored_runs = s->inventory.finished_count;
    const size_t ended = stored_runs > 0 ? stored_runs : dg_results_ended(s->directory);
    if (overwrite)
        snprintf(ways, sizeof ways,
                 ", or --overwrite, which deletes what is there (%zu finished run%s)", ended,
                 ended == 1 ? "" : "s");
    if (part)
        return dg_fail(DG_ERR_ARGUMENT,
                       "%s: holds a larger sweep, which has all of these runs: %s; a sweep grows "
                       "but does not shrink: use its own configuration, another folder (-o)%s",
                       s->directory, keys, ways);
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s: holds another configuration: %s; use another folder (-o)%s", s->directory,
                   keys, ways);
}

/* ---- the manifest ---------------------------------------------------------------------------- */

/** Write the manifest, unless that would be the first step to replacing another's result. */
static dg_status write_manifest(const dg_session *s)
{
    DG_TRY(dg_owner_check(s));
    return dg_manifest_write(s->directory, s->experiment);
}

/** The same where the manifest that was there told nothing. */
static dg_status write_anew(const dg_session *s, const dg_options *options)
{
    DG_TRY(check_builds(s, options));
    return write_manifest(s);
}

/** Compare the experiment and build with those of the manifest; replace the manifest if needed. */
static dg_status compare_manifest(dg_session *s, const dg_experiment *stored, const char *build,
                                  const dg_options *options)
{
    bool all = false;
    /* another shard that has stored nothing yet may be computing for this manifest */
    if (!dg_session_is_empty(s) || dg_directory_has_others(s->lock)) {
        DG_TRY(has_all_runs(&all, s, stored));
        if (!all) return fail_other(s, stored, true);
        DG_TRY(check_build(s, build, options));
        const bool same = same_source(stored, s->experiment);
        if (!same || !dg_manifest_is_ours(build)) DG_TRY(check_result_alone(s));
        if (same) return dg_owner_check(s);
        if (stored->runs < s->experiment->runs)
            dg_session_log(options, "the sweep has grown; the runs it already has are kept");
    }
    return write_manifest(s);
}

dg_status dg_session_update_manifest(dg_session *s, const dg_options *options)
{
    dg_experiment *stored = NULL;
    char *build = NULL;
    if (!dg_directory_has(s->directory, DG_MANIFEST_NAME)) {
        if (s->inventory.files > 0)
            dg_session_warn(options, DG_MANIFEST_NAME " is missing, though there are runs: it is "
                                                      "written again");
        return write_anew(s, options);
    }
    dg_status status = dg_manifest_read(&stored, &build, s->directory);
    if (status == DG_OK) {
        status = compare_manifest(s, stored, build, options);
    } else if (status == DG_ERR_IO) {
        /* damaged: keys cannot be compared, but runs are found by their fingerprints */
        dg_session_warn(options, dg_error());
        status = write_anew(s, options);
        if (status == DG_OK) dg_session_warn(options, "the manifest is written again");
    } else if (status == DG_ERR_CONFIG) {
        char why[512];
        snprintf(why, sizeof why, "%s", dg_error());
        status = dg_fail(DG_ERR_ARGUMENT,
                         "%s: this build cannot read its manifest: %s; use another folder, or "
                         "--overwrite",
                         s->directory, why);
    }
    dg_experiment_free(&stored);
    free(build);
    return status;
}

/* a result beside batches is of a sweep that has lost its manifest */
dg_status dg_session_check_foreign(const char *directory, bool overwrite)
{
    DG_TRY(dg_own_files_check(directory));
    if (overwrite || !dg_directory_has(directory, DG_RESULT_NAME) ||
        dg_directory_has(directory, DG_MANIFEST_NAME) ||
        dg_directory_has(directory, DG_BATCH_FOLDER))
        return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s/" DG_RESULT_NAME ": of unknown origin: there is no " DG_MANIFEST_NAME
                   " beside it; use another folder, or --overwrite",
                   directory);
}

/* ---- check without opening a session --------------------------------------------------------- */

/** Compare experiment and build with those of the manifest, without changing anything. */
static dg_status check_content(const dg_session *s, const dg_options *options)
{
    bool all = false;
    char *build = NULL;
    dg_experiment *stored = NULL;
    dg_status status = DG_OK;
    if (dg_directory_has(s->directory, DG_MANIFEST_NAME))
        status = dg_manifest_read(&stored, &build, s->directory);
    if (status == DG_ERR_IO) status = DG_OK; /* damaged: a session writes it again */
    if (status != DG_OK) goto end;
    if (!stored) {
        status = check_builds(s, options);
        goto end;
    }
    DG_TRY_GOTO(has_all_runs(&all, s, stored), end);
    status = all ? check_build(s, build, options) : fail_other(s, stored, false);
end:
    if (status == DG_OK) status = dg_owner_check(s);
    free(build);
    dg_experiment_free(&stored);
    return status;
}

/** What dg_session_check() looks at; closed by the caller, after a failure, too. */
static dg_status look_at(dg_session **out, const dg_experiment *experiment, const char *directory)
{
    dg_session *s = *out = calloc(1, sizeof *s);
    if (!s) return dg_session_no_memory();
    s->experiment = experiment;
    s->lock = -1;
    s->directory = strdup(directory);
    dg_status status =
        s->directory ? dg_fingerprints_of(&s->id, experiment) : dg_session_no_memory();
    if (status == DG_OK) status = dg_session_check_foreign(directory, false);
    return status == DG_OK ? dg_session_read_inventory(s, NULL, 0, NULL, NULL) : status;
}

static dg_status check_looked_at(const dg_session *s, const dg_options *options)
{
    return dg_session_is_empty(s) ? DG_OK : check_content(s, options);
}

dg_status dg_session_check(const dg_experiment *experiment, const char *directory,
                           const dg_options *options)
{
    dg_session *s = NULL;
    dg_status status = look_at(&s, experiment, directory);
    if (status == DG_OK) status = check_looked_at(s, options);
    dg_session_close(&s);
    return status;
}

dg_status dg_session_check_mixed(const dg_experiment *experiment, const char *directory,
                                 bool *mixed)
{
    const dg_options plain = {0}, mixing = {.mixed_builds = 1};
    dg_session *s = NULL;
    *mixed = false;
    dg_status status = look_at(&s, experiment, directory);
    if (status == DG_OK) {
        status = check_looked_at(s, &plain);
        *mixed = status == DG_ERR_ARGUMENT;
        if (*mixed) status = check_looked_at(s, &mixing);
    }
    dg_session_close(&s);
    return status;
}
