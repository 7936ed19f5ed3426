/** host/base/rate.c: agent-steps per second of the last half minute, and the time left at that rate. */
#include "host/base/rate.h"

#include <criterion/criterion.h>

#include <math.h>

/** Go on for `seconds` at `rate`, noted four times a second. */
static void go(dg_rate *recent, dg_progress *p, double seconds, double rate)
{
    for (int k = 0; k < 4 * seconds; k++) {
        p->seconds += 0.25;
        p->agent_steps_done += (int64_t)(0.25 * rate);
        dg_rate_note(recent, p);
    }
}

/* ---- the window ------------------------------------------------------------------------------- */

/** A call whose work is the square of its seconds: the rate tells how far back the window reaches. */
static dg_progress square(int64_t quarters)
{
    return (dg_progress){.agent_steps_done = quarters * quarters * 1000,
                         .seconds = 0.25 * (double)quarters};
}

/** Seconds back to the oldest sample: a = t^2, (t^2 - (t - w)^2) / w = 2 t - w. */
static double reach(const dg_rate *recent, int64_t quarters)
{
    const dg_progress p = square(quarters);
    return 2 * p.seconds - dg_rate_now(recent, &p) / 16000;
}

Test(rate, reaches_back_to_the_beginning_and_then_half_a_minute)
{
    static const int64_t apart[] = {1, 2, 4}; /* noted so many quarters of a second apart */
    for (size_t k = 0; k < sizeof apart / sizeof *apart; k++) {
        dg_rate recent = {{{0}}, 0};
        for (int64_t q = 0; q <= 400; q += apart[k]) {
            const dg_progress p = square(q);
            dg_rate_note(&recent, &p);
            if (q == 0) continue;
            /* 30 samples a second apart; the latest of them up to a second old */
            const double seconds = 0.25 * (double)q, whole = 29 + seconds - floor(seconds);
            cr_assert_float_eq(reach(&recent, q), seconds < 30 ? seconds : whole, 1e-6,
                               "%g s, noted every %g s", seconds, 0.25 * (double)apart[k]);
        }
    }
}

Test(rate, of_samples_far_apart_reaches_back_as_many)
{
    dg_rate recent = {{{0}}, 0};
    for (int64_t q = 0; q <= 40 * 28; q += 28) { /* 7 s apart */
        const dg_progress p = square(q);
        dg_rate_note(&recent, &p);
    }
    cr_expect_float_eq(reach(&recent, 40 * 28), 29 * 7, 1e-6);
}

Test(rate, follows_the_last_half_minute)
{
    dg_rate recent = {{{0}}, 0};
    dg_progress p = {.agent_steps_planned = 1000000, .runs_planned = 1};
    dg_rate_note(&recent, &p);
    go(&recent, &p, 600, 1000);
    cr_expect_float_eq(dg_rate_now(&recent, &p), 1000, 1);
    go(&recent, &p, 40, 4000);
    cr_expect_float_eq(dg_rate_now(&recent, &p), 4000, 1);
    cr_expect(dg_progress_rate(&p) < 1300);
}

/* ---- where nothing moves ---------------------------------------------------------------------- */

Test(rate, without_a_sample_is_that_of_the_call)
{
    const dg_rate none = {{{0}}, 0};
    const dg_progress p = {.agent_steps_done = 900, .agent_steps_kept = 100, .seconds = 4};
    cr_expect_eq(dg_rate_now(&none, &p), 200);
}

Test(rate, at_the_moment_of_the_first_sample_is_that_of_the_call)
{
    dg_rate recent = {{{0}}, 0};
    dg_progress p = {.agent_steps_done = 900, .agent_steps_kept = 100, .seconds = 4};
    dg_rate_note(&recent, &p);
    cr_expect_eq(dg_rate_now(&recent, &p), 200);
    p.agent_steps_done = 1300; /* before the clock has moved */
    cr_expect_eq(dg_rate_now(&recent, &p), 300);
}

Test(rate, counts_this_call_alone)
{
    dg_rate recent = {{{0}}, 0};
    dg_progress p = {.agent_steps_planned = 1000000,
                     .agent_steps_kept = 500000,
                     .agent_steps_done = 500000,
                     .runs_planned = 1};
    dg_rate_note(&recent, &p);
    cr_expect_eq(dg_rate_now(&recent, &p), 0);
    go(&recent, &p, 10, 1000);
    cr_expect_float_eq(dg_rate_now(&recent, &p), 1000, 1);
    cr_expect_float_eq(dg_rate_left(&p, 1000), 490, 1);
}

Test(rate, a_standstill_is_not_for_ever)
{
    dg_rate recent = {{{0}}, 0};
    dg_progress p = {.agent_steps_planned = 1000000, .runs_planned = 1};
    dg_rate_note(&recent, &p);
    go(&recent, &p, 50, 1000);
    go(&recent, &p, 20, 0); /* saving, or starting runs */
    cr_expect_float_eq(dg_rate_now(&recent, &p), 1000.0 * 9 / 29, 40, "9 of the last 29 s moved");
    go(&recent, &p, 30, 0);
    cr_expect_float_eq(dg_rate_now(&recent, &p), 500, 1, "none of the last 29 s did");
}

/* ---- the time left ---------------------------------------------------------------------------- */

static const dg_progress half = {.agent_steps_done = 600,
                                 .agent_steps_planned = 1000,
                                 .agent_steps_kept = 100,
                                 .runs_done = 3,
                                 .runs_planned = 5,
                                 .runs_kept = 1,
                                 .seconds = 50};

Test(rate, tells_the_seconds_left)
{
    cr_expect_eq(dg_rate_left(&half, 10), 40);
    cr_expect_eq(dg_rate_left(&half, 0.5), 800);
    cr_expect(isnan(dg_rate_left(&half, 0)));
    cr_expect(isnan(dg_rate_left(&half, -1)));
    cr_expect(isnan(dg_rate_left(&half, (double)NAN)));
}

Test(rate, knows_when_nothing_is_left)
{
    dg_progress p = half;
    p.runs_done = p.runs_planned; /* some ended early */
    cr_expect_eq(dg_rate_left(&p, 10), 0);
    cr_expect_eq(dg_rate_left(&p, 0), 0);
    p = half;
    p.agent_steps_done = p.agent_steps_planned; /* the last of them is being stored */
    cr_expect_eq(dg_rate_left(&p, 10), 0);
    p.agent_steps_done = p.agent_steps_planned + 1;
    cr_expect_eq(dg_rate_left(&p, 10), 0);
}

Test(rate, of_a_call_that_plans_nothing_is_not_known)
{
    const dg_progress none = {.seconds = 1};
    cr_expect(isnan(dg_rate_left(&none, 0)));
}
