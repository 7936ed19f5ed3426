/** kernels/science/policy.h: the network in both its forms, and the law of the messages. */
#include "tests/support/chance.h"
#include "tests/support/sums.h"
#include "kernels/science/policy.h"
#include "kernels/science/rng.h"

#include <criterion/criterion.h>

#include <math.h>

enum { AGENTS = 30, HIDDEN = 64, VALUES = 10, SEEN = 4 };

typedef struct network {
    float x[AGENTS * HIDDEN + HIDDEN + HIDDEN * VALUES + VALUES];
    int32_t observed[SEEN], registers[SEEN]; /* ascending */
    int32_t reg[AGENTS];
} network;

/** Normal parameters of some size, and a few registers that hold something. */
static network some_network(uint64_t seed, float size)
{
    network n;
    const dg_draw draw = dg_draw_of(seed, DG_STREAM_GENOTYPE, 0, 0);
    for (uint32_t p = 0; p < sizeof n.x / sizeof *n.x; p++) n.x[p] = size * dg_normal(draw, p, 0);
    for (int j = 0; j < AGENTS; j++) n.reg[j] = -1;
    for (int k = 0; k < SEEN; k++) {
        n.observed[k] = 3 + 7 * k;
        n.registers[k] = k == 1 ? -1 : (int32_t)((seed + 3 * (uint64_t)k) % VALUES);
        n.reg[n.observed[k]] = n.registers[k];
    }
    return n;
}

/** W1 o + b1 of one unit in double, straight from the definition; *size sums the terms' sizes. */
static double exact_unit(const network *n, int h, double *size)
{
    double sum = (double)n->x[AGENTS * HIDDEN + h];
    *size = fabs(sum);
    for (int j = 0; j < AGENTS; j++) {
        sum += (double)n->x[j * HIDDEN + h] * n->reg[j];
        *size += fabs((double)n->x[j * HIDDEN + h] * n->reg[j]);
    }
    return sum;
}

static float gathered_unit(const network *n, int h)
{
    float sum = n->x[AGENTS * HIDDEN + h];
    for (int j = 0; j < AGENTS; j++) sum = dg_policy_base_term(sum, n->x[j * HIDDEN + h]);
    for (int k = 0; k < SEEN; k++)
        sum = dg_policy_gather_term(sum, n->x[n->observed[k] * HIDDEN + h], n->registers[k]);
    return sum;
}

static float dense_unit(const network *n, int h)
{
    float sum = n->x[AGENTS * HIDDEN + h];
    for (int j = 0; j < AGENTS; j++)
        sum = dg_policy_dense_term(sum, n->x[j * HIDDEN + h], n->reg[j]);
    return sum;
}

Test(policy, gather_and_dense_are_the_same_layer)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        const network n = some_network(seed, 0.7f);
        for (int h = 0; h < HIDDEN; h++) {
            double size;
            const double exact = exact_unit(&n, h, &size);
            /* at most 2 N roundings, each of half an ulp of a partial sum */
            cr_assert_float_eq(gathered_unit(&n, h), exact, 2 * AGENTS * size * 0x1p-24);
            cr_assert_float_eq(dense_unit(&n, h), exact, 2 * AGENTS * size * 0x1p-24);
        }
    }
}

Test(policy, silence_adds_nothing)
{
    cr_assert_eq(dg_policy_gather_term(1.5f, 0.3f, -1), 1.5f);
    cr_assert_eq(dg_policy_gather_term(1.5f, 0.25f, 0), 1.75f);
    cr_assert_eq(dg_policy_gather_term(1.5f, 0.25f, 7), 3.5f);
}

Test(policy, genotype_holds_w1_b1_w2_b2)
{
    const dg_policy_layout at = dg_policy_layout_of(30, 64, 10);
    cr_assert_eq(at.bias_1, 1920);
    cr_assert_eq(at.weight_2, 1984);
    cr_assert_eq(at.bias_2, 2624);
    cr_assert_eq(at.bias_2 + 10, 2634);
}

Test(policy, acts_every_so_many_steps_from_the_first)
{
    const int32_t expected[] = {1, 0, 0, 1, 0, 0, 1};
    for (int32_t t = 0; t < 7; t++) {
        cr_assert_eq(dg_policy_acts(t, 3), expected[t]);
        cr_assert_eq(dg_policy_acts(t, 1), 1);
    }
}

/** The message of a trial. */
static int drawn(const float *logit, uint32_t trial)
{
    const dg_draw draw = dg_choice_draw(1, 0, 0);
    return sums_softmax(logit, VALUES, dg_word(draw, dg_choice_word(0, DG_CHOICE_MESSAGE), trial));
}

Test(policy, messages_follow_the_softmax)
{
    const float logit[VALUES] = {0, 1, -1, 2.5f, -3, 0.1f, 0.2f, 0.3f, -0.5f, 1.5f};
    int64_t count[VALUES] = {0};
    double p[VALUES], sum = 0;
    for (int v = 0; v < VALUES; v++) sum += p[v] = exp((double)logit[v]);
    for (int v = 0; v < VALUES; v++) p[v] /= sum;
    for (uint32_t k = 0; k < 500000; k++) count[drawn(logit, k)]++;
    chance_assert("softmax", count, p, VALUES);
}

Test(policy, softmax_of_huge_logits_does_not_overflow)
{
    const float logit[VALUES] = {-1e30f, 1e30f, -500, 500, 0, 0, 0, 0, 0, 0};
    for (uint32_t k = 0; k < 100; k++) cr_assert_eq(drawn(logit, k), 1);
}
