/** Functions of the bits of a float, the same source on CPU and GPU: fmath.h, division, root, draws. */
#ifndef DG_TEST_FMATH_H
#define DG_TEST_FMATH_H

#include "kernels/science/fmath.h"
#include "kernels/science/rng.h"
#include "kernels/science/sums.h"

#include <cuda_runtime_api.h>

/* clang-format off */
/*    name        result of x        its domain, as fmath.h states it */
#define FMATH_LIST(X)                                                                              \
    X(FMATH_LOG,  dg_log(x),               bits >= 0x00800000u && bits < 0x7f800000u)              \
    X(FMATH_EXP,  dg_exp(x),               1)                                                      \
    X(FMATH_TANH, dg_tanh(x),              1)                                                      \
    X(FMATH_COS,  dg_circle_at(x).cosine,  bits < 0x3f800000u)                                     \
    X(FMATH_SIN,  dg_circle_at(x).sine,    bits < 0x3f800000u)                                     \
    X(FMATH_INVERSE, 1.0f / x,             (bits & 0x7fffffffu) <= 0x7f800000u)                    \
    X(FMATH_THIRD, x / 3.0f,               (bits & 0x7fffffffu) <= 0x7f800000u)                    \
    X(FMATH_ROOT, sqrtf(x),                bits <= 0x7f800000u)                                    \
    X(FMATH_WEIGHT, dg_float_of(dg_sums_weight(x)), bits <= 0x7fffffffu) \
    /* of a random word: its draws */                                                              \
    X(FMATH_CLOCK, dg_log_exponential(bits), 1)                                                    \
    X(FMATH_NORMAL, dg_normal_pair(bits, bits * 2654435769u).first, 1)
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
    case name: return (domain) ? dg_bits_of(result) : 0;
        FMATH_LIST(FMATH_CASE)
#undef FMATH_CASE
    case FMATH_FUNCTIONS: break;
    }
    return 0;
}

/** Floats of bits first, first + step, ...: `count` values into `out`, device memory. */
typedef struct fmath_chunk {
    fmath_function function;
    uint32_t first, step;
    int32_t count;
    uint32_t *out;
} fmath_chunk;

#ifdef __cplusplus
extern "C"
#endif
    cudaError_t
    fmath_on_device(const fmath_chunk *chunk);

#endif
