/** Numbers of 32 bits picked by 16 indices at once on the CPU; compilers would pick them one by one. */
#ifndef DG_GATHER_CPU_H
#define DG_GATHER_CPU_H

#include "kernels/cpu/lanes.h"

/** out[l] = from[index[l]]; `from` and `out` hold 32-bit numbers of any kind. */
DG_INLINE void dg_gather_16(void *out, const void *from, const int32_t *index)
{
#if defined(__AVX512F__)
    _mm512_storeu_si512(out, _mm512_i32gather_epi32(_mm512_loadu_si512(index), from, 4));
#elif defined(__AVX2__)
    for (int h = 0; h < 2; h++) {
        const __m256i at = _mm256_loadu_si256((const __m256i *)(const void *)(index + 8 * h));
        _mm256_storeu_si256((__m256i *)out + h, _mm256_i32gather_epi32((const int *)from, at, 4));
    }
#else
    for (int l = 0; l < 16; l++) memcpy((uint32_t *)out + l, (const uint32_t *)from + index[l], 4);
#endif
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/** Eight of a table of 16. */
DG_INLINE __m256 dg_look_up_of_16(const float *table, __m256i index)
{
    const __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), index);
    const __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + 8), index);
    return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
}
#endif

/** The same from a table of 32 numbers, which stays in registers; 0 <= index < 32. */
DG_INLINE void dg_look_up_16(void *out, const void *table, const int32_t *index)
{
#if defined(__AVX512F__)
    const __m512i low = _mm512_loadu_si512(table);
    const __m512i high = _mm512_loadu_si512((const char *)table + 64);
    _mm512_storeu_si512(out, _mm512_permutex2var_epi32(low, _mm512_loadu_si512(index), high));
#elif defined(__AVX2__)
    for (int h = 0; h < 2; h++) {
        const __m256i at = _mm256_loadu_si256((const __m256i *)(const void *)(index + 8 * h));
        const __m256 low = dg_look_up_of_16((const float *)table, at);
        const __m256 high = dg_look_up_of_16((const float *)table + 16, at);
        const __m256 upper = _mm256_castsi256_ps(_mm256_slli_epi32(at, 27));
        _mm256_storeu_ps((float *)out + 8 * h, _mm256_blendv_ps(low, high, upper));
    }
#else
    dg_gather_16(out, table, index);
#endif
}

#endif
