/** Tests that a run which meets a number that is not finite says so and ends (DG_STATE_FIELDS, trouble). */
#include "tests/kernels/fixture.h"

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
    const int32_t trouble = run.state.trouble[0];
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

Test(trouble, ends_a_run_whose_step_size_is_not_finite)
{
    int32_t finished;
    cr_expect_eq(trouble_of(DG_UPDATE_FIXED, 0.5f, 1e38f, &finished), 1);
    cr_expect_eq(finished, 1);
}
