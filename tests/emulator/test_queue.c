/** host/backends/cuda_queue.c: what is handed to an emulated device, and when no more is. */
#include "host/engine/batch_plan.h"
#include "host/base/error.h"
#include "host/engine/starts.h"
#include "host/models/batch_shape.h"

#include <criterion/criterion.h>

#include <stdlib.h>

/** A batch of all runs of an experiment on the emulated device. */
static dg_batch *batch_of(const char *yaml, int32_t runs)
{
    const dg_options how = {0};
    dg_experiment *experiment = NULL;
    dg_batch_plan plan = {0};
    dg_batch *batch = NULL;
    size_t run[8];
    cr_assert_eq(dg_experiment_parse(&experiment, "a.yaml", yaml, strlen(yaml), NULL, 0), DG_OK,
                 "%s", dg_error());
    cr_assert_eq(dg_experiment_runs(experiment), (size_t)runs);
    dg_batch_describe(&experiment->condition[0], &how, &plan.shape, &plan.options);
    plan.options.runs = runs;
    plan.run = run;
    for (int32_t r = 0; r < runs; r++) run[r] = (size_t)r;
    cr_assert_eq(dg_starts_make(&batch, NULL, dg_backend_cuda(), experiment, &plan, NULL, NULL),
                 DG_OK, "%s", dg_error());
    dg_experiment_free(&experiment);
    return batch;
}

#define TINY                                                                                       \
    "agents: 6\nsteps: 1\npolicy.hidden: 2\nniche: {points: 50}\nobservation.capacity: 3\n"        \
    "generations: 1000\nmeasures.diversity_every: 0\nearly_stop.share: 1.0e-9\n"

/** Generations handed to the device, after some were asked for. */
static int64_t enqueued_after(dg_batch *batch, int32_t generations)
{
    dg_traffic traffic;
    cr_assert_eq(dg_backend_cuda()->advance(batch, generations, NULL), DG_OK, "%s", dg_error());
    dg_backend_cuda()->traffic(batch, &traffic);
    return traffic.generations;
}

Test(queue, ends_soon_after_the_last_run)
{
    dg_batch *batch = batch_of(TINY "sweep: {product: {early_stop.generations: [3, 40, 70]}}\n", 3);
    const int64_t enqueued = enqueued_after(batch, 1000);
    cr_expect(enqueued >= 70 && enqueued <= 70 + 3 * 32, "%lld", (long long)enqueued);
    cr_expect_eq(dg_backend_cuda()->generations(batch, 0), 3);
    cr_expect_eq(dg_backend_cuda()->generations(batch, 1), 40);
    cr_expect_eq(dg_backend_cuda()->generations(batch, 2), 70);
    cr_expect_eq(enqueued_after(batch, 1000), enqueued, "nothing is left to do");
    dg_backend_cuda()->destroy(&batch);
}

Test(queue, goes_on_while_one_run_does)
{
    dg_batch *batch = batch_of(TINY "sweep: {product: {early_stop.generations: [3, 900]}}\n", 2);
    cr_expect_eq(enqueued_after(batch, 100), 100);
    cr_expect_eq(enqueued_after(batch, 100), 200);
    cr_expect_eq(dg_backend_cuda()->generations(batch, 0), 3);
    cr_expect_eq(dg_backend_cuda()->generations(batch, 1), 200);
    dg_backend_cuda()->destroy(&batch);
}
