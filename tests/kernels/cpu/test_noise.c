/** kernels/cpu/noise.h: many counters at once give the words that rng.h gives one by one. */
#include "kernels/cpu/noise.h"

#include <criterion/criterion.h>

Test(noise, words_are_those_of_rng)
{
    const uint64_t seed[] = {0, 1, 0xfedcba9876543210u, ~(uint64_t)0};
    for (int s = 0; s < 4; s++) {
        const dg_draw draw = dg_draw_of(seed[s], DG_STREAM_OBSERVE, 123456, 49);
        uint32_t block[DG_NOISE_BLOCKS], index[DG_NOISE_BLOCKS];
        uint32_t word[DG_NOISE_WORDS] __attribute__((aligned(64)));
        for (uint32_t b = 0; b < DG_NOISE_BLOCKS; b++) {
            block[b] = b * 0x11111111u;
            index[b] = b * b * 77777777u;
        }
        dg_noise_words(word, draw, block, index, 1000);
        for (uint32_t b = 0; b < DG_NOISE_BLOCKS; b++)
            cr_assert_arr_eq(word + 4 * b, dg_philox(draw, block[b], index[b] + 1000).word, 16,
                             "block %u", b);
    }
}

Test(noise, normals_stand_in_the_order_of_elements)
{
    const dg_draw draw = dg_draw_of(0xfedcba9876543210u, DG_STREAM_GENOTYPE, 123456, 0);
    for (uint32_t block = 0; block < 3000; block += 1000) {
        dg_lanes lanes[4];
        float normal[DG_NOISE_WORDS];
        dg_noise_normal_lanes(lanes, draw, block, 77);
        memcpy(normal, lanes, sizeof normal);
        for (uint32_t k = 0; k < DG_NOISE_WORDS; k++)
            cr_assert_eq(normal[k], dg_normal(draw, 4 * block + k, 77), "element %u", k);
    }
}
