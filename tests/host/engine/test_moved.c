/** host/engine: a folder that is moved away and replaced while a call writes into it. */
#include "host/engine/engine.h"

#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *folder;
static char moved[700];

static void set_up(void)
{
    folder = records_folder();
    snprintf(moved, sizeof moved, "%s-moved", folder);
}

static void tear_down(void)
{
    char command[1000];
    records_remove(folder);
    snprintf(command, sizeof command, "rm -rf %s", moved);
    cr_assert_eq(system(command), 0);
}

TestSuite(moved, .init = set_up, .fini = tear_down, .timeout = 60);

/* long enough that the first report of progress comes before the first batch is stored */
static const char yaml[] = "agents: 30\nsteps: 20\ngenerations: 60\nniche: {points: 100}\n"
                           "sweep: {product: {seed: {from: 1, to: 12}}}\n";
static const char other[] = "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n";

/** Called before anything is stored: puts the folder of another, finished sweep in its place. */
static void swap(void *user, const dg_progress *progress)
{
    (void)progress;
    int *swapped = user;
    if ((*swapped)++ > 0) return;
    cr_assert_eq(rename(folder, moved), 0);
    cr_assert_eq(mkdir(folder, 0777), 0);
    cr_assert_eq(folder_run(folder, other, NULL, NULL, NULL), DG_OK, "%s", dg_error());
}

Test(moved, folder_is_noticed_and_the_new_one_of_its_name_left_alone)
{
    static const char *const name[] = {"results.nc", "manifest.digico"};
    int swapped = 0;
    size_t length[2];
    char *bytes[2];
    const dg_options options = {.progress = swap, .user = &swapped, .threads = 1};
    char *alone = folder_unbroken(other);
    cr_expect_eq(folder_run(folder, yaml, &options, NULL, NULL), DG_ERR_IO);
    cr_assert_gt(swapped, 0);
    cr_expect(strstr(dg_error(), folder) && strstr(dg_error(), "moved"), "%s", dg_error());
    cr_expect_eq(folder_count(folder, "batches"), 1, "those of the other sweep alone");
    cr_expect_eq(folder_count(folder, "checkpoints"), 0);
    for (int k = 0; k < 2; k++) {
        bytes[0] = file_bytes(folder_path(folder, name[k]), &length[0]);
        bytes[1] = file_bytes(folder_path(alone, name[k]), &length[1]);
        cr_expect(length[0] == length[1] && memcmp(bytes[0], bytes[1], length[0]) == 0, "%s",
                  name[k]);
        free(bytes[0]);
        free(bytes[1]);
    }
    records_remove(alone);
    /* its status file still tells of the other sweep, which is done */
    char *status = file_bytes(folder_path(folder, "status.json"), &length[0]);
    cr_expect(strstr(status, "\"state\": \"done\"") != NULL, "%s", status);
    free(status);
}
