/** host/engine: progress of calls that continue what others began, and batches that vanish meanwhile. */
#include "digico/digico.h"

#include "host/base/files.h"
#include "host/directory/inventory.h"
#include "host/directory/status_file.h"
#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdio.h>
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

TestSuite(progress, .init = set_up, .fini = tear_down, .timeout = 60);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

/* four runs of 6 generations of 9 x 4 agent-steps */
static const char four[] = "agents: 9\nsteps: 4\ngenerations: 6\nniche: {points: 50}\n"
                           "sweep: {product: {seed: [1, 2, 3, 4]}}\n";
enum { RUN = 6 * 9 * 4 };

/** The first and the last report of a call. */
typedef struct reports {
    int count;
    dg_progress first, last;
} reports;

static void note(void *user, const dg_progress *progress)
{
    reports *r = user;
    if (r->count++ == 0) r->first = *progress;
    r->last = *progress;
}

/** One run is finished by an earlier call, two others have come to generation 2. */
Test(progress, counts_what_earlier_calls_have_done)
{
    static volatile int stop;
    const dg_options shard = {.shard = 1, .shards = 4}, half = {.stop = &stop, .batch = 2};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 2, .stop = &stop});
    reports seen = {0};
    const dg_options rest = {.progress = note, .user = &seen};
    OK(folder_run(folder, four, &shard, NULL, NULL));
    cr_assert_eq(folder_run(folder, four, &half, &cpu, NULL), DG_ERR_STOPPED);
    OK(folder_run(folder, four, &rest, NULL, NULL));
    cr_assert_geq(seen.count, 2);
    cr_expect_eq(seen.first.runs_planned, 4);
    cr_expect_eq(seen.first.runs_kept, 1);
    cr_expect_eq(seen.first.generations_kept, 6 + 2 + 2);
    cr_expect_eq(seen.first.agent_steps_kept, RUN + 2 * RUN / 3);
    cr_expect_geq(seen.first.agent_steps_done, seen.first.agent_steps_kept);
    cr_expect_eq(seen.last.runs_done, 4);
    cr_expect_eq(seen.last.generations_done, 4 * 6);
    cr_expect_eq(seen.last.agent_steps_done, 4 * RUN);
    cr_expect_eq(seen.last.agent_steps_planned, 4 * RUN);
}

/** Of a sweep whose result alone is left all is done, and none of it by the call that finds that out. */
Test(progress, of_a_finished_sweep_is_complete)
{
    dg_call_report r;
    OK(folder_run(folder, four, NULL, NULL, NULL));
    cr_assert_eq(remove(folder_file(folder, DG_BATCH_FOLDER, 0)), 0);
    OK(folder_run(folder, four, NULL, NULL, NULL));
    OK(dg_status_file_read(&r, folder_path(folder, "status.json")));
    cr_expect_eq(r.state, DG_CALL_DONE);
    cr_expect(r.runs_done == 4 && r.runs_planned == 4);
    cr_expect(r.agent_steps_done == 4 * RUN && r.agent_steps_planned == 4 * RUN);
    cr_expect_eq(r.rate, 0);
    cr_expect_eq(r.seconds_left, 0);
}

/** What runs that end early need not compute is planned no more: in the end all is done. */
Test(progress, of_runs_that_end_early_reaches_its_end)
{
    static const char early[] =
        "agents: 9\nsteps: 4\ngenerations: 6\nniche: {points: 50}\n"
        "early_stop: {generations: 2}\n"
        "sweep: {product: {seed: [1, 2], early_stop.share: [null, 1.0e-9]}}\n";
    reports seen = {0};
    const dg_options options = {.progress = note, .user = &seen};
    OK(folder_run(folder, early, &options, NULL, NULL));
    /* on a busy machine runs may have ended before the first report */
    cr_expect_leq(seen.first.agent_steps_planned, 4 * RUN);
    cr_expect_geq(seen.first.agent_steps_planned, seen.last.agent_steps_planned);
    cr_expect_eq(seen.last.runs_done, 4);
    cr_expect_eq(seen.last.generations_done, 2 * 6 + 2 * 2);
    cr_expect_eq(seen.last.generations_planned, seen.last.generations_done);
    cr_expect_eq(seen.last.agent_steps_done, 2 * RUN + 2 * RUN / 3);
    cr_expect_eq(seen.last.agent_steps_planned, seen.last.agent_steps_done);
}

/* ---- batches that vanish --------------------------------------------------------------------- */

static char removed[600];

/** At the first report of a call: the batch of an earlier one is removed. */
static void remove_batch(void *user, const dg_progress *progress)
{
    (void)user;
    (void)progress;
    remove(removed);
}

/** The call has computed all that was left, and yet there is no result: that is no success. */
Test(progress, of_batches_that_vanish_is_lost)
{
    const dg_options shard = {.shard = 1, .shards = 4}, rest = {.progress = remove_batch};
    static const char longer[] = "agents: 9\nsteps: 50\ngenerations: 150\nniche: {points: 50}\n"
                                 "sweep: {product: {seed: [1, 2, 3, 4]}}\n";
    OK(folder_run(folder, longer, &shard, NULL, NULL));
    snprintf(removed, sizeof removed, "%s", folder_file(folder, DG_BATCH_FOLDER, 0));
    cr_expect_eq(folder_run(folder, longer, &rest, NULL, NULL), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "1 finished run") != NULL, "%s", dg_error());
    cr_expect_not(dg_file_exists(folder_result(folder)));
    OK(folder_run(folder, longer, NULL, NULL, NULL));
    char *unbroken = folder_unbroken(longer);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(unbroken);
}

/* ---- long generations ------------------------------------------------------------------------ */

/** Reports until the first that shows work; then a stop is requested. */
typedef struct first_work {
    volatile int stop;
    dg_progress seen, last;
} first_work;

static void stop_at_first_work(void *user, const dg_progress *progress)
{
    first_work *w = user;
    w->last = *progress;
    if (w->stop || progress->agent_steps_done == progress->agent_steps_kept) return;
    w->seen = *progress;
    __atomic_store_n(&w->stop, 1, __ATOMIC_RELAXED);
}

/** Run what would take many minutes; it must show work, and stop, long before the time limit of the test. */
static void stop_soon(const char *yaml)
{
    static first_work work;
    dg_outcome outcome;
    const dg_options options = {.progress = stop_at_first_work, .user = &work, .stop = &work.stop};
    work.stop = 0;
    cr_assert_eq(folder_run(folder, yaml, &options, NULL, &outcome), DG_ERR_STOPPED);
    cr_expect_gt(work.seen.agent_steps_done, 0);
    cr_expect_lt(work.seen.agent_steps_done, work.seen.agent_steps_planned / 2);
    cr_expect_eq(work.seen.generations_done, 0, "work shows before a generation is finished");
    cr_expect_eq(outcome.agent_steps, 0);
    cr_expect_eq(work.last.agent_steps_done, 0, "what a stop drops is taken back");
    cr_expect_eq(work.last.generations_done, 0);
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 0);
}

Test(progress, and_a_stop_do_not_wait_for_a_generation)
{
    stop_soon("agents: 300\nsteps: 1000000\ngenerations: 2\nniche: {points: 50}\n");
}

Test(progress, and_a_stop_do_not_wait_for_a_snapshot)
{
    stop_soon("model: echo-chamber\n"
              "echo: {agents: 100000, steps: 1000000000, snapshot_every: 1000000000}\n");
}

static void stop_at_first_generation(void *user, const dg_progress *progress)
{
    first_work *w = user;
    if (progress->generations_done == 0 && !w->stop) return;
    stop_at_first_work(user, progress);
}

/** The snapshots of a run are dropped with it. */
Test(progress, of_a_stopped_echo_chamber_is_taken_back)
{
    first_work work = {.stop = 0};
    dg_outcome outcome;
    const dg_options options = {
        .progress = stop_at_first_generation, .user = &work, .stop = &work.stop};
    cr_assert_eq(folder_run(folder,
                            "model: echo-chamber\n"
                            "echo: {agents: 1000, steps: 100000000, snapshot_every: 100000}\n",
                            &options, NULL, &outcome),
                 DG_ERR_STOPPED);
    cr_expect_geq(work.seen.generations_done, 1);
    cr_expect_eq(work.last.agent_steps_done, 0);
    cr_expect_eq(work.last.generations_done, 0);
    cr_expect_eq(outcome.agent_steps, 0);
}
