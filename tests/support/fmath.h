/**
 * Functions of the bits of a float, the same source on CPU and GPU: fmath.h, division, root, the weight of sums.h, and
 * what is drawn from a random word.
 */
#ifndef DG_TEST_SUPPORT_FMATH_H
#define DG_TEST_SUPPORT_FMATH_H

#include "kernels/science/rng.h"
#include "kernels/science/sums.h"

/* clang-format off */
/*    name           bits of the result of x               its domain, as its header states it */
#define FMATH_LIST(X)                                                                              \
    X(FMATH_LOG,     dg_bits_of(dg_log(x)),                bits >= 0x00800000u && bits < 0x7f800000u) \
    X(FMATH_EXP,     dg_bits_of(dg_exp(x)),                1)                                      \
    X(FMATH_TANH,    dg_bits_of(dg_tanh(x)),               1)                                      \
    X(FMATH_COS,     dg_bits_of(dg_circle_at(x).cosine),   bits < 0x3f800000u)                     \
    X(FMATH_SIN,     dg_bits_of(dg_circle_at(x).sine),     bits < 0x3f800000u)                     \
    X(FMATH_INVERSE, dg_bits_of(1.0f / x),                 (bits & 0x7fffffffu) <= 0x7f800000u)    \
    X(FMATH_THIRD,   dg_bits_of(x / 3.0f),                 (bits & 0x7fffffffu) <= 0x7f800000u)    \
    X(FMATH_ROOT,    dg_bits_of(sqrtf(x)),                 bits <= 0x7f800000u)                    \
    X(FMATH_WEIGHT,  dg_sums_weight(x),                    bits <= 0x7fffffffu)                    \
    /* of a random word: its draws */                                                              \
    X(FMATH_CLOCK,   dg_bits_of(dg_log_exponential(bits)), 1)                                      \
    X(FMATH_NORMAL,  dg_bits_of(dg_normal_pair(bits, bits * 2654435769u).first), 1)
/* clang-format on */

typedef enum fmath_function {
#define FMATH_ENUM(name, result, domain) name,
    FMATH_LIST(FMATH_ENUM)
#undef FMATH_ENUM
        FMATH_FUNCTIONS
} fmath_function;

/** Bits of a function's value; 0 outside its domain. */
DG_HD uint32_t fmath_of(fmath_function function, uint32_t bits)
{
    const float x = dg_float_of(bits);
    switch (function) {
#define FMATH_CASE(name, result, domain)                                                           \
    case name: return (domain) ? (result) : 0;
        FMATH_LIST(FMATH_CASE)
#undef FMATH_CASE
    case FMATH_FUNCTIONS: break;
    }
    return 0;
}

#endif
