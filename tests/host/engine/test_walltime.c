/** host/engine/walltime.c, batches.c: a call saves its work before its walltime is over. */
#include "host/directory/inventory.h"
#include "host/engine/walltime.h"

#include "host/engine/engine.h"

#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <math.h>

Test(walltime, leaves_a_twentieth_within_a_second_and_a_minute)
{
    static const struct {
        double walltime, left;
    } rows[] = {{1, 1},        {5, 1},     {20, 1},     {30, 1.5}, {400, 20},
                {1199, 59.95}, {1200, 60}, {86400, 60}, {0.5, 1}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        cr_expect_float_eq(dg_walltime_stop_at(1000, rows[k].walltime),
                           1000 + rows[k].walltime - rows[k].left, 1e-9, "%g s", rows[k].walltime);
}

Test(walltime, of_0_is_no_limit)
{
    cr_expect_eq(dg_walltime_stop_at(1000, 0), (double)INFINITY);
    cr_expect_not(dg_walltime_save_due(1e300, 1e300, (double)INFINITY));
}

Test(walltime, reserves_twice_the_time_of_the_slowest_save)
{
    cr_expect_not(dg_walltime_save_due(99.9, 0, 100), "no checkpoint yet");
    cr_expect(dg_walltime_save_due(100, 0, 100));
    cr_expect_not(dg_walltime_save_due(93.9, 3, 100));
    cr_expect(dg_walltime_save_due(94, 3, 100));
    cr_expect(dg_walltime_save_due(1, 300, 100));
}

/* a checkpoint is due 1.2 s after the start and after each checkpoint */
static const char saving[] = "agents: 9\nsteps: 4\ngenerations: 6\nniche: {points: 50}\n"
                             "checkpoint: {minutes: 0.02}\n";

/**
 * Run with a walltime and saves that take `save` seconds: the call is stopped, and the next one
 * gives the uninterrupted result. Returns the seconds of the first call.
 */
static double stopped_after(double walltime, double save)
{
    const dg_options options = {.walltime = walltime};
    char *folder = records_folder(), *unbroken = folder_unbroken(saving);
    dg_outcome outcome;
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 1, .download_seconds = save});
    cr_assert_eq(folder_run(folder, saving, &options, &cpu, &outcome), DG_ERR_STOPPED);
    cr_expect_geq(outcome.agent_steps, 9 * 4);
    cr_expect_gt(folder_count(folder, DG_CHECKPOINT_FOLDER), 0);
    cr_assert_eq(folder_run(folder, saving, NULL, NULL, NULL), DG_OK, "%s", dg_error());
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    records_remove(folder);
    records_remove(unbroken);
    return outcome.seconds;
}

/** Saves of 2 s are due at 1.2 s and at 4.4 s: the second one would end after the walltime. */
Test(walltime, is_kept_where_saving_is_slow, .timeout = 60)
{
    const double seconds = stopped_after(6, 2);
    cr_expect_lt(seconds, 6);
    cr_expect_gt(seconds, 3.2, "the first checkpoint");
}

Test(walltime, is_used_where_saving_is_fast, .timeout = 60)
{
    const double seconds = stopped_after(3.5, 0.1);
    cr_expect_gt(seconds, 2.2, "%g s of the 2.5 that are not reserved", seconds);
    cr_expect_lt(seconds, 3.5);
}
