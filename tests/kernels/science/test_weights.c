/** kernels/science/weights.h: belief weights and their updates, by hand-worked cases. */
#include "tests/support/chance.h"
#include "kernels/science/weights.h"

#include <criterion/criterion.h>

#include <math.h>

Test(weights, start_between_their_bounds)
{
    cr_assert_eq(dg_weight_initial(0), 0x1p-24f);
    cr_assert_eq(dg_weight_initial(~0u), 0x1.fffffep-1f);
    cr_assert_eq(dg_weight_initial(0x80000000u), 0x1.000002p-1f);
    cr_assert_float_eq(dg_momentum_initial(0), -0.1, 1e-7);
    cr_assert_float_eq(dg_momentum_initial(~0u), 0.1, 1e-7);
    cr_assert_float_eq(dg_momentum_initial(0x80000000u), 0, 1e-7);
}

Test(weights, random_adds_sigma_times_a_normal)
{
    cr_assert_eq(dg_weight_random(0.5f, 1.25f, 2), 3);
    cr_assert_eq(dg_weight_random(0.5f, -1.25f, 0), 0.5f);
}

Test(weights, momentum_decays_and_takes_noise)
{
    /* 0.2 * 0.5 + 0.05 * 2 */
    cr_assert_float_eq(dg_momentum_next(0.5f, 2, 0.2f, 0.05f), 0.2, 1e-7);
    cr_assert_float_eq(dg_momentum_next(-0.5f, 0, 0.2f, 0.05f), -0.1, 1e-7);
}

Test(weights, momentum_settles_at_its_stationary_spread)
{
    /* an AR(1): variance sigma^2 / (1 - beta^2) */
    enum { DRAWS = 200000, APART = 20 };
    static float x[DRAWS];
    const double spread = 0.05 / sqrt(1 - 0.2 * 0.2);
    float delta = 0;
    for (uint32_t k = 0; k < DRAWS; k++) {
        /* 0.2^20 leaves no trace of the draw before */
        for (uint32_t t = 0; t < APART; t++)
            delta = dg_momentum_next(
                delta, dg_normal(dg_draw_of(3, DG_STREAM_NOISE, 0, (int32_t)t), k % 100, k / 100),
                0.2f, 0.05f);
        x[k] = (float)((double)delta / spread);
    }
    chance_assert_normal("momentum", x, DRAWS);
}

Test(weights, reward_moves_towards_the_better_rewarded_alone)
{
    cr_assert_eq(dg_weight_reward(0.5f, 1, 3.5f, 1), 3);
    cr_assert_eq(dg_weight_reward(0.5f, 1, 3.5f, 0.5f), 1.75f);
    cr_assert_eq(dg_weight_reward(0.5f, 3.5f, 1, 1), 0.5f);
    cr_assert_eq(dg_weight_reward(0.5f, 2, 2, 1), 0.5f);
    cr_assert_eq(dg_weight_reward(0.5f, -3, -1, 1), 2.5f);
}

Test(weights, clip_holds_them_within_bounds)
{
    cr_assert_eq(dg_weight_clip(-0.5f, 1, 0, 1), 0);
    cr_assert_eq(dg_weight_clip(0.5f, 1, 0, 1), 0.5f);
    cr_assert_eq(dg_weight_clip(7, 1, 0, 1), 1);
    cr_assert_eq(dg_weight_clip(7, 0, 0, 1), 7);
    cr_assert_eq(dg_weight_clip(-7, 0, 0, 1), -7);
}
