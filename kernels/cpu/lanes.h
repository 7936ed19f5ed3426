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
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* tests call the set that every CPU has */
#ifndef DG_VECTOR
#if defined(__aarch64__)
#define DG_VECTOR neon
#else
#define DG_VECTOR generic
#endif
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
#define DG_PERMUTE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define DG_PERMUTE(a, b, ...) __builtin_shuffle(a, b, (dg_lanes_index){__VA_ARGS__})
#endif
#define DG_SHUFFLE(a, b, ...) DG_PERMUTE(a, b, DG_QUARTERS(__VA_ARGS__))
typedef int32_t dg_lanes_index __attribute__((vector_size(DG_VECTOR_BYTES)));

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

/** A few vectors one by one: compilers pass a copy of all through memory. */
DG_INLINE void dg_lanes_read(dg_lanes *to, const float *from, int vectors)
{
#pragma GCC unroll 16
    for (int l = 0; l < vectors; l++) to[l] = dg_lanes_load(from + l * DG_LANES_WIDTH);
}

DG_INLINE void dg_lanes_write(float *to, const dg_lanes *from, int vectors)
{
#pragma GCC unroll 16
    for (int l = 0; l < vectors; l++) memcpy(to + l * DG_LANES_WIDTH, &from[l], sizeof from[l]);
}

/** x in every lane; to subtract 0 leaves all x as they are, to add it does not. */
DG_INLINE dg_lanes dg_lanes_all(float x)
{
    return x - (dg_lanes){0};
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

/**
 * The last partials of as many sums as a vector has lanes, folded in the order of sum.h: sum a stood in
 * partial[a], and lane a of the result holds it. Halves, then quarters, then what a quarter holds are added,
 * of several sums in one addition.
 */
DG_INLINE dg_lanes dg_lanes_fold(const dg_lanes *partial)
{
    dg_lanes p[DG_LANES_WIDTH];
#pragma GCC unroll 16
    for (int a = 0; a < DG_LANES_WIDTH; a++) p[a] = partial[a];
#if DG_VECTOR_BYTES == 64
    for (int a = 0; a < 8; a++)
        p[a] = DG_PERMUTE(p[a], p[a + 8], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
               DG_PERMUTE(p[a], p[a + 8], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30,
                          31);
    for (int a = 0; a < 4; a++)
        p[a] =
            DG_PERMUTE(p[a], p[a + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27) +
            DG_PERMUTE(p[a], p[a + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
#elif DG_VECTOR_BYTES == 32
    for (int a = 0; a < 4; a++)
        p[a] = DG_PERMUTE(p[a], p[a + 4], 0, 1, 2, 3, 8, 9, 10, 11) +
               DG_PERMUTE(p[a], p[a + 4], 4, 5, 6, 7, 12, 13, 14, 15);
#endif
    const dg_lanes y = DG_SHUFFLE(p[0], p[1], 0, 1, 4, 5) + DG_SHUFFLE(p[0], p[1], 2, 3, 6, 7);
    const dg_lanes z = DG_SHUFFLE(p[2], p[3], 0, 1, 4, 5) + DG_SHUFFLE(p[2], p[3], 2, 3, 6, 7);
    return DG_SHUFFLE(y, z, 0, 2, 4, 6) + DG_SHUFFLE(y, z, 1, 3, 5, 7);
}

#if defined(__aarch64__)
/** Bit 4 v + l: the lowest of lane l of mask[v], whose lanes are -1 or 0. */
DG_INLINE uint32_t dg_lanes_bits(const uint32x4_t mask[4])
{
    static const uint8_t place[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint16x8_t low = vcombine_u16(vmovn_u32(mask[0]), vmovn_u32(mask[1]));
    const uint16x8_t high = vcombine_u16(vmovn_u32(mask[2]), vmovn_u32(mask[3]));
    const uint8x16_t all = vcombine_u8(vmovn_u16(low), vmovn_u16(high));
    const uint8x16_t bits = vandq_u8(all, vld1q_u8(place));
    return vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}
#endif

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
#elif defined(__aarch64__)
    uint32x4_t mask[4];
    for (int v = 0; v < 4; v++) mask[v] = vcleq_f32(vld1q_f32(value + 4 * v), vdupq_n_f32(bound));
    return dg_lanes_bits(mask);
#else
    uint32_t bits = 0;
    for (int l = 0; l < 16; l++) bits |= (uint32_t)(value[l] <= bound) << l;
    return bits;
#endif
}

/** The least of every 16th number of a row, a multiple of 16, by place. */
DG_INLINE void dg_lanes_fold_least(float *least, const float *value, int32_t row)
{
    memcpy(least, value, DG_ROW_ALIGN * sizeof *least);
    for (int32_t tile = DG_ROW_ALIGN; tile < row; tile += DG_ROW_ALIGN) {
        DG_SIMD
        for (int l = 0; l < DG_ROW_ALIGN; l++)
            least[l] = value[tile + l] < least[l] ? value[tile + l] : least[l];
    }
}

/**
 * The least of 16 numbers, none of them nan. Not by a reduction of OpenMP: it may begin at the largest finite number,
 * as clang's does, and would not find infinity.
 */
DG_INLINE float dg_lanes_least(const float *value)
{
#if defined(__AVX512F__)
    return _mm512_reduce_min_ps(_mm512_loadu_ps(value));
#elif defined(__AVX2__)
    const __m256 eight = _mm256_min_ps(_mm256_loadu_ps(value), _mm256_loadu_ps(value + 8));
    const __m128 four = _mm_min_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_min_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_min_ss(two, _mm_movehdup_ps(two)));
#elif defined(__aarch64__)
    float32x4_t four = vld1q_f32(value);
    for (int v = 1; v < 4; v++) four = vminq_f32(four, vld1q_f32(value + 4 * v));
    return vminvq_f32(four);
#else
    float least = value[0];
    for (int l = 1; l < 16; l++) least = value[l] < least ? value[l] : least;
    return least;
#endif
}

/**
 * Prefix sums of 16 integers: out[l] = before + weight[0] + ... + weight[l], modulo 2^32. Hillis & Steele 1986, "Data
 * parallel algorithms": steps of 1, 2, 4, 8 places.
 */
DG_INLINE void dg_lanes_prefix(uint32_t *out, const uint32_t *weight, uint32_t before)
{
#if defined(__AVX512F__)
    const __m512i zero = _mm512_setzero_si512();
    __m512i x = _mm512_loadu_si512(weight);
    x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 15));
    x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 14));
    x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 12));
    x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 8));
    _mm512_storeu_si512(out, _mm512_add_epi32(x, _mm512_set1_epi32((int32_t)before)));
#elif defined(__AVX2__)
    __m256i x[2];
    for (int h = 0; h < 2; h++) {
        x[h] = _mm256_loadu_si256((const __m256i *)(const void *)(weight + 8 * h));
        x[h] = _mm256_add_epi32(x[h], _mm256_slli_si256(x[h], 4));
        x[h] = _mm256_add_epi32(x[h], _mm256_slli_si256(x[h], 8));
        /* the sum of the lower four into the upper four */
        const __m256i low = _mm256_permute2x128_si256(x[h], x[h], 0x08);
        x[h] = _mm256_add_epi32(x[h], _mm256_shuffle_epi32(low, 0xff));
    }
    x[0] = _mm256_add_epi32(x[0], _mm256_set1_epi32((int32_t)before));
    x[1] = _mm256_add_epi32(x[1], _mm256_permutevar8x32_epi32(x[0], _mm256_set1_epi32(7)));
    for (int h = 0; h < 2; h++) _mm256_storeu_si256((__m256i *)(void *)(out + 8 * h), x[h]);
#elif defined(__aarch64__)
    uint32x4_t sum = vdupq_n_u32(before);
    for (int v = 0; v < 4; v++) {
        uint32x4_t x = vld1q_u32(weight + 4 * v);
        x = vaddq_u32(x, vextq_u32(vdupq_n_u32(0), x, 3));
        x = vaddq_u32(x, vextq_u32(vdupq_n_u32(0), x, 2));
        sum = vaddq_u32(x, vdupq_laneq_u32(sum, 3));
        vst1q_u32(out + 4 * v, sum);
    }
#else
    uint32_t sum = before;
    for (int l = 0; l < 16; l++) out[l] = sum += weight[l];
#endif
}

/** Bit l tells whether x[l] > mark, for 16 integers as signed ones. */
DG_INLINE uint32_t dg_lanes_above(const uint32_t *x, uint32_t mark)
{
#if defined(__AVX512F__)
    return _mm512_cmpgt_epi32_mask(_mm512_loadu_si512(x), _mm512_set1_epi32((int32_t)mark));
#elif defined(__AVX2__)
    const __m256i most = _mm256_set1_epi32((int32_t)mark);
    uint32_t bits = 0;
    for (int h = 0; h < 2; h++) {
        const __m256i here = _mm256_loadu_si256((const __m256i *)(const void *)(x + 8 * h));
        const __m256i above = _mm256_cmpgt_epi32(here, most);
        bits |= (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(above)) << (8 * h);
    }
    return bits;
#elif defined(__aarch64__)
    uint32x4_t mask[4];
    for (int v = 0; v < 4; v++)
        mask[v] =
            vcgtq_s32(vreinterpretq_s32_u32(vld1q_u32(x + 4 * v)), vdupq_n_s32((int32_t)mark));
    return dg_lanes_bits(mask);
#else
    uint32_t bits = 0;
    for (int l = 0; l < 16; l++) bits |= (uint32_t)((int32_t)x[l] > (int32_t)mark) << l;
    return bits;
#endif
}

#endif
