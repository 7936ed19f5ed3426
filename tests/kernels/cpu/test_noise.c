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
