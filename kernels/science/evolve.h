/**
 * Evolution: separable CMA-ES, one solver per group, one sample per agent (MODEL.md, section 4).
 *
 * Ros & Hansen (2008), "A simple modification in CMA-ES achieving linear time and space complexity",
 * and the variant that EvoJAX's wrapper of evosax 0.1.x computes. Maximisation. The functions below
 * are of one parameter, or of one scalar of a group; schedules own the loops and the two sums:
 *   y_k = (x_k - m) / sigma;  y_w = sum_i w_i y_{i:lambda}, in ascending rank i
 *   ||p_sigma||^2 over the parameters, in the order of sum.h
 */
#ifndef DG_EVOLVE_H
#define DG_EVOLVE_H

#include "kernels/science/fmath.h"
#include "kernels/science/params.h"
#include "kernels/science/sum.h"

/** Is a solver due after generation g? */
DG_HD int32_t dg_evolve_due(int32_t generation, int32_t evolve_period)
{
    return evolve_period > 0 && (generation + 1) % evolve_period == 0;
}

/** Does agent j precede agent i in rank? Higher fitness first, ties to the smaller index. */
DG_HD int32_t dg_evolve_precedes(float fitness_j, int32_t j, float fitness_i, int32_t i)
{
    return fitness_j > fitness_i || (fitness_j == fitness_i && j < i);
}

/** sqrt of the diagonal of C as it shapes samples; 1 where sampling is isotropic. */
DG_HD float dg_evolve_scale(float variance, int32_t diagonal)
{
    return diagonal ? sqrtf(variance) : 1.0f;
}

/** sigma D, the standard deviation of samples. */
DG_HD float dg_evolve_spread(float sigma, float scale)
{
    return sigma * scale;
}

/** x = m + sigma D z. */
DG_HD float dg_evolve_sample(float mean, float spread, float normal)
{
    return dg_sum_term(mean, spread, normal);
}

/** y = (x - m) / sigma, by the reciprocal. */
DG_HD float dg_evolve_offset(float x, float mean, float inverse_sigma)
{
    return (x - mean) * inverse_sigma;
}

/** Add one parent to y_w. */
DG_HD float dg_evolve_mean_term(float sum, float weight, float offset)
{
    return fmaf(weight, offset, sum);
}

/** Add one parent to the rank-mu sum of w_i y_i^2. */
DG_HD float dg_evolve_rank_mu_term(float sum, float weight, float offset)
{
    return fmaf(weight * offset, offset, sum);
}

/** m + c_m sigma y_w. */
DG_HD float dg_evolve_mean(const dg_evolve_constants *c, float mean, float sigma, float step)
{
    return fmaf(c->rate_mean * sigma, step, mean);
}

/** p_sigma <- (1 - c_sigma) p_sigma + sqrt(c_sigma (2 - c_sigma) mu_eff) C^(-1/2) y_w. */
DG_HD float dg_evolve_path_sigma(const dg_evolve_constants *c, float path, float step, float scale)
{
    return fmaf(c->gain_sigma, step / scale, c->keep_sigma * path);
}

/** Add one parameter to partial p mod 32 of a squared norm: of p_sigma, or of x - x' (diversity). */
DG_HD float dg_evolve_norm_term(float partial, float path)
{
    return dg_sum_term(partial, path, path);
}

/** h_sigma: ||p_sigma|| / sqrt(1 - (1 - c_sigma)^(2 updates)) < (1.4 + 2 / (n + 1)) chi_n. */
DG_HD float dg_evolve_stall(const dg_evolve_constants *c, float norm, float path_decay)
{
    return norm < c->threshold * sqrtf(1.0f - path_decay) ? 1.0f : 0.0f;
}

/** p_c <- (1 - c_c) p_c + h_sigma sqrt(c_c (2 - c_c) mu_eff) y_w. */
DG_HD float dg_evolve_path_c(const dg_evolve_constants *c, float path, float step, float h_sigma)
{
    return fmaf(h_sigma * c->gain_path, step, c->keep_path * path);
}

/** C <- (1 - c_1 - c_mu + (1 - h_sigma) c_1 c_c (2 - c_c)) C + c_1 p_c^2 + c_mu sum w_i y_i^2. */
DG_HD float dg_evolve_variance(const dg_evolve_constants *c, float variance, float path_c,
                               float rank_mu, float h_sigma)
{
    const float kept =
        (1.0f - c->rate_one - c->rate_mu) + (1.0f - h_sigma) * c->rate_one * c->stall;
    return fmaf(kept, variance, fmaf(c->rate_one * path_c, path_c, c->rate_mu * rank_mu));
}

/** (1 - c_sigma)^(2 updates), once more updated. */
DG_HD float dg_evolve_decay(const dg_evolve_constants *c, float path_decay)
{
    return path_decay * (c->keep_sigma * c->keep_sigma);
}

/**
 * Can a parameter still be sampled and its sample be read back? sigma and sigma sqrt(C) must be
 * positive, and they and the mean far enough from the ends of float32 that neither 1 / sigma nor a
 * sample leaves them.
 * False ends the run before a nan, whose bits differ from machine to machine, enters its state.
 */
DG_HD int32_t dg_evolve_sound(float mean, float sigma, float variance)
{
    const float spread = sigma * sqrtf(variance > 0 ? variance : 0);
    return sigma > 0x1p-100f && sigma < 0x1p90f && spread > 0x1p-110f && spread < 0x1p90f &&
           fabsf(mean) < 0x1p90f; /* false for nan */
}

/** sigma <- sigma exp((c_sigma / d_sigma) (||p_sigma|| / chi_n - 1)). */
DG_HD float dg_evolve_sigma(const dg_evolve_constants *c, float sigma, float norm)
{
    return sigma * dg_exp(c->damping * (norm / c->norm - 1.0f));
}

/* ---- the balance of sigma and C -------------------------------------------------------------- */

/* Only sigma sqrt(C) shapes a diagonal sample. In a long valley, as Rosenbrock's, C shrinks while sigma
   grows, until C is subnormal and loses its bits. sigma / 2^k, 2^2k C and 2^k p_c are the same solver:
   all of its formulas commute with powers of two, exactly, so that mean, p_sigma and every sample keep
   their bits. An update ends with it, before dg_evolve_sound(). */

/** k that brings sigma to [1, 2); 0 while sigma is between 2^-20 and 2^20, or sampling is isotropic. */
DG_HD int32_t dg_evolve_imbalance(float sigma, int32_t diagonal)
{
    const int32_t exponent = (int32_t)(dg_bits_of(sigma) >> 23) - 127;
    return diagonal && (exponent < -20 || exponent >= 20) ? exponent : 0;
}

/** sigma / 2^k, for |k| <= 126. */
DG_HD float dg_evolve_balanced_sigma(float sigma, int32_t k)
{
    return sigma * dg_exp2i((float)-k);
}

/** 2^k p_c. */
DG_HD float dg_evolve_balanced_path(float path, int32_t k)
{
    return path * dg_exp2i((float)k);
}

/** 2^2k C, in two factors that float32 holds. */
DG_HD float dg_evolve_balanced_variance(float variance, int32_t k)
{
    return variance * dg_exp2i((float)k) * dg_exp2i((float)k);
}

#endif
