/**
 * Instruction sets of the CPU schedule. Each *_cpu.c is compiled once per set with DG_VECTOR naming
 * it; loops over element functions vectorise to the set's width, and the bits are the same.
 */
#ifndef DG_LANES_CPU_H
#define DG_LANES_CPU_H

#include "model.h"
#include "sum.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#ifndef DG_VECTOR
#define DG_VECTOR generic
#endif

#define DG_JOIN_(name, set) name##_##set
#define DG_JOIN(name, set)  DG_JOIN_(name, set)

/** Name of a function of this instruction set: DG_VECTORED(generation) is generation_avx2. */
#define DG_VECTORED(name) DG_JOIN(name, DG_VECTOR)

#if defined(__AVX512F__)
#define DG_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define DG_VECTOR_BYTES 32
#else
#define DG_VECTOR_BYTES 16
#endif

/** A vector of floats, for the few loops that no compiler turns inside out by itself. */
typedef float dg_lanes __attribute__((vector_size(DG_VECTOR_BYTES)));
#define DG_LANES_WIDTH (DG_VECTOR_BYTES / 4)

/** Values (logits, exponents) are handled in tiles of this many; agents in tiles of DG_AGENT_TILE. */
#define DG_VALUE_TILE 16
#define DG_AGENT_TILE 16

#define DG_INLINE static inline __attribute__((always_inline))

/** The CUDA form of a loop is a lane; here it is a vector, and no iteration depends on another. */
#define DG_SIMD _Pragma("omp simd")

DG_INLINE dg_lanes dg_lanes_load(const float *from)
{
    dg_lanes lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

/** dg_sum_term() of every lane. */
DG_INLINE dg_lanes dg_lanes_sum_term(dg_lanes partial, dg_lanes factor, dg_lanes term)
{
#if defined(__AVX512F__)
    return (dg_lanes)_mm512_fmadd_ps((__m512)factor, (__m512)term, (__m512)partial);
#elif defined(__AVX2__) && defined(__FMA__)
    return (dg_lanes)_mm256_fmadd_ps((__m256)factor, (__m256)term, (__m256)partial);
#else
    for (int l = 0; l < DG_LANES_WIDTH; l++)
        partial[l] = dg_sum_term(partial[l], factor[l], term[l]);
    return partial;
#endif
}

#endif
