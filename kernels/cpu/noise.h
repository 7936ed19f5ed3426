/**
 * Philox4x32-10 for many counters at once: the words of rng.h, 16 blocks in flight.
 *
 * A 32-bit word lives in the low half of a 64-bit lane, because the multiplication that vector units
 * have (32 x 32 -> 64 bits, low halves only) then needs no shuffle: its upper half is the high word
 * after one shift, its lower half the low word as it stands; what lies above a low word is ignored.
 */
#ifndef DG_NOISE_CPU_H
#define DG_NOISE_CPU_H

#include "kernels/cpu/lanes.h"
#include "kernels/science/rng.h"

/* two words are stored as one number of 64 bits; the hashes of states take bytes, too */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian machines only");

/** Counters worked on together. */
#define DG_NOISE_BLOCKS  16
#define DG_NOISE_WORDS   (4 * DG_NOISE_BLOCKS)
#define DG_NOISE_VECTORS (DG_NOISE_BLOCKS * 8 / DG_VECTOR_BYTES)

typedef uint64_t dg_lanes64 __attribute__((vector_size(DG_VECTOR_BYTES)));

/** Low halves of a times m, 64 bits each. */
DG_INLINE dg_lanes64 dg_lanes_multiply(dg_lanes64 a, uint32_t m)
{
#if defined(__AVX512F__)
    return (dg_lanes64)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(m));
#elif defined(__AVX2__)
    return (dg_lanes64)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(m));
#elif defined(__SSE2__)
    return (dg_lanes64)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(m));
#else
    return (a & 0xffffffffu) * m;
#endif
}

/**
 * Words of 16 blocks, block by block: out[4 b + w].
 *
 * @param block  counter word 0 of each
 * @param index  counter word 1 of each, less `first`
 */
DG_INLINE void dg_noise_words(uint32_t *out, dg_draw draw, const uint32_t *block,
                              const uint32_t *index, uint32_t first)
{
    uint64_t word[4][DG_NOISE_BLOCKS] __attribute__((aligned(64)));
    for (int b = 0; b < DG_NOISE_BLOCKS; b++) {
        word[0][b] = block[b];
        word[1][b] = index[b] + first;
    }
    dg_lanes64 x[4][DG_NOISE_VECTORS];
    memcpy(x[0], word[0], sizeof x[0]);
    memcpy(x[1], word[1], sizeof x[1]);
    for (int v = 0; v < DG_NOISE_VECTORS; v++) {
        x[2][v] = (dg_lanes64){0} + draw.time;
        x[3][v] = (dg_lanes64){0} + draw.purpose;
    }
    uint32_t key_0 = (uint32_t)draw.seed;
    uint32_t key_1 = (uint32_t)(draw.seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        for (int v = 0; v < DG_NOISE_VECTORS; v++) {
            const dg_lanes64 p = dg_lanes_multiply(x[0][v], PHILOX_M4x32_0);
            const dg_lanes64 q = dg_lanes_multiply(x[2][v], PHILOX_M4x32_1);
            x[0][v] = (q >> 32) ^ x[1][v] ^ key_0;
            x[2][v] = (p >> 32) ^ x[3][v] ^ key_1;
            x[1][v] = q;
            x[3][v] = p;
        }
        key_0 += PHILOX_W32_0;
        key_1 += PHILOX_W32_1;
    }
    for (int v = 0; v < DG_NOISE_VECTORS; v++) {
        const dg_lanes64 low = (x[0][v] & 0xffffffffu) | x[1][v] << 32;
        const dg_lanes64 high = (x[2][v] & 0xffffffffu) | x[3][v] << 32;
        uint64_t pair[DG_VECTOR_BYTES / 4];
        for (int l = 0; l < DG_VECTOR_BYTES / 8; l++) {
            pair[2 * l] = low[l];
            pair[2 * l + 1] = high[l];
        }
        memcpy(out + v * DG_VECTOR_BYTES / 2, pair, sizeof pair);
    }
}

/** Normals of pairs of words, one for each word; `words` is even. */
DG_INLINE void dg_noise_normals(float *normal, const uint32_t *word, int32_t words)
{
    DG_SIMD
    for (int32_t k = 0; k < words / 2; k++) {
        const dg_normals pair = dg_normal_pair(word[2 * k], word[2 * k + 1]);
        normal[2 * k] = pair.first;
        normal[2 * k + 1] = pair.second;
    }
}

#endif
