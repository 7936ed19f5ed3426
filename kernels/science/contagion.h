/**
 * Contagion: beliefs spread with the messages (MODEL.md, section 3.5; Eq. 2).
 *
 * x_i(v) = C_b sum over j in J_i with beta_ij = v of W_ij / D(|v - b_i|); P(b_i <- v) is the softmax
 * of x_i. A value that nobody sends keeps x = 0, the source of new beliefs. D depends on v alone and
 * leaves the sum: C_b / D(d) is a table of the distances d. The draw is one by sums, relative to the largest x
 * (sums.h), so no exp can overflow; `overflow: float32` reproduces what happens where it does.
 */
#ifndef DG_CONTAGION_H
#define DG_CONTAGION_H

#include "kernels/science/fmath.h"
#include "kernels/science/choices.h"

/** Where exp of a float32 overflows: 88.7228 (MODEL.md, section 3.5). */
#define DG_CONTAGION_OVERFLOW 88.7228f

/** D(d): max(d, delta) or d + delta. */
DG_HD float dg_contagion_distance(int32_t value, int32_t belief, int32_t kind, float delta)
{
    const int32_t gap = value - belief;
    const float d = (float)(gap < 0 ? -gap : gap);
    switch ((dg_distance)kind) {
    case DG_DISTANCE_FLOOR: return d > delta ? d : delta;
    case DG_DISTANCE_OFFSET: break;
    }
    return d + delta;
}

/** C_b / D(d): what a sum of weights counts at a distance. */
DG_HD float dg_contagion_scale(float factor, float distance)
{
    return factor / distance;
}

/** An exponent is within +-1e30: differences of exponents are finite then, however small delta is. */
#define DG_CONTAGION_LIMIT 1e30f

/** x_i(v) from the sum of the W_ij that speak for v. */
DG_HD float dg_contagion_exponent(float scale, float weight_sum)
{
    const float x = scale * weight_sum;
    const float low = x > -DG_CONTAGION_LIMIT ? x : -DG_CONTAGION_LIMIT;
    return low < DG_CONTAGION_LIMIT ? low : DG_CONTAGION_LIMIT;
}

/** Does i catch j's belief, which it need not have received? Else what its register holds. */
DG_HD int32_t dg_contagion_of_beliefs(int32_t content)
{
    switch ((dg_content)content) {
    case DG_CONTENT_MESSAGE: break;
    case DG_CONTENT_BELIEF: return 1;
    }
    return 0;
}

/** The content of j towards i: the register, or the belief before the step; < 0: none. */
DG_HD int32_t dg_contagion_content(int32_t content, int32_t registers, int32_t belief)
{
    return dg_contagion_of_beliefs(content) ? belief : registers;
}

/**
 * Are all agents sources? `all` with `message` knows no more than what was received, because every
 * other register is -1: only with beliefs as content does it reach further.
 */
DG_HD int32_t dg_contagion_everyone(int32_t sources, int32_t content)
{
    switch ((dg_sources)sources) {
    case DG_SOURCES_RECEIVED: break;
    case DG_SOURCES_ALL: return dg_contagion_of_beliefs(content);
    }
    return 0;
}

/** May a large exponent overflow, so that the largest has to be known? */
DG_HD int32_t dg_contagion_overflows(int32_t overflow)
{
    switch ((dg_overflow)overflow) {
    case DG_OVERFLOW_EXACT: break;
    case DG_OVERFLOW_FLOAT32: return 1;
    }
    return 0;
}

/** Does a float32 softmax overflow, so that the new belief is uniform? `largest`: max of 0 and x. */
DG_HD int32_t dg_contagion_uniform(int32_t overflow, float largest)
{
    return dg_contagion_overflows(overflow) && largest > DG_CONTAGION_OVERFLOW;
}

/** The exponent that the draw takes. `uniform`: every x counts as 0. */
DG_HD float dg_contagion_drawn(float exponent, int32_t uniform)
{
    return uniform ? 0.0f : exponent;
}

#endif
