/** host/directory/foreign.c: files of others are not replaced, and damage of a sweep is not foreign. */
#include "host/directory/own_files.h"

#include "host/base/files.h"
#include "host/directory/manifest.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(foreign_files, .init = set_up, .fini = tear_down, .timeout = 60);

#define SMALL "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n"

static const char *const replaced[] = {"manifest.digico",       "manifest.digico.host-7.part",
                                       "provenance.json",       "provenance.json.part",
                                       "status.json",           "status-1-of-2.json",
                                       "status.json.part",      ".results.nc.hash",
                                       ".results.nc.hash.part", "results.nc.part"};
#define REPLACED (sizeof replaced / sizeof *replaced)

static dg_status run(const dg_options *options)
{
    dg_outcome outcome;
    return folder_run(folder, SMALL, options, NULL, &outcome);
}

static void put(const char *name, const char *text)
{
    file_put(folder_path(folder, name), text, strlen(text));
}

/** Refused in a line that names the file; neither it nor anything else of the folder changes. */
static void expect_refused(const char *name, const dg_options *options)
{
    char *text = NULL;
    size_t length = 0;
    const size_t count = folder_count(folder, ".");
    cr_expect_eq(run(options), DG_ERR_ARGUMENT, "%s", name);
    cr_expect(strstr(dg_error(), folder_path(folder, name)) != NULL, "%s: %s", name, dg_error());
    cr_expect(strstr(dg_error(), ": of unknown origin") != NULL, "%s: %s", name, dg_error());
    cr_expect_eq(folder_count(folder, "."), count, "%s: nothing is written", name);
    cr_assert_eq(dg_file_load(folder_path(folder, name), &text, &length), DG_OK);
    cr_expect_str_eq(text, "{\"state\": \"done\", \"mine\": 1}\n");
    free(text);
}

Test(foreign_files, are_not_replaced_in_a_folder_without_a_sweep)
{
    const dg_options overwrite = {.overwrite = 1};
    for (size_t k = 0; k < REPLACED; k++) {
        put(replaced[k], "{\"state\": \"done\", \"mine\": 1}\n");
        expect_refused(replaced[k], NULL);
        expect_refused(replaced[k], &overwrite);
        cr_assert_eq(unlink(folder_path(folder, replaced[k])), 0);
    }
    put("batches", "mine");
    cr_expect_eq(run(NULL), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "/batches: expected a directory") != NULL, "%s", dg_error());
    cr_expect_eq(folder_count(folder, "."), 1, "nothing is written");
}

/** Neither what is empty, as after a loss of power, nor names that no call writes. */
Test(foreign_files, of_other_names_or_without_contents_do_not_matter)
{
    static const char *const name[] = {"results.nc.txt", "status.txt", "provenance.json.bak",
                                       "manifest.digico.txt", "notes"};
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) put(name[k], "mine\n");
    for (size_t k = 0; k < REPLACED; k++) put(replaced[k], "");
    cr_assert_eq(run(NULL), DG_OK, "%s", dg_error());
    for (size_t k = 0; k < sizeof name / sizeof *name; k++)
        cr_expect(dg_directory_has(folder, name[k]), "%s", name[k]);
}

/** What a call leaves when the rest of its folder is removed, or when it is killed at once. */
Test(foreign_files, are_not_those_that_a_call_has_left)
{
    static const char *const left[] = {"status.json", "provenance.json", ".results.nc.hash",
                                       "manifest.digico"};
    char *other = folder_unbroken(SMALL);
    put("manifest.digico.host-7.part", "\x89"
                                       "DIG");
    cr_assert_eq(run(NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(unlink(folder_result(folder)), 0);
    cr_assert_eq(run(NULL), DG_OK, "%s", dg_error()); /* hashes nothing, or remembers it */
    put(".results.nc.hash", "1 2 3 4 0123456789abcdef\n");
    for (size_t k = 0; k < sizeof left / sizeof *left; k++) {
        char command[1000];
        snprintf(command, sizeof command, "cp -p '%s' '%s'", folder_path(folder, left[k]),
                 folder_path(other, "kept"));
        cr_assert_eq(system(command), 0);
        snprintf(command, sizeof command, "d='%s' && rm -r \"$d\" && mkdir \"$d\" && mv '%s' '%s'",
                 folder, folder_path(other, "kept"), folder_path(folder, left[k]));
        cr_assert_eq(system(command), 0);
        cr_expect_eq(run(NULL), DG_OK, "%s: %s", left[k], dg_error());
        put(".results.nc.hash", "1 2 3 4 0123456789abcdef\n");
    }
    records_remove(other);
}

/** One file of a sweep is enough to tell that the others are damaged, not foreign. */
Test(foreign_files, are_not_those_of_a_damaged_sweep)
{
    static const char *const damaged[] = {"manifest.digico", "status.json", ".results.nc.hash"};
    cr_assert_eq(run(NULL), DG_OK, "%s", dg_error());
    for (size_t k = 0; k < 3; k++) put(damaged[k], "damage");
    cr_expect_eq(run(NULL), DG_OK, "%s", dg_error());
    put("provenance.json", "damage");
    put("results.nc.part", "damage");
    cr_expect_eq(run(NULL), DG_OK, "%s", dg_error());
}

/* ---- the configuration ----------------------------------------------------------------------- */

Test(foreign_files, of_the_user_may_not_be_among_those_of_a_call)
{
    static const char *const name[] = {"status.json",    "run.log",         "run-1-of-2.log",
                                       ".lock",          "batches/a.batch", "checkpoints/a",
                                       "results.nc.part"};
    static const char *const spared[] = {"a.yaml", "status.yaml", "log", "slurm.json"};
    mkdir(folder_path(folder, "batches"), 0777);
    mkdir(folder_path(folder, "checkpoints"), 0777);
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        put(name[k], SMALL);
        cr_expect_eq(dg_own_files_spare(folder, folder_path(folder, name[k])), DG_ERR_ARGUMENT,
                     "%s", name[k]);
        cr_expect(strstr(dg_error(), name[k]) != NULL, "%s", dg_error());
    }
    for (size_t k = 0; k < sizeof spared / sizeof *spared; k++) {
        put(spared[k], SMALL);
        cr_expect_eq(dg_own_files_spare(folder, folder_path(folder, spared[k])), DG_OK, "%s",
                     dg_error());
    }
    cr_assert_eq(link(folder_path(folder, "run.log"), folder_path(folder, "hard.yaml")), 0);
    cr_assert_eq(symlink("status.json", folder_path(folder, "soft.yaml")), 0);
    cr_expect_eq(dg_own_files_spare(folder, folder_path(folder, "hard.yaml")), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_own_files_spare(folder, folder_path(folder, "soft.yaml")), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_own_files_spare(folder, folder_path(folder, "none")), DG_OK);
}
