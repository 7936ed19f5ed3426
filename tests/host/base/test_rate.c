/** host/base/rate.c: agent-steps per second over the last half minute, and the remaining time. */
#include "host/base/rate.h"

#include <criterion/criterion.h>

#include <math.h>

/** Progress at `rate` for `seconds`, recorded four times a second. */
static void progress_for(dg_rate *recent, dg_progress *p, double seconds, double rate)
{
    for (int k = 0; k < 4 * seconds; k++) {
        p->seconds += 0.25;
        p->agent_steps_done += (int64_t)(0.25 * rate);
        dg_rate_note(recent, p);
    }
}

/* ---- the window ------------------------------------------------------------------------------ */

/** A call whose work grows with the square of its time: the rate shows the length of the window. */
static dg_progress square(int64_t quarters)
{
    return (dg_progress){.agent_steps_done = quarters * quarters * 1000,
                         .seconds = 0.25 * (double)quarters};
}

/** Length w of the window in seconds: work t^2 has the rate (t^2 - (t - w)^2) / w = 2t - w. */
static double window_of(const dg_rate *recent, int64_t quarters)
{
    const dg_progress p = square(quarters);
    return 2 * p.seconds - dg_rate_now(recent, &p) / 16000;
}

Test(rate, covers_the_whole_call_and_later_the_last_half_minute)
{
    static const int64_t apart[] = {1, 2, 4}; /* quarters of a second between two records */
    for (size_t k = 0; k < sizeof apart / sizeof *apart; k++) {
        dg_rate recent = {{{0}}, 0};
        for (int64_t q = 0; q <= 400; q += apart[k]) {
            const dg_progress p = square(q);
            dg_rate_note(&recent, &p);
            if (q == 0) continue;
            /* 30 samples a second apart, the latest of them at most a second old */
            const double seconds = 0.25 * (double)q, full = 29 + seconds - floor(seconds);
            cr_assert_float_eq(window_of(&recent, q), seconds < 30 ? seconds : full, 1e-6,
                               "%g s, recorded every %g s", seconds, 0.25 * (double)apart[k]);
        }
    }
}

Test(rate, covers_30_samples_that_are_far_apart)
{
    dg_rate recent = {{{0}}, 0};
    for (int64_t q = 0; q <= 40 * 28; q += 28) { /* 7 s apart */
        const dg_progress p = square(q);
        dg_rate_note(&recent, &p);
    }
    cr_expect_float_eq(window_of(&recent, 40 * 28), 29 * 7, 1e-6);
}

Test(rate, follows_the_last_half_minute)
{
    dg_rate recent = {{{0}}, 0};
    dg_progress p = {.agent_steps_planned = 1000000, .runs_planned = 1};
    dg_rate_note(&recent, &p);
    progress_for(&recent, &p, 600, 1000);
    cr_expect_float_eq(dg_rate_now(&recent, &p), 1000, 1);
    progress_for(&recent, &p, 40, 4000);
    cr_expect_float_eq(dg_rate_now(&recent, &p), 4000, 1);
    cr_expect(dg_progress_rate(&p) < 1300);
}

/* ---- without progress ------------------------------------------------------------------------ */

Test(rate, without_samples_is_the_average_of_the_call)
{
    const dg_rate none = {{{0}}, 0};
    const dg_progress p = {.agent_steps_done = 900, .agent_steps_kept = 100, .seconds = 4};
    cr_expect_eq(dg_rate_now(&none, &p), 200);
}

Test(rate, at_the_time_of_the_first_sample_is_the_average_of_the_call)
{
    dg_rate recent = {{{0}}, 0};
    dg_progress p = {.agent_steps_done = 900, .agent_steps_kept = 100, .seconds = 4};
    dg_rate_note(&recent, &p);
    cr_expect_eq(dg_rate_now(&recent, &p), 200);
    p.agent_steps_done = 1300; /* at the same time */
    cr_expect_eq(dg_rate_now(&recent, &p), 300);
}

Test(rate, counts_only_this_call)
{
    dg_rate recent = {{{0}}, 0};
    dg_progress p = {.agent_steps_planned = 1000000,
                     .agent_steps_kept = 500000,
                     .agent_steps_done = 500000,
                     .runs_planned = 1};
    dg_rate_note(&recent, &p);
    cr_expect_eq(dg_rate_now(&recent, &p), 0);
    progress_for(&recent, &p, 10, 1000);
    cr_expect_float_eq(dg_rate_now(&recent, &p), 1000, 1);
    cr_expect_float_eq(dg_rate_left(&p, 1000), 490, 1);
}

Test(rate, after_a_long_pause_is_the_average_of_the_call)
{
    dg_rate recent = {{{0}}, 0};
    dg_progress p = {.agent_steps_planned = 1000000, .runs_planned = 1};
    dg_rate_note(&recent, &p);
    progress_for(&recent, &p, 50, 1000);
    progress_for(&recent, &p, 20, 0); /* runs are being started or saved */
    cr_expect_float_eq(dg_rate_now(&recent, &p), 1000.0 * 9 / 29, 40, "progress in 9 of 29 s");
    progress_for(&recent, &p, 30, 0);
    cr_expect_float_eq(dg_rate_now(&recent, &p), 500, 1, "no progress in the last 29 s");
}

/* ---- remaining time -------------------------------------------------------------------------- */

static const dg_progress half = {.agent_steps_done = 600,
                                 .agent_steps_planned = 1000,
                                 .agent_steps_kept = 100,
                                 .runs_done = 3,
                                 .runs_planned = 5,
                                 .runs_kept = 1,
                                 .seconds = 50};

Test(rate, gives_the_remaining_seconds)
{
    cr_expect_eq(dg_rate_left(&half, 10), 40);
    cr_expect_eq(dg_rate_left(&half, 0.5), 800);
    cr_expect(isnan(dg_rate_left(&half, 0)));
    cr_expect(isnan(dg_rate_left(&half, -1)));
    cr_expect(isnan(dg_rate_left(&half, (double)NAN)));
}

Test(rate, no_time_is_left_once_all_work_is_done)
{
    dg_progress p = half;
    p.runs_done = p.runs_planned; /* some ended early */
    cr_expect_eq(dg_rate_left(&p, 10), 0);
    cr_expect_eq(dg_rate_left(&p, 0), 0);
    p = half;
    p.agent_steps_done = p.agent_steps_planned; /* the last runs are being stored */
    cr_expect_eq(dg_rate_left(&p, 10), 0);
    p.agent_steps_done = p.agent_steps_planned + 1;
    cr_expect_eq(dg_rate_left(&p, 10), 0);
}

Test(rate, the_remaining_time_of_a_call_without_runs_is_unknown)
{
    const dg_progress none = {.seconds = 1};
    cr_expect(isnan(dg_rate_left(&none, 0)));
}
