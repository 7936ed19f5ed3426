/**
 * host/directory/inventory.c: files that cannot be opened, damaged files.
 */
#include "host/directory/inventory.h"

#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char two[] = "agents: 9\nsteps: 3\ngenerations: 2\nniche: {points: 50}\n"
                          "sweep: {product: {seed: [1, 2]}}\n";
static char *folder;
static const char *batch;

/** A directory that holds one batch of two runs. */
static void set_up(void)
{
    folder = folder_unbroken(two);
    batch = folder_file(folder, DG_BATCH_FOLDER, 0);
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(inventory_trouble, .init = set_up, .fini = tear_down);

/** Flip a bit in the contents of the first section of a tag. */
static void hurt(dg_part part)
{
    dg_archive *a = NULL;
    cr_assert_eq(dg_archive_open(&a, batch, DG_ARCHIVE_BATCH), DG_OK, "%s", dg_error());
    file_flip(batch, (long)dg_archive_find(a, (uint32_t)part, 0)->offset, 0);
    dg_archive_close(&a);
}

/* ---- descriptors that are used up -------------------------------------------------------------
   */

static struct rlimit before;

static void allow_files(bool allow)
{
    struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, allow ? &before : &none), 0);
}

/** Use up all descriptors when damage is reported: then no file can be opened. */
static void use_up(void *user, const char *line)
{
    (void)line;
    ++*(int *)user;
    allow_files(false);
}

/** A file that cannot be opened may be intact: an error, so that it is not renamed as damaged. */
static void expect_failure(void)
{
    int reports = 0;
    dg_inventory inventory = {.files = 77};
    dg_fingerprint own[2] = {{{0, 0}}};
    dg_archive *a = NULL;
    dg_run_head head;
    if (dg_archive_open(&a, batch, DG_ARCHIVE_BATCH) == DG_OK) {
        cr_assert_eq(dg_archive_read(a, dg_archive_find(a, DG_PART_HEAD, 1), &head), DG_OK);
        own[1] = head.id;
    }
    dg_archive_close(&a);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    const dg_inventory_request request = {
        .directory = folder, .check = own, .check_count = 2, .report = use_up, .user = &reports};
    const dg_status status = dg_inventory_make(&inventory, &request);
    allow_files(true);
    cr_expect_eq(reports, 1);
    cr_expect_eq(status, DG_ERR_MEMORY);
    cr_expect(strstr(dg_error(), "cannot open: Too many open files") != NULL, "%s", dg_error());
    cr_expect_eq(inventory.files, 77, "unchanged");
}

Test(inventory_trouble, of_contents_that_cannot_be_opened_now_fails)
{
    hurt(DG_PART_RECORDS);
    expect_failure();
}

Test(inventory_trouble, of_a_header_that_cannot_be_opened_now_fails)
{
    file_flip(batch, 3, 0);
    expect_failure();
}

/* ---- files of other shards --------------------------------------------------------------------
   */

static dg_inventory look_as_another(void)
{
    dg_inventory inventory;
    static const dg_fingerprint another = {{1, 2}};
    const dg_inventory_request request = {.directory = folder, .check = &another, .check_count = 1};
    cr_assert_eq(dg_inventory_make(&inventory, &request), DG_OK, "%s", dg_error());
    cr_assert_eq(inventory.files, 1);
    return inventory;
}

/** Any shard may repair a damaged file, so each one checks all of it. */
Test(inventory_trouble, a_damaged_file_is_checked_by_every_shard)
{
    size_t length;
    dg_inventory inventory = look_as_another();
    cr_expect_not(inventory.file[0].checked, "it is intact");
    dg_inventory_free(&inventory);
    char *bytes = file_bytes(batch, &length);
    file_put(batch, bytes, length - 8);
    free(bytes);
    inventory = look_as_another();
    cr_expect(inventory.file[0].damaged && inventory.file[0].checked);
    cr_expect_eq(inventory.finished_count, 2, "the runs are intact");
    dg_inventory_free(&inventory);
}

/** The provenance is checked with the runs. */
Test(inventory_trouble, a_damaged_provenance_is_reported)
{
    hurt(DG_PART_PROVENANCE);
    file_flip(batch, -1, 0); /* damage in the structure: then all of the file is checked */
    dg_inventory inventory = look_as_another();
    cr_expect_eq(inventory.damages, 2);
    cr_expect_eq(inventory.finished_count, 2);
    dg_inventory_free(&inventory);
}
