/** host/engine/singles.c: echo chambers that the memory left to the process does not hold. */
#include "digico/digico.h"

#include "host/directory/inventory.h"
#include "host/directory/status_file.h"
#include "tests/support/contents.h"
#include "tests/support/folders.h"
#include "tests/support/sanitizer.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define MB 1000000

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(singles, .init = set_up, .fini = tear_down, .timeout = 60);

/** Private memory of this process in bytes, as RLIMIT_DATA counts it. */
static rlim_t data_taken(void)
{
    char line[256];
    long long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) && sscanf(line, "VmData: %lld", &kib) != 1) continue;
    fclose(file);
    return (rlim_t)kib * 1024;
}

/**
 * Leave so many bytes to this process, by a limit that plans do not know of: they must be right, or
 * allocations must fail. Skips the test where the kernel does not keep to it.
 */
static void leave(rlim_t bytes)
{
#ifdef SHADOWED
    cr_skip("the sanitizer takes memory of its own");
#endif
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_DATA, &limit), 0);
    limit.rlim_cur = data_taken() + bytes;
    if (setrlimit(RLIMIT_DATA, &limit) != 0) cr_skip("memory cannot be limited");
    void *volatile more = malloc(bytes + MB);
    free(more);
    if (more) cr_skip("the kernel does not limit private memory");
}

static void leave_all(void)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_DATA, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_DATA, &limit), 0);
}

/** Eight runs of 8.8 MB are held before they are stored, and there is memory for some of them. */
Test(singles, are_computed_in_smaller_groups_where_memory_fails)
{
    static const char eight[] = "model: echo-chamber\n"
                                "echo: {agents: 100000, steps: 20, snapshot_every: 1}\n"
                                "output: {compression: 0}\n"
                                "sweep: {product: {seed: {from: 1, to: 8}}}\n";
    static collected_log lines;
    dg_outcome outcome;
    const dg_options options = {
        .shard = 1, .shards = 1, .threads = 1, .log = collect_log, .user = &lines};
    dg_call_report report;
    leave(50 * MB);
    const dg_status status = folder_run(folder, eight, &options, NULL, &outcome);
    leave_all();
    cr_assert_eq(status, DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_completed, 8);
    cr_expect_eq(outcome.agent_steps, 8 * 100000 * 20);
    cr_assert_eq(dg_status_file_read(&report, folder_path(folder, "status-1-of-1.json")), DG_OK);
    cr_expect(report.runs_done == 8 && report.agent_steps_done == 8 * 100000 * 20,
              "what was dropped does not count");
    const char *said = strstr(lines.text, "no memory for 8 runs");
    cr_assert_not_null(said, "%s", lines.text);
    cr_expect_null(strstr(said + 1, "no memory"), "said twice: %s", lines.text);
    cr_expect_geq(folder_count(folder, DG_BATCH_FOLDER), 2);
    /* the result is made without a limit */
    cr_assert_eq(folder_run(folder, eight, NULL, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_kept, 8);
    char *unbroken = folder_unbroken(eight);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(unbroken);
}

/** A run that never fits ends the call; those that have ended are kept, whatever their place. */
Test(singles, that_have_ended_are_kept_where_one_never_fits)
{
    static const char sizes[] = "model: echo-chamber\n"
                                "echo: {steps: 20, snapshot_every: 1}\n"
                                "output: {compression: 0}\n"
                                "sweep: {product: {echo.agents: [300000, 100], seed: [1, 2]}}\n";
    dg_outcome outcome;
    const dg_options options = {.shard = 1, .shards = 1, .threads = 1};
    leave(28 * MB);
    const dg_status status = folder_run(folder, sizes, &options, NULL, &outcome);
    cr_expect_eq(status, DG_ERR_MEMORY);
    cr_expect_not_null(strstr(dg_error(), "300000 agents"), "%s", dg_error());
    leave_all();
    cr_expect_eq(outcome.runs_completed, 2);
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 1);
    cr_assert_eq(folder_run(folder, sizes, NULL, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_kept, 2);
    char *unbroken = folder_unbroken(sizes);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(unbroken);
}
