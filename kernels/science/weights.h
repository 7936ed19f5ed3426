/**
 * Belief weights W_ij: how much i lets itself be moved by j (MODEL.md, section 3.4; Eq. 3, App. C).
 */
#ifndef DG_WEIGHTS_H
#define DG_WEIGHTS_H

#include "kernels/science/fmath.h"
#include "kernels/science/choices.h"
#include "kernels/science/rng.h"

/** W_ij(0) ~ U[0, 1]. */
DG_HD float dg_weight_initial(uint32_t word)
{
    return dg_uniform(word);
}

/** Delta W_ij(0) ~ U[-0.1, 0.1]. */
DG_HD float dg_momentum_initial(uint32_t word)
{
    return fmaf(dg_uniform(word), 0.2f, -0.1f);
}

/** random: W += eps, eps ~ N(0, sigma_R). */
DG_HD float dg_weight_random(float weight, float normal, float sigma)
{
    return fmaf(sigma, normal, weight);
}

/** momentum: Delta <- beta Delta + eps, eps ~ N(0, sigma_M); W += the new Delta. */
DG_HD float dg_momentum_next(float momentum, float normal, float factor, float sigma)
{
    return fmaf(factor, momentum, sigma * normal);
}

/** momentum, second half: W += the new Delta. */
DG_HD float dg_weight_momentum(float weight, float momentum)
{
    return weight + momentum;
}

/** reward: W_ij += rho max(r_j - r_i, 0) where i received a message from j in this step. */
DG_HD float dg_weight_reward(float weight, float own_reward, float sender_reward, float scale)
{
    const float ahead = sender_reward - own_reward;
    return fmaf(scale, ahead > 0.0f ? ahead : 0.0f, weight);
}

/**
 * Is a weight far enough from the ends of float32? C_b sum W stays finite for all keys, and so does the
 * exponent, unless contagion.delta is below 1/2; an infinite one still makes clocks that are numbers.
 */
DG_HD int32_t dg_weight_sound(float weight)
{
    return fabsf(weight) < 0x1p90f; /* false for nan */
}

/** belief_weights.clip. */
DG_HD float dg_weight_clip(float weight, int32_t clip, float low, float high)
{
    const float floored = weight < low ? low : weight;
    const float clipped = floored > high ? high : floored;
    return clip ? clipped : weight;
}

#endif
