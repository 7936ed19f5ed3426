/** kernels/science/contagion.h: exponents by hand, beliefs against the written distribution. */
#include "tests/support/chance.h"
#include "tests/support/sums.h"
#include "kernels/science/contagion.h"
#include "kernels/science/rng.h"

#include <criterion/criterion.h>

#include <math.h>

enum { VALUES = 10 };

Test(contagion, distance_is_floored_or_offset)
{
    const struct {
        int32_t value, belief, kind;
        float delta, expected;
    } row[] = {
        {4, 4, DG_DISTANCE_FLOOR, 1, 1},        {5, 4, DG_DISTANCE_FLOOR, 1, 1},
        {9, 4, DG_DISTANCE_FLOOR, 1, 5},        {4, 9, DG_DISTANCE_FLOOR, 1, 5},
        {5, 4, DG_DISTANCE_FLOOR, 2.5f, 2.5f},  {8, 4, DG_DISTANCE_FLOOR, 2.5f, 4},
        {4, 4, DG_DISTANCE_OFFSET, 1, 1},       {5, 4, DG_DISTANCE_OFFSET, 1, 2},
        {4, 9, DG_DISTANCE_OFFSET, 0.5f, 5.5f}, {4, 4, DG_DISTANCE_FLOOR, 0.25f, 0.25f},
    };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++)
        cr_assert_eq(dg_contagion_distance(row[k].value, row[k].belief, row[k].kind, row[k].delta),
                     row[k].expected, "row %zu", k);
}

Test(contagion, exponent_is_factor_times_weights_over_distance)
{
    cr_assert_eq(dg_contagion_exponent(dg_contagion_scale(5, 4), 1.5f), 1.875f);
    cr_assert_eq(dg_contagion_exponent(dg_contagion_scale(5, 1), -0.5f), -2.5f);
    /* nobody speaks for it */
    cr_assert_eq(dg_contagion_exponent(dg_contagion_scale(5, 4), 0), 0);
}

Test(contagion, content_is_the_register_or_the_belief)
{
    cr_assert_eq(dg_contagion_content(DG_CONTENT_MESSAGE, 3, 7), 3);
    cr_assert_eq(dg_contagion_content(DG_CONTENT_BELIEF, 3, 7), 7);
    cr_assert_lt(dg_contagion_content(DG_CONTENT_MESSAGE, -1, 7), 0);
}

/** x_i(v) of senders j with weights and contents, through the header's functions. */
static void exponents(const float *weight, const int *content, int senders, int belief, float *x)
{
    for (int v = 0; v < VALUES; v++) {
        float sum = 0;
        for (int j = 0; j < senders; j++) sum += content[j] == v ? weight[j] : 0;
        x[v] = dg_contagion_exponent(
            dg_contagion_scale(5, dg_contagion_distance(v, belief, DG_DISTANCE_FLOOR, 1)), sum);
    }
}

/** The belief of a trial. */
static int drawn(const float *x, uint32_t trial, int32_t uniform)
{
    float exponent[VALUES];
    const dg_draw draw = dg_choice_draw(4, 0, 1);
    for (int v = 0; v < VALUES; v++) exponent[v] = dg_contagion_drawn(x[v], uniform);
    return sums_softmax(exponent, VALUES,
                        dg_word(draw, dg_choice_word(1, DG_CHOICE_BELIEF), trial));
}

/** Chi-square of the beliefs drawn against P(v) = exp x(v) / sum exp x(u), in double. */
static void assert_law(const float *weight, const int *content, int senders, int belief)
{
    int64_t count[VALUES] = {0};
    double p[VALUES] = {0}, sum = 0;
    float x[VALUES];
    exponents(weight, content, senders, belief, x);
    for (int j = 0; j < senders; j++)
        p[content[j]] += 5.0 * (double)weight[j] / fmax(abs(content[j] - belief), 1);
    for (int v = 0; v < VALUES; v++) sum += p[v] = exp(p[v]);
    for (int v = 0; v < VALUES; v++) p[v] /= sum;
    for (uint32_t k = 0; k < 400000; k++) count[drawn(x, k, 0)]++;
    chance_assert("beliefs", count, p, VALUES);
}

Test(contagion, beliefs_follow_the_written_distribution)
{
    const float weight[] = {0.3f, 0.5f, 0.2f, 0.4f};
    assert_law(weight, (const int[]){2, 2, 7, 9}, 4, 3);
    assert_law(weight, (const int[]){0, 0, 0, 0}, 4, 9);
    assert_law(weight, (const int[]){5, 5, 4, 6}, 2, 5);
}

Test(contagion, nobody_heard_makes_every_value_equally_likely)
{
    assert_law(NULL, NULL, 0, 5);
}

Test(contagion, negative_weights_push_a_value_away)
{
    assert_law((const float[]){-0.3f, 0.6f, -0.2f}, (const int[]){1, 2, 2}, 3, 2);
}

Test(contagion, huge_exponents_do_not_overflow)
{
    const float x[VALUES] = {0, 1e6f, 2e6f, -1e30f, 0, 0, 0, 0, 0, 0};
    for (uint32_t k = 0; k < 1000; k++) cr_assert_eq(drawn(x, k, 0), 2);
}

Test(contagion, overflow_makes_the_draw_uniform)
{
    const float x[VALUES] = {0, 200, -90, 0, 0, 0, 0, 0, 0, 0};
    int64_t count[VALUES] = {0};
    double p[VALUES];
    for (int v = 0; v < VALUES; v++) p[v] = 0.1;
    for (uint32_t k = 0; k < 400000; k++) count[drawn(x, k, 1)]++;
    chance_assert("overflowed beliefs", count, p, VALUES);
}

/* The bound is a decimal of the model; the last four floats whose exp is finite lie above it. */
Test(contagion, overflow_begins_where_a_float32_exp_does)
{
    const float last = 0x1.62e42ep+6f; /* 88.7228317 */
    cr_assert(isfinite(expf(last)) && isinf(expf(nextafterf(last, 100))));
    cr_assert(isfinite(dg_exp(last)) && isinf(dg_exp(nextafterf(last, 100))));
    cr_expect_eq(dg_bits_of(last) - dg_bits_of(DG_CONTAGION_OVERFLOW), 4);
}

Test(contagion, is_uniform_from_the_first_float_above_the_bound)
{
    const float bound = 88.7228f;
    cr_expect_not(dg_contagion_uniform(DG_OVERFLOW_FLOAT32, 0));
    cr_expect_not(dg_contagion_uniform(DG_OVERFLOW_FLOAT32, nextafterf(bound, 0)));
    cr_expect_not(dg_contagion_uniform(DG_OVERFLOW_FLOAT32, bound));
    cr_expect(dg_contagion_uniform(DG_OVERFLOW_FLOAT32, nextafterf(bound, 100)));
    cr_expect(dg_contagion_uniform(DG_OVERFLOW_FLOAT32, 1e38f));
    cr_expect_not(dg_contagion_uniform(DG_OVERFLOW_EXACT, 1e38f));
}
