/**
 * kernels/science/fmath.h: every float32 of each function's domain against libm in double precision.
 *
 * Most float32 are tiny, and libm is slow: where a few terms of a series leave an error below 2^-35
 * of the result, the series stands in for libm, and the loop vectorises.
 */
#include "tests/support/sweep.h"

#include <criterion/criterion.h>

#include <math.h>

static void assert_within(sweep_result r, double bound)
{
    cr_assert(r.ulp <= bound, "%.4f ulp near %a, stated %.3f", r.ulp, (double)dg_float_of(r.first),
              bound);
}

/** An error that no bound allows, where a property does not hold. */
DG_HD double unless(int holds)
{
    return holds ? 0 : 1e9;
}

/* ---- log ------------------------------------------------------------------------------------- */

/** Every 2^e m of one mantissa m in [1, 2): log m + e ln 2, and libm where the two cancel. */
DG_HD double judge_log(float m)
{
    const double log_m = log((double)m);
    double worst = sweep_error(dg_log(0.5f * m), log(0.5 * m));
    for (int32_t e = -126; e <= 127; e++) {
        const float x = dg_float_of(dg_bits_of(m) + ((uint32_t)e << 23));
        const double error = sweep_error(dg_log(x), e * 0.69314718055994530942 + log_m);
        worst = e == -1 ? worst : sweep_worse(error, worst);
    }
    return worst;
}
SWEEP(sweep_log, judge_log)

Test(fmath, log_is_within_1_ulp_for_every_normal)
{
    assert_within(sweep_log(1.0f, 0x1.fffffep0f), 1.0);
}

Test(fmath, log_of_one_is_zero)
{
    cr_assert_eq(dg_bits_of(dg_log(1.0f)), 0);
}

/* ---- exp ------------------------------------------------------------------------------------- */

DG_HD double judge_exp(float x)
{
    return sweep_error(dg_exp(x), exp((double)x));
}
SWEEP(sweep_exp, judge_exp)

/** 1 + x + x^2/2, for both signs of |x| < 2^-20. */
DG_HD double judge_exp_tiny(float x)
{
    const double d = x;
    return sweep_worse(sweep_error(dg_exp(x), 1 + d + d * d / 2),
                       sweep_error(dg_exp(-x), 1 - d + d * d / 2));
}
SWEEP(sweep_exp_tiny, judge_exp_tiny)

Test(fmath, exp_is_within_1_1_ulp_where_it_is_normal)
{
    /* the last arguments whose exp is finite, and whose exp is normal */
    assert_within(sweep_exp_tiny(0.0f, 0x1p-20f), 1.1);
    assert_within(sweep_exp(0x1p-20f, 88.722831f), 1.1);
    assert_within(sweep_exp(-0x1p-20f, -87.336540f), 1.1);
}

Test(fmath, exp_is_within_1_6_ulp_on_the_subnormal_grid)
{
    assert_within(sweep_exp(-87.336548f, -104.0f), 1.6);
}

/** Above 88.7228 and below -103.98. */
DG_HD double judge_exp_beyond(float x)
{
    return unless(dg_bits_of(dg_exp(x)) == 0x7f800000u) +
           unless(x < 104.0f || dg_bits_of(dg_exp(-x)) == 0);
}
SWEEP(sweep_exp_beyond, judge_exp_beyond)

Test(fmath, exp_saturates_beyond_its_range)
{
    assert_within(sweep_exp_beyond(88.722840f, INFINITY), 0);
}

/* ---- tanh ------------------------------------------------------------------------------------ */

DG_HD double judge_odd(float x, double expected)
{
    const float t = dg_tanh(x);
    const int odd = dg_bits_of(dg_tanh(-x)) == (dg_bits_of(t) ^ 0x80000000u);
    return sweep_error(t, expected) + unless(odd && t <= 1.0f);
}

DG_HD double judge_tanh(float x)
{
    return judge_odd(x, tanh((double)x));
}
SWEEP(sweep_tanh, judge_tanh)

/** x - x^3/3 + 2 x^5/15, for x < 2^-6. */
DG_HD double judge_tanh_small(float x)
{
    const double d = x, z = d * d;
    return judge_odd(x, d - d * z * (1 / 3.0 - z * (2 / 15.0)));
}
SWEEP(sweep_tanh_small, judge_tanh_small)

Test(fmath, tanh_is_within_5_ulp_and_odd_and_at_most_1)
{
    assert_within(sweep_tanh_small(0.0f, 0x1p-6f), 5);
    assert_within(sweep_tanh(0x1p-6f, 10.0f), 5);
}

DG_HD double judge_tanh_beyond(float x)
{
    return unless(dg_tanh(x) == dg_tanh(7.9f)) + unless(dg_tanh(-x) == dg_tanh(-7.9f));
}
SWEEP(sweep_tanh_beyond, judge_tanh_beyond)

Test(fmath, tanh_is_the_same_beyond_its_end)
{
    cr_expect_eq(dg_tanh(7.9f), 1 - 3 * 0x1p-24f);
    cr_expect_eq(dg_tanh(NAN), dg_tanh(7.9f));
    assert_within(sweep_tanh_beyond(7.9f, INFINITY), 0);
}

/* ---- the unit circle ------------------------------------------------------------------------- */

static const double two_pi = 6.283185307179586477;

DG_HD double judge_point(float u, double cosine, double sine)
{
    const dg_circle at = dg_circle_at(u);
    return sweep_worse(sweep_error(at.cosine, cosine), sweep_error(at.sine, sine));
}

/** libm sees the distance to the nearest quarter, which is exact: 2 pi u would be rounded. */
DG_HD double judge_circle(float u)
{
    const int quarter = (int)(4 * u + 0.5f);
    const double angle = two_pi * ((double)u - quarter / 4.0);
    const double c = cos(angle), s = sin(angle);
    const double cosine[] = {c, -s, -c, s, c}, sine[] = {s, c, -s, -c, s};
    return judge_point(u, cosine[quarter], sine[quarter]);
}
SWEEP(sweep_circle, judge_circle)

/** The first terms of both series, for u < 2^-12. */
DG_HD double judge_circle_small(float u)
{
    const double angle = two_pi * (double)u, z = angle * angle;
    return judge_point(u, 1 - z / 2 + z * z / 24, angle - angle * z / 6);
}
SWEEP(sweep_circle_small, judge_circle_small)

Test(fmath, circle_is_within_1_ulp_for_every_part_of_a_turn)
{
    /* no float32 lies between the last argument and 1 */
    assert_within(sweep_circle_small(0.0f, 0x1p-12f), 1.0);
    assert_within(sweep_circle(0x1p-12f, 0x1.fffffep-1f), 1.0);
}

Test(fmath, circle_is_exact_at_the_quarters)
{
    const float cosine[] = {1, 0, -1, 0}, sine[] = {0, 1, 0, -1};
    for (int q = 0; q < 4; q++) {
        const dg_circle at = dg_circle_at(0.25f * (float)q);
        cr_assert(at.cosine == cosine[q] && at.sine == sine[q], "quarter %d", q);
    }
}

/* ---- the small ones -------------------------------------------------------------------------- */

Test(fmath, nearest_rounds_ties_to_even)
{
    const float in[] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 3.4999998f, -4194303.5f};
    const float out[] = {0, 2, 2, 0, -2, 3, -4194304};
    for (size_t k = 0; k < sizeof in / sizeof *in; k++)
        cr_assert_eq(dg_nearest(in[k]), out[k], "%g", (double)in[k]);
}

Test(fmath, exp2i_is_every_power_of_two_that_is_normal)
{
    for (int k = -126; k <= 127; k++) cr_assert_eq(dg_exp2i((float)k), ldexpf(1, k), "2^%d", k);
}
