/** host/engine/ensemble.c: runs in memory, through the public interface only. */
#include "digico/digico.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char small[] = "agents: 9\nsteps: 7\ngenerations: 4\nniche: {points: 200}\n"
                            "sweep: {product: {ai_type: [none, fix_at_zero], seed: [1, 2, 3]}}\n";

static dg_experiment *parse(const char *text)
{
    dg_experiment *experiment = NULL;
    cr_assert_eq(dg_experiment_parse(&experiment, "a.yaml", text, strlen(text), NULL, 0), DG_OK,
                 "%s", dg_error());
    return experiment;
}

static dg_ensemble *create(const dg_experiment *experiment, size_t first, size_t count)
{
    dg_ensemble *ensemble = NULL;
    cr_assert_eq(dg_ensemble_create(&ensemble, experiment, first, count, NULL), DG_OK, "%s",
                 dg_error());
    return ensemble;
}

static uint64_t hash_of(const dg_ensemble *ensemble, size_t run)
{
    uint64_t hash = 0;
    cr_assert_eq(dg_ensemble_hash(ensemble, run, &hash), DG_OK);
    return hash;
}

Test(ensemble, does_not_depend_on_other_runs_or_portions)
{
    dg_experiment *experiment = parse(small);
    dg_ensemble *all = create(experiment, 0, 6), *one = create(experiment, 4, 1);
    cr_assert_eq(dg_ensemble_advance(all, 4), DG_OK);
    for (int g = 0; g < 4; g++) cr_assert_eq(dg_ensemble_advance(one, 1), DG_OK);
    cr_expect_eq(hash_of(all, 4), hash_of(one, 0));
    cr_expect_neq(hash_of(all, 3), hash_of(all, 4));
    dg_ensemble_free(&all);
    dg_ensemble_free(&one);
    cr_expect_null(one);
    dg_experiment_free(&experiment);
}

Test(ensemble, is_not_changed_by_one_of_another_shape)
{
    /* on a GPU: both take the same kernel, and the one made last must not take away the shared
       memory that the first one needs */
    static const char big[] = "agents: 60\nsteps: 3\ngenerations: 2\nniche: {points: 100}\n"
                              "policy: {hidden: 128}\n";
    static const char less[] = "agents: 36\nsteps: 3\ngenerations: 2\nniche: {points: 100}\n";
    dg_experiment *large = parse(big), *little = parse(less);
    dg_ensemble *first = create(large, 0, 1), *second = create(little, 0, 1);
    cr_expect_eq(dg_ensemble_advance(second, 2), DG_OK, "%s", dg_error());
    cr_expect_eq(dg_ensemble_advance(first, 2), DG_OK, "%s", dg_error());
    dg_ensemble_free(&first);
    dg_ensemble_free(&second);
    dg_experiment_free(&large);
    dg_experiment_free(&little);
}

Test(ensemble, advances_to_the_last_generation_and_no_further)
{
    dg_experiment *experiment = parse(small);
    dg_ensemble *ensemble = create(experiment, 0, 2);
    cr_expect_eq(dg_ensemble_generations(ensemble, 0), 0);
    cr_assert_eq(dg_ensemble_advance(ensemble, 0), DG_OK);
    cr_expect_eq(dg_ensemble_generations(ensemble, 1), 0);
    cr_assert_eq(dg_ensemble_advance(ensemble, 3), DG_OK);
    cr_expect_eq(dg_ensemble_generations(ensemble, 1), 3);
    cr_assert_eq(dg_ensemble_advance(ensemble, 100), DG_OK);
    cr_expect_eq(dg_ensemble_generations(ensemble, 1), 4);
    cr_expect_eq(dg_ensemble_generations(ensemble, 2), -1);
    dg_ensemble_free(&ensemble);
    dg_experiment_free(&experiment);
}

Test(ensemble, counts_every_agent_and_step_in_the_histogram)
{
    dg_experiment *experiment = parse(small);
    dg_ensemble *ensemble = create(experiment, 3, 1); /* fix_at_zero */
    const dg_sizes sizes = dg_ensemble_sizes(ensemble);
    int64_t counts[3][10];
    cr_assert_eq(sizes.agents, 9);
    cr_assert_eq(sizes.groups, 3);
    cr_assert_eq(sizes.values, 10);
    cr_assert_eq(dg_ensemble_advance(ensemble, 1), DG_OK);
    cr_assert_eq(dg_ensemble_histogram(ensemble, 0, 0, counts[0]), DG_OK);
    for (int g = 0; g < 3; g++) {
        int64_t sum = 0;
        for (int v = 0; v < 10; v++) sum += counts[g][v];
        cr_expect_eq(sum, 3 * 7);
    }
    cr_expect_eq(counts[0][0], 3 * 7, "AI beliefs are fixed at 0");
    dg_ensemble_free(&ensemble);
    dg_experiment_free(&experiment);
}

Test(ensemble, summary_agrees_with_the_histogram_and_beliefs_lie_in_range)
{
    dg_experiment *experiment = parse(small);
    dg_ensemble *ensemble = create(experiment, 0, 1);
    dg_generation_summary summary;
    int64_t counts[3][10];
    int32_t beliefs[9];
    cr_assert_eq(dg_ensemble_advance(ensemble, 2), DG_OK);
    cr_assert_eq(dg_ensemble_summary(ensemble, 0, 1, &summary), DG_OK);
    cr_assert_eq(dg_ensemble_histogram(ensemble, 0, 1, counts[0]), DG_OK);
    cr_assert_eq(dg_ensemble_beliefs(ensemble, 0, beliefs), DG_OK);
    cr_expect_float_eq(summary.human_belief_0, (double)(counts[1][0] + counts[2][0]) / (6 * 7),
                       1e-12);
    cr_expect(summary.ai_views >= 0 && summary.ai_views <= 1);
    for (int i = 0; i < 9; i++) cr_expect(beliefs[i] >= 0 && beliefs[i] < 10);
    dg_ensemble_free(&ensemble);
    dg_experiment_free(&experiment);
}

Test(ensemble, refuses_arguments_out_of_range)
{
    dg_experiment *experiment = parse(small);
    dg_ensemble *ensemble = NULL;
    dg_generation_summary summary;
    uint64_t hash;
    cr_expect_eq(dg_ensemble_create(&ensemble, experiment, 5, 2, NULL), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_ensemble_create(&ensemble, experiment, 6, 1, NULL), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_ensemble_create(&ensemble, experiment, 0, 0, NULL), DG_ERR_ARGUMENT);
    cr_expect_null(ensemble);
    ensemble = create(experiment, 0, 1);
    cr_expect_eq(dg_ensemble_advance(ensemble, -1), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_ensemble_summary(ensemble, 0, 0, &summary), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_ensemble_hash(ensemble, 1, &hash), DG_ERR_ARGUMENT);
    dg_ensemble_free(&ensemble);
    dg_experiment_free(&experiment);
}

Test(ensemble, refuses_to_mix_shapes)
{
    dg_experiment *experiment = parse("generations: 1\nsweep: {product: {agents: [9, 12]}}\n");
    dg_ensemble *ensemble = NULL;
    cr_expect_eq(dg_ensemble_create(&ensemble, experiment, 0, 2, NULL), DG_ERR_ARGUMENT);
    cr_expect_null(ensemble);
    dg_experiment_free(&experiment);
}
