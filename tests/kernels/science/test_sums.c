/** kernels/science/sums.h: integer weights against exp in double, and the exact law of a draw. */
#include "kernels/science/observe.h"
#include "tests/support/chance.h"
#include "tests/support/sums.h"
#include "tests/support/sweep.h"

#include <criterion/criterion.h>

#include <math.h>

Test(sums, constants_are_those_of_the_model_version)
{
    /* as MODEL.md has them: each other value is another law, too near to tell from counts */
    cr_expect_eq(DG_SUMS_UNIT, 0x8000000);
    cr_expect_eq(DG_SUMS_ENOUGH, 0x200000);
    cr_expect_eq(DG_OBSERVE_SUMS, 1024);
}

/* ---- the weight of a gap --------------------------------------------------------------------- */

/** How far beyond .5 a weight is from 2^27 exp(-behind), in 2^-22 of it. */
DG_HD double judge_weight(float behind)
{
    const double expected = 0x1p27 * exp(-(double)behind);
    return (fabs((double)dg_sums_weight(behind) - expected) - 0.5) / expected * 0x1p22;
}
SWEEP(sweep_weight, judge_weight)

Test(sums, weight_is_the_exponential_within_its_bound)
{
    cr_expect_leq(sweep_weight(0x1p-24f, 25.0f).ulp, 1);
}

DG_HD double judge_weight_far(float behind)
{
    return dg_sums_weight(behind) == 0 ? 0 : 1e9;
}
SWEEP(sweep_weight_far, judge_weight_far)

Test(sums, weight_ends_where_it_should)
{
    cr_expect_eq(dg_sums_weight(0.0f), DG_SUMS_UNIT);
    cr_expect_eq(dg_sums_weight(-0.0f), DG_SUMS_UNIT);
    cr_expect_eq(dg_sums_weight(0x1p-149f), DG_SUMS_UNIT);
    cr_expect_eq(dg_sums_weight(18.8f), 1);
    cr_expect_eq(dg_sums_weight(19.5f), 0);
    cr_expect_eq(sweep_weight_far(20.0f, INFINITY).ulp, 0);
    /* as a GPU writes it, and as x86 does */
    cr_expect_eq(dg_sums_weight(dg_float_of(0x7fffffffu)), 0);
    cr_expect_eq(dg_sums_weight(dg_float_of(0xffc00000u)), 0);
}

/* ---- the mark -------------------------------------------------------------------------------- */

Test(sums, mark_is_the_share_of_the_total_that_the_word_says)
{
    const uint32_t word[] = {0, 1, 77, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    const uint64_t total[] = {0,           1, 5, 0x7ffffff, 0xffffffff, 0x100000000, 0x1fffffffff,
                              0x2000000000};
    for (size_t w = 0; w < sizeof word / sizeof *word; w++)
        for (size_t t = 0; t < sizeof total / sizeof *total; t++) {
            const sums_wide exact = (sums_wide)word[w] * total[t] >> 32;
            cr_expect_eq(dg_sums_mark(word[w], total[t]), (uint64_t)exact);
            cr_expect(total[t] == 0 || dg_sums_mark(word[w], total[t]) < total[t]);
        }
}

Test(sums, as_many_words_draw_a_candidate_as_its_weight_asks_for)
{
    const uint32_t weight[] = {7, 0, 1u << 27, 1, 3000000, 0, 12345};
    enum { COUNT = sizeof weight / sizeof *weight };
    uint64_t total = 0, below = 0;
    for (int k = 0; k < COUNT; k++) total += weight[k];
    for (int k = 0; k < COUNT; k++) {
        const uint64_t begin = sums_first_word(below, total);
        const uint64_t end = sums_first_word(below += weight[k], total);
        cr_expect_lt(fabs((double)(end - begin) - 0x1p32 * weight[k] / (double)total), 1);
        if (weight[k] == 0) continue;
        cr_expect_eq(sums_find(weight, COUNT, (uint32_t)begin), k);
        cr_expect_eq(sums_find(weight, COUNT, (uint32_t)(end - 1)), k);
    }
}

Test(sums, nothing_but_zeros_draws_the_last)
{
    const float x[] = {-INFINITY, -INFINITY, -INFINITY};
    cr_expect_eq(sums_softmax(x, 3, 0x80000000), 2);
}

/* ---- successive draws ------------------------------------------------------------------------ */

enum { MOST = 12, DRAWN = 4, TRIALS = 400000 };

/** Ordered draws of up to four among n, as a number. */
static int place_of(const int *drawn, int n, int m)
{
    int place = 0;
    for (int k = 0; k < m; k++) place = place * n + drawn[k];
    return place;
}

/** P(drawn in this order) by brute force in long double: each among those that are left. */
static double chance_of_order(const double *cost, int n, const int *drawn, int m)
{
    char left[MOST];
    long double p = 1;
    memset(left, 1, sizeof left);
    for (int k = 0; k < m; k++) {
        long double all = 0;
        if (!left[drawn[k]]) return 0;
        for (int j = 0; j < n; j++)
            if (left[j]) all += expl((long double)(cost[drawn[k]] - cost[j]));
        p /= all;
        left[drawn[k]] = 0;
    }
    return (double)p;
}

/** Cells of the chi-square. */
typedef struct cells {
    int64_t count[20000];
    double probability[20000];
    int used;
} cells;

static void add_cell(cells *c, int64_t count, double probability)
{
    c->count[c->used] = count;
    c->probability[c->used++] = probability;
}

/** Ordered draws of m among n, by place_of(); returns how often weights were made per trial. */
static double count_orders(const double *cost, int n, int m, int64_t *seen)
{
    float exact[MOST];
    int64_t anew = 0;
    for (int j = 0; j < n; j++) exact[j] = (float)cost[j];
    for (uint32_t k = 0; k < TRIALS; k++) {
        int drawn[DRAWN];
        const dg_draw draw = dg_draw_of(5, DG_STREAM_OBSERVE, n, (int32_t)(k >> 16));
        cr_assert_eq(sums_draw(exact, n, m, draw, k & 0xffff, drawn, &anew), m);
        seen[place_of(drawn, n, m)]++;
    }
    return (double)anew / TRIALS;
}

/**
 * Ordered draws of m among n: chi-square of the orders that are expected often enough. Those expected too seldom
 * make one cell; where that is too few, too, it must not hold too many. Impossible orders, in which somebody is
 * drawn twice, are never seen. Returns how often weights were made per trial.
 */
static double assert_law(const char *what, const double *cost, int n, int m)
{
    static int64_t seen[MOST * MOST * MOST * MOST];
    static cells c;
    double rest = 0;
    int64_t of_rest = 0;
    int orders = 1;
    memset(seen, 0, sizeof seen);
    memset(&c, 0, sizeof c);
    const double anew = count_orders(cost, n, m, seen);
    for (int k = 0; k < m; k++) orders *= n;
    for (int place = 0; place < orders; place++) {
        int drawn[DRAWN];
        for (int k = m - 1, p = place; k >= 0; k--, p /= n) drawn[k] = p % n;
        const double p = chance_of_order(cost, n, drawn, m);
        if (p == 0) cr_assert_eq(seen[place], 0, "%s: impossible order %d", what, place);
        if (p * TRIALS >= 5)
            add_cell(&c, seen[place], p);
        else
            rest += p, of_rest += seen[place];
    }
    if (rest * TRIALS >= 5)
        add_cell(&c, of_rest, rest);
    else
        chance_assert_rare(what, of_rest, rest * TRIALS);
    chance_assert(what, c.count, c.probability, c.used);
    return anew;
}

Test(sums, successive_draws_follow_their_law)
{
    const double even[] = {1, 1, 1, 1, 1, 1, 1};
    const double mixed[] = {0.3, 2.1, 0.9, 1.4, 3.3, 0.1, 2.2, 1.9, 0.7, 1.1, 2.7, 0.4};
    cr_expect_eq(assert_law("even", even, 7, 3), 1);
    cr_expect_eq(assert_law("mixed", mixed, 12, 4), 1);
    /* capacity N - 1 of the other agents: all are drawn */
    (void)assert_law("all", mixed, 4, 4);
}

/*
 * three senders outweigh all others, and each the next by e^4.5: just enough for new weights before nearly every
 * draw, and little enough for other orders of the three
 */
Test(sums, successive_draws_follow_their_law_where_three_dominate)
{
    const double dominant[] = {5, -51, 6, -55.5, 5.5, 7, -60, 5.2};
    cr_expect_gt(assert_law("three dominant", dominant, 8, 4), 3.9);
}

/* each outweighs the rest by e^3, and by e^9 */
Test(sums, successive_draws_follow_their_law_where_weights_fall_steeply)
{
    const double steep[] = {0, 3, 6, 9, 12, 15, 18, 21}, steeper[] = {500, 509, 518, 527, 509.5};
    cr_expect_gt(assert_law("steep", steep, 8, 4), 1);
    cr_expect_gt(assert_law("steeper", steeper, 5, 4), 1.5);
}

Test(sums, what_is_never_drawn_is_not_and_the_rest_all_are)
{
    const float cost[] = {INFINITY, 900, INFINITY, 2, 1e4f};
    for (uint32_t k = 0; k < 1000; k++) {
        int drawn[5];
        const int n = sums_draw(cost, 5, 5, dg_draw_of(5, DG_STREAM_OBSERVE, 0, 0), k, drawn, NULL);
        cr_assert(n == 3 && drawn[0] == 3 && drawn[1] == 1 && drawn[2] == 4);
    }
}
