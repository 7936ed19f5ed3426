/** tests/support/chance.c: checked with values from tables and values computed by hand. */
#include "chance.h"

#include <criterion/criterion.h>

#include <math.h>

Test(chance, chi_square_has_the_tabulated_quantiles)
{
    /* upper quantiles, e.g. Abramowitz & Stegun, table 26.8 */
    cr_assert_float_eq(chance_chi_square(3.841459, 1), 0.05, 1e-7);
    cr_assert_float_eq(chance_chi_square(23.20925, 10), 0.01, 1e-7);
    cr_assert_float_eq(chance_chi_square(149.4493, 100), 0.001, 1e-7);
    cr_assert_float_eq(chance_chi_square(2, 2), exp(-1), 1e-12);
}

Test(chance, poisson_has_the_tails_summed_by_hand)
{
    cr_assert_float_eq(chance_poisson(0, 3), 1, 0);
    cr_assert_float_eq(chance_poisson(1, 1e-9), 1e-9, 1e-17);
    cr_assert_float_eq(chance_poisson(1, 4), 1 - exp(-4), 1e-15);
    cr_assert_float_eq(chance_poisson(3, 2), 1 - 5 * exp(-2), 1e-15); /* 1 + 2 + 2^2 / 2 */
    cr_assert_float_eq(chance_poisson(2, 20), 1 - 21 * exp(-20), 1e-15);
    cr_assert_float_eq(chance_poisson(1, 0), 0, 0);
}

Test(chance, sets_have_the_probability_computed_by_hand)
{
    /* {0, 1} of weights 1, 2, 3: 1/6 2/5 + 2/6 1/4 */
    const double weight[] = {1, 2, 3};
    cr_assert_float_eq(chance_of_set(weight, 3, 3), 1 / 15.0 + 1 / 12.0, 1e-15);
    cr_assert_float_eq(chance_of_set(weight, 3, 3) + chance_of_set(weight, 3, 5) +
                           chance_of_set(weight, 3, 6),
                       1, 1e-15);
}
