/** host/directory/standing_read.c, standing_calls.c: runs that ended early, old results, merges. */
#include "host/directory/standing_read.h"

#include "host/base/files.h"
#include "host/directory/lock.h"
#include "host/archive/provenance.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

static char *folder;
static dg_standing *s;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    dg_standing_free(&s);
    records_remove(folder);
}

TestSuite(standing_ended, .init = set_up, .fini = tear_down, .timeout = 60);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static void read_standing(void)
{
    dg_standing_free(&s);
    OK(dg_standing_read(&s, folder, false));
}

/* two runs of four have a number that is not finite after 4 generations of 10 */
static const char failing[] = "agents: 9\nsteps: 2\ngenerations: 10\nniche: {points: 50}\n"
                              "policy: {hidden: 8}\nevolution.variant: ros-hansen\n"
                              "groups:\n  ai: {kind: ai, size: 3, evolve_period: 4}\n"
                              "  human: {kind: human, size: 6, evolve_period: 0}\n"
                              "sweep:\n  product:\n    seed: [1, 2]\n"
                              "    evolution.covariance_rate: [null, 1]\n";

/** Runs that have ended count as ended, also in a checkpoint with unfinished runs. */
Test(standing_ended, runs_that_ended_in_a_checkpoint_are_ended)
{
    static volatile int stop;
    const dg_options options = {.stop = &stop};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 6, .stop = &stop});
    cr_assert_eq(folder_run(folder, failing, &options, &cpu, NULL), DG_ERR_STOPPED);
    read_standing();
    cr_expect_eq(s->count[DG_STANDING_NONFINITE], 2);
    cr_expect_eq(s->count[DG_STANDING_SAVED], 2);
    cr_expect_eq(s->begun, 2);
    cr_expect_float_eq(s->begun_share, 0.6, 1e-9);
    cr_expect_eq(s->agent_steps, 4 * 9 * 2 * 10);
    cr_expect_eq(s->agent_steps_safe, 2 * 9 * 2 * 10 + 2 * 9 * 2 * 6);
}

#define SMALL "agents: 9\nsteps: 3\ngenerations: 3\nniche: {points: 50}\n"

/** A result with fewer runs than the sweep does not replace batches that were removed. */
Test(standing_ended, the_result_of_a_smaller_sweep_is_not_all)
{
    static const char two[] = SMALL "sweep: {product: {seed: [1, 2]}}\n";
    static const char four[] = SMALL "sweep: {product: {seed: [1, 2, 3, 4]}}\n";
    const dg_options first = {.shard = 1, .shards = 4};
    OK(folder_run(folder, two, NULL, NULL, NULL));
    OK(folder_run(folder, four, &first, NULL, NULL));
    read_standing();
    cr_expect_eq(s->result, DG_STANDING_OLD_RESULT);
    while (folder_count(folder, DG_BATCH_FOLDER) > 0)
        cr_assert_eq(remove(folder_file(folder, DG_BATCH_FOLDER, 0)), 0);
    read_standing();
    cr_expect_eq(s->count[DG_STANDING_COMPLETED], 0);
    cr_expect_eq(s->agent_steps_safe, 0);
    cr_expect_eq(s->result, DG_STANDING_OLD_RESULT);
}

static void put_status(const char *name, const char *state)
{
    char now[32];
    char *text = dg_text("{\"state\": \"%s\", \"host\": \"elsewhere\", \"updated\": \"%s\"}\n",
                         state, dg_now(now, sizeof now));
    OK(dg_file_replace(folder_path(folder, name), text, false));
    free(text);
}

/** A merge holds the lock of all runs: a stopped call does not count as starting because of it. */
Test(standing_ended, the_lock_of_a_merge_is_not_that_of_a_call)
{
    int lock = -1;
    OK(folder_run(folder, SMALL, NULL, NULL, NULL));
    put_status("status.json", "stopped");
    put_status("status-merge.json", "merging");
    OK(dg_directory_lock(&lock, folder, (dg_shard){0, 0}));
    read_standing();
    cr_assert_eq(s->calls, 2);
    cr_expect_eq(s->call[0].life, DG_LIFE_STOPPED);
    cr_expect(s->call[1].call.merge);
    cr_expect_eq(s->call[1].life, DG_LIFE_MERGING);
    dg_directory_unlock(lock);
}
