/**
 * One source for the host and the device compiler.
 *
 * Every science header includes this first. A function marked DG_HD is a pure inline function of
 * one element that gcc, clang and nvcc compile from the same text; it names no file, option,
 * allocation or print. Keep to what C11 and C++17 both accept: explicit casts, no designated array
 * initialisers, no VLAs, no `restrict`.
 */
#ifndef DG_HD_H
#define DG_HD_H

#include <stdint.h>
#include <string.h>

#ifdef __CUDACC__
#define DG_HD static inline __host__ __device__
#else
#define DG_HD static inline
#endif

/** Partial sums of every written sum, and lanes of a CUDA warp (DESIGN.md, section 4). */
#define DG_LANES 32

#endif
