/** kernels/cpu/race.h: races of several agents at once are those of rng.h, one by one. */
#include "kernels/cpu/race.h"

#include <criterion/criterion.h>

enum { VALUES = 11, FIRST = 1000 };

Test(race, clocks_are_those_of_rng)
{
    const dg_draw draw = dg_draw_of(0xfedcba9876543210u, DG_STREAM_MESSAGE, 123456, 49);
    dg_lane_row clock[12];
    dg_race_clocks(clock, draw, FIRST, VALUES);
    for (uint32_t k = 0; k < VALUES; k++)
        for (uint32_t l = 0; l < DG_LANES_WIDTH; l++)
            cr_assert_eq(clock[k][l], dg_log_exponential(dg_word(draw, k, FIRST + l)),
                         "value %u of agent %u", k, l);
}

Test(race, the_earliest_wins_and_ties_go_to_the_smaller_value)
{
    static const float clock[4][3] = {
        {3, -1, 7}, {2, -1, -INFINITY}, {-0.0f, 5, 0}, {0.0f, -1, -INFINITY}};
    static const int32_t winner[3] = {2, 0, 1};
    dg_race race = dg_race_begin();
    for (int32_t k = 0; k < 4; k++) {
        dg_lane_row row;
        for (int l = 0; l < DG_LANES_WIDTH; l++) row[l] = clock[k][l % 3];
        dg_race_enter(&race, row, k);
    }
    for (int l = 0; l < DG_LANES_WIDTH; l++)
        cr_assert_eq(race.value[l], winner[l % 3], "lane %d", l);
}

Test(race, groups_of_agents)
{
    dg_shape s = {.agents = 9, .groups = 3};
    s.group[0].size = 2;
    s.group[1] = (dg_group_shape){.first = 2, .size = 1};
    s.group[2] = (dg_group_shape){.first = 3, .size = 6};
    for (int32_t i = 0, g = 0; i < s.agents; i++) {
        g = dg_group_from(&s, g, i);
        cr_assert_eq(g, dg_group_of(&s, i), "agent %d", i);
    }
    cr_assert_eq(dg_lane_tile_at(&s, 7).count, DG_LANES_WIDTH < 2 ? DG_LANES_WIDTH : 2);
}
