/** host/engine/estimate.c: estimates of time, and estimates for GPUs. */
#include "host/engine/estimate.h"

#include "tests/support/fake_devices.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <math.h>

TestSuite(estimate_time, .timeout = 60);

/* ---- time
   ----------------------------------------------------------------------------------------- */

Test(estimate_time, of_a_run_adds_its_start_to_all_its_generations)
{
    const dg_config config = {.generations = 1000, .steps = 50};
    cr_expect_float_eq(dg_estimate_run_seconds(&config, 2, 0.003, 50), 5, 1e-12);
    cr_expect_float_eq(dg_estimate_run_seconds(&config, 2, 0.003, 10), 17, 1e-12,
                       "5 times as long");
}

/** 12 runs of 3 s and 2 of 10 s: 56 s of work. */
static dg_estimate timed(dg_estimate_shape shape[2], dg_devices devices, int threads)
{
    shape[0] = (dg_estimate_shape){.runs = 12, .run_seconds = 3, .in_flight = 6};
    shape[1] = (dg_estimate_shape){.runs = 2, .run_seconds = 10, .in_flight = 2};
    return (dg_estimate){.shape = shape, .shapes = 2, .devices = devices, .threads = threads};
}

Test(estimate_time, of_a_cpu_shares_the_work_among_threads_that_have_cores)
{
    static const struct {
        int threads, cores;
        double seconds;
    } rows[] = {{1, 16, 56}, {2, 16, 28}, {4, 16, 14}, {7, 16, 10}, {16, 16, 10}, {8, 2, 28}};
    dg_estimate_shape shape[2];
    const dg_devices cpu = fake_cpu(&(fake_settings){.devices = 0});
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dg_estimate plan = timed(shape, cpu, rows[k].threads);
        cr_expect_float_eq(dg_estimate_wall_seconds(&plan, rows[k].cores), rows[k].seconds, 1e-9,
                           "%d threads, %d cores", rows[k].threads, rows[k].cores);
    }
}

/** The longest batches take 20 s (2 runs of 10 s) and 18 s (6 runs of 3 s). */
Test(estimate_time, of_gpus_shares_the_work_among_them)
{
    static const double seconds[] = {0, 56, 28, 20, 20};
    dg_estimate_shape shape[2];
    for (int32_t gpus = 1; gpus <= 4; gpus++) {
        const dg_estimate plan = timed(shape, fake_devices(&(fake_settings){.devices = gpus}), 16);
        cr_expect_float_eq(dg_estimate_wall_seconds(&plan, 2), seconds[gpus], 1e-9, "%d", gpus);
    }
}

Test(estimate_time, is_nan_if_a_shape_was_not_measured)
{
    dg_estimate_shape shape[2];
    const dg_estimate plan = timed(shape, fake_cpu(&(fake_settings){.devices = 0}), 4);
    shape[1].run_seconds = (double)NAN;
    cr_expect(isnan(dg_estimate_wall_seconds(&plan, 4)));
}

static dg_estimate estimate_of(const char *yaml, int batch)
{
    const dg_options options = {.device = "cpu", .threads = 2, .batch = batch};
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    dg_estimate plan;
    cr_assert_eq(dg_estimate_make(&plan, experiment, &options), DG_OK, "%s", dg_error());
    dg_experiment_free(&experiment);
    return plan;
}

/** On any machine: steps that are not measured count, too. */
Test(estimate_time, times_long_generations_by_a_part_of_them)
{
    static const char *const yaml[] = {"agents: 9\nsteps: 3000\ngenerations: 100\n",
                                       "agents: 9\nsteps: 30000\ngenerations: 100\n"};
    dg_estimate tried = estimate_of(yaml[0], 0), cut = estimate_of(yaml[1], 0);
    cr_expect_gt(tried.seconds, 0);
    cr_expect_gt(cut.seconds, 3 * tried.seconds, "%g s, %g s", cut.seconds, tried.seconds);
    dg_estimate_free(&tried);
    dg_estimate_free(&cut);
}

/* ---- GPUs
   ----------------------------------------------------------------------------------------- */

static const char two_shapes[] = "steps: 9\ngenerations: 7\nniche.points: 50\noutput.agents: true\n"
                                 "sweep: {product: {agents: [9, 12], seed: [1, 2, 3, 4]}}\n";

/** With CUDA devices, real or emulated: the same files, and one batch at a time on each device. */
Test(estimate_time, plans_for_every_gpu)
{
    const dg_options options = {.device = "cuda", .batch = 1};
    dg_experiment *experiment = load_text(two_shapes, NULL, NULL);
    dg_estimate gpus, cpu = estimate_of(two_shapes, 1);
    const dg_status status = dg_estimate_make(&gpus, experiment, &options);
    if (status != DG_OK) cr_skip("no CUDA device: %s", dg_error());
    cr_expect_eq(gpus.batches, 8);
    cr_expect_eq(gpus.file_bytes, cpu.file_bytes);
    cr_expect_eq(gpus.batch_bytes, cpu.batch_bytes);
    cr_expect_eq(gpus.saved_bytes, gpus.devices.count * cpu.saved_bytes);
    cr_expect_eq(gpus.held_bytes, gpus.shape[1].run_bytes);
    cr_expect_gt(gpus.memory_free, 0);
    for (int k = 0; k < 2; k++) {
        cr_expect_eq(gpus.shape[k].in_flight, 1);
        cr_expect_eq(gpus.shape[k].probed, 1);
        cr_expect_gt(gpus.shape[k].run_seconds, 0);
        cr_expect_gt(gpus.shape[k].room, 1);
    }
    dg_estimate_free(&gpus);
    dg_estimate_free(&cpu);
    dg_experiment_free(&experiment);
}
