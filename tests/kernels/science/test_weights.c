/** kernels/science/weights.h: belief weights and their rules, by hand-worked cases. */
#include "kernels/science/weights.h"
#include "tests/support/chance.h"

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

/** The numbers of every rule, all different, so that none can stand for another. */
static const dg_params numbers = {.random_sigma = 2,
                                  .momentum_sigma = 0.05f,
                                  .momentum_factor = 0.2f,
                                  .reward_scale = 0.5f,
                                  .decay_factor = 0.75f};

/** A step of one rule on W = 0.5, Delta = 0.25. */
static dg_weight step_of(int32_t rule, float normal, int32_t received, float ahead)
{
    const dg_weight_inputs in = {normal, received, ahead};
    return dg_weight_next(&numbers, rule, (dg_weight){0.5f, 0.25f}, in);
}

Test(weights, fixed_moves_nothing)
{
    const dg_weight w = step_of(DG_UPDATE_FIXED, 1.25f, 1, 3);
    cr_assert(w.weight == 0.5f && w.momentum == 0.25f);
}

Test(weights, random_adds_sigma_times_a_normal)
{
    cr_assert_eq(step_of(DG_UPDATE_RANDOM, 1.25f, 0, 0).weight, 3);
    cr_assert_eq(step_of(DG_UPDATE_RANDOM, -1.25f, 1, 3).weight, -2);
    cr_assert_eq(step_of(DG_UPDATE_RANDOM, -1.25f, 1, 3).momentum, 0.25f);
}

Test(weights, momentum_decays_and_takes_noise)
{
    /* Delta = 0.2 * 0.25 + 0.05 * 2 = 0.15 */
    const dg_weight w = step_of(DG_UPDATE_MOMENTUM, 2, 0, 0);
    cr_assert_float_eq(w.momentum, 0.15, 1e-7);
    cr_assert_float_eq(w.weight, 0.65, 1e-7);
    cr_assert_float_eq(step_of(DG_UPDATE_MOMENTUM, 0, 1, 3).momentum, 0.05, 1e-7);
    cr_assert_float_eq(step_of(DG_UPDATE_MOMENTUM, 0, 1, 3).weight, 0.55, 1e-7);
}

Test(weights, momentum_settles_at_its_stationary_spread)
{
    /* an AR(1): variance sigma^2 / (1 - beta^2) */
    enum { DRAWS = 200000, APART = 20 };
    static float x[DRAWS];
    const double spread = 0.05 / sqrt(1 - 0.2 * 0.2);
    dg_weight w = {0, 0};
    for (uint32_t k = 0; k < DRAWS; k++) {
        /* 0.2^20 leaves no trace of the draw before */
        for (uint32_t t = 0; t < APART; t++) {
            const dg_draw draw = dg_draw_of(3, DG_STREAM_NOISE, 0, (int32_t)t);
            const dg_weight_inputs in = {dg_normal(draw, k % 100, k / 100), 0, 0};
            w = dg_weight_next(&numbers, DG_UPDATE_MOMENTUM, w, in);
        }
        x[k] = (float)((double)w.momentum / spread);
    }
    chance_assert_normal("momentum", x, DRAWS);
}

Test(weights, reward_moves_towards_the_better_rewarded_alone)
{
    cr_assert_eq(step_of(DG_UPDATE_REWARD, 9, 1, 2.5f).weight, 1.75f);
    cr_assert_eq(step_of(DG_UPDATE_REWARD, 9, 1, -2.5f).weight, 0.5f);
    cr_assert_eq(step_of(DG_UPDATE_REWARD, 9, 1, 0).weight, 0.5f);
    cr_assert_eq(step_of(DG_UPDATE_REWARD, 9, 0, 2.5f).weight, 0.5f);
    cr_assert_eq(step_of(DG_UPDATE_REWARD, 9, 1, 2.5f).momentum, 0.25f);
}

Test(weights, decay_fades_whoever_was_not_received)
{
    /* received: as reward, and no less for it */
    cr_assert_eq(step_of(DG_UPDATE_DECAY, 9, 1, 2.5f).weight, 1.75f);
    cr_assert_eq(step_of(DG_UPDATE_DECAY, 9, 1, -2.5f).weight, 0.5f);
    /* not received: 0.75 * 0.5, whatever j earned */
    cr_assert_eq(step_of(DG_UPDATE_DECAY, 9, 0, 2.5f).weight, 0.375f);
    cr_assert_eq(step_of(DG_UPDATE_DECAY, 9, 0, 2.5f).momentum, 0.25f);
}

Test(weights, decay_ends_at_zero)
{
    const dg_weight_inputs none = {0, 0, 0};
    dg_weight w = {-1, 0};
    int steps = 0;
    for (; w.weight != 0; steps++) {
        cr_assert(isnormal(w.weight));
        w = dg_weight_next(&numbers, DG_UPDATE_DECAY, w, none);
    }
    /* 0.75^n is below 2^-126 for n > 126 ln 2 / ln (4/3) = 303.6 */
    cr_assert_eq(steps, 304);
}

/** Does a rule read an input, or move Delta, or move those that nothing was received from? */
static int32_t needs_seen(int32_t rule)
{
    const dg_weight plain = step_of(rule, 0.5f, 0, 0), noisy = step_of(rule, 1.5f, 0, 0);
    const dg_weight received = step_of(rule, 0.5f, 1, 3);
    int32_t needs = 0;
    if (plain.weight != noisy.weight) needs |= DG_WEIGHT_NORMAL;
    if (plain.weight != received.weight) needs |= DG_WEIGHT_RECEIVED;
    if (plain.weight != 0.5f) needs |= DG_WEIGHT_OTHERS;
    if (plain.momentum != 0.25f) needs |= DG_WEIGHT_MOMENTUM;
    return needs;
}

Test(weights, every_rule_needs_what_it_says)
{
    for (int32_t rule = 0; rule < DG_UPDATE_COUNT; rule++)
        cr_assert_eq(dg_weight_needs(rule), needs_seen(rule), "rule %d", rule);
}

Test(weights, nothing_moves_them_under_fixed_without_a_clip)
{
    for (int32_t rule = 0; rule < DG_UPDATE_COUNT; rule++) {
        const dg_params open = {.update = rule}, clipped = {.update = rule, .clip = 1};
        cr_assert_eq(dg_weight_still(&open) != 0, rule == DG_UPDATE_FIXED, "rule %d", rule);
        cr_assert_not(dg_weight_still(&clipped), "rule %d", rule);
    }
}

Test(weights, they_return_once_a_generation_where_carry_says)
{
    cr_assert(dg_weight_returns(DG_CARRY_GENERATION));
    cr_assert_not(dg_weight_returns(DG_CARRY_RUN));
}

Test(weights, clip_holds_them_within_bounds)
{
    cr_assert_eq(dg_weight_clip(-0.5f, 1, 0, 1), 0);
    cr_assert_eq(dg_weight_clip(0.5f, 1, 0, 1), 0.5f);
    cr_assert_eq(dg_weight_clip(7, 1, 0, 1), 1);
    cr_assert_eq(dg_weight_clip(7, 0, 0, 1), 7);
    cr_assert_eq(dg_weight_clip(-7, 0, 0, 1), -7);
}
