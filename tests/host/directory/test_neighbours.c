/** host/directory/neighbours.c: which shards of a sweep work on this machine. */
#include "host/directory/neighbours.h"

#include "host/base/files.h"
#include "host/directory/lock.h"
#include "host/directory/status_file.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

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

TestSuite(neighbours, .init = set_up, .fini = tear_down);

/** Lock a shard of four. */
static int lock(int32_t index)
{
    int descriptor = -1;
    cr_assert_eq(dg_directory_lock(&descriptor, folder, (dg_shard){index, 4}), DG_OK, "%s",
                 dg_error());
    return descriptor;
}

static void write_status(int32_t index)
{
    dg_status_file file;
    const dg_progress none = {.seconds = 0};
    cr_assert_eq(dg_status_file_open(&file, folder, -1, (dg_call){.shard = {index, 4}}, "cpu"),
                 DG_OK);
    dg_status_file_write(&file, DG_CALL_RUNNING, &none, "");
    dg_status_file_close(&file);
}

/** The file of a shard that another machine writes. */
static void write_status_elsewhere(int32_t index)
{
    char *path = dg_status_file_path(folder, (dg_call){.shard = {index, 4}});
    char text[256];
    snprintf(text, sizeof text,
             "{\"command\": \"run\", \"state\": \"running\", \"shard\": %d, \"shards\": 4, "
             "\"host\": \"nowhere.example\"}\n",
             index);
    cr_assert_eq(dg_file_replace(path, text, false), DG_OK);
    free(path);
}

static void expect_here(int32_t index, int32_t here)
{
    cr_expect_eq(dg_shards_here(folder, (dg_shard){index, 4}), here, "shard %d", index);
}

Test(neighbours, are_shards_at_work_on_this_machine)
{
    const int first = lock(1), second = lock(2), third = lock(3);
    expect_here(1, 1); /* nobody else has said where it is */
    write_status(1);
    write_status(2);
    write_status(4); /* not at work: nothing is locked */
    expect_here(1, 2);
    expect_here(2, 2);
    write_status_elsewhere(3);
    expect_here(1, 2);
    write_status(3);
    expect_here(1, 3);
    dg_directory_unlock(second);
    expect_here(1, 2);
    dg_directory_unlock(first);
    dg_directory_unlock(third);
}

Test(neighbours, are_none_of_a_call_of_all_runs)
{
    cr_expect_eq(dg_shards_here(folder, (dg_shard){0, 0}), 1);
}
