/** kernels/science/evolve.h, kernels/science/evolve_constants.h: constants against libm, formulas by hand. */
#include "kernels/science/evolve.h"
#include "kernels/science/evolve_constants.h"
#include "tests/support/reference_evolve.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

/* ---- constants ------------------------------------------------------------------------------- */

static void close_to(const char *what, float got, double expected)
{
    cr_assert(fabs((double)got - expected) <= 1e-6 * fabs(expected), "%s is %.9g, expected %.9g",
              what, (double)got, expected);
}

static void assert_constants(int n, int size, int32_t variant)
{
    static reference_solver s;
    double weight[REFERENCE_SAMPLES];
    dg_evolve_weights(weight, size);
    const dg_evolve_constants c =
        dg_evolve_constants_make(variant, DG_SAMPLING_DIAGONAL, n, size,
                                 dg_evolve_mu_eff(weight, size), (double)NAN, (double)NAN);
    reference_solver_begin(&s, n, size, variant == DG_VARIANT_ROS_HANSEN, true, 0.1, (double)NAN,
                           (double)NAN);
    cr_assert(c.parents == size / 2 && c.diagonal == 1);
    for (int i = 0; i < size; i++)
        cr_assert_float_eq(weight[i], i < s.mu ? s.w[i] : 0, 1e-14, "weight %d", i);
    close_to("c_m", c.rate_mean, 1);
    close_to("c_1", c.rate_one, s.c_1);
    if (s.c_mu > 0) close_to("c_mu", c.rate_mu, s.c_mu);
    close_to("c_sigma", c.rate_sigma, s.c_sigma);
    close_to("1 - c_sigma", c.keep_sigma, 1 - s.c_sigma);
    close_to("gain of p_sigma", c.gain_sigma, sqrt(s.c_sigma * (2 - s.c_sigma) * s.mu_eff));
    close_to("c_c", c.rate_path, s.c_c);
    close_to("1 - c_c", c.keep_path, 1 - s.c_c);
    close_to("gain of p_c", c.gain_path, sqrt(s.c_c * (2 - s.c_c) * s.mu_eff));
    close_to("c_sigma / d_sigma", c.damping, s.c_sigma / s.d_sigma);
    close_to("chi_n", c.norm, s.chi);
    close_to("threshold", c.threshold, (1.4 + 2 / (n + 1.0)) * s.chi);
    close_to("stall", c.stall, variant == DG_VARIANT_EVOSAX ? s.c_c * (2 - s.c_c) : 0);
}

Test(evolve, constants_are_the_written_formulas)
{
    const int n[] = {5, 100, 2634, 8192}, size[] = {2, 3, 5, 10, 64};
    for (int k = 0; k < 4; k++)
        for (int l = 0; l < 5; l++) {
            assert_constants(n[k], size[l], DG_VARIANT_EVOSAX);
            assert_constants(n[k], size[l], DG_VARIANT_ROS_HANSEN);
        }
}

Test(evolve, constants_of_ten_agents_are_worked_out_by_hand)
{
    /* mu = 5: ln 6 - ln 1 ... ln 5 = 1.7918 1.0986 0.6931 0.4055 0.1823, sum 4.1713 */
    double weight[10];
    dg_evolve_weights(weight, 10);
    cr_assert_float_eq(weight[0], 0.42955, 1e-5);
    cr_assert_float_eq(weight[4], 0.04371, 1e-5);
    cr_assert_float_eq(dg_evolve_mu_eff(weight, 10), 3.4147, 1e-3);
}

Test(evolve, evosax_caps_n_in_three_places_alone)
{
    const dg_evolve_constants evosax = dg_evolve_constants_make(
        DG_VARIANT_EVOSAX, DG_SAMPLING_ISOTROPIC, 100000, 10, 3.4, (double)NAN, (double)NAN);
    close_to("c_1", evosax.rate_one, 2 / (pow(40001.3, 2) + 3.4));
    close_to("c_sigma", evosax.rate_sigma, 5.4 / 100006.4);
    close_to(
        "c_mu", evosax.rate_mu,
        100002 / 3.0 *
            (2 / (3.4 * pow(40000 + sqrt(2), 2)) + (1 - 1 / 3.4) * 5.8 / (40002.0 * 40002 + 3.4)));
}

Test(evolve, rates_that_are_set_replace_the_formulas)
{
    const dg_evolve_constants c = dg_evolve_constants_make(DG_VARIANT_EVOSAX, DG_SAMPLING_ISOTROPIC,
                                                           2634, 10, 3.4, 0.001, 0.01);
    cr_assert_eq(c.rate_mean, 0.001f);
    cr_assert_eq(c.rate_mu, 0.01f);
    cr_assert_eq(c.diagonal, 0);
}

Test(evolve, a_group_of_one_has_no_solver)
{
    const dg_evolve_constants none = {0};
    const dg_evolve_constants c = dg_evolve_constants_make(
        DG_VARIANT_EVOSAX, DG_SAMPLING_DIAGONAL, 2634, 1, (double)NAN, (double)NAN, (double)NAN);
    cr_assert_eq(memcmp(&c, &none, sizeof c), 0);
}

Test(evolve, logarithms_of_the_weights_are_exact_to_the_last_digits)
{
    for (int i = 1; i <= 100000; i++)
        cr_assert(fabs(dg_log_exact_order(i) - log(i)) <= 4e-16 * fmax(log(i), 1), "%d", i);
}

/* ---- who evolves, who comes first ------------------------------------------------------------ */

Test(evolve, is_due_every_so_many_generations)
{
    for (int32_t g = 0; g < 20; g++) {
        cr_assert_eq(dg_evolve_due(g, 1), 1);
        cr_assert_eq(dg_evolve_due(g, 5), g == 4 || g == 9 || g == 14 || g == 19);
        cr_assert_eq(dg_evolve_due(g, 0), 0);
    }
}

Test(evolve, ranks_by_fitness_then_index)
{
    cr_assert(dg_evolve_precedes(2, 7, 1, 3));
    cr_assert_not(dg_evolve_precedes(1, 3, 2, 7));
    cr_assert(dg_evolve_precedes(1, 3, 1, 7));
    cr_assert_not(dg_evolve_precedes(1, 7, 1, 3));
    cr_assert_not(dg_evolve_precedes(1, 3, 1, 3));
}

/* ---- one parameter --------------------------------------------------------------------------- */

/** Simple numbers in place of the formulas' constants. */
static dg_evolve_constants simple(void)
{
    dg_evolve_constants c = {0};
    c.rate_mean = 0.5f;
    c.keep_sigma = 0.75f;
    c.gain_sigma = 2;
    c.keep_path = 0.5f;
    c.gain_path = 4;
    c.rate_one = 0.125f;
    c.rate_mu = 0.25f;
    c.stall = 0.5f;
    c.damping = 0.5f;
    c.norm = 10;
    c.threshold = 14;
    return c;
}

Test(evolve, sample_is_mean_plus_sigma_scale_normal)
{
    cr_assert_eq(dg_evolve_scale(4, 1), 2);
    cr_assert_eq(dg_evolve_scale(4, 0), 1);
    cr_assert_eq(dg_evolve_spread(0.5f, 2), 1);
    cr_assert_eq(dg_evolve_sample(1, 0.5f, 3), 2.5f);
    cr_assert_eq(dg_evolve_offset(4, 1, 2), 6);
}

Test(evolve, recombination_adds_weighted_parents)
{
    cr_assert_eq(dg_evolve_mean_term(1, 0.5f, 3), 2.5f);
    cr_assert_eq(dg_evolve_rank_mu_term(1, 0.5f, 3), 5.5f);
}

Test(evolve, one_update_is_worked_out_by_hand)
{
    const dg_evolve_constants c = simple();
    cr_assert_eq(dg_evolve_mean(&c, 1, 2, 3), 4);       /* 1 + 0.5 * 2 * 3 */
    cr_assert_eq(dg_evolve_path_sigma(&c, 4, 3, 2), 6); /* 0.75 * 4 + 2 * 3 / 2 */
    cr_assert_eq(dg_evolve_path_c(&c, 4, 3, 1), 14);    /* 0.5 * 4 + 4 * 3 */
    cr_assert_eq(dg_evolve_path_c(&c, 4, 3, 0), 2);     /* stalled: no new direction */
    cr_assert_eq(dg_evolve_norm_term(1, 3), 10);
    /* (1 - 1/8 - 1/4) 2 + 1/8 4^2 + 1/4 3; stalled keeps 1/8 * 1/2 more of C */
    cr_assert_eq(dg_evolve_variance(&c, 2, 4, 3, 1), 4);
    cr_assert_eq(dg_evolve_variance(&c, 2, 4, 3, 0), 4.125f);
    cr_assert_eq(dg_evolve_sigma(&c, 2, 10), 2);
    cr_assert_float_eq(dg_evolve_sigma(&c, 2, 20), 2 * exp(0.5), 1e-6);
}

Test(evolve, stalls_where_the_path_is_too_long_for_its_age)
{
    const dg_evolve_constants c = simple();
    cr_assert_eq(dg_evolve_stall(&c, 13.9f, 0), 1);
    cr_assert_eq(dg_evolve_stall(&c, 14.1f, 0), 0);
    /* a young path is measured against sqrt(1 - 0.75) = 1/2 of it */
    cr_assert_eq(dg_evolve_stall(&c, 6.9f, 0.75f), 1);
    cr_assert_eq(dg_evolve_stall(&c, 7.1f, 0.75f), 0);
}

/** c_1 + c_mu of a solver. */
static double rates(int variant, int parameters, int size)
{
    static double weight[400000];
    dg_evolve_weights(weight, size);
    const dg_evolve_constants c =
        dg_evolve_constants_make(variant, DG_SAMPLING_DIAGONAL, parameters, size,
                                 dg_evolve_mu_eff(weight, size), (double)NAN, (double)NAN);
    return (double)c.rate_one + (double)c.rate_mu;
}

/* a third of so many agents, with a register each: 64 N + 714 parameters; the formulas alone exceed 1 */
Test(evolve, covariance_never_keeps_less_than_nothing)
{
    cr_expect_float_eq(rates(DG_VARIANT_EVOSAX, 64 * 100000 + 714, 33334), 1, 1e-6);
    cr_expect_leq(rates(DG_VARIANT_ROS_HANSEN, 64 * 100000 + 714, 33334), 1);
    cr_expect_leq(rates(DG_VARIANT_ROS_HANSEN, 10, 5000), 1 + 1e-6);
    cr_expect_lt(rates(DG_VARIANT_EVOSAX, 64 * 10000 + 714, 3334), 1);
}
