/**
 * Constants of sep-CMA-ES (MODEL.md, section 4), made once per run on the host, in double precision
 * from + - * / and sqrt alone so that every machine makes the same ones.
 */
#ifndef DG_EVOLVE_CONSTANTS_H
#define DG_EVOLVE_CONSTANTS_H

#include "kernels/science/params.h"

#include <math.h>

/**
 * Natural logarithm of x >= 1 in double precision: 2 atanh((m - 1) / (m + 1)) + e ln 2. The C
 * library's own may differ in the last bit between machines.
 */
static inline double dg_log_exact_order(double x)
{
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752440) {
        m *= 2;
        e--;
    }
    const double s = (m - 1) / (m + 1);
    double sum = 0;
    for (int k = 23; k >= 1; k -= 2) sum = sum * (s * s) + 1.0 / k;
    return 2 * s * sum + e * 0.69314718055994530942;
}

/** Recombination weights w_i proportional to ln(mu + 1) - ln i, i = 1 ... mu; 0 up to `size`. */
static inline void dg_evolve_weights(double *weight, int32_t size)
{
    const int32_t parents = size / 2;
    double sum = 0;
    for (int32_t i = 0; i < size; i++) {
        weight[i] = i < parents ? dg_log_exact_order(parents + 1) - dg_log_exact_order(i + 1) : 0;
        sum += weight[i];
    }
    /* parents <= size: all were set above. NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign) */
    for (int32_t i = 0; i < parents; i++) weight[i] /= sum;
}

/** mu_eff = 1 / sum w_i^2. */
static inline double dg_evolve_mu_eff(const double *weight, int32_t size)
{
    double sum = 0;
    for (int32_t i = 0; i < size; i++) sum += weight[i] * weight[i];
    return 1 / sum;
}

/** Does C shape the samples? */
static inline int32_t dg_sampling_is_diagonal(int32_t sampling)
{
    switch ((dg_sampling)sampling) {
    case DG_SAMPLING_ISOTROPIC: break;
    case DG_SAMPLING_DIAGONAL: return 1;
    }
    return 0;
}

/** n-hat: n, or a variant's upper bound of it. */
static inline double dg_variant_dimension(int32_t variant, double n)
{
    switch ((dg_variant)variant) {
    case DG_VARIANT_EVOSAX: return n > 40000 ? 40000 : n;
    case DG_VARIANT_ROS_HANSEN: break;
    }
    return n;
}

/** In what the variants differ beside n-hat. */
typedef struct dg_variant_rates {
    double one;   /* c_1 */
    double mu;    /* c_mu */
    double stall; /* share of c_1 that C keeps while h_sigma = 0 */
} dg_variant_rates;

/**
 * Ros & Hansen split the rate of both updates by mu_cov = mu_eff; evosax adds a rank-one rate of its own.
 *
 * @param rate  (n + 2) / 3 times the learning rate of the full matrix
 * @param path  c_c
 */
static inline dg_variant_rates dg_variant_rates_of(int32_t variant, double dimension, double mu_eff,
                                                   double rate, double path)
{
    dg_variant_rates own = {0, 0, 0};
    switch ((dg_variant)variant) {
    case DG_VARIANT_EVOSAX:
        own.one = 2 / ((dimension + 1.3) * (dimension + 1.3) + mu_eff);
        own.mu = rate;
        own.stall = path * (2 - path);
        break;
    case DG_VARIANT_ROS_HANSEN:
        own.one = rate / mu_eff;
        own.mu = rate * (1 - 1 / mu_eff);
        break;
    }
    /* C keeps 1 - c_1 - c_mu of itself: less than nothing, beyond some 20,000 agents of three groups, diverges */
    own.mu = own.mu < 1 - own.one ? own.mu : 1 - own.one;
    return own;
}

/**
 * All constants of a group.
 *
 * @param variant      dg_variant
 * @param sampling     dg_sampling
 * @param parameters   n
 * @param size         lambda_g, agents of the group; below 2 the group can't evolve: all zero
 * @param mu_eff       dg_evolve_mu_eff()
 * @param mean_rate    c_m, or nan for 1
 * @param covariance_rate  c_mu, or nan for the variant's formula
 */
static inline dg_evolve_constants dg_evolve_constants_make(int32_t variant, int32_t sampling,
                                                           int32_t parameters, int32_t size,
                                                           double mu_eff, double mean_rate,
                                                           double covariance_rate)
{
    dg_evolve_constants c;
    memset(&c, 0, sizeof c);
    if (size < 2) return c;
    const double n = parameters;
    const double capped = dg_variant_dimension(variant, n);
    const double root2 = 1.41421356237309504880;

    /* learning rate of the full matrix (Hansen & Ostermeier 2001), times (n + 2) / 3 */
    double rank_mu = (2 * mu_eff - 1) / ((capped + 2) * (capped + 2) + mu_eff);
    rank_mu = rank_mu < 1 ? rank_mu : 1;
    const double full =
        2 / (mu_eff * (capped + root2) * (capped + root2)) + (1 - 1 / mu_eff) * rank_mu;
    const double rate = (n + 2) / 3 * full;

    const double c_c = 4 / (n + 4);
    const dg_variant_rates own = dg_variant_rates_of(variant, capped, mu_eff, rate, c_c);
    const double c_sigma = (mu_eff + 2) / (n + mu_eff + 3);
    const double excess = sqrt((mu_eff - 1) / (n + 1)) - 1;
    const double d_sigma = 1 + 2 * (excess > 0 ? excess : 0) + c_sigma;
    const double chi = sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * capped * capped));

    c.parents = size / 2;
    c.diagonal = dg_sampling_is_diagonal(sampling);
    c.rate_mean = (float)(mean_rate == mean_rate ? mean_rate : 1);
    c.rate_one = (float)own.one;
    c.rate_mu = (float)(covariance_rate == covariance_rate ? covariance_rate : own.mu);
    c.rate_sigma = (float)c_sigma;
    c.keep_sigma = (float)(1 - c_sigma);
    c.gain_sigma = (float)sqrt(c_sigma * (2 - c_sigma) * mu_eff);
    c.rate_path = (float)c_c;
    c.keep_path = (float)(1 - c_c);
    c.gain_path = (float)sqrt(c_c * (2 - c_c) * mu_eff);
    c.stall = (float)own.stall;
    c.damping = (float)(c_sigma / d_sigma);
    c.norm = (float)chi;
    c.threshold = (float)((1.4 + 2 / (n + 1)) * chi);
    return c;
}

#endif
