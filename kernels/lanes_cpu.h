/**
 * Instruction sets of the CPU schedule. Each *_cpu.c is compiled once per set with DG_VECTOR naming
 * it; loops over element functions vectorise to the set's width, and the bits are the same.
 */
#ifndef DG_LANES_CPU_H
#define DG_LANES_CPU_H

#include "model.h"

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

/** Values (logits, exponents) are handled in tiles of this many; agents in tiles of DG_AGENT_TILE. */
#define DG_VALUE_TILE 16
#define DG_AGENT_TILE 16

#define DG_INLINE static inline __attribute__((always_inline))

/** The CUDA form of a loop is a lane; here it is a vector, and no iteration depends on another. */
#define DG_SIMD _Pragma("omp simd")

#endif
