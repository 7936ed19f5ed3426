/** host/backends/cuda_queue.c: what is handed to an emulated device, and when no more is. */
#include "host/engine/batch_plan.h"
#include "host/base/error.h"
#include "host/engine/starts.h"
#include "host/models/batch_shape.h"
#include "tests/emulator/emulator_control.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

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

/* ---- graphs ---------------------------------------------------------------------------------- */

/* 4 multiprocessors hold 4 blocks of the run at once */
#define WIDE                                                                                       \
    "agents: 99\nsteps: 3\ngenerations: 9\npolicy.hidden: 3\nniche: {points: 200}\n"               \
    "measures.diversity_every: 2\n"

static void advance_by(dg_batch *batch, int32_t generations)
{
    cr_assert_eq(dg_backend_cuda()->advance(batch, generations, NULL), DG_OK, "%s", dg_error());
}

/**
 * The state after 9 generations; after 3 of them and after 6 fewer blocks can be launched together. Returns the
 * number of kernels launched.
 */
static int64_t state_of(void *out, int32_t then, int32_t at_last)
{
    dg_traffic early, late;
    dg_emulator_machine_set(&(dg_emulator_machine){0});
    dg_batch *batch = batch_of(WIDE, 1);
    advance_by(batch, 3);
    dg_backend_cuda()->traffic(batch, &early);
    cr_expect_eq(early.graphs, 3);
    dg_emulator_machine_set(&(dg_emulator_machine){.together = then});
    advance_by(batch, 3);
    dg_emulator_machine_set(&(dg_emulator_machine){.together = at_last});
    advance_by(batch, 3);
    dg_backend_cuda()->traffic(batch, &late);
    const int changes = (then > 0) + (at_last > 0 && at_last < then);
    cr_expect_eq(late.graphs, 9 - changes, "%lld graphs", (long long)late.graphs);
    cr_assert_eq(dg_backend_cuda()->download(batch, 0, out), DG_OK, "%s", dg_error());
    dg_emulator_machine_set(&(dg_emulator_machine){0});
    dg_backend_cuda()->destroy(&batch);
    return late.launches;
}

/** Another process may take a part of the device after the graphs are made (MPS). */
Test(queue, graphs_of_too_many_blocks_are_made_again)
{
    const size_t bytes = 1 << 20;
    char *whole = calloc(1, bytes), *part = calloc(1, bytes);
    cr_assert(whole && part);
    const int64_t launches = state_of(whole, 0, 0);
    for (int32_t then = 3; then >= 1; then--) {
        cr_expect_eq(state_of(part, then, 1), launches, "no kernel is launched twice");
        cr_expect(memcmp(whole, part, bytes) == 0, "%d blocks together", then);
    }
    free(whole);
    free(part);
}
