/** Tests kernels/echo.h and echo_cpu.c: slopes against differences, runs against their closed form. */
#include "kernels/echo.h"
#include "kernels/echo_cpu.h"
#include "kernels/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { AGENTS = 10 };

typedef struct chamber {
    float belief[AGENTS], evidence[AGENTS], initial[AGENTS], other[AGENTS];
    double utility;
} chamber;

static chamber begin(uint64_t seed)
{
    chamber c;
    const dg_draw belief = dg_draw_of(seed, DG_STREAM_ECHO_BELIEF, 0, 0);
    const dg_draw evidence = dg_draw_of(seed, DG_STREAM_ECHO_EVIDENCE, 0, 0);
    for (uint32_t i = 0; i < AGENTS; i++) {
        c.initial[i] = c.belief[i] = 0.1f * dg_normal(belief, i, 0);
        c.evidence[i] = 0.1f * dg_normal(evidence, i, 0);
    }
    return c;
}

static dg_echo_run run_of(chamber *c, int32_t utility, float rate, float bound)
{
    const dg_echo_run run = {.seed = 1,
                             .agents = AGENTS,
                             .utility = utility,
                             .rate = rate,
                             .confidence = bound,
                             .belief = c->belief,
                             .evidence = c->evidence,
                             .other = c->other,
                             .mean_utility = &c->utility};
    return run;
}

Test(echo, slope_is_the_derivative_of_the_utility)
{
    static const float other[] = {-0.3f, 0.0f, 0.04f, 0.7f};
    const float h = 0x1p-10f;
    for (int32_t u = DG_ECHO_PRODUCT; u <= DG_ECHO_BOUNDED_CONFIDENCE; u++)
        for (int k = 0; k < 4; k++) {
            const float b = 0.125f, bound = 0.5f;
            const double difference = ((double)dg_echo_value(u, b + h, other[k], bound) -
                                       (double)dg_echo_value(u, b - h, other[k], bound)) /
                                      (2 * h);
            cr_expect_float_eq(dg_echo_slope(u, b, other[k], bound), difference, 1e-4);
        }
}

/* each of t steps rounds once, by at most half a step of |b|'s grid: t |b| 2^-24 bounds the sum */
Test(echo, product_follows_its_closed_form)
{
    chamber c = begin(3);
    dg_echo_run run = run_of(&c, DG_ECHO_PRODUCT, 1e-4f, 0);
    for (int snapshot = 0; snapshot < 5; snapshot++) {
        run.first = 20000 * snapshot;
        run.last = run.first + 20000;
        dg_echo_generic(&run);
        for (int i = 0; i < AGENTS; i++) {
            const double exact = c.initial[i] + 1e-4 * run.last * (double)c.evidence[i];
            const double largest = fmax(fabs(exact), fabs(c.initial[i]));
            cr_expect_float_eq(c.belief[i], exact, run.last * (largest + 0.01) * 0x1p-24);
        }
    }
}

Test(echo, mean_utility_is_taken_before_the_update)
{
    chamber c = begin(4);
    dg_echo_run run = run_of(&c, DG_ECHO_PRODUCT, 0.5f, 0);
    double expected = 0;
    for (int i = 0; i < AGENTS; i++)
        expected += (double)c.belief[i] * (double)c.evidence[i] / AGENTS;
    run.last = 1;
    dg_echo_generic(&run);
    cr_expect_float_eq(c.utility, expected, 1e-8);
}

Test(echo, bounded_confidence_moves_one_pair_and_keeps_the_mean)
{
    chamber c = begin(5);
    dg_echo_run run = run_of(&c, DG_ECHO_BOUNDED_CONFIDENCE, 0.25f, 10.0f);
    for (int32_t step = 0; step < 200; step++) {
        const chamber before = c;
        double sum_before = 0, sum_after = 0;
        int moved = 0;
        run.first = step;
        run.last = step + 1;
        dg_echo_generic(&run);
        for (int i = 0; i < AGENTS; i++) {
            moved += c.belief[i] != before.belief[i];
            sum_before += before.belief[i];
            sum_after += c.belief[i];
        }
        cr_expect_leq(moved, 2);
        cr_expect_float_eq(sum_after, sum_before, 1e-7);
    }
}

/* 2,000 meetings of 10 agents that all listen to each other: the spread shrinks geometrically */
Test(echo, bounded_confidence_reaches_consensus_where_all_are_near)
{
    chamber c = begin(6);
    dg_echo_run run = run_of(&c, DG_ECHO_BOUNDED_CONFIDENCE, 0.5f, 10.0f);
    run.last = 2000;
    dg_echo_generic(&run);
    for (int i = 1; i < AGENTS; i++) cr_expect_float_eq(c.belief[i], c.belief[0], 1e-5);
}

Test(echo, bounded_confidence_keeps_those_apart_who_are_far)
{
    chamber c = begin(7);
    for (int i = 0; i < AGENTS; i++) c.belief[i] = i < 5 ? -1.0f : 1.0f;
    dg_echo_run run = run_of(&c, DG_ECHO_BOUNDED_CONFIDENCE, 0.5f, 1.5f);
    run.last = 1000;
    dg_echo_generic(&run);
    for (int i = 0; i < AGENTS; i++) cr_expect_eq(c.belief[i], i < 5 ? -1.0f : 1.0f);
}

/* each ordered pair is equally likely: 90 cells, chi-square below its 1 - 1e-6 quantile (167.4) */
Test(echo, pairs_are_uniform)
{
    enum { STEPS = 90000 };
    int count[AGENTS][AGENTS] = {{0}};
    const dg_draw draw = dg_draw_of(11, DG_STREAM_ECHO_PAIR, 0, 0);
    double chi2 = 0;
    for (uint32_t step = 0; step < STEPS; step++) {
        const dg_block words = dg_philox(draw, 0, step);
        const int32_t i = dg_uniform_integer(words.word[0], AGENTS);
        const int32_t j = dg_uniform_integer(words.word[1], AGENTS - 1);
        count[i][j + (j >= i)]++;
    }
    for (int i = 0; i < AGENTS; i++)
        for (int j = 0; j < AGENTS; j++)
            if (i != j) chi2 += pow(count[i][j] - STEPS / 90.0, 2) / (STEPS / 90.0);
    cr_expect_lt(chi2, 167.4);
    for (int i = 0; i < AGENTS; i++) cr_expect_eq(count[i][i], 0);
}

#if defined(__x86_64__)
Test(echo, every_vector_set_gives_the_same_bytes)
{
    for (int32_t u = DG_ECHO_PRODUCT; u <= DG_ECHO_BOUNDED_CONFIDENCE; u++) {
        chamber a = begin(8), b = begin(8);
        dg_echo_run run_a = run_of(&a, u, 1e-2f, 0.2f), run_b = run_of(&b, u, 1e-2f, 0.2f);
        run_a.last = run_b.last = 3000;
        dg_echo_generic(&run_a);
        if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
        dg_echo_avx2(&run_b);
        cr_expect_arr_eq(a.belief, b.belief, sizeof a.belief);
        if (!__builtin_cpu_supports("avx512vl")) continue;
        b = begin(8);
        dg_echo_avx512(&run_b);
        cr_expect_arr_eq(a.belief, b.belief, sizeof a.belief);
    }
}
#endif
