/** Tests that a run which meets a number that is not finite says so and ends (DG_STATE_FIELDS, ended). */
#include "tests/support/fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/** A run of `generations` that starts with one weight and one step size replaced. */
static int32_t trouble_of(int32_t update, float weight, float sigma, int32_t *finished)
{
    dg_config config = fixture_config(1);
    config.update = update;
    fixture_run run = fixture_begin(&config);
    const dg_backend *backend = dg_backend_cpu();
    const dg_batch_options options = {.runs = 1, .threads = 1};
    dg_batch *batch = NULL;
    run.state.weight[1] = weight;
    run.state.sigma[0] = sigma;
    cr_assert_eq(backend->create(&batch, &run.shape, &options), DG_OK);
    cr_assert_eq(backend->upload(batch, 0, &run.params, run.block), DG_OK);
    cr_assert_eq(backend->advance(batch, 100, NULL), DG_OK);
    cr_assert_eq(backend->download(batch, 0, run.block), DG_OK);
    *finished = backend->generations(batch, 0);
    const int32_t trouble = run.state.ended[DG_ENDED_NONFINITE];
    backend->destroy(&batch);
    fixture_free(&run);
    return trouble;
}

Test(trouble, is_absent_in_a_healthy_run)
{
    int32_t finished;
    cr_expect_eq(trouble_of(DG_UPDATE_RANDOM, 0.5f, 0.1f, &finished), 0);
    cr_expect_eq(finished, 3);
}

Test(trouble, ends_a_run_whose_weights_overflow)
{
    int32_t finished;
    cr_expect_eq(trouble_of(DG_UPDATE_RANDOM, (float)INFINITY, 0.1f, &finished), 1);
    cr_expect_eq(finished, 1);
    cr_expect_eq(trouble_of(DG_UPDATE_REWARD, (float)NAN, 0.1f, &finished), 1);
    cr_expect_eq(finished, 1);
}

/* c_mu = 1 keeps less than nothing of C, so that a coordinate soon has a negative variance */
Test(trouble, ends_a_run_before_a_nan_enters_its_genotypes)
{
    dg_config config = fixture_config(3);
    config.variant = DG_VARIANT_ROS_HANSEN;
    config.sampling = DG_SAMPLING_DIAGONAL;
    config.covariance_rate = 1;
    config.generations = 40;
    fixture_run run = fixture_finish(&config, (fixture_how){0});
    cr_assert_gt(run.state.ended[DG_ENDED_NONFINITE], 0);
    for (int64_t k = 0; k < run.shape.genotypes; k++)
        cr_assert(isfinite(run.state.genotype[k]), "parameter %lld", (long long)k);
    fixture_free(&run);
}

Test(trouble, is_met_before_the_inverse_of_the_step_size_overflows)
{
    int32_t finished;
    cr_expect_eq(trouble_of(DG_UPDATE_FIXED, 0.5f, 0x1p-120f, &finished), 1);
    cr_expect_eq(finished, 1);
}

Test(trouble, ends_a_run_whose_step_size_is_not_finite)
{
    int32_t finished;
    cr_expect_eq(trouble_of(DG_UPDATE_FIXED, 0.5f, 1e38f, &finished), 1);
    cr_expect_eq(finished, 1);
}
