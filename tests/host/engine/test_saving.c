/** host/engine: checkpoints that cannot be written, and runs that end in two ways at once. */
#include "digico/digico.h"

#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

TestSuite(saving, .timeout = 60);

/* the state, and so a checkpoint, has over a megabyte; a batch file is much smaller */
static const char large[] = "agents: 60\nsteps: 2\ngenerations: 4\nniche: {points: 50}\n"
                            "checkpoint: {minutes: 1.0e-6}\n";
enum { FILE_MOST = 700000 };

/** Limit the size of files, as if the disk had no space for a checkpoint; 0: no limit. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    cr_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes > 0 ? bytes : limit.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(saving, that_fails_does_not_end_the_runs)
{
    static collected_log lines;
    char *folder = records_folder(), *unbroken = folder_unbroken(large);
    const dg_options options = {.log = collect_log, .user = &lines};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 1});
    dg_outcome outcome;
    limit_files(FILE_MOST);
    const dg_status status = folder_run(folder, large, &options, &cpu, &outcome);
    limit_files(0);
    cr_assert_eq(status, DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_completed, 1);
    cr_expect(strstr(lines.text, "no checkpoint") != NULL, "%s", lines.text);
    cr_expect(strstr(lines.text, "File too large") != NULL, "%s", lines.text);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(folder);
    records_remove(unbroken);
}

/** At the end of a call a failed save loses work: an error, not DG_ERR_STOPPED. */
Test(saving, that_fails_at_the_end_of_a_call_is_an_error)
{
    static volatile int stop;
    char *folder = records_folder();
    const dg_options options = {.stop = &stop};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 1, .stop = &stop});
    limit_files(FILE_MOST);
    const dg_status status = folder_run(folder, large, &options, &cpu, NULL);
    limit_files(0);
    cr_expect_eq(status, DG_ERR_IO);
    cr_expect(strstr(dg_error(), "File too large") != NULL, "%s", dg_error());
    records_remove(folder);
}

/* all runs converge after 4 generations; then two of four have a number that is not finite */
static const char both[] = "agents: 9\nsteps: 2\ngenerations: 10\nniche: {points: 50}\n"
                           "policy: {hidden: 8}\nevolution.variant: ros-hansen\n"
                           "groups:\n  ai: {kind: ai, size: 3, evolve_period: 4}\n"
                           "  human: {kind: human, size: 6, evolve_period: 0}\n"
                           "early_stop: {share: 1.0e-9, generations: 4}\n"
                           "sweep:\n  product:\n    seed: [1, 2]\n"
                           "    evolution.covariance_rate: [null, 1]\n";

/** A run that converges and has a number that is not finite counts as nonfinite. */
Test(saving, of_runs_that_converge_and_are_nonfinite_at_once)
{
    char *folder = records_folder();
    dg_outcome outcome;
    cr_assert_eq(folder_run(folder, both, NULL, NULL, &outcome), DG_OK, "%s", dg_error());
    cr_expect_eq(outcome.runs_converged, 2);
    cr_expect_eq(outcome.runs_nonfinite, 2);
    cr_expect_eq(outcome.runs_completed, 0);
    cr_expect_eq(outcome.agent_steps, 4 * 4 * 9 * 2);
    records_remove(folder);
}
