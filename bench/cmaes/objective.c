/** Test functions; see objective.h. Sums have no written order here: what counts of them is the rank. */
#include "bench/cmaes/objective.h"

#include "host/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/** sum z_i^2, z = x - s. */
static double sphere(const cmaes_objective *f, const float *x)
{
    const double *optimum = f->optimum;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int32_t i = 0; i < f->n; i++) {
        const double z = (double)x[i] - optimum[i];
        sum += z * z;
    }
    return sum;
}

/** sum 10^(6 i / (n - 1)) z_i^2: separable, condition 10^6. */
static double ellipsoid(const cmaes_objective *f, const float *x)
{
    const double *optimum = f->optimum, *weight = f->weight;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int32_t i = 0; i < f->n; i++) {
        const double z = (double)x[i] - optimum[i];
        sum += weight[i] * (z * z);
    }
    return sum;
}

/** sum 100 (x_i^2 - x_(i+1))^2 + (x_i - 1)^2: a bent valley from the start at 0 to the optimum at 1. */
static double rosenbrock(const cmaes_objective *f, const float *x)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int32_t i = 0; i < f->n - 1; i++) {
        const double a = (double)x[i], b = a * a - (double)x[i + 1];
        sum += 100 * (b * b) + (a - 1) * (a - 1);
    }
    return sum;
}

/** 10 n + sum z_i^2 - 10 cos(2 pi z_i): separable, a local optimum at every grid point. */
static double rastrigin(const cmaes_objective *f, const float *x)
{
    double sum = 0;
    for (int32_t i = 0; i < f->n; i++) {
        const double z = (double)x[i] - f->optimum[i];
        sum += z * z - 10 * cos(6.28318530717958647692 * z) + 10;
    }
    return sum;
}

static double (*find(const char *name))(const cmaes_objective *f, const float *x)
{
    if (strcmp(name, "sphere") == 0) return sphere;
    if (strcmp(name, "ellipsoid") == 0) return ellipsoid;
    if (strcmp(name, "rosenbrock") == 0) return rosenbrock;
    if (strcmp(name, "rastrigin") == 0) return rastrigin;
    return NULL;
}

dg_status cmaes_objective_make(cmaes_objective *f, const char *name, int32_t n)
{
    memset(f, 0, sizeof *f);
    f->value = find(name);
    f->n = n;
    if (!f->value)
        return dg_fail(DG_ERR_ARGUMENT,
                       "function %s, expected sphere, ellipsoid, rosenbrock or rastrigin", name);
    f->optimum = calloc((size_t)n, sizeof *f->optimum);
    f->weight = calloc((size_t)n, sizeof *f->weight);
    if (!f->optimum || !f->weight) return dg_fail(DG_ERR_MEMORY, "no memory for %d weights", n);
    for (int32_t i = 0; i < n; i++) {
        /* the solver starts from a mean of 0, so the optimum lies elsewhere: odd multiples of 2^-9
           that wander through (-2, 2), by integer arithmetic so that all programs make the same */
        f->optimum[i] = (double)((int64_t)i * 389 % 1024) / 256 - 2 + 1.0 / 512;
        f->weight[i] = n > 1 ? pow(10, 6.0 * i / (n - 1)) : 1;
    }
    return DG_OK;
}

void cmaes_objective_free(cmaes_objective *f)
{
    free(f->optimum);
    free(f->weight);
    memset(f, 0, sizeof *f);
}
