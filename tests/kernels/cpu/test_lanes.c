/** kernels/cpu/lanes.h: folded sums are those of sum.h, transposed quarters lie as said, the least is found. */
#include "kernels/cpu/lanes.h"

#include <criterion/criterion.h>

/** Partials that no other order of additions sums to the same bits. */
static float some_partial(int sum, int lane)
{
    return (float)((lane * 7919 + sum * 104729) % 1000 - 500) * (lane % 3 == 0 ? 1e-6f : 1.7f);
}

Test(lanes, sums_folded_together_are_those_of_sum)
{
    dg_lanes partial[DG_LANES_WIDTH];
    float expected[DG_LANES_WIDTH], folded[DG_LANES_WIDTH];
    for (int a = 0; a < DG_LANES_WIDTH; a++) {
        float all[DG_LANES] = {0};
        for (int l = 0; l < DG_LANES_WIDTH; l++) partial[a][l] = all[l] = some_partial(a, l);
        expected[a] = dg_sum_tree(all);
    }
    const dg_lanes sum = dg_lanes_fold(partial);
    memcpy(folded, &sum, sizeof sum);
    cr_assert_arr_eq(folded, expected, sizeof expected);
}

Test(lanes, quarters_are_transposed)
{
    dg_lanes row[4];
    for (int r = 0; r < 4; r++)
        for (int l = 0; l < DG_LANES_WIDTH; l++) row[r][l] = (float)(100 * r + l);
    dg_lanes_transpose(row);
    for (int r = 0; r < 4; r++)
        for (int l = 0; l < DG_LANES_WIDTH; l++)
            cr_assert_eq(row[r][l], (float)(100 * (l % 4) + l / 4 * 4 + r), "%d %d", r, l);
}

Test(lanes, the_least_is_found_in_every_lane_and_is_infinity_where_all_are)
{
    float value[16];
    for (int l = 0; l < 16; l++) value[l] = (float)INFINITY;
    cr_assert_eq(dg_lanes_least(value), (float)INFINITY);
    for (int l = 15; l >= 0; l--) {
        value[l] = (float)(l - 8);
        cr_assert_eq(dg_lanes_least(value), value[l], "lane %d", l);
    }
}
