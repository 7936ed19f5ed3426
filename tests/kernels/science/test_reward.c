/** kernels/science/reward.h: views less untruthfulness, by hand-worked cases. */
#include "kernels/science/reward.h"

#include <criterion/criterion.h>

Test(reward, penalty_is_the_distance_of_belief_and_message)
{
    cr_assert_eq(dg_reward_penalty(3, 3, 1), 0);
    cr_assert_eq(dg_reward_penalty(3, 9, 1), 6);
    cr_assert_eq(dg_reward_penalty(9, 3, 0), 6);
    cr_assert_eq(dg_reward_penalty(9, 0, 0), 9);
}

Test(reward, silence_costs_belief_plus_one_or_nothing)
{
    cr_assert_eq(dg_reward_penalty(0, -1, 1), 1);
    cr_assert_eq(dg_reward_penalty(9, -1, 1), 10);
    cr_assert_eq(dg_reward_penalty(9, -1, 0), 0);
}

Test(reward, is_views_less_lambda_times_penalty)
{
    cr_assert_eq(dg_reward(7, 0, 0.1f), 7);
    cr_assert_float_eq(dg_reward(7, 9, 0.1f), 6.1, 1e-6);
    cr_assert_eq(dg_reward(0, 4, 0.25f), -1);
    cr_assert_eq(dg_reward(3, 9, 0), 3);
}

Test(reward, of_a_generation_is_the_sum_of_its_steps)
{
    const int32_t views[] = {3, 0, 5, 12}, penalty[] = {1, 10, 0, 7};
    double sum = 0;
    for (int t = 0; t < 4; t++) sum += views[t] - 0.1 * penalty[t];
    cr_assert_float_eq(dg_reward(3 + 0 + 5 + 12, 1 + 10 + 0 + 7, 0.1f), sum, 1e-6);
}

Test(reward, sums_that_are_equal_on_paper_tie)
{
    /* 10 - 0.1 * 5 = 11 - 0.1 * 15 = 9.5: rank then goes by index */
    cr_assert_eq(dg_reward(10, 5, 0.1f), dg_reward(11, 15, 0.1f));
    cr_assert_eq(dg_reward(120, 33, 0.1f), dg_reward(150, 333, 0.1f));
}
