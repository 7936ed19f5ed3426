/** host/engine/walltime.c, batches.c: what a call has done is saved before its walltime is over. */
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

Test(walltime, of_none_never_stops)
{
    cr_expect_eq(dg_walltime_stop_at(1000, 0), (double)INFINITY);
    cr_expect_not(dg_walltime_save_due(1e300, 1e300, (double)INFINITY));
}

Test(walltime, leaves_room_for_twice_the_slowest_save)
{
    cr_expect_not(dg_walltime_save_due(99.9, 0, 100), "nothing was saved yet");
    cr_expect(dg_walltime_save_due(100, 0, 100));
    cr_expect_not(dg_walltime_save_due(93.9, 3, 100));
    cr_expect(dg_walltime_save_due(94, 3, 100));
    cr_expect(dg_walltime_save_due(1, 300, 100));
}

/* a checkpoint is due after 1.2 s, and then each 1.2 s after the one before */
static const char saving[] = "agents: 9\nsteps: 4\ngenerations: 6\nniche: {points: 50}\n"
                             "checkpoint: {minutes: 0.02}\n";

/** A call of so many seconds whose saves take `save`, stopped; a call after it ends it as if it had not. */
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

/** Saves of 2 s, begun at 1.2 s and, before the second that is left, at 4.4 s: that one would be late. */
Test(walltime, is_kept_where_saving_is_slow, .timeout = 60)
{
    const double seconds = stopped_after(6, 2);
    cr_expect_lt(seconds, 6);
    cr_expect_gt(seconds, 3.2, "the first checkpoint");
}

Test(walltime, is_used_where_saving_is_fast, .timeout = 60)
{
    const double seconds = stopped_after(3.5, 0.1);
    cr_expect_gt(seconds, 2.2, "%g s of 2.5 before the second that is left", seconds);
    cr_expect_lt(seconds, 3.5);
}
