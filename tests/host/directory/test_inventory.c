/** host/directory/inventory.c: the runs of a directory, also of one with damaged files. */
#include "host/directory/inventory.h"

#include "tests/support/folders.h"
#include "host/archive/archive_format.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *folder;
static collected_log logged;

static void set_up(void)
{
    folder = records_folder();
    cr_assert_eq(mkdir(folder_path(folder, DG_BATCH_FOLDER), 0777), 0);
    cr_assert_eq(mkdir(folder_path(folder, DG_CHECKPOINT_FOLDER), 0777), 0);
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(inventory, .init = set_up, .fini = tear_down);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static const char records[] = "records of a run";

/** A run: its number and finished generations, of 10. */
typedef struct entry {
    uint64_t run;
    int32_t generations;
} entry;

/** Write runs into "batches/name.batch" or "checkpoints/name.checkpoint"; returns the path. */
static const char *put(bool checkpoint, const char *name, const entry *runs, uint32_t count)
{
    char file[100];
    dg_archive_writer *writer = NULL;
    snprintf(file, sizeof file, "%s/%s%s", checkpoint ? DG_CHECKPOINT_FOLDER : DG_BATCH_FOLDER,
             name, checkpoint ? DG_CHECKPOINT_ENDING : DG_BATCH_ENDING);
    const char *path = folder_path(folder, file);
    OK(dg_archive_create(&writer, path, checkpoint ? DG_ARCHIVE_CHECKPOINT : DG_ARCHIVE_BATCH));
    for (uint32_t k = 0; k < count; k++) {
        dg_run_head head = {.id = {{runs[k].run, 0}},
                            .status = runs[k].generations == 10 ? DG_RUN_COMPLETED : DG_RUN_PLANNED,
                            .generations = runs[k].generations};
        const void *const part[DG_PARTS] = {[DG_PART_RECORDS] = records, [DG_PART_STATE] = records};
        head.bytes[DG_PART_RECORDS] = sizeof records;
        head.bytes[DG_PART_STATE] = head.status == DG_RUN_PLANNED ? sizeof records : 0;
        OK(dg_run_add(writer, k, &head, part));
    }
    OK(dg_archive_commit(&writer));
    return path;
}

/** Read the inventory, checking the files of runs 0 ... count-1. */
static dg_inventory read_checking(uint64_t count)
{
    dg_inventory inventory;
    dg_fingerprint check[16] = {{{0, 0}}};
    for (uint64_t k = 0; k < count; k++) check[k] = (dg_fingerprint){{k, 0}};
    memset(&logged, 0, sizeof logged);
    OK(dg_inventory_make(
        &inventory, &(dg_inventory_request){folder, check, (size_t)count, collect_log, &logged}));
    cr_expect_eq(inventory.damages, (size_t)logged.lines);
    return inventory;
}

/** Generations of a run in a batch (finished) or else in a checkpoint; -1: not found. */
static int32_t generations_of(const dg_inventory *inventory, bool finished, uint64_t run)
{
    const dg_fingerprint id = {{run, 0}};
    const dg_run_place *place =
        finished ? dg_inventory_finished(inventory, &id) : dg_inventory_begun(inventory, &id);
    return place ? place->head.generations : -1;
}

/** Flip a bit in the records (the last contents) of a file whose last run has no other part. */
static void damage_last_run(const char *path)
{
    /* before the header of the end section: the 17 bytes and padding of the records */
    file_flip(path, -(48 + 24), 3);
}

Test(inventory, of_nothing_is_empty)
{
    dg_inventory inventory = read_checking(3);
    cr_expect(inventory.files == 0 && inventory.finished_count == 0 && inventory.begun_count == 0);
    cr_expect_eq(generations_of(&inventory, true, 0), -1);
    dg_inventory_free(&inventory);
    cr_assert_eq(remove(folder_path(folder, DG_BATCH_FOLDER)), 0);
    cr_assert_eq(remove(folder_path(folder, DG_CHECKPOINT_FOLDER)), 0);
    inventory = read_checking(3);
    cr_expect_eq(inventory.files, 0, "nor is it an error");
    dg_inventory_free(&inventory);
    dg_inventory_free(&inventory);
}

Test(inventory, finds_every_run_in_any_file)
{
    put(false, "b", (entry[]){{9, 10}, {2, 10}}, 2);
    put(false, "a", (entry[]){{5, 10}, {0, 10}, {7, 10}}, 3);
    put(true, "c", (entry[]){{1, 3}, {3, 4}}, 2);
    dg_inventory inventory = read_checking(10);
    static const int32_t finished[] = {10, -1, 10, -1, -1, 10, -1, 10, -1, 10};
    static const int32_t begun[] = {-1, 3, -1, 4, -1, -1, -1, -1, -1, -1};
    for (uint64_t r = 0; r < 10; r++) {
        cr_expect_eq(generations_of(&inventory, true, r), finished[r], "run %d", (int)r);
        cr_expect_eq(generations_of(&inventory, false, r), begun[r], "run %d", (int)r);
    }
    cr_expect_eq(inventory.files, 3);
    cr_expect_eq(inventory.batches, 2);
    cr_expect_eq(logged.lines, 0, "%s", logged.text);
    for (size_t k = 0; k < 3; k++)
        cr_expect(inventory.file[k].checked && !inventory.file[k].damaged, "file %zu", k);
    dg_inventory_free(&inventory);
}

Test(inventory, has_the_furthest_checkpoint_of_each_run)
{
    put(true, "a-000001", (entry[]){{0, 2}, {1, 7}, {2, 2}}, 3);
    put(true, "a-000002", (entry[]){{0, 5}, {1, 5}, {2, 5}}, 3);
    put(true, "b-000001", (entry[]){{1, 4}, {2, 6}}, 2);
    dg_inventory inventory = read_checking(3);
    cr_expect_eq(generations_of(&inventory, false, 0), 5);
    cr_expect_eq(generations_of(&inventory, false, 1), 7);
    cr_expect_eq(generations_of(&inventory, false, 2), 6);
    dg_inventory_free(&inventory);
}

/** A damaged run is dropped; its earlier checkpoint is found instead. */
Test(inventory, drops_and_reports_only_damaged_runs)
{
    put(true, "a-000001", (entry[]){{0, 2}, {1, 2}}, 2);
    const char *later = put(true, "a-000002", (entry[]){{0, 5}, {1, 5}}, 2);
    const char *batch = put(false, "b", (entry[]){{4, 10}, {3, 10}}, 2);
    damage_last_run(later);
    damage_last_run(batch);
    dg_inventory inventory = read_checking(5);
    cr_expect_eq(generations_of(&inventory, false, 0), 5);
    cr_expect_eq(generations_of(&inventory, false, 1), 2);
    cr_expect_eq(generations_of(&inventory, true, 4), 10);
    cr_expect_eq(generations_of(&inventory, true, 3), -1);
    cr_expect_eq(logged.lines, 2, "%s", logged.text);
    cr_expect(strstr(logged.text, later) && strstr(logged.text, batch), "%s", logged.text);
    cr_expect(inventory.file[0].damaged && !inventory.file[1].damaged && inventory.file[2].damaged);
    dg_inventory_free(&inventory);
}

/** Of files that need no check only the heads of runs are read: their runs are listed. */
Test(inventory, checks_no_contents_of_other_files)
{
    const char *checked = put(false, "checked", (entry[]){{0, 10}, {8, 10}}, 2);
    const char *other = put(false, "other", (entry[]){{5, 10}, {6, 10}}, 2);
    damage_last_run(checked);
    damage_last_run(other);
    dg_inventory inventory = read_checking(3);
    cr_expect_eq(generations_of(&inventory, true, 8), -1, "in a file with a run to check");
    cr_expect_eq(generations_of(&inventory, true, 6), 10, "not checked");
    cr_expect(inventory.file[0].checked && !inventory.file[1].checked);
    cr_expect_eq(logged.lines, 1, "%s", logged.text);
    dg_inventory_free(&inventory);
    inventory = read_checking(0);
    cr_expect_eq(logged.lines, 0, "%s", logged.text);
    cr_expect_eq(generations_of(&inventory, true, 0), 10);
    dg_inventory_free(&inventory);
}

Test(inventory, reports_files_that_are_not_archives)
{
    const char *cut = put(false, "cut", (entry[]){{0, 10}, {1, 10}, {2, 10}}, 3);
    size_t length;
    char *bytes = file_bytes(cut, &length);
    file_put(cut, bytes, length - 60);
    file_put(folder_path(folder, "batches/text.batch"), "no archive, though long enough for one",
             38);
    file_put(folder_path(folder, "batches/empty.batch"), "", 0);
    file_put(folder_path(folder, "batches/half.batch.part"), bytes, length / 2);
    file_put(folder_path(folder, "batches/old.batch.damaged"), bytes, length / 2);
    put(true, "c", (entry[]){{3, 1}}, 1);
    dg_inventory inventory = read_checking(4);
    cr_expect_eq(generations_of(&inventory, true, 1), 10);
    cr_expect_eq(generations_of(&inventory, true, 2), -1, "truncated");
    cr_expect_eq(generations_of(&inventory, false, 3), 1);
    cr_expect_eq(inventory.files, 2);
    cr_assert_eq(inventory.unreadable.count, 2);
    cr_expect_str_eq(inventory.unreadable.name[0], folder_path(folder, "batches/empty.batch"));
    cr_expect_str_eq(inventory.unreadable.name[1], folder_path(folder, "batches/text.batch"));
    cr_expect_eq(logged.lines, 3, "%s", logged.text);
    dg_inventory_free(&inventory);
    free(bytes);
}

/** A file with a run that cannot be identified is checked and reported by every caller. */
Test(inventory, reports_heads_that_cannot_be_read)
{
    const char *path = put(false, "a", (entry[]){{0, 10}}, 1);
    file_flip(path, sizeof(dg_archive_header) + sizeof(dg_section_header) + 20, 0);
    dg_inventory inventory = read_checking(1);
    cr_expect_eq(generations_of(&inventory, true, 0), -1);
    cr_expect_eq(logged.lines, 1, "%s", logged.text);
    cr_expect(inventory.file[0].damaged && inventory.file[0].checked);
    dg_inventory_free(&inventory);
}

Test(inventory, refuses_other_model_and_format_versions)
{
    const dg_inventory_request request = {.directory = folder};
    dg_inventory inventory = {.files = 0};
    const char *path = put(false, "a", (entry[]){{0, 10}}, 1);
    archive_of_version(path, DG_MODEL_VERSION - 1, DG_ARCHIVE_VERSION);
    cr_expect_eq(dg_inventory_make(&inventory, &request), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), ": model version ") != NULL, "%s", dg_error());
    archive_of_version(path, DG_MODEL_VERSION, DG_ARCHIVE_VERSION + 1);
    cr_expect_eq(dg_inventory_make(&inventory, &request), DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "format version 3, expected 2") != NULL, "%s", dg_error());
}

/** To check many files takes longer than a batch system waits. */
Test(inventory, is_not_checked_further_once_a_stop_is_requested)
{
    static const int stop = 1, go_on;
    dg_inventory inventory;
    const dg_fingerprint check = {{1, 0}};
    dg_inventory_request request = {.directory = folder, .check = &check, .check_count = 1};
    put(false, "a", (entry[]){{1, 10}}, 1);
    request.stop = &stop;
    cr_expect_eq(dg_inventory_make(&inventory, &request), DG_ERR_STOPPED);
    cr_expect(strstr(dg_error(), "stopped while its files were checked"), "%s", dg_error());
    request.stop = &go_on;
    OK(dg_inventory_make(&inventory, &request));
    dg_inventory_free(&inventory);
}

/** Runs are dropped from many files: the growing arrays of places stay valid. */
Test(inventory, of_many_damaged_files_keeps_the_others)
{
    enum { FILES = 40 };
    char name[32];
    for (uint64_t k = 0; k < FILES; k++) {
        snprintf(name, sizeof name, "%02d", (int)k);
        const char *path = put(false, name, (entry[]){{2 * k, 10}, {2 * k + 1, 10}}, 2);
        if (k % 3 == 1) damage_last_run(path);
    }
    dg_fingerprint check[2 * FILES];
    dg_inventory inventory;
    for (uint64_t k = 0; k < 2 * FILES; k++) check[k] = (dg_fingerprint){{k, 0}};
    OK(dg_inventory_make(&inventory,
                         &(dg_inventory_request){folder, check, 2 * FILES, NULL, NULL}));
    for (uint64_t k = 0; k < FILES; k++) {
        cr_expect_eq(generations_of(&inventory, true, 2 * k), 10);
        cr_expect_eq(generations_of(&inventory, true, 2 * k + 1), k % 3 == 1 ? -1 : 10, "file %d",
                     (int)k);
    }
    cr_expect_eq(inventory.finished_count, 2 * FILES - 13);
    dg_inventory_free(&inventory);
}
