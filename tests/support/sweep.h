/**
 * Sweeps over float32 arguments: all of them in an optimised build, every 257th otherwise (DEBUG,
 * sanitizers). Uses all threads, and fma instructions if the CPU has them.
 */
#ifndef DG_TEST_SWEEP_H
#define DG_TEST_SWEEP_H

#include "kernels/science/fmath.h"

#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define SWEEP_STRIDE 257
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SWEEP_STRIDE 257
#endif
#endif
#ifndef SWEEP_STRIDE
#define SWEEP_STRIDE 1
#endif

/* the same code compiled with and without fma instructions: fmaf() rounds once in both */
#if defined(__x86_64__)
#define SWEEP_FMA     __attribute__((target("avx2,fma")))
#define SWEEP_HAS_FMA __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
#else
#define SWEEP_FMA
#define SWEEP_HAS_FMA 1
#endif

/** Result of a sweep. */
typedef struct sweep_result {
    double ulp;     /* largest error in units in the last place (ulp); NaN if any error was NaN */
    uint32_t first; /* bits of the first argument in the piece with that error */
} sweep_result;

/** 1 / ulp: the inverse distance of float32 numbers around x, 2^(e - 23) but at least 2^-149. */
DG_HD double sweep_per_ulp(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int64_t e = (int64_t)(bits >> 52 & 0x7ff) - 1023;
    bits = (uint64_t)(23 - (e < -126 ? -126 : e) + 1023) << 52;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** Error of a float32 result in units in the last place. */
DG_HD double sweep_error(float got, double expected)
{
    return fabs((double)got - expected) * sweep_per_ulp(expected);
}

/** The larger of two errors; NaN counts as the largest. */
DG_HD double sweep_worse(double a, double b)
{
    return a > b || a != a ? a : b;
}

/** A function that returns the largest error over first ... last in steps of SWEEP_STRIDE. */
typedef double sweep_piece(uint32_t first, uint32_t last);

/** Sweep first ... last (bits of floats) in pieces, with all threads. */
static inline sweep_result sweep_over(sweep_piece *piece, uint32_t first, uint32_t last)
{
    enum { PIECE = 1 << 20 };
    const int64_t pieces = ((int64_t)last - first) / PIECE + 1;
    sweep_result worst = {0, first};
#pragma omp parallel for schedule(dynamic, 4)
    for (int64_t k = 0; k < pieces; k++) {
        const int64_t from = first + k * PIECE, to = from + PIECE - 1;
        const double ulp = piece((uint32_t)from, (uint32_t)(to < last ? to : last));
#pragma omp critical
        if (sweep_worse(ulp, worst.ulp) != worst.ulp) worst = (sweep_result){ulp, (uint32_t)from};
    }
    return worst;
}

#define SWEEP_LOOP_(attribute, name, judge)                                                        \
    attribute static double name(uint32_t first, uint32_t last)                                    \
    {                                                                                              \
        double worst = 0;                                                                          \
        int64_t nans = 0;                                                                          \
        _Pragma("omp simd reduction(max : worst) reduction(+ : nans)") for (uint32_t k = 0;        \
                                                                            k <= (last - first) /  \
                                                                                     SWEEP_STRIDE; \
                                                                            k++)                   \
        {                                                                                          \
            const double error = judge(dg_float_of(first + k * SWEEP_STRIDE));                     \
            worst = error > worst ? error : worst;                                                 \
            nans += error != error;                                                                \
        }                                                                                          \
        return nans > 0 ? (double)NAN : worst;                                                     \
    }

/** Defines `sweep_result name(float first, float last)` from `double judge(float)`. */
#define SWEEP(name, judge)                                                                         \
    SWEEP_LOOP_(SWEEP_FMA, name##_fma, judge)                                                      \
    SWEEP_LOOP_(, name##_plain, judge)                                                             \
    static sweep_result name(float first, float last)                                              \
    {                                                                                              \
        return sweep_over(SWEEP_HAS_FMA ? name##_fma : name##_plain, dg_bits_of(first),            \
                          dg_bits_of(last));                                                       \
    }

#endif
