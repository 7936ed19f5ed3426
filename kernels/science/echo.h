/**
 * The echo-chamber model (MODEL.md, section 10; the notebook "Echochambers Episode 1").
 *
 * Every agent climbs the gradient of a utility u_i: b_i <- b_i + eta du_i/db_i. One function gives
 * u, one its derivative; a further utility is one more line in the list and one more case in each.
 */
#ifndef DG_ECHO_H
#define DG_ECHO_H

#include "kernels/science/hd.h"

#include <math.h>

/**
 * product: u_i = b_i e_i, the notebook's.
 * bounded-confidence: Deffuant et al. (2000), "Mixing beliefs among interacting agents". Each step one
 * random pair (i, j) meets; u_i = -(b_i - b_j)^2 / 2 where |b_i - b_j| < confidence, else 0.
 */
#define DG_ECHO_UTILITY_LIST(X)                                                                    \
    X(DG_ECHO_PRODUCT, "product") X(DG_ECHO_BOUNDED_CONFIDENCE, "bounded-confidence")

#define DG_CHOICE_ENUM(code, word) code,
typedef enum dg_echo_utility { DG_ECHO_UTILITY_LIST(DG_CHOICE_ENUM) } dg_echo_utility;
#undef DG_CHOICE_ENUM

/**
 * Utility of an agent.
 *
 * @param belief   b_i
 * @param other    product: e_i; bounded confidence: b_j of the partner, b_i without one
 * @param bound    bounded confidence: how far a partner may be
 */
DG_HD float dg_echo_value(int32_t utility, float belief, float other, float bound)
{
    const float gap = other - belief;
    const float near = fabsf(gap) < bound ? -0.5f * (gap * gap) : 0.0f;
    return utility == DG_ECHO_PRODUCT ? belief * other : near;
}

/** du_i/db_i of dg_echo_value(). */
DG_HD float dg_echo_slope(int32_t utility, float belief, float other, float bound)
{
    const float gap = other - belief;
    const float near = fabsf(gap) < bound ? gap : 0.0f;
    return utility == DG_ECHO_PRODUCT ? other : near;
}

/** One step of gradient ascent, b_i + eta du_i/db_i, rounded once. */
DG_HD float dg_echo_ascend(float belief, float rate, float slope)
{
    return fmaf(rate, slope, belief);
}

#endif
