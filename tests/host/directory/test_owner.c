/** host/directory/owner.c: a result that nothing here can make again is not replaced. */
#include "host/directory/owner.h"

#include "host/directory/manifest.h"
#include "host/directory/result.h"
#include "host/directory/session_manifest.h"
#include "host/directory/standing_read.h"
#include "host/store/store.h"
#include "tests/support/contents.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"
#include "tests/support/stopper.h"

#include <criterion/criterion.h>

#include <netcdf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMALL "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n"
static const char ours[] = SMALL "sweep: {product: {seed: [1, 2]}}\n";
static const char others[] = SMALL "sweep: {product: {seed: [7, 8]}}\n";

static char *folder, *other; /* with the results of these two */
static collected_log logged;
static const dg_options listening = {.log = collect_log, .user = &logged};

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static void set_up(void)
{
    folder = records_folder();
    OK(folder_run(folder, ours, NULL, NULL, NULL));
    other = folder_unbroken(others);
}

static void tear_down(void)
{
    records_remove(folder);
    records_remove(other);
}

TestSuite(owner, .init = set_up, .fini = tear_down, .timeout = 60);

static void copy(const char *name)
{
    size_t length;
    char *bytes = file_bytes(folder_path(other, name), &length);
    file_put(folder_path(folder, name), bytes, length);
    free(bytes);
}

static void remove_batches(void)
{
    while (folder_count(folder, DG_BATCH_FOLDER) > 0)
        cr_assert_eq(remove(folder_file(folder, DG_BATCH_FOLDER, 0)), 0);
}

/** Every call that would replace the result is refused, and it stays as it is. */
static void expect_refused(void)
{
    const dg_options part = {.shard = 2, .shards = 2}, none = {0};
    size_t before, after;
    char *bytes = file_bytes(folder_result(folder), &before);
    dg_experiment *e = load_text(ours, NULL, NULL);
    static const char *const what[] = {"run", "shard", "check"};
    for (int k = 0; k < 3; k++) {
        cr_expect_eq(k == 0   ? folder_run(folder, ours, NULL, NULL, NULL)
                     : k == 1 ? folder_run(folder, ours, &part, NULL, NULL)
                              : dg_session_check(e, folder, &none),
                     DG_ERR_ARGUMENT, "%s: %s", what[k], dg_error());
        cr_expect(strstr(dg_error(), folder_result(folder)) == dg_error(), "%s: %s", what[k],
                  dg_error());
        cr_expect(strstr(dg_error(), "--overwrite of digico run") != NULL, "%s: %s", what[k],
                  dg_error());
    }
    char *now = file_bytes(folder_result(folder), &after);
    cr_expect(before == after && memcmp(bytes, now, before) == 0, "it has changed");
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 0, "nothing was computed");
    free(bytes);
    free(now);
    dg_experiment_free(&e);
}

Test(owner, a_result_of_others_is_not_replaced_without_batches)
{
    remove_batches();
    copy(DG_RESULT_NAME);
    expect_refused();
    copy(DG_PROVENANCE_NAME); /* now its hash is right, but it is not of this experiment */
    expect_refused();
    cr_assert_eq(unlink(folder_path(folder, DG_PROVENANCE_NAME)), 0);
    expect_refused();
    OK(folder_run(folder, ours, &(dg_options){.overwrite = 1}, NULL, NULL));
    char *unbroken = folder_unbroken(ours);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(unbroken);
}

/** With the bytes of ours, and nothing that vouches for them: all would be computed again. */
Test(owner, a_result_alone_is_not_replaced)
{
    remove_batches();
    cr_assert_eq(unlink(folder_path(folder, DG_PROVENANCE_NAME)), 0);
    expect_refused();
    cr_expect(strstr(dg_error(), "its hash is not in " DG_PROVENANCE_NAME) != NULL, "%s",
              dg_error());
}

/** The state of the folder says whose its result is; returns the number of runs that have ended. */
static size_t expect_standing(dg_sweep_result result, size_t damages, bool check)
{
    dg_standing *s = NULL;
    OK(dg_standing_read(&s, folder, check));
    cr_expect_eq(s->result, result, "%d", (int)s->result);
    cr_expect_eq(s->damages.count, damages);
    if (damages > 0)
        cr_expect(strstr(s->damages.name[0], "results.nc: of another experiment") != NULL, "%s",
                  s->damages.name[0]);
    const size_t ended = dg_sweep_ended(s);
    dg_standing_free(&s);
    return ended;
}

/** Copied in with its provenance, its hash is right. */
Test(owner, a_result_of_others_is_not_taken_for_that_of_the_sweep)
{
    dg_results *results = NULL;
    cr_expect_eq(expect_standing(DG_STANDING_RESULT, 0, true), 2);
    copy(DG_RESULT_NAME);
    copy(DG_PROVENANCE_NAME);
    for (int batches = 1; batches >= 0; batches--) {
        if (batches == 0) remove_batches();
        for (int check = 0; check < 2; check++)
            cr_expect_eq(expect_standing(DG_STANDING_OTHER_RESULT, 1, check), batches ? 2 : 0);
        cr_expect_eq(dg_result_open(&results, folder, false), DG_ERR_ARGUMENT);
        cr_expect(strstr(dg_error(), "of another experiment") != NULL, "%s", dg_error());
    }
    OK(dg_result_open(&results, folder, true));
    dg_results_close(&results);
    cr_assert_eq(unlink(folder_path(folder, DG_PROVENANCE_NAME)), 0);
    cr_expect_eq(dg_result_open(&results, folder, false), DG_ERR_ARGUMENT);
    cr_expect_eq(expect_standing(DG_STANDING_OTHER_RESULT, 1, false), 0);
    cr_assert_eq(unlink(folder_path(folder, DG_MANIFEST_NAME)), 0);
    OK(dg_result_open(&results, folder, false)); /* a result that was copied somewhere */
    dg_results_close(&results);
}

/** Of a smaller sweep, all of whose runs the grown one has: it is only old. */
Test(owner, a_result_of_before_is_not_that_of_others)
{
    static const char grown[] = SMALL "sweep: {product: {seed: [1, 2, 3]}}\n";
    const volatile int now = 1;
    dg_results *results = NULL;
    cr_expect_eq(folder_run(folder, grown, &(dg_options){.stop = &now}, NULL, NULL),
                 DG_ERR_STOPPED);
    cr_expect_eq(expect_standing(DG_STANDING_OLD_RESULT, 0, true), 2);
    OK(dg_result_open(&results, folder, false));
    dg_results_close(&results);
}

Test(owner, a_damaged_manifest_is_no_reason_to_replace_it)
{
    size_t length;
    remove_batches();
    copy(DG_RESULT_NAME);
    copy(DG_PROVENANCE_NAME);
    file_flip(folder_path(folder, DG_MANIFEST_NAME), 3, 2);
    char *manifest = file_bytes(folder_path(folder, DG_MANIFEST_NAME), &length);
    expect_refused();
    char *now = file_bytes(folder_path(folder, DG_MANIFEST_NAME), &length);
    cr_expect_eq(memcmp(now, manifest, length), 0, "it was not written again");
    free(manifest);
    free(now);
}

Test(owner, neither_is_a_missing_one)
{
    remove_batches();
    copy(DG_RESULT_NAME);
    cr_assert_eq(unlink(folder_path(folder, DG_MANIFEST_NAME)), 0);
    cr_expect_eq(folder_run(folder, ours, NULL, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect_not(dg_file_exists(folder_path(folder, DG_MANIFEST_NAME)));
}

Test(owner, a_damaged_result_without_batches_is_not_replaced)
{
    remove_batches();
    file_flip(folder_result(folder), -1, 0);
    expect_refused();
    file_flip(folder_result(folder), -1, 0);
    OK(folder_run(folder, ours, NULL, NULL, NULL));
}

/** A results.nc that states so many runs that no machine has the memory for their hashes. */
static void forge(void)
{
    const size_t chunk = 16;
    int file, run, hash, status;
    cr_assert_eq(nc_create(folder_result(folder), NC_NETCDF4 | NC_CLOBBER, &file), NC_NOERR);
    cr_assert_eq(nc_def_dim(file, "run", (size_t)1 << 50, &run), NC_NOERR);
    cr_assert_eq(nc_def_var(file, "hash", NC_UINT64, 1, &run, &hash), NC_NOERR);
    cr_assert_eq(nc_def_var(file, "status", NC_BYTE, 1, &run, &status), NC_NOERR);
    cr_assert_eq(nc_def_var_chunking(file, hash, NC_CHUNKED, &chunk), NC_NOERR);
    cr_assert_eq(nc_def_var_chunking(file, status, NC_CHUNKED, &chunk), NC_NOERR);
    cr_assert_eq(nc_close(file), NC_NOERR);
    cr_assert_eq(unlink(folder_path(folder, DG_PROVENANCE_NAME)), 0);
}

/** merge has no --overwrite: a message names the command that has it. */
Test(owner, a_merge_proposes_no_option_that_it_lacks)
{
    remove_batches();
    file_flip(folder_result(folder), -1, 0);
    cr_expect_eq(dg_experiment_merge(folder, 0, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "--overwrite of digico run") != NULL, "%s", dg_error());
    cr_expect_null(strstr(dg_error(), "all runs would be computed"), "%s", dg_error());
}

Test(owner, a_count_of_runs_is_not_believed)
{
    remove_batches();
    forge();
    expect_refused();
}

/* ---- with batches ---------------------------------------------------------------------------- */

/** The result is that of the batches, and `kept` has the bytes of the other. */
static void expect_kept(const char *kept)
{
    char *unbroken = folder_unbroken(ours);
    OK(folder_run(folder, ours, &listening, NULL, NULL));
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    contents_expect_same_bytes(folder_path(folder, kept), folder_result(other));
    cr_expect(strstr(logged.text, folder_path(folder, kept)) != NULL, "%s", logged.text);
    records_remove(unbroken);
}

Test(owner, a_result_of_others_is_kept_beside_the_new_one)
{
    copy(DG_RESULT_NAME);
    expect_kept("results.nc.replaced");
    cr_expect(strstr(logged.text, ": damaged or replaced: it is not what ") != NULL, "%s",
              logged.text);
    copy(DG_RESULT_NAME);
    copy(DG_PROVENANCE_NAME);
    expect_kept("results.nc.replaced-2");
    cr_expect(strstr(logged.text, ": of another experiment: renamed to") != NULL, "%s",
              logged.text);
    copy(DG_RESULT_NAME);
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    cr_expect(dg_file_exists(folder_path(folder, "results.nc.replaced-3")));
}

Test(owner, what_nothing_vouches_for_does_not_stop_whole_batches)
{
    forge();
    OK(folder_run(folder, ours, NULL, NULL, NULL));
    cr_expect(dg_file_exists(folder_path(folder, "results.nc.replaced")));
    forge();
    OK(dg_experiment_merge(folder, 0, NULL, NULL));
    cr_expect(dg_file_exists(folder_path(folder, "results.nc.replaced-2")));
}

/** HDF5 would read it, and its runs are ours: it is put aside all the same, for it is not opened. */
Test(owner, a_result_that_is_not_recorded_is_put_aside)
{
    size_t length;
    cr_assert_eq(unlink(folder_path(folder, DG_PROVENANCE_NAME)), 0);
    char *bytes = file_bytes(folder_result(folder), &length); /* with a NUL after it */
    file_put(folder_result(folder), bytes, length + 1);
    free(bytes);
    OK(folder_run(folder, ours, NULL, NULL, NULL));
    cr_expect(dg_file_exists(folder_path(folder, "results.nc.replaced")));
}

static void expect_nothing_kept(const char *yaml)
{
    OK(folder_run(folder, yaml, NULL, NULL, NULL));
    cr_expect_not(dg_file_exists(folder_path(folder, "results.nc.replaced")));
}

Test(owner, the_own_result_is_not_kept)
{
    static const char grown[] = SMALL "sweep: {product: {seed: [1, 2, 3]}}\n";
    const volatile int now = 1;
    cr_assert_eq(unlink(folder_path(folder, DG_PROVENANCE_NAME)), 0);
    expect_nothing_kept(ours);
    file_put(folder_path(folder, DG_PROVENANCE_NAME), "{\"xxh3_64\": \"0123456789abcdef\"}", 31);
    expect_nothing_kept(ours); /* the new file has the same bytes */
    /* the manifest is that of the grown sweep, results.nc and its provenance of the smaller one */
    cr_expect_eq(folder_run(folder, grown, &(dg_options){.stop = &now}, NULL, NULL),
                 DG_ERR_STOPPED);
    expect_nothing_kept(grown);
}
