/** kernels/science/weights.h, kernels/cpu: how large a weight may be, and what ends a run that exceeds it. */
#include "tests/support/fixture.h"

#include "kernels/science/contagion.h"
#include "kernels/science/weights.h"

#include <criterion/criterion.h>

#include <float.h>
#include <math.h>

/** The largest weight that is sound. */
static float largest_weight(void)
{
    return nextafterf(0x1p90f, 0);
}

Test(soundness, of_a_weight_ends_at_its_bound_on_both_sides)
{
    cr_expect(dg_weight_sound(0));
    cr_expect(dg_weight_sound(largest_weight()));
    cr_expect(dg_weight_sound(-largest_weight()));
    cr_expect_not(dg_weight_sound(0x1p90f));
    cr_expect_not(dg_weight_sound(-0x1p90f));
    cr_expect_not(dg_weight_sound((float)INFINITY));
    cr_expect_not(dg_weight_sound(-(float)INFINITY));
    cr_expect_not(dg_weight_sound((float)NAN));
}

/* ---- what it is for -------------------------------------------------------------------------- */

/** The highest value that a key may have, or the lowest. */
static double bound_of(const char *key, int high)
{
    const dg_config config = fixture_config(1);
    int32_t group;
    const dg_field *field = dg_field_find(&config, key, &group);
    cr_assert_not_null(field, "%s", key);
    return high ? field->high : field->low;
}

/** Sum of as many of them as there may be agents. */
static float largest_sum(void)
{
    float sum = 0;
    for (int64_t k = 0; k < (int64_t)bound_of("agents", 1); k++) sum += largest_weight();
    return sum;
}

/** Exponents and their differences are finite for all keys, at the smallest delta, too. */
Test(soundness, of_weights_keeps_exponents_finite)
{
    const float delta[] = {(float)bound_of("contagion.delta", 0), 0.5f, 1};
    const float factor = (float)bound_of("contagion.factor", 1);
    for (int d = 0; d < 3; d++) {
        const float scale = dg_contagion_scale(factor, delta[d]);
        const float high = dg_contagion_exponent(scale, largest_sum());
        const float low = dg_contagion_exponent(scale, -largest_sum());
        cr_expect(isfinite(high) && isfinite(low) && isfinite(low - high), "delta %g",
                  (double)delta[d]);
        cr_expect(low < 0 && high > 0);
    }
}

/** What a step adds to a weight at most is far below the bound: it is looked at after a generation. */
Test(soundness, of_weights_is_not_lost_within_a_generation)
{
    const double rewards = bound_of("agents", 1) + /* views */
                           bound_of("reward.truthfulness", 1) * bound_of("values", 1);
    const double gain = bound_of("belief_weights.reward_scale", 1) * 2 * rewards;
    const double noise = 10 * bound_of("belief_weights.random_sigma", 1);
    cr_expect_lt(bound_of("steps", 1) * fmax(gain, noise), 0.01 * 0x1p90);
}

/* ---- the schedule ---------------------------------------------------------------------------- */

/** Generation after which a run ends as not finite, 0: none, whose weight at (i, j) is `weight`. */
static int32_t end_of(const char *vector, int32_t update, int32_t i, int32_t j, float weight)
{
    dg_config config = fixture_config(1);
    const dg_backend *backend = dg_backend_cpu();
    const dg_batch_options options = {.runs = 1, .threads = 1, .vector = vector};
    dg_batch *batch = NULL;
    config.update = update;
    fixture_run run = fixture_begin(&config);
    run.state.weight[(int64_t)i * run.shape.row + j] = weight;
    cr_assert_eq(backend->create(&batch, &run.shape, &options), DG_OK);
    cr_assert_eq(backend->upload(batch, 0, &run.params, run.block), DG_OK);
    cr_assert_eq(backend->advance(batch, run.shape.generations, NULL), DG_OK);
    cr_assert_eq(backend->download(batch, 0, run.block), DG_OK);
    const int32_t ended = run.state.ended[DG_ENDED_NONFINITE];
    cr_expect_eq(backend->generations(batch, 0), ended > 0 ? ended : run.shape.generations);
    backend->destroy(&batch);
    fixture_free(&run);
    return ended;
}

/** Steps of about 1 leave such weights as they are. */
Test(soundness, of_any_weight_is_looked_at_after_every_generation)
{
    static const char *const sets[] = {"avx512", "avx2", "generic"};
    static const int32_t updates[] = {DG_UPDATE_RANDOM, DG_UPDATE_MOMENTUM, DG_UPDATE_REWARD};
    static const int32_t places[][2] = {{0, 1}, {5, 0}, {12, 11}, {0, 12}};
    for (int k = 0; k < 3; k++) {
        if (!dg_backend_cpu_vector(sets[k])) continue;
        for (int u = 0; u < 3; u++)
            for (int p = 0; p < 4; p++) {
                const int32_t i = places[p][0], j = places[p][1];
                cr_expect_eq(end_of(sets[k], updates[u], i, j, largest_weight()), 0);
                cr_expect_eq(end_of(sets[k], updates[u], i, j, -largest_weight()), 0);
                cr_expect_eq(end_of(sets[k], updates[u], i, j, 0x1p90f), 1);
                cr_expect_eq(end_of(sets[k], updates[u], i, j, -0x1p90f), 1);
            }
    }
}

/** Nothing moves fixed weights, so that nobody looks at them: here they would be too large from the start. */
Test(soundness, of_fixed_weights_is_not_looked_at)
{
    cr_expect_eq(end_of("generic", DG_UPDATE_FIXED, 0, 1, 0x1p90f), 0);
}
