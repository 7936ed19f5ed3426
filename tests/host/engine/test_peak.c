/** host/engine: the memory that a call takes at its peak is the memory that a plan says. */
#include "host/engine/estimate.h"
#include "host/directory/inventory.h"

#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"
#include "tests/support/sanitizer.h"

#include <criterion/criterion.h>

#include <sys/resource.h>

/* one run of 60 MB */
static const char large[] = "agents: 300\npolicy.hidden: 150\nsteps: 1\ngenerations: 2\n"
                            "niche: {points: 50}\nmeasures.diversity_every: 0\n";

/** Most memory that this process, which runs a single test, has had. */
static double peak(void)
{
    struct rusage usage;
    cr_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return 1024.0 * (double)usage.ru_maxrss;
}

static double planned(void)
{
    const dg_options options = {.device = "cpu", .threads = 1};
    dg_experiment *experiment = load_text(large, NULL, NULL);
    dg_estimate plan;
    cr_assert_eq(dg_estimate_make(&plan, experiment, &options), DG_OK, "%s", dg_error());
    const double held = (double)plan.held_bytes;
    dg_estimate_free(&plan);
    dg_experiment_free(&experiment);
    return held;
}

/** Measured, saved half-way, continued from the checkpoint, stored: never a second state. */
Test(peak, of_a_call_is_what_the_plan_says, .timeout = 60)
{
#ifdef SHADOWED
    cr_skip("the sanitizer takes memory of its own");
#endif
    static volatile int stop;
    char *folder = records_folder();
    const double before = peak(), held = planned();
    const dg_options options = {.threads = 1, .stop = &stop}, rest = {.threads = 1};
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 1, .stop = &stop});
    cr_assert_gt(held, 40e6, "large beside what every process has");
    cr_assert_eq(folder_run(folder, large, &options, &cpu, NULL), DG_ERR_STOPPED);
    cr_expect_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 1);
    cr_assert_eq(folder_run(folder, large, &rest, NULL, NULL), DG_OK, "%s", dg_error());
    cr_expect_lt(peak() - before, 1.4 * held, "%.1f MB planned, %.1f MB taken", held / 1e6,
                 (peak() - before) / 1e6);
    records_remove(folder);
}

/* runs that are nearly nothing beside their place in the list */
#define TINY                                                                                       \
    "agents: 6\nsteps: 1\ngenerations: 1\npolicy.hidden: 1\nobservation.capacity: 1\n"             \
    "niche: {points: 20, centroids: 2}\n"
static const char many[] = TINY "sweep: {product: {seed: {from: 1, to: 600000}}}\n";

static double listed(void)
{
    const dg_options options = {.device = "cpu", .threads = 1};
    dg_experiment *experiment = load_text(many, NULL, NULL);
    dg_estimate plan;
    cr_assert_eq(dg_estimate_make(&plan, experiment, &options), DG_OK, "%s", dg_error());
    const double list = (double)plan.list_bytes;
    cr_expect_gt(plan.merge_seconds, 0);
    dg_estimate_free(&plan);
    dg_experiment_free(&experiment);
    return list;
}

/** A shard of 100 runs, beside another that was there before. */
Test(peak, of_a_shard_is_that_of_the_list_of_all_runs, .timeout = 60)
{
#ifdef SHADOWED
    cr_skip("the sanitizer takes memory of its own");
#endif
    char *warm = folder_unbroken(TINY), *folder = records_folder();
    const double before = peak();
    for (int32_t shard = 1; shard <= 2; shard++) {
        const dg_options options = {.threads = 1, .shard = shard, .shards = 6000};
        cr_assert_eq(folder_run(folder, many, &options, NULL, NULL), DG_OK, "%s", dg_error());
    }
    const double taken = peak() - before, list = listed();
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), 2);
    cr_expect(taken > 0.7 * list && taken < 1.3 * list, "%.1f MB planned, %.1f MB taken",
              list / 1e6, taken / 1e6);
    records_remove(folder);
    records_remove(warm);
}
