/**
 * kernels/cpu/evolve.c: solvers step by step against sep-CMA-ES in double precision, on test
 * functions, and whether C really shapes the samples.
 */
#include "tests/support/chance.h"
#include "tests/support/reference_evolve.h"
#include "tests/support/rig.h"

#include "kernels/science/rng.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

/* ---- step by step ---------------------------------------------------------------------------- */

static void near(const char *what, int generation, int p, double got, double expected)
{
    cr_assert(fabs(got - expected) <= 1e-4 * fabs(expected) + 1e-6,
              "update %d: %s[%d] is %.9g, expected %.9g", generation, what, p, got, expected);
}

static void compare(const rig *r, const reference_solver *s, int generation)
{
    const dg_state *st = &r->run.state;
    near("sigma", generation, 0, (double)st->sigma[0], s->sigma);
    for (int p = 0; p < r->n; p++) {
        near("m", generation, p, (double)st->mean[p], s->m[p]);
        near("C", generation, p, (double)st->variance[p], s->C[p]);
        near("p_sigma", generation, p, (double)st->path_sigma[p], s->p_sigma[p]);
        near("p_c", generation, p, (double)st->path_c[p], s->p_c[p]);
    }
}

/** Give the reference what the schedule sampled and how it ranked; it must then agree. */
static void update_both(rig *r, reference_solver *s, const double *fitness)
{
    static double x[REFERENCE_SAMPLES][REFERENCE_PARAMETERS];
    const double *sample[REFERENCE_SAMPLES];
    for (int k = 0; k < r->size; k++) {
        sample[k] = x[k];
        for (int p = 0; p < r->n; p++) x[k][p] = (double)rig_genotype(r, k)[p];
    }
    reference_solver_update(s, sample, fitness);
    rig_evolve(r, fitness);
}

/** `updates` of random ranks. `path`: a p_sigma to start from, long enough to stall. */
static void assert_steps(int size, int hidden, int32_t variant, int32_t sampling, double path)
{
    static reference_solver s;
    rig r = rig_begin(3, size, hidden, variant, sampling);
    const dg_draw draw = dg_draw_of(11, DG_STREAM_RACE, 0, 0);
    int stalls = 0;
    reference_solver_begin(&s, r.n, size, variant == DG_VARIANT_ROS_HANSEN,
                           sampling == DG_SAMPLING_DIAGONAL, 0.1, (double)NAN, (double)NAN);
    for (int p = 0; p < r.n; p++) r.run.state.path_sigma[p] = (float)(s.p_sigma[p] = path);
    rig_sample(&r);
    for (int g = 0; g < 30; g++) {
        double fitness[REFERENCE_SAMPLES];
        for (uint32_t k = 0; k < (uint32_t)size; k++)
            fitness[k] = dg_word(draw, k, (uint32_t)g) % 7;
        update_both(&r, &s, fitness);
        stalls += s.h_sigma == 0;
        compare(&r, &s, g);
    }
    if (path > 0) cr_assert(stalls > 0 && stalls < 30, "%d updates stalled", stalls);
    rig_end(&r);
}

Test(evolve_cpu, follows_ros_and_hansen_step_by_step)
{
    assert_steps(10, 1, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, 0);
    assert_steps(31, 7, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, 0);
    assert_steps(10, 64, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, 0);
    assert_steps(2, 3, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, 0);
}

Test(evolve_cpu, follows_evosax_step_by_step)
{
    assert_steps(10, 1, DG_VARIANT_EVOSAX, DG_SAMPLING_ISOTROPIC, 0);
    assert_steps(33, 7, DG_VARIANT_EVOSAX, DG_SAMPLING_ISOTROPIC, 0);
    assert_steps(10, 64, DG_VARIANT_EVOSAX, DG_SAMPLING_DIAGONAL, 0);
    assert_steps(3, 2, DG_VARIANT_EVOSAX, DG_SAMPLING_DIAGONAL, 0);
}

Test(evolve_cpu, follows_both_through_a_stall)
{
    assert_steps(10, 1, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, 3);
    assert_steps(10, 1, DG_VARIANT_EVOSAX, DG_SAMPLING_ISOTROPIC, 3);
    assert_steps(10, 1, DG_VARIANT_EVOSAX, DG_SAMPLING_DIAGONAL, 3);
}

/* ---- balance --------------------------------------------------------------------------------- */

/** A solver whose sigma is 2^k times as large, C and p_c accordingly less: it has the same samples. */
static void unbalance(rig *r, int k)
{
    const dg_state *st = &r->run.state;
    st->sigma[0] = ldexpf(st->sigma[0], k);
    for (int p = 0; p < r->n; p++) {
        st->variance[p] = ldexpf(st->variance[p], -2 * k);
        st->path_c[p] = ldexpf(st->path_c[p], -k);
    }
}

static void expect_same_samples(const rig *a, const rig *b, int generation)
{
    for (int k = 0; k < a->size; k++)
        cr_expect_arr_eq(rig_genotype(a, k), rig_genotype(b, k), (size_t)a->n * sizeof(float),
                         "generation %d, sample %d", generation, k);
}

static void assert_balanced(int k)
{
    rig plain = rig_begin(3, 10, 4, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL);
    rig far = rig_begin(3, 10, 4, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL);
    const dg_draw draw = dg_draw_of(11, DG_STREAM_RACE, 0, 0);
    unbalance(&far, k);
    rig_sample(&plain);
    rig_sample(&far);
    for (int g = 0; g < 5; g++) {
        double fitness[10];
        expect_same_samples(&plain, &far, g);
        for (uint32_t i = 0; i < 10; i++) fitness[i] = dg_word(draw, i, (uint32_t)g) % 7;
        rig_evolve(&plain, fitness);
        rig_evolve(&far, fitness);
        cr_expect(far.run.state.sigma[0] >= 0.5f && far.run.state.sigma[0] < 4, "sigma is %g",
                  (double)far.run.state.sigma[0]);
    }
    rig_end(&plain);
    rig_end(&far);
}

Test(evolve_cpu, brings_a_sigma_that_went_far_back_without_changing_a_sample)
{
    assert_balanced(30);
    assert_balanced(-30);
}

/* ---- convergence ----------------------------------------------------------------------------- */

static double sphere(const float *x, int n)
{
    double f = 0;
    for (int p = 0; p < n; p++) f += pow((double)x[p], 2);
    return f;
}

/** Axes of a length ratio of 1000: condition 10^6. */
static double ellipsoid(const float *x, int n)
{
    double f = 0;
    for (int p = 0; p < n; p++) f += pow(pow(1000, p / (n - 1.0)) * (double)x[p], 2);
    return f;
}

static double rosenbrock(const float *x, int n)
{
    double f = 0;
    for (int p = 0; p + 1 < n; p++) {
        const double a = (double)x[p], b = (double)x[p + 1];
        f += 100 * pow(a * a - b, 2) + pow(a - 1, 2);
    }
    return f;
}

/** Smallest value found from mean `start`, sigma 0.5. */
static double minimise(double (*f)(const float *x, int n), float start, int32_t size,
                       int32_t variant, int32_t sampling, int updates)
{
    double least = INFINITY, fitness[REFERENCE_SAMPLES];
    rig r = rig_begin(5, size, 1, variant, sampling);
    for (int p = 0; p < r.n; p++) r.run.state.mean[p] = start;
    r.run.state.sigma[0] = 0.5f;
    rig_sample(&r);
    for (int g = 0; g < updates; g++) {
        for (int k = 0; k < size; k++) {
            fitness[k] = -f(rig_genotype(&r, k), r.n);
            least = fmin(least, -fitness[k]);
        }
        rig_evolve(&r, fitness);
    }
    rig_end(&r);
    return least;
}

Test(evolve_cpu, every_variant_finds_the_centre_of_a_sphere)
{
    cr_assert_lt(minimise(sphere, 1, 10, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, 500), 1e-9);
    cr_assert_lt(minimise(sphere, 1, 10, DG_VARIANT_EVOSAX, DG_SAMPLING_DIAGONAL, 500), 1e-9);
    cr_assert_lt(minimise(sphere, 1, 10, DG_VARIANT_EVOSAX, DG_SAMPLING_ISOTROPIC, 500), 1e-9);
}

Test(evolve_cpu, only_a_diagonal_that_counts_finds_the_centre_of_an_ellipsoid)
{
    const int updates = 2000;
    cr_assert_lt(minimise(ellipsoid, 1, 10, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, updates),
                 1e-6);
    cr_assert_lt(minimise(ellipsoid, 1, 10, DG_VARIANT_EVOSAX, DG_SAMPLING_DIAGONAL, updates),
                 1e-6);
    cr_assert_gt(minimise(ellipsoid, 1, 10, DG_VARIANT_EVOSAX, DG_SAMPLING_ISOTROPIC, updates), 1);
}

Test(evolve_cpu, finds_the_end_of_rosenbrocks_valley)
{
    /* coordinates depend on each other: slow for a diagonal, but it gets there */
    cr_assert_lt(minimise(rosenbrock, 0, 12, DG_VARIANT_ROS_HANSEN, DG_SAMPLING_DIAGONAL, 20000),
                 1e-6);
}

/* ---- the shape of the samples ---------------------------------------------------------------- */

enum { WORLDS = 40, SAMPLES = 50 };

/**
 * Sample with sigma 0.5 and variances 0.01 ... 100 set by hand. Per coordinate, the sum of squares
 * over the variance expected is chi-square; fail if any is out of bounds on either side.
 */
static void assert_spread(int32_t sampling)
{
    rig r;
    double *sum = NULL;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        r = rig_begin(seed, SAMPLES, 1, DG_VARIANT_ROS_HANSEN, sampling);
        if (!sum) sum = calloc((size_t)r.n, sizeof *sum);
        cr_assert_not_null(sum);
        r.run.state.sigma[0] = 0.5f;
        for (int p = 0; p < r.n; p++) {
            r.run.state.mean[p] = (float)p;
            r.run.state.variance[p] = (float)(0.01 * pow(1e4, p / (r.n - 1.0)));
        }
        rig_sample(&r);
        for (int p = 0; p < r.n; p++)
            for (int k = 0; k < SAMPLES; k++) {
                const double C =
                    sampling == DG_SAMPLING_DIAGONAL ? (double)r.run.state.variance[p] : 1;
                sum[p] += pow((double)rig_genotype(&r, k)[p] - p, 2) / (0.25 * C);
            }
        if (seed + 1 < WORLDS) rig_end(&r);
    }
    for (int p = 0; p < r.n; p++) {
        const double above = chance_chi_square(sum[p], WORLDS * SAMPLES);
        cr_assert(above > CHANCE_ALARM && above < 1 - CHANCE_ALARM,
                  "spread of parameter %d is %.3f of what C says", p, sum[p] / (WORLDS * SAMPLES));
    }
    free(sum);
    rig_end(&r);
}

Test(evolve_cpu, the_diagonal_shapes_the_samples)
{
    assert_spread(DG_SAMPLING_DIAGONAL);
}

Test(evolve_cpu, isotropic_samples_ignore_the_diagonal)
{
    assert_spread(DG_SAMPLING_ISOTROPIC);
}

Test(evolve_cpu, samples_are_normal)
{
    rig r = rig_begin(8, 60, 64, DG_VARIANT_EVOSAX, DG_SAMPLING_ISOTROPIC);
    static float z[60 * REFERENCE_PARAMETERS];
    rig_sample(&r);
    for (int k = 0; k < r.size; k++)
        for (int p = 0; p < r.n; p++) z[k * r.n + p] = rig_genotype(&r, k)[p] / 0.1f;
    chance_assert_normal("samples", z, (int64_t)r.size * r.n);
    rig_end(&r);
}
