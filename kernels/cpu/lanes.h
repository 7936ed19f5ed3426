/**
 * Instruction sets of the CPU schedule. Each source of kernels/cpu/ is compiled once per set, DG_VECTOR
 * naming the set; loops over element functions vectorise to its width, and the bits are the same.
 */
#ifndef DG_LANES_CPU_H
#define DG_LANES_CPU_H

#include "kernels/science/shape.h"
#include "kernels/science/sum.h"

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

/** A vector of floats, for the few loops that compilers do not vectorise over the outer index. */
typedef float dg_lanes __attribute__((vector_size(DG_VECTOR_BYTES)));
#define DG_LANES_WIDTH (DG_VECTOR_BYTES / 4)

/**
 * The same four lanes of every quarter (16 bytes) of two vectors, in any order: 0 ... 3 names those of a,
 * 4 ... 7 those of b. No machine crosses quarters in these, so one instruction does it.
 */
#define DG_LANE_OF(i, q) ((i) % 4 + 4 * (q) + (i) / 4 * DG_LANES_WIDTH)
#define DG_QUARTER(q, i, j, k, l)                                                                  \
    DG_LANE_OF(i, q), DG_LANE_OF(j, q), DG_LANE_OF(k, q), DG_LANE_OF(l, q)
#if DG_VECTOR_BYTES == 64
#define DG_QUARTERS(...)                                                                           \
    DG_QUARTER(0, __VA_ARGS__), DG_QUARTER(1, __VA_ARGS__), DG_QUARTER(2, __VA_ARGS__),            \
        DG_QUARTER(3, __VA_ARGS__)
#elif DG_VECTOR_BYTES == 32
#define DG_QUARTERS(...) DG_QUARTER(0, __VA_ARGS__), DG_QUARTER(1, __VA_ARGS__)
#else
#define DG_QUARTERS(...) DG_QUARTER(0, __VA_ARGS__)
#endif
#if defined(__clang__) || __GNUC__ >= 12
#define DG_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, DG_QUARTERS(__VA_ARGS__))
#else
#define DG_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (dg_lanes_index){DG_QUARTERS(__VA_ARGS__)})
#endif
typedef int32_t dg_lanes_index __attribute__((vector_size(DG_VECTOR_BYTES)));

/** Values (logits, exponents) are handled in tiles of this many; agents in tiles of DG_AGENT_TILE. */
#define DG_VALUE_TILE 16
#define DG_AGENT_TILE 16

#define DG_INLINE static inline __attribute__((always_inline))

/** 16 numbers in registers, whatever these hold: for sums that must not pass through memory. */
typedef float dg_tile __attribute__((vector_size(64)));
typedef int32_t dg_tile_index __attribute__((vector_size(64)));

/** The CUDA form of a loop is a lane; here it is a vector, and no iteration depends on another. */
#define DG_SIMD _Pragma("omp simd")

/** Numbers to be read one by one: a load that fills all lanes costs less than a shuffle of a register. */
DG_INLINE void dg_lanes_to_memory(const float *at)
{
    __asm__ volatile("" : : "r"(at) : "memory");
}

DG_INLINE dg_lanes dg_lanes_load(const float *from)
{
    dg_lanes lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

/** Quarters of four vectors as 4 x 4 matrices, transposed: quarter q of row[r] takes place r of its quarters q. */
DG_INLINE void dg_lanes_transpose(dg_lanes *row)
{
    const dg_lanes a = DG_SHUFFLE(row[0], row[1], 0, 4, 1, 5);
    const dg_lanes b = DG_SHUFFLE(row[0], row[1], 2, 6, 3, 7);
    const dg_lanes c = DG_SHUFFLE(row[2], row[3], 0, 4, 1, 5);
    const dg_lanes d = DG_SHUFFLE(row[2], row[3], 2, 6, 3, 7);
    row[0] = DG_SHUFFLE(a, c, 0, 1, 4, 5);
    row[1] = DG_SHUFFLE(a, c, 2, 3, 6, 7);
    row[2] = DG_SHUFFLE(b, d, 0, 1, 4, 5);
    row[3] = DG_SHUFFLE(b, d, 2, 3, 6, 7);
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

/** Bit l tells whether value[l] <= bound, for 16 values; nan is not. */
DG_INLINE uint32_t dg_lanes_up_to(const float *value, float bound)
{
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask(_mm512_loadu_ps(value), _mm512_set1_ps(bound), _CMP_LE_OQ);
#elif defined(__AVX2__)
    const __m256 most = _mm256_set1_ps(bound);
    const __m256 low = _mm256_cmp_ps(_mm256_loadu_ps(value), most, _CMP_LE_OQ);
    const __m256 high = _mm256_cmp_ps(_mm256_loadu_ps(value + 8), most, _CMP_LE_OQ);
    return (uint32_t)_mm256_movemask_ps(low) | (uint32_t)_mm256_movemask_ps(high) << 8;
#else
    uint32_t bits = 0;
    for (int l = 0; l < 16; l++) bits |= (uint32_t)(value[l] <= bound) << l;
    return bits;
#endif
}

#if defined(__AVX2__)
DG_INLINE float dg_lanes_least_of_8(__m256 eight)
{
    const __m128 four = _mm_min_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_min_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_min_ss(two, _mm_movehdup_ps(two)));
}
#endif

/** The least of the first 1 ... 16 of 16 values. */
DG_INLINE float dg_lanes_least(const float *value, int32_t count)
{
#if defined(__AVX512F__)
    const __m512 never = _mm512_set1_ps((float)INFINITY);
    const __mmask16 known = (__mmask16)(0xffffu >> (16 - count));
    return _mm512_reduce_min_ps(_mm512_mask_loadu_ps(never, known, value));
#elif defined(__AVX2__)
    static const float only[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    const float *known = only + 16 - count; /* blendv asks for the sign */
    const __m256 never = _mm256_set1_ps((float)INFINITY);
    const __m256 low = _mm256_blendv_ps(never, _mm256_loadu_ps(value), _mm256_loadu_ps(known));
    const __m256 high =
        _mm256_blendv_ps(never, _mm256_loadu_ps(value + 8), _mm256_loadu_ps(known + 8));
    return dg_lanes_least_of_8(_mm256_min_ps(low, high));
#else
    float least = value[0];
    for (int l = 1; l < count; l++) least = value[l] < least ? value[l] : least;
    return least;
#endif
}

/**
 * A number that at least `wanted` of 32 values do not exceed, and no more but for ties: the wanted-th
 * smallest of those that differ; +infinity if there are fewer. The least is taken away `wanted` times,
 * without a branch that depends on a value.
 */
#if defined(__AVX512F__)
DG_INLINE float dg_lanes_bound_of_32(const float *value, int32_t wanted)
{
    const __m512 never = _mm512_set1_ps((float)INFINITY);
    __m512 low = _mm512_loadu_ps(value), high = _mm512_loadu_ps(value + 16);
    float bound = _mm512_reduce_min_ps(_mm512_min_ps(low, high));
    for (int32_t k = 1; k < wanted; k++) {
        const __m512 least = _mm512_set1_ps(bound);
        low = _mm512_mask_mov_ps(low, _mm512_cmp_ps_mask(low, least, _CMP_LE_OQ), never);
        high = _mm512_mask_mov_ps(high, _mm512_cmp_ps_mask(high, least, _CMP_LE_OQ), never);
        bound = _mm512_reduce_min_ps(_mm512_min_ps(low, high));
    }
    return bound;
}
#elif defined(__AVX2__)
DG_INLINE float dg_lanes_bound_of_32(const float *value, int32_t wanted)
{
    const __m256 never = _mm256_set1_ps((float)INFINITY);
    __m256 x[4];
    for (int v = 0; v < 4; v++) x[v] = _mm256_loadu_ps(value + 8 * v);
    for (int32_t k = 1;; k++) {
        const float bound = dg_lanes_least_of_8(
            _mm256_min_ps(_mm256_min_ps(x[0], x[1]), _mm256_min_ps(x[2], x[3])));
        if (k >= wanted) return bound;
        const __m256 least = _mm256_set1_ps(bound);
        for (int v = 0; v < 4; v++)
            x[v] = _mm256_blendv_ps(x[v], never, _mm256_cmp_ps(x[v], least, _CMP_LE_OQ));
    }
}
#endif

#endif
