/** host/directory/session_*.c: what a call must not replace, rename or treat as empty. */
#include "host/directory/session.h"

#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(session_kept, .init = set_up, .fini = tear_down, .timeout = 60);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

#define SMALL "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 50}\n"
static const char four[] = SMALL "sweep: {product: {seed: [1, 2, 3, 4]}}\n";
static const char others[] = SMALL "values: 7\nsweep: {product: {seed: [1, 2, 3, 4]}}\n";

static void expect_unbroken(const char *yaml)
{
    char *other = folder_unbroken(yaml);
    contents_expect_same_bytes(folder_result(folder), folder_result(other));
    records_remove(other);
}

/** A directory with unfinished runs but no batch belongs to their sweep. */
Test(session_kept, checkpoints_alone_belong_to_a_sweep)
{
    static volatile int stop;
    const dg_options options = {.stop = &stop};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 2, .stop = &stop});
    dg_outcome outcome;
    cr_assert_eq(folder_run(folder, four, &options, &cpu, NULL), DG_ERR_STOPPED);
    cr_assert_eq(folder_count(folder, DG_BATCH_FOLDER), 0);
    cr_assert_gt(folder_count(folder, DG_CHECKPOINT_FOLDER), 0);
    cr_expect_eq(folder_run(folder, others, NULL, NULL, NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "values") != NULL, "%s", dg_error());
    OK(folder_run(folder, four, NULL, NULL, &outcome));
    cr_expect_eq(outcome.agent_steps, 4 * 9 * 3 * 2, "the second half");
    expect_unbroken(four);
}

/** An unreadable file may be another shard's: only a call of all runs renames it. */
Test(session_kept, unreadable_files_are_not_renamed_by_shards)
{
    const dg_options first = {.shard = 1, .shards = 2}, second = {.shard = 2, .shards = 2};
    OK(folder_run(folder, four, &first, NULL, NULL));
    file_put(folder_path(folder, DG_BATCH_FOLDER "/0123456789abcdef" DG_BATCH_ENDING), "no archive",
             10);
    OK(folder_run(folder, four, &second, NULL, NULL));
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 3);
    cr_expect(dg_file_exists(folder_path(folder, DG_BATCH_FOLDER "/0123456789abcdef.batch")));
    OK(folder_run(folder, four, NULL, NULL, NULL));
    cr_expect_not(dg_file_exists(folder_path(folder, DG_BATCH_FOLDER "/0123456789abcdef.batch")));
    cr_expect(
        dg_file_exists(folder_path(folder, DG_BATCH_FOLDER "/0123456789abcdef.batch.damaged")));
    expect_unbroken(four);
}

/** A damaged batch whose only run is intact is replaced in place, and no file is renamed. */
Test(session_kept, a_batch_whose_run_is_intact_keeps_its_name)
{
    static const char one[] = SMALL;
    size_t length, again;
    dg_outcome outcome;
    OK(folder_run(folder, one, NULL, NULL, NULL));
    char *path = strdup(folder_file(folder, DG_BATCH_FOLDER, 0));
    char *bytes = file_bytes(path, &length);
    file_put(path, bytes, length - 8);
    cr_assert_eq(remove(folder_result(folder)), 0);
    OK(folder_run(folder, one, NULL, NULL, &outcome));
    cr_expect_eq(outcome.runs_kept, 1);
    cr_assert_eq(folder_count(folder, DG_BATCH_FOLDER), 1);
    cr_expect_str_eq(folder_file(folder, DG_BATCH_FOLDER, 0), path);
    char *repaired = file_bytes(path, &again);
    cr_expect(again == length && memcmp(repaired, bytes, length) == 0);
    free(repaired);
    free(bytes);
    free(path);
    expect_unbroken(one);
}
