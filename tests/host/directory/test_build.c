/**
 * host/directory/assemble.c, session_manifest.c: the build is part of what a result is.
 *
 * This program has a version and a commit of its own, so that a child of it is another build.
 */
#include "host/directory/assemble.h"
#include "host/directory/recorded.h"

#include "host/base/build_info.h"
#include "host/directory/manifest.h"
#include "host/archive/provenance.h"
#include "host/directory/session_manifest.h"
#include "host/directory/session_open.h"
#include "host/directory/standing_read.h"
#include "tests/support/contents.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *version = "1.2.3", *commit = "64c7a4ec7f6b";

const char *dg_version(void)
{
    return version;
}

const char *dg_build_git_commit(void)
{
    return commit;
}

static const char six[] = "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n"
                          "sweep: {product: {seed: [3, 1, 2], values: [5, 6]}}\n";
static const dg_options mixed = {.mixed_builds = 1};
static char *folder;

/** A call of a build of this version into a folder; a child makes it, before any thread of ours. */
static void run_as(const char *build, const char *directory, const dg_options *options)
{
    int status;
    const pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        version = build;
        _exit(folder_run(directory, six, options, NULL, NULL) == DG_OK ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/** The result of another build in the folder. */
static void set_up(void)
{
    folder = records_folder();
    run_as("1.2.4", folder, NULL);
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(build, .init = set_up, .fini = tear_down, .timeout = 60);

static bool provenance_has(const char *text)
{
    size_t length;
    char *bytes = file_bytes(folder_path(folder, DG_PROVENANCE_NAME), &length);
    const bool has = strstr(bytes, text) != NULL;
    free(bytes);
    return has;
}

static ino_t result_file(void)
{
    struct stat info;
    cr_assert_eq(stat(folder_result(folder), &info), 0);
    return info.st_ino;
}

Test(build, that_differs_needs_another_result)
{
    dg_session *s = NULL;
    dg_run_counts count;
    dg_experiment *e = load_text(six, NULL, NULL);
    cr_assert_eq(dg_session_open(&s, e, folder, &mixed), DG_OK, "%s", dg_error());
    cr_expect_not(dg_assembled_already(&count, s, NULL));
    cr_assert_eq(dg_assemble(s, NULL), DG_OK, "%s", dg_error());
    cr_expect(dg_assembled_already(&count, s, NULL));
    dg_session_close(&s);
    dg_experiment_free(&e);
}

/** Nothing is computed; the result is written again, as its attributes name the build. */
Test(build, that_differs_writes_its_own_result_from_the_batches)
{
    dg_outcome outcome;
    cr_expect(provenance_has("\"written_by\": \"1.2.4 "));
    cr_assert_eq(folder_run(folder, six, &mixed, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_kept, 6);
    cr_expect_eq(outcome.agent_steps, 0);
    cr_expect(provenance_has("\"written_by\": \"1.2.3 "));
    cr_expect_not(provenance_has("\"written_by\": \"1.2.4 "));
    cr_expect(provenance_has("\"digico_version\": \"1.2.4\""), "who computed the batches");
    char *unbroken = folder_unbroken(six);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(unbroken);
    const ino_t file = result_file();
    cr_assert_eq(folder_run(folder, six, &mixed, NULL, NULL), DG_OK, "%s", dg_error());
    cr_expect_eq(result_file(), file, "written only once");
}

Test(build, that_differs_changes_nothing_without_mixed_builds)
{
    const ino_t file = result_file();
    cr_expect_eq(folder_run(folder, six, NULL, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "begun by digico 1.2.4 ") != NULL, "%s", dg_error());
    cr_expect(strstr(dg_error(), "expected this build, 1.2.3 ") != NULL, "%s", dg_error());
    cr_expect_eq(result_file(), file);
}

/** A result that cannot be written again without computing all runs is not replaced. */
Test(build, that_differs_does_not_replace_a_result_without_batches)
{
    while (folder_count(folder, DG_BATCH_FOLDER) > 0)
        cr_assert_eq(remove(folder_file(folder, DG_BATCH_FOLDER, 0)), 0);
    const ino_t file = result_file();
    cr_expect_eq(folder_run(folder, six, &mixed, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "the batches of its 6 runs") != NULL, "%s", dg_error());
    cr_expect_eq(result_file(), file);
}

static void copy_file(const char *name, const char *to)
{
    size_t length;
    char *bytes = file_bytes(folder_path(folder, name), &length);
    file_put(folder_path(to, name), bytes, length);
    free(bytes);
}

/** A finished sweep of this build into which the result of the other build was copied. */
static char *mixed_by_copy(bool batches)
{
    char *own = folder_unbroken(six);
    while (!batches && folder_count(own, DG_BATCH_FOLDER) > 0)
        cr_assert_eq(remove(folder_file(own, DG_BATCH_FOLDER, 0)), 0);
    copy_file("results.nc", own);
    copy_file(DG_PROVENANCE_NAME, own);
    return own;
}

/** Nothing here vouches that this build would write the same bytes. */
Test(build, that_differs_does_not_lose_its_result)
{
    static const dg_options none = {0};
    size_t before, after;
    char *expected = file_bytes(folder_result(folder), &before);
    dg_experiment *e = load_text(six, NULL, NULL);
    for (int k = 0; k < 2; k++) {
        char *own = mixed_by_copy(k == 0);
        for (int call = 0; call < 3; call++) {
            const dg_status status = call == 0   ? folder_run(own, six, &none, NULL, NULL)
                                     : call == 1 ? dg_experiment_merge(own, 0, NULL, NULL)
                                                 : dg_session_check(e, own, &none);
            cr_expect_eq(status, DG_ERR_ARGUMENT, "call %d", call);
            cr_expect(strstr(dg_error(), "results.nc: written by digico 1.2.4 ") != NULL, "%s",
                      dg_error());
            cr_expect(strstr(dg_error(), "use --mixed-builds") != NULL, "%s", dg_error());
        }
        /* to accept it is not to lose it: without batches all runs would be computed again */
        const dg_status status = folder_run(own, six, &mixed, NULL, NULL);
        cr_expect_eq(status, k == 0 ? DG_OK : DG_ERR_ARGUMENT, "%s", dg_error());
        char *found = file_bytes(folder_result(own), &after);
        if (k == 1) cr_expect(before == after && memcmp(expected, found, before) == 0);
        free(found);
        records_remove(own);
    }
    dg_experiment_free(&e);
    free(expected);
}

/** The manifest names the build that began; the batches say which others have gone on. */
Test(build, that_differs_is_found_by_the_build_that_began)
{
    const dg_options first = {.shard = 1, .shards = 2}, none = {0},
                     second = {.shard = 2, .shards = 2, .mixed_builds = 1};
    char *shared = records_folder();
    dg_experiment *e = load_text(six, NULL, NULL);
    run_as("1.2.3", shared, &first);
    run_as("1.2.4", shared, &second);
    cr_expect_eq(folder_run(shared, six, NULL, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "computed by digico 1.2.4 ") != NULL, "%s", dg_error());
    cr_expect(strstr(dg_error(), "use --mixed-builds") != NULL, "%s", dg_error());
    cr_expect_not(dg_file_exists(folder_result(shared)), "mixed without a word");
    cr_expect_eq(folder_run(shared, six, &first, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_session_check(e, shared, &none), DG_ERR_ARGUMENT);
    /* a manifest that is written again knows no builds */
    cr_assert_eq(remove(folder_path(shared, DG_MANIFEST_NAME)), 0);
    cr_expect_eq(folder_run(shared, six, NULL, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect_not(dg_file_exists(folder_path(shared, DG_MANIFEST_NAME)));
    cr_expect_eq(folder_run(shared, six, &mixed, NULL, NULL), DG_OK, "%s", dg_error());
    dg_experiment_free(&e);
    records_remove(shared);
}

/** A merge checks the build of every batch: here another build has continued this build's sweep. */
Test(build, that_differs_is_found_in_any_batch)
{
    const dg_options first = {.shard = 1, .shards = 2},
                     second = {.shard = 2, .shards = 2, .mixed_builds = 1};
    char *shared = records_folder();
    run_as("1.2.3", shared, &first);
    run_as("1.2.4", shared, &second);
    cr_expect_eq(dg_experiment_merge(shared, 0, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "1.2.4 ") && strstr(dg_error(), "1.2.3 "), "%s", dg_error());
    cr_expect_not(dg_file_exists(folder_result(shared)));
    cr_expect_eq(dg_experiment_merge(shared, 0, &mixed, NULL), DG_OK, "%s", dg_error());
    records_remove(shared);
}

static dg_result_age age_of(const dg_experiment *e, size_t ended)
{
    dg_fingerprint *id = NULL;
    cr_assert_eq(dg_fingerprints_of(&id, e), DG_OK);
    const dg_result_age age = dg_result_recorded_age(folder, e, id, ended);
    free(id);
    return age;
}

/** A complete result of another build is not old; one that names a wrong build is. */
Test(build, that_differs_has_no_old_result)
{
    size_t length;
    dg_experiment *e = load_text(six, NULL, NULL);
    char *path = dg_text("%s/" DG_PROVENANCE_NAME, folder), *text = file_bytes(path, &length);
    cr_expect_eq(age_of(e, 6), DG_RESULT_NEW);
    char *place = strstr(text, "\"written_by\": \"1.2.4 ");
    cr_assert_not_null(place);
    memcpy(place, "\"written_by\": \"1.2.5 ", strlen("\"written_by\": \"1.2.5 "));
    file_put(path, text, length);
    cr_expect_eq(age_of(e, 6), DG_RESULT_OLD);
    free(text);
    free(path);
    dg_experiment_free(&e);
}

/** What shards would refuse is refused before they are queued. */
Test(build, a_check_compares_builds_without_a_manifest)
{
    static const dg_options none = {0};
    dg_experiment *e = load_text(six, NULL, NULL);
    cr_assert_eq(unlink(folder_path(folder, DG_MANIFEST_NAME)), 0);
    cr_expect_eq(dg_session_check(e, folder, &none), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "computed by digico 1.2.4") != NULL, "%s", dg_error());
    cr_expect_eq(dg_session_check(e, folder, &mixed), DG_OK, "%s", dg_error());
    file_put(folder_path(folder, DG_MANIFEST_NAME), "{", 1);
    cr_expect_eq(dg_session_check(e, folder, &none), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "computed by digico 1.2.4") != NULL, "%s", dg_error());
    dg_experiment_free(&e);
}

/** With --mixed-builds it is accepted, and said in each call, also by a look at the sweep. */
Test(build, that_is_unknown_is_said_with_mixed_builds)
{
    dg_standing *sweep = NULL;
    char *own = folder_unbroken(six);
    archive_change(folder_file(own, DG_BATCH_FOLDER, 0), DG_ARCHIVE_BATCH,
                   "digico_version\":", "digico_version\" ");
    for (int call = 0; call < 2; call++) {
        collected_log log = {0};
        const dg_options how = {.mixed_builds = 1, .log = collect_log, .user = &log};
        cr_assert_eq(folder_run(own, six, &how, NULL, NULL), DG_OK, "%s", dg_error());
        cr_expect(strstr(log.text, "the build that computed its runs is not known") != NULL,
                  "call %d: %s", call, log.text);
    }
    cr_assert_eq(dg_standing_read(&sweep, own, true), DG_OK, "%s", dg_error());
    cr_expect_eq(sweep->damages.count, 0);
    cr_assert_eq(sweep->notes.count, 1);
    cr_expect(strstr(sweep->notes.name[0], "the build that computed its runs is not known"));
    dg_standing_free(&sweep);
    records_remove(own);
}

/** Two programs that were built outside of git have one text; only a hash of the sources tells them apart. */
static void expect_own_folder_accepted(const char *of_both, dg_status expected)
{
    commit = of_both;
    dg_experiment *e = load_text(six, NULL, NULL);
    char *own = records_folder();
    const dg_options first = {.shard = 1, .shards = 2}, second = {.shard = 2, .shards = 2};
    run_as("1.2.3", own, &first);
    cr_expect_eq(folder_run(own, six, &second, NULL, NULL), expected, "%s: %s", of_both,
                 dg_error());
    cr_expect_eq(dg_session_check(e, own, &second), expected, "%s", of_both);
    if (expected != DG_OK)
        cr_expect(strstr(dg_error(), "use --mixed-builds") != NULL, "%s", dg_error());
    cr_expect_eq(folder_run(own, six, &mixed, NULL, NULL), DG_OK, "%s: %s", of_both, dg_error());
    records_remove(own);
    dg_experiment_free(&e);
}

Test(build, without_a_commit_is_not_taken_for_another_one)
{
    expect_own_folder_accepted("unknown", DG_ERR_ARGUMENT);
}

Test(build, with_changes_is_not_taken_for_another_one)
{
    expect_own_folder_accepted("64c7a4ec7f6b-dirty", DG_ERR_ARGUMENT);
}

Test(build, without_a_commit_is_known_by_its_sources)
{
    expect_own_folder_accepted("unknown-0c5d8e0f2b1a", DG_OK);
}
