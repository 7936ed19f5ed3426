/**
 * Draws by sums of integer weights (MODEL.md, section 3): one random word a draw.
 *
 * exp(x_k) counts relative to the largest as an integer, w_k = round(2^27 exp(x_k - max x)). A word u picks
 * the first k whose prefix sum w_0 + ... + w_k exceeds floor(u total / 2^32): sampling by inversion of the
 * cumulative sum (Devroye 1986, "Non-uniform random variate generation", section III.2). A sum of integers is
 * the same in every order, so any schedule may add them as it likes and finds the same k.
 *
 * Error of one draw among n <= 1,024 candidates, for given x: a weight is off by half a unit, and by 2^-22 of itself
 * (dg_sums_weight); a probability by 2^-32 more, from the word. In total variation that is less than n 2^-28 + n 2^-33
 * + 2^-22 where the largest weight is among them, and less than (n + 1) 2^-22 after others were drawn, as the total
 * never is below DG_SUMS_ENOUGH. What weighed less than 2^-28 of the largest when weights were made is 0.
 */
#ifndef DG_SUMS_H
#define DG_SUMS_H

#include "kernels/science/fmath.h"

/** The weight of the largest. A total of 31 candidates is below 2^32, of 1,024 at most 2^37. */
#define DG_SUMS_UNIT (UINT32_C(1) << 27)

/**
 * A total below this is too coarse: successive draws make the weights of the candidates that are left anew, relative
 * to the largest of those (observe.h).
 */
#define DG_SUMS_ENOUGH (UINT64_C(1) << 21)

/**
 * round(2^27 exp(-behind)) of an x that lies `behind` >= 0 the largest; within .5 + 2^-22 of itself. 0 of either sign:
 * exactly 2^27. Above 20, and for infinity and nan: 0.
 *
 * exp by k = nearest(-behind / ln 2) and a polynomial of degree 5 in the rest, whose bits k is added to.
 */
DG_HD uint32_t dg_sums_weight(float behind)
{
    /* min(behind, 60) by bits: compilers split a choice between floats over all that follows */
    const uint32_t bits = dg_bits_of(behind) & 0x7fffffffu, most = 0x42700000u;
    const float c = dg_float_of(bits < most ? bits : most);
    const float shifted =
        fmaf(c, -0x1.715476p+0f, 12582939.0f); /* 1.5 2^23 + 27: its low bits are k + 27 */
    const float r =
        fmaf(shifted - 12582939.0f, 0x1.62e43p-1f, c); /* behind + k ln 2: exp(-r) 2^k */
    float p = -0x1.0fa32cp-7f;
    p = fmaf(p, r, 0x1.573a24p-5f);
    p = fmaf(p, r, -0x1.555a7ap-3f);
    p = fmaf(p, r, 0x1.fffdc6p-2f);
    p = fmaf(p, r, -0x1.fffff6p-1f);
    p = fmaf(p, r, 1.0f);
    return (uint32_t)(int32_t)(dg_float_of(dg_bits_of(p) + (dg_bits_of(shifted) << 23)) + 0.5f);
}

/** floor(word total / 2^32), which is below total unless that is 0; total < 2^38. */
DG_HD uint64_t dg_sums_mark(uint32_t word, uint64_t total)
{
    return word * (total >> 32) + (word * (total & 0xffffffffu) >> 32);
}

#endif
