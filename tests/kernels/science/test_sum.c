/** kernels/science/sum.h: the one order of summation, term by term. */
#include "kernels/science/rng.h"
#include "kernels/science/sum.h"

#include <criterion/criterion.h>

/** Sum of the partials first, first + apart, first + 2 apart, ...: every second, and the rest. */
static float folded(const float *partial, int first, int apart)
{
    if (apart == DG_LANES) return partial[first];
    return folded(partial, first, 2 * apart) + folded(partial, first + apart, 2 * apart);
}

Test(sum, tree_adds_partials_half_a_width_apart)
{
    for (uint32_t trial = 0; trial < 100; trial++) {
        float partial[DG_LANES], copy[DG_LANES];
        for (uint32_t l = 0; l < DG_LANES; l++)
            partial[l] = dg_normal(dg_draw_of(1, DG_STREAM_NOISE, 0, 0), l, trial);
        memcpy(copy, partial, sizeof copy);
        cr_assert_eq(dg_bits_of(dg_sum_tree(partial)), dg_bits_of(folded(copy, 0, 1)));
    }
}

Test(sum, tree_adds_every_partial_once)
{
    for (int lane = 0; lane < DG_LANES; lane++) {
        float partial[DG_LANES] = {0};
        partial[lane] = 1;
        cr_assert_eq(dg_sum_tree(partial), 1, "lane %d", lane);
    }
}

Test(sum, order_shows_where_a_term_drowns)
{
    /* lanes 0 and 16 meet first: 1e8 - 1e8 = 0 keeps the 1 of lane 1 */
    float partial[DG_LANES] = {0};
    partial[0] = 1e8f;
    partial[16] = -1e8f;
    partial[1] = 1;
    cr_assert_eq(dg_sum_tree(partial), 1);
    /* lanes 0 and 1 meet last but for 8, 4 and 2: 1e8 + 1 drowns the 1 */
    float other[DG_LANES] = {0};
    other[0] = 1e8f;
    other[1] = 1;
    cr_assert_eq(dg_sum_tree(other), 1e8f);
}

Test(sum, terms_are_fused)
{
    /* (1 + 2^-12)^2 - 1 needs 25 bits before the subtraction */
    const float x = 1 + 0x1p-12f;
    cr_assert_eq(dg_sum_term(-1, x, x), 0x1p-11f + 0x1p-24f);
}
