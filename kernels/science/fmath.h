/**
 * Portable single-precision mathematics: the same bits from gcc, clang and nvcc.
 *
 * Built only from what IEEE 754 rounds exactly (+ - * / sqrt fma, compare, convert) and free of
 * branches, so that a loop over any of these functions vectorises. Compile with -ffp-contract=off
 * (CUDA: -fmad=false); an fma happens only where the text says fmaf.
 *
 * Polynomials: minimax fits with single-precision coefficients (Sollya, fpminimax). The errors
 * stated here are measured by tests/kernels/science/test_fmath.c over every float32 of the domain.
 */
#ifndef DG_FMATH_H
#define DG_FMATH_H

#include "kernels/science/hd.h"

#include <math.h>

DG_HD uint32_t dg_bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

DG_HD float dg_float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** Nearest integer, ties to even, for |x| < 2^22: adding 1.5 * 2^23 leaves no fraction bits. */
DG_HD float dg_nearest(float x)
{
    return (x + 12582912.0f) - 12582912.0f;
}

/** 2^k for integer k in [-126, 127], built from its exponent bits. */
DG_HD float dg_exp2i(float k)
{
    return dg_float_of((uint32_t)((int32_t)k + 127) << 23);
}

/**
 * Natural logarithm of a positive normal number; <= 1 ulp.
 *
 * x = 2^e m with m in [2/3, 4/3), f = m - 1: log x = e ln 2 + f + f^2 q(f). Zero, negative,
 * subnormal and non-finite arguments are outside the domain.
 */
DG_HD float dg_log(float x)
{
    const uint32_t bits = dg_bits_of(x) - 0x3f2aaaabu; /* 0x3f2aaaab = 2/3 */
    const float e = (float)((int32_t)bits >> 23);
    const float f = dg_float_of((bits & 0x007fffffu) + 0x3f2aaaabu) - 1.0f;
    float q = -0x1.0882p-3f;
    q = fmaf(q, f, 0x1.19b968p-3f);
    q = fmaf(q, f, -0x1.f3061cp-4f);
    q = fmaf(q, f, 0x1.1fd56cp-3f);
    q = fmaf(q, f, -0x1.559bfap-3f);
    q = fmaf(q, f, 0x1.99bfeap-3f);
    q = fmaf(q, f, -0x1.ffff0cp-3f);
    q = fmaf(q, f, 0x1.55552cp-2f);
    q = fmaf(q, f, -0.5f);
    return fmaf(e, 0x1.62e43p-1f, fmaf(f * f, q, f));
}

/** exp(r) - 1 for |r| <= ln(2)/2, without cancellation near 0. */
DG_HD float dg_expm1_reduced(float r)
{
    float g = 0x1.6d4e66p-10f;
    g = fmaf(g, r, 0x1.120c18p-7f);
    g = fmaf(g, r, 0x1.5554e8p-5f);
    g = fmaf(g, r, 0x1.5554dcp-3f);
    g = fmaf(g, r, 0.5f);
    return fmaf(r * r, g, r);
}

/** x - k ln 2 in two pieces of ln 2, so that the remainder keeps its last bits. */
DG_HD float dg_reduce_ln2(float x, float k)
{
    return fmaf(k, -0x1.7f7d1cp-20f, fmaf(k, -0x1.62e4p-1f, x));
}

/**
 * Exponential; <= 1.1 ulp for every float32 whose result is normal, half a step of the subnormal grid
 * more below. Overflows to infinity above 88.7228 and reaches 0 below -103.98, as IEEE has it.
 */
DG_HD float dg_exp(float x)
{
    float c = x < 89.0f ? x : 89.0f;
    c = c > -105.0f ? c : -105.0f;
    const float k = dg_nearest(c * 0x1.715476p+0f);
    const float p = dg_expm1_reduced(dg_reduce_ln2(c, k));
    /* two exact factors, so that neither 2^k nor the product leaves the range too early */
    const float half = dg_nearest(k * 0.5f);
    const float scale = dg_exp2i(half);
    return fmaf(scale, p, scale) * dg_exp2i(k - half);
}

/**
 * Hyperbolic tangent of any float32; <= 5 ulp, never beyond 1.
 *
 * x P(x^2) / Q(x^2), P and Q of degree 4, for |x| <= 7.9; beyond, its value there, 1 - 3 2^-24. The two polynomials share no
 * step, so that they are computed side by side; no branch, one division. nan: as 7.9.
 */
DG_HD float dg_tanh(float x)
{
    const uint32_t sign = dg_bits_of(x) & 0x80000000u, size = dg_bits_of(x) ^ sign;
    const uint32_t end = 0x40fccccdu; /* 7.9 */
    const float a = dg_float_of((size < end ? size : end) | sign);
    const float z = a * a;
    float p = 0x1.0a1972p-26f;
    p = fmaf(p, z, 0x1.723772p-16f);
    p = fmaf(p, z, 0x1.d573bap-9f);
    p = fmaf(p, z, 0x1.1383b6p-3f);
    p = fmaf(p, z, 1.0f);
    float q = 0x1.cef872p-21f;
    q = fmaf(q, z, 0x1.6772a8p-12f);
    q = fmaf(q, z, 0x1.ad4c8p-6f);
    q = fmaf(q, z, 0x1.df172ep-2f);
    q = fmaf(q, z, 1.0f);
    return a * p / q;
}

/** A point on the unit circle. */
typedef struct dg_circle {
    float cosine;
    float sine;
} dg_circle;

/**
 * cos and sin of 2 pi u for 0 <= u < 1; each <= 1 ulp.
 *
 * 4u is split exactly into its nearest quarter q and a remainder of at most 1/8 turn; the quarter
 * swaps and negates the two polynomials.
 */
DG_HD dg_circle dg_circle_at(float u)
{
    const float q = dg_nearest(u * 4.0f);
    const float r = fmaf(q, -0.25f, u);
    const uint32_t quarter = (uint32_t)(int32_t)q;
    const float z = r * r;
    float s = fmaf(0x1.3ef74ap5f, z, -0x1.329de8p6f);
    s = fmaf(s, z, 0x1.466b62p6f);
    s = fmaf(s, z, -0x1.4abbcep5f);
    s = fmaf(s, z, -0x1.777a5cp-23f); /* 2 pi less its float */
    s = fmaf(r, 0x1.921fb6p2f, r * s);
    float c = 0x1.d684aap5f;
    c = fmaf(c, z, -0x1.55b7cep6f);
    c = fmaf(c, z, 0x1.03c1b8p6f);
    c = fmaf(c, z, -0x1.3bd3ccp4f);
    c = fmaf(c, z, 1.0f);
    const uint32_t swap = (dg_bits_of(s) ^ dg_bits_of(c)) & (0u - (quarter & 1u));
    const uint32_t cosine = dg_bits_of(c) ^ swap, sine = dg_bits_of(s) ^ swap;
    dg_circle point;
    point.cosine = dg_float_of(cosine ^ (((quarter + 1u) & 2u) << 30));
    point.sine = dg_float_of(sine ^ ((quarter & 2u) << 30));
    return point;
}

#endif
