/**
 * kernels/science/evolve.h: sigma and C rebalanced by powers of two. Two solvers get the same normals, one
 * of them is rebalanced: every sample has the same bits, and C keeps away from the subnormal numbers.
 */
#include "kernels/science/evolve.h"
#include "kernels/science/evolve_constants.h"

#include <criterion/criterion.h>

#include <float.h>
#include <math.h>
#include <string.h>

enum { N = 10, SAMPLES = 10 };

/** sep-CMA-ES of one group by the formulas of evolve.h, in the order of kernels/cpu/evolve.c. */
typedef struct solver {
    dg_evolve_constants c;
    float weight[SAMPLES];
    float mean[N], variance[N], path_sigma[N], path_c[N], sigma, decay;
    float sample[SAMPLES][N];
} solver;

static void begin(solver *s)
{
    double weight[SAMPLES];
    memset(s, 0, sizeof *s);
    dg_evolve_weights(weight, SAMPLES);
    s->c = dg_evolve_constants_make(DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, N, SAMPLES,
                                    dg_evolve_mu_eff(weight, SAMPLES), (double)NAN, (double)NAN);
    for (int i = 0; i < SAMPLES; i++) s->weight[i] = (float)weight[i];
    for (int p = 0; p < N; p++) s->variance[p] = 1;
    s->sigma = 0.5f;
    s->decay = 1;
}

/* xorshift (Marsaglia 2003) and Box & Muller, in double */
static float normal(uint64_t *state)
{
    double u[2];
    for (int k = 0; k < 2; k++) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        u[k] = ((double)(*state >> 11) + 0.5) * 0x1p-53;
    }
    return (float)(sqrt(-2 * log(u[0])) * cos(6.283185307179586 * u[1]));
}

static void draw(solver *s, float z[SAMPLES][N])
{
    for (int i = 0; i < SAMPLES; i++)
        for (int p = 0; p < N; p++)
            s->sample[i][p] = dg_evolve_sample(
                s->mean[p], dg_evolve_spread(s->sigma, dg_evolve_scale(s->variance[p], 1)),
                z[i][p]);
}

/** Rosenbrock's valley: its bottom is curved, so that C and sigma follow it for long. */
static float fitness(const float *x)
{
    double sum = 0;
    for (int p = 0; p + 1 < N; p++) {
        const double a = (double)x[p + 1] - (double)x[p] * (double)x[p], b = 1 - (double)x[p];
        sum += 100 * a * a + b * b;
    }
    return (float)-sum;
}

static void rank(const solver *s, int order[SAMPLES])
{
    float f[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) f[i] = fitness(s->sample[i]);
    for (int i = 0; i < SAMPLES; i++) {
        int before = 0;
        for (int j = 0; j < SAMPLES; j++) before += dg_evolve_precedes(f[j], j, f[i], i);
        order[before] = i;
    }
}

static void update(solver *s)
{
    int order[SAMPLES];
    float step[N] = {0}, rank_mu[N] = {0};
    double norm = 0;
    rank(s, order);
    for (int k = 0; k < s->c.parents; k++)
        for (int p = 0; p < N; p++) {
            const float y = dg_evolve_offset(s->sample[order[k]][p], s->mean[p], 1 / s->sigma);
            step[p] = dg_evolve_mean_term(step[p], s->weight[k], y);
            rank_mu[p] = dg_evolve_rank_mu_term(rank_mu[p], s->weight[k], y);
        }
    for (int p = 0; p < N; p++) {
        s->mean[p] = dg_evolve_mean(&s->c, s->mean[p], s->sigma, step[p]);
        s->path_sigma[p] = dg_evolve_path_sigma(&s->c, s->path_sigma[p], step[p],
                                                dg_evolve_scale(s->variance[p], 1));
        norm += (double)s->path_sigma[p] * (double)s->path_sigma[p];
    }
    s->decay = dg_evolve_decay(&s->c, s->decay);
    const float h_sigma = dg_evolve_stall(&s->c, (float)sqrt(norm), s->decay);
    for (int p = 0; p < N; p++) {
        s->path_c[p] = dg_evolve_path_c(&s->c, s->path_c[p], step[p], h_sigma);
        s->variance[p] =
            dg_evolve_variance(&s->c, s->variance[p], s->path_c[p], rank_mu[p], h_sigma);
    }
    s->sigma = dg_evolve_sigma(&s->c, s->sigma, (float)sqrt(norm));
}

static void rebalance(solver *s, int32_t k)
{
    s->sigma = dg_evolve_balanced_sigma(s->sigma, k);
    for (int p = 0; p < N; p++) {
        s->path_c[p] = dg_evolve_balanced_path(s->path_c[p], k);
        s->variance[p] = dg_evolve_balanced_variance(s->variance[p], k);
    }
}

static void both_draw(solver *plain, solver *balanced, uint64_t *random, int generation)
{
    float z[SAMPLES][N];
    for (int i = 0; i < SAMPLES; i++)
        for (int p = 0; p < N; p++) z[i][p] = normal(random);
    draw(plain, z);
    draw(balanced, z);
    cr_assert_eq(memcmp(plain->sample, balanced->sample, sizeof plain->sample), 0,
                 "generation %d: sigma %g and %g", generation, (double)plain->sigma,
                 (double)balanced->sigma);
}

/* a power of two in every third generation, large ones and small ones */
Test(evolve_balance, no_sample_changes_by_any_power_of_two)
{
    solver plain, balanced;
    uint64_t random = 7;
    begin(&plain);
    begin(&balanced);
    for (int g = 0; g < 400; g++) {
        both_draw(&plain, &balanced, &random, g);
        update(&plain);
        update(&balanced);
        if (g % 3 == 0) rebalance(&balanced, g % 2 == 0 ? g % 41 - 20 : 20 - (g - 3) % 41);
        cr_assert_eq(memcmp(plain.mean, balanced.mean, sizeof plain.mean), 0);
        cr_assert_eq(memcmp(plain.path_sigma, balanced.path_sigma, sizeof plain.path_sigma), 0);
    }
}

static float least_of(const float *value)
{
    float least = INFINITY;
    for (int p = 0; p < N; p++) least = value[p] < least ? value[p] : least;
    return least;
}

/* without the law C becomes subnormal in this valley, and only then the samples differ */
Test(evolve_balance, keeps_variances_normal_in_a_long_valley)
{
    solver plain, balanced;
    uint64_t random = 11;
    int generation = 0;
    begin(&plain);
    begin(&balanced);
    for (; generation < 10000 && least_of(plain.variance) >= FLT_MIN; generation++) {
        both_draw(&plain, &balanced, &random, generation);
        update(&plain);
        update(&balanced);
        rebalance(&balanced, dg_evolve_imbalance(balanced.sigma, 1));
        cr_assert(balanced.sigma >= 0x1p-20f && balanced.sigma < 0x1p20f);
    }
    cr_expect_lt(least_of(plain.variance), FLT_MIN);
    cr_expect_gt(plain.sigma, 0x1p40f, "%g", (double)plain.sigma);
    cr_expect_gt(least_of(balanced.variance), 0x1p-80f, "%g after %d generations",
                 (double)least_of(balanced.variance), generation);
}

Test(evolve_balance, waits_for_a_large_factor)
{
    cr_expect_eq(dg_evolve_imbalance(1, 1), 0);
    cr_expect_eq(dg_evolve_imbalance(0x1p-20f, 1), 0);
    cr_expect_eq(dg_evolve_imbalance(nextafterf(0x1p20f, 0), 1), 0);
    cr_expect_eq(dg_evolve_imbalance(nextafterf(0x1p-20f, 0), 1), -21);
    cr_expect_eq(dg_evolve_imbalance(0x1.8p20f, 1), 20);
    cr_expect_eq(dg_evolve_imbalance(0x1p-99f, 1), -99);
    cr_expect_eq(dg_evolve_imbalance(0x1p89f, 0), 0, "an isotropic sample does not know C");
}

Test(evolve_balance, is_exact_at_the_ends)
{
    cr_expect_eq(dg_evolve_balanced_sigma(0x1.8p-99f, -99), 1.5f);
    cr_expect_eq(dg_evolve_balanced_sigma(0x1.8p89f, 89), 1.5f);
    cr_expect_eq(dg_evolve_balanced_variance(0x1.8p-120f, 89), 0x1.8p58f);
    cr_expect_eq(dg_evolve_balanced_variance(0x1.8p120f, -99), 0x1.8p-78f);
    cr_expect_eq(dg_evolve_balanced_path(-0x1.8p-60f, 60), -1.5f);
}
