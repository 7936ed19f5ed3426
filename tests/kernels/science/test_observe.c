/** kernels/science/observe.h: recommendation weights and the exact law of what is observed. */
#include "tests/support/chance.h"
#include "kernels/science/observe.h"
#include "kernels/science/rng.h"

#include <criterion/criterion.h>

#include <math.h>

Test(observe, weight_is_the_written_formula)
{
    /* -log of exp(-K_c d - K_I I) exp(-K_b |b - m|) */
    const float fixed = dg_observe_static_cost(1.5f, 0.8f, 0.5f, 2.25f);
    cr_assert_float_eq(fixed, 1.5 * 0.8 + 0.5 * 2.25, 1e-6);
    cr_assert_float_eq(dg_observe_cost(fixed, 0.3f, dg_observe_gap(7, 2)), (double)fixed + 0.3 * 5,
                       1e-6);
    cr_assert_float_eq(dg_observe_cost(fixed, 0.3f, dg_observe_gap(2, 7)), (double)fixed + 0.3 * 5,
                       1e-6);
    cr_assert_eq(dg_observe_cost(fixed, 0, dg_observe_gap(2, 7)), fixed);
}

Test(observe, static_costs_are_finite)
{
    /* whoever outweighs all others by far is still drawn after them, and before nobody */
    cr_assert_eq(dg_observe_static_cost(1, 0.5f, 1, INFINITY), 1e30f);
    cr_assert_eq(dg_observe_static_cost(1, 0.5f, 1e4f, 3e38f), 1e30f);
    cr_assert_eq(dg_observe_static_cost(1, 0.5f, 0, INFINITY), 0.5f);
}

Test(observe, silence_enters_the_distance_as_minus_one)
{
    cr_assert_eq(dg_observe_cost(0, 1, dg_observe_gap(4, -1)), 5);
    cr_assert_eq(dg_observe_cost(0, 1, dg_observe_gap(0, -1)), 1);
}

Test(observe, offers_what_the_key_says)
{
    const struct {
        int32_t silent, message, last, offered, candidate;
    } row[] = {
        {DG_SILENT_MARKER, 3, 5, 3, 1},   {DG_SILENT_MARKER, -1, 5, -1, 1},
        {DG_SILENT_EXCLUDED, 3, 5, 3, 1}, {DG_SILENT_EXCLUDED, -1, 5, -1, 0},
        {DG_SILENT_LAST, 3, 5, 3, 1},     {DG_SILENT_LAST, -1, 5, 5, 1},
        {DG_SILENT_LAST, -1, -1, -1, 1},  {DG_SILENT_EXCLUDED, 0, -1, 0, 1},
    };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        const int32_t offered = dg_observe_offered(row[k].silent, row[k].message, row[k].last);
        cr_assert_eq(offered, row[k].offered, "row %zu", k);
        cr_assert_eq(dg_observe_barred(row[k].silent, offered), !row[k].candidate, "row %zu", k);
    }
}

/* ---- many candidates: a race; few: test_sums.c ----------------------------------------------- */

Test(observe, draws_by_sums_up_to_a_number_of_agents)
{
    cr_expect(dg_observe_sums(2));
    cr_expect(dg_observe_sums(1024));
    cr_expect_not(dg_observe_sums(1025));
}

/** Set of the m smallest clocks of n. */
static uint32_t race(const float *cost, int n, int m, dg_draw draw, uint32_t trial)
{
    uint32_t chosen = 0;
    for (int k = 0; k < m; k++) {
        int first = -1;
        float least = INFINITY;
        for (int j = 0; j < n; j++) {
            const float e = dg_log_exponential(dg_word(draw, (uint32_t)j, trial));
            const float clock = dg_observe_clock(cost[j], e);
            if (!(chosen >> j & 1) && clock < least) least = clock, first = j;
        }
        if (first >= 0) chosen |= 1u << first;
    }
    return chosen;
}

/** Chi-square of the sets drawn against draws one after the other. */
static void assert_law(const double *weight, int n, int m)
{
    enum { TRIALS = 100000 };
    int64_t count[64] = {0}, all[64] = {0};
    double probability[64], total = 0;
    float cost[6];
    int cells = 0;
    for (int j = 0; j < n; j++) cost[j] = -logf((float)weight[j]);
    for (uint32_t k = 0; k < TRIALS; k++)
        all[race(cost, n, m, dg_draw_of(9, DG_STREAM_RACE, n, m), k)]++;
    for (uint32_t set = 0; set < 1u << n; set++) {
        if (__builtin_popcount(set) != m) continue;
        count[cells] = all[set];
        total += probability[cells++] = chance_of_set(weight, n, set);
    }
    cr_assert_float_eq(total, 1, 1e-12);
    chance_assert("observed sets", count, probability, cells);
}

Test(observe, draws_follow_the_law_without_replacement)
{
    const double weight[] = {1, 2, 0.5, 4, 0.25, 1};
    for (int n = 3; n <= 6; n++)
        for (int m = 1; m < n; m++) assert_law(weight, n, m);
}

Test(observe, draws_survive_weights_beyond_any_float)
{
    /* weights e^-500 and e^-499, 1 : e; nothing underflows */
    const float cost[] = {500, 499};
    int64_t count[2] = {0};
    const double e = exp(1), probability[] = {1 / (1 + e), e / (1 + e)};
    for (uint32_t k = 0; k < 200000; k++)
        count[race(cost, 2, 1, dg_draw_of(9, DG_STREAM_RACE, 0, 0), k) - 1]++;
    chance_assert("tiny weights", count, probability, 2);
}

Test(observe, what_cannot_be_drawn_never_is)
{
    const float cost[] = {1, DG_OBSERVE_NEVER, 3, DG_OBSERVE_NEVER};
    for (uint32_t k = 0; k < 10000; k++)
        cr_assert_eq(race(cost, 4, 3, dg_draw_of(9, DG_STREAM_RACE, 0, 0), k), 5);
}
