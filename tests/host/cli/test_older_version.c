/** host/cli/command_*.c: result directories of another model version, which are read but not gone on with. */
#include "cli.h"

#include "tests/support/folders.h"
#include "host/directory/inventory.h"
#include "host/directory/manifest.h"
#include "host/store/store.h"

#include <criterion/criterion.h>

#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char small[] = "generations: 3\n"
                            "steps: 5\n"
                            "niche: {points: 100, iterations: 2}\n"
                            "sweep: {product: {seed: [1, 2]}}\n";

static char out[256];

/** results.nc says that it is of model version 1; its hash, which does not fit any more, is not recorded. */
static void age_result(void)
{
    int file;
    const int version = 1;
    cr_assert_eq(nc_open(folder_result(out), NC_WRITE, &file), NC_NOERR);
    cr_assert_eq(nc_put_att_int(file, NC_GLOBAL, "model_version", NC_INT, 1, &version), NC_NOERR);
    cr_assert_eq(nc_close(file), NC_NOERR);
    cr_assert_eq(unlink(folder_path(out, DG_PROVENANCE_NAME)), 0);
}

/** A finished sweep in `out`, of model version 1. */
static void set_up(void)
{
    snprintf(out, sizeof out, "%s", cli_path("out"));
    const cli_result *r = cli_run("run %s -o %s -q", cli_file("small.yaml", small), out);
    cr_assert_eq(r->code, 0, "%s", r->err);
    archive_of_version(folder_path(out, DG_MANIFEST_NAME), 1, DG_ARCHIVE_VERSION);
    archive_of_version(folder_file(out, DG_BATCH_FOLDER, 0), 1, DG_ARCHIVE_VERSION);
    age_result();
}

TestSuite(older_version, .init = set_up, .fini = cli_clean);

/** Exit code 2 and, last on stderr, the line that names this file, the versions and the ways on. */
static void expect_refused(const cli_result *r, const char *file)
{
    char line[800];
    snprintf(
        line, sizeof line,
        "digico: %s: model version 1, expected %d, that of this program: a digico of version 1 "
        "continues, merges and verifies its runs; `digico summary` and `digico report` read a "
        "results.nc of any version; new runs need another folder\n",
        file, DG_MODEL_VERSION);
    const size_t length = strlen(line), all = strlen(r->err);
    cr_expect_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_expect_str_empty(r->out);
    cr_expect(all >= length && strcmp(r->err + all - length, line) == 0, "%s", r->err);
}

Test(older_version, is_not_gone_on_with)
{
    char batch[512];
    size_t before, after;
    char *bytes = file_bytes(folder_result(out), &before);
    snprintf(batch, sizeof batch, "%s", folder_file(out, DG_BATCH_FOLDER, 0));
    expect_refused(cli_run("run %s -o %s -q", cli_path("small.yaml"), out), batch);
    expect_refused(cli_run("run %s -o %s -q --shard 1/2", cli_path("small.yaml"), out), batch);
    char *same = file_bytes(folder_result(out), &after);
    cr_expect(before == after && memcmp(bytes, same, before) == 0, "the result is as it was");
    cr_expect(access(batch, F_OK) == 0, "and so is the batch");
    free(bytes);
    free(same);
}

Test(older_version, is_not_merged_and_has_no_status)
{
    const char *manifest = folder_path(out, DG_MANIFEST_NAME);
    expect_refused(cli_run("merge %s", out), manifest);
    expect_refused(cli_run("status %s", out), manifest);
}

Test(older_version, cannot_be_verified)
{
    expect_refused(cli_run("verify %s", out), folder_result(out));
}

Test(older_version, is_summarised)
{
    const cli_result *r = cli_run("summary %s", out);
    cr_expect_eq(r->code, 0, "%s", r->err);
    cr_expect(strstr(r->out, "2 completed / 2 planned\n") != NULL, "%s", r->out);
}

Test(older_version, is_replaced_if_that_is_asked_for)
{
    const cli_result *r = cli_run("run %s -o %s -q --overwrite", cli_path("small.yaml"), out);
    cr_expect_eq(r->code, 0, "%s", r->err);
    r = cli_run("verify %s --runs all", out);
    cr_expect_eq(r->code, 0, "%s", r->err);
}
