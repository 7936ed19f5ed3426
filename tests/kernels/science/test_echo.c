/** kernels/science/echo.h, kernels/cpu/echo.c: slopes against utilities, steps against a plain loop. */
#include "tests/support/chance.h"
#include "kernels/science/echo.h"
#include "kernels/cpu/echo.h"
#include "kernels/cpu/lanes.h"
#include "kernels/science/rng.h"

#include <criterion/criterion.h>

#include <math.h>

enum { AGENTS = 13 };

/** Central difference of the utility in the own belief, by the header's own value. */
static double difference(int32_t utility, float belief, float other, float bound)
{
    const float h = 0x1p-10f;
    return ((double)dg_echo_value(utility, belief + h, other, bound) -
            (double)dg_echo_value(utility, belief - h, other, bound)) /
           (2 * (double)h);
}

Test(echo, slope_is_the_derivative_of_the_utility)
{
    for (int a = -8; a <= 8; a++)
        for (int b = -8; b <= 8; b++) {
            const float belief = 0.11f * (float)a, other = 0.13f * (float)b;
            for (int32_t utility = 0; utility < 2; utility++) {
                /* not across the edge of confidence, where there is no derivative */
                if (fabsf(fabsf(other - belief) - 0.5f) < 0.01f) continue;
                cr_assert_float_eq(dg_echo_slope(utility, belief, other, 0.5f),
                                   difference(utility, belief, other, 0.5f), 1e-3);
            }
        }
}

Test(echo, utilities_are_worked_out_by_hand)
{
    cr_assert_eq(dg_echo_value(DG_ECHO_PRODUCT, 0.5f, -3, 0), -1.5f);
    cr_assert_eq(dg_echo_slope(DG_ECHO_PRODUCT, 0.5f, -3, 0), -3);
    cr_assert_eq(dg_echo_value(DG_ECHO_BOUNDED_CONFIDENCE, 1, 1.5f, 1), -0.125f);
    cr_assert_eq(dg_echo_slope(DG_ECHO_BOUNDED_CONFIDENCE, 1, 1.5f, 1), 0.5f);
    cr_assert_eq(dg_echo_value(DG_ECHO_BOUNDED_CONFIDENCE, 1, 2, 1), 0);
    cr_assert_eq(dg_echo_slope(DG_ECHO_BOUNDED_CONFIDENCE, 1, 2, 1), 0);
    cr_assert_eq(dg_echo_ascend(1, 0.25f, 2), 1.5f);
}

static void begin(dg_echo_run *run, float *belief, float *evidence)
{
    for (uint32_t i = 0; i < AGENTS; i++) {
        belief[i] = dg_normal(dg_draw_of(1, DG_STREAM_ECHO_BELIEF, 0, 0), i, 0) / 10;
        evidence[i] = dg_normal(dg_draw_of(1, DG_STREAM_ECHO_EVIDENCE, 0, 0), i, 0) / 10;
    }
    run->belief = belief;
    run->evidence = evidence;
}

Test(echo, product_follows_its_closed_form)
{
    float belief[AGENTS], evidence[AGENTS], other[AGENTS], start[AGENTS];
    double utility, before = 0;
    dg_echo_run run = {.seed = 1,
                       .agents = AGENTS,
                       .params = {.echo_utility = DG_ECHO_PRODUCT, .echo_rate = 1e-4f},
                       .last = 20000,
                       .other = other,
                       .mean_utility = &utility};
    begin(&run, belief, evidence);
    memcpy(start, belief, sizeof start);
    DG_VECTORED(dg_echo)(&run);
    for (int i = 0; i < AGENTS; i++) {
        const double exact = (double)start[i] + 1e-4 * 20000 * (double)evidence[i];
        /* each step rounds once, to half an ulp of a number below 1 */
        cr_assert_float_eq(belief[i], exact, 20000 * 0x1p-25);
        before += ((double)start[i] + 1e-4 * 19999 * (double)evidence[i]) * (double)evidence[i];
    }
    cr_assert_float_eq(utility, before / AGENTS, 1e-4);
}

Test(echo, bounded_confidence_lets_one_pair_meet_in_a_step)
{
    float belief[AGENTS], evidence[AGENTS], other[AGENTS], before[AGENTS];
    double utility, sum = 0;
    dg_echo_run run = {.seed = 5,
                       .agents = AGENTS,
                       .params = {.echo_utility = DG_ECHO_BOUNDED_CONFIDENCE,
                                  .echo_rate = 0.25f,
                                  .echo_confidence = 0.1f},
                       .other = other,
                       .mean_utility = &utility};
    begin(&run, belief, evidence);
    int meetings = 0;
    for (int i = 0; i < AGENTS; i++) sum += (double)belief[i];
    for (run.first = 0, run.last = 1; run.last <= 500; run.first++, run.last++) {
        int moved[AGENTS], count = 0;
        memcpy(before, belief, sizeof before);
        DG_VECTORED(dg_echo)(&run);
        for (int i = 0; i < AGENTS; i++)
            if (belief[i] != before[i]) moved[count++] = i;
        cr_assert(count == 0 || count == 2, "%d agents moved", count);
        if (count == 0) continue;
        const float a = before[moved[0]], b = before[moved[1]];
        meetings++;
        cr_assert_lt(fabsf(a - b), 0.1f);
        cr_assert_float_eq(belief[moved[0]], a + 0.25f * (b - a), 1e-7);
        cr_assert_float_eq(belief[moved[1]], b + 0.25f * (a - b), 1e-7);
    }
    for (int i = 0; i < AGENTS; i++) sum -= (double)belief[i];
    cr_assert_gt(meetings, 50);
    cr_assert_float_eq(sum, 0, 1e-5, "meetings keep the mean");
}

Test(echo, every_pair_is_equally_likely_to_meet)
{
    enum { PAIRS = AGENTS * (AGENTS - 1) / 2, STEPS = 20000 };
    float belief[AGENTS], evidence[AGENTS], other[AGENTS], before[AGENTS];
    double utility, probability[PAIRS];
    int64_t count[PAIRS] = {0};
    dg_echo_run run = {.seed = 6,
                       .agents = AGENTS,
                       .params = {.echo_utility = DG_ECHO_BOUNDED_CONFIDENCE,
                                  .echo_rate = 0.25f,
                                  .echo_confidence = 10},
                       .other = other,
                       .mean_utility = &utility};
    for (int k = 0; k < PAIRS; k++) probability[k] = 1.0 / PAIRS;
    for (run.last = 1; run.last <= STEPS; run.first++, run.last++) {
        /* drawn anew, so that no two beliefs agree: exactly the two that meet move */
        int moved[AGENTS], moves = 0;
        begin(&run, belief, evidence);
        memcpy(before, belief, sizeof before);
        DG_VECTORED(dg_echo)(&run);
        for (int i = 0; i < AGENTS; i++)
            if (belief[i] != before[i]) moved[moves++] = i;
        cr_assert_eq(moves, 2, "step %d: %d agents moved", run.first, moves);
        count[moved[1] * (moved[1] - 1) / 2 + moved[0]]++;
    }
    chance_assert("pairs", count, probability, PAIRS);
}
