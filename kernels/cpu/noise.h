/**
 * Philox4x32-10 for many counters at once: the words of rng.h, as many blocks in flight as leave all four
 * words of each in registers.
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

/** Counters worked on together: two vectors for each of their four words. */
#define DG_NOISE_VECTORS 2
#define DG_NOISE_BLOCKS  (DG_NOISE_VECTORS * DG_VECTOR_BYTES / 8)
#define DG_NOISE_WORDS   (4 * DG_NOISE_BLOCKS)

typedef uint64_t dg_lanes64 __attribute__((vector_size(DG_VECTOR_BYTES)));

/** Words 0 ... 3 of DG_NOISE_BLOCKS blocks, counters or results, in low halves. */
typedef struct dg_noise {
    dg_lanes64 word[4][DG_NOISE_VECTORS];
} dg_noise;

/** Low halves of a times m, 64 bits each. */
DG_INLINE dg_lanes64 dg_lanes_multiply(dg_lanes64 a, uint32_t m)
{
#if defined(__AVX512F__)
    return (dg_lanes64)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(m));
#elif defined(__AVX2__)
    return (dg_lanes64)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(m));
#elif defined(__SSE2__)
    return (dg_lanes64)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(m));
#elif defined(__aarch64__)
    return (dg_lanes64)vmull_n_u32(vmovn_u64((uint64x2_t)a), m);
#else
    return (a & 0xffffffffu) * m;
#endif
}

/** The ten rounds. What is the same in all turns of a caller's loop is taken out of it by the compiler. */
DG_INLINE void dg_noise_rounds(dg_noise *noise, uint64_t seed)
{
    dg_lanes64(*x)[DG_NOISE_VECTORS] = noise->word;
    uint32_t key_0 = (uint32_t)seed;
    uint32_t key_1 = (uint32_t)(seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
#pragma GCC unroll 2
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
}

/** Words of counters: block and index, word 0 and 1, in low halves. */
DG_INLINE dg_noise dg_noise_of(dg_draw draw, const dg_lanes64 *block, const dg_lanes64 *index)
{
    dg_noise noise;
    for (int v = 0; v < DG_NOISE_VECTORS; v++) {
        noise.word[0][v] = block[v];
        noise.word[1][v] = index[v];
        noise.word[2][v] = (dg_lanes64){0} + draw.time;
        noise.word[3][v] = (dg_lanes64){0} + draw.purpose;
    }
    dg_noise_rounds(&noise, draw.seed);
    return noise;
}

/**
 * Words of DG_NOISE_BLOCKS blocks, block by block: out[4 b + w].
 *
 * @param block  counter word 0 of each
 * @param index  counter word 1 of each, less `first`
 */
DG_INLINE void dg_noise_words(uint32_t *out, dg_draw draw, const uint32_t *block,
                              const uint32_t *index, uint32_t first)
{
    uint64_t counter[2][DG_NOISE_BLOCKS] __attribute__((aligned(64)));
    for (int b = 0; b < DG_NOISE_BLOCKS; b++) {
        counter[0][b] = block[b];
        counter[1][b] = index[b] + first;
    }
    dg_lanes64 at[2][DG_NOISE_VECTORS];
    memcpy(at, counter, sizeof at);
    const dg_noise noise = dg_noise_of(draw, at[0], at[1]);
    for (int v = 0; v < DG_NOISE_VECTORS; v++) {
        const dg_lanes64 low = (noise.word[0][v] & 0xffffffffu) | noise.word[1][v] << 32;
        const dg_lanes64 high = (noise.word[2][v] & 0xffffffffu) | noise.word[3][v] << 32;
        uint64_t pair[DG_VECTOR_BYTES / 4];
        for (int l = 0; l < DG_VECTOR_BYTES / 8; l++) {
            pair[2 * l] = low[l];
            pair[2 * l + 1] = high[l];
        }
        memcpy(out + v * DG_VECTOR_BYTES / 2, pair, sizeof pair);
    }
}

/**
 * Word w of all blocks as full lanes: quarter q (16 bytes) takes blocks 2 q and 2 q + 1 of the first vector,
 * then of the second.
 */
DG_INLINE dg_lanes dg_noise_gather(const dg_noise *noise, int w)
{
    return DG_SHUFFLE((dg_lanes)noise->word[w][0], (dg_lanes)noise->word[w][1], 0, 2, 4, 6);
}

/** One block of the indices first ..., so that dg_noise_gather() gives each its lane, in their order. */
DG_INLINE dg_noise dg_noise_of_indices(dg_draw draw, uint32_t block, uint32_t first)
{
    enum { HALF = DG_VECTOR_BYTES / 8 };
    uint64_t place[DG_NOISE_VECTORS][HALF];
    for (uint64_t v = 0; v < DG_NOISE_VECTORS; v++)
        for (uint64_t l = 0; l < HALF; l++) place[v][l] = l / 2 * 4 + 2 * v + l % 2;
    dg_lanes64 at[2][DG_NOISE_VECTORS];
    memcpy(at[1], place, sizeof place);
    for (int v = 0; v < DG_NOISE_VECTORS; v++) {
        at[0][v] = (dg_lanes64){0} + block;
        at[1][v] += first;
    }
    return dg_noise_of(draw, at[0], at[1]);
}

/** Normals of DG_NOISE_BLOCKS blocks of one index in the order of their elements, 4 `block` ... */
DG_INLINE void dg_noise_normal_lanes(dg_lanes normal[4], dg_draw draw, uint32_t block,
                                     uint32_t index)
{
    enum { HALF = DG_VECTOR_BYTES / 8, QUARTERS = DG_VECTOR_BYTES / 16 };
    /* block r QUARTERS + q goes to place r of quarter q, so that the transposed quarters follow each other */
    uint64_t place[DG_NOISE_VECTORS][HALF];
    for (uint64_t v = 0; v < DG_NOISE_VECTORS; v++)
        for (uint64_t l = 0; l < HALF; l++) place[v][l] = (2 * v + l % 2) * QUARTERS + l / 2;
    dg_lanes64 at[2][DG_NOISE_VECTORS];
    memcpy(at[0], place, sizeof place);
    for (int v = 0; v < DG_NOISE_VECTORS; v++) {
        at[0][v] += block;
        at[1][v] = (dg_lanes64){0} + index;
    }
    const dg_noise noise = dg_noise_of(draw, at[0], at[1]);
    dg_lanes word[4];
    for (int w = 0; w < 4; w++) word[w] = dg_noise_gather(&noise, w);
    uint32_t word_of[4][DG_LANES_WIDTH];
    float element_of[4][DG_LANES_WIDTH];
    memcpy(word_of, word, sizeof word);
    for (int w = 0; w < 4; w += 2) {
        DG_SIMD
        for (int l = 0; l < DG_LANES_WIDTH; l++) {
            const dg_normals pair = dg_normal_pair(word_of[w][l], word_of[w + 1][l]);
            element_of[w][l] = pair.first;
            element_of[w + 1][l] = pair.second;
        }
    }
    dg_lanes_read(normal, element_of[0], 4);
    dg_lanes_transpose(normal);
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
