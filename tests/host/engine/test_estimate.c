/** host/engine/estimate.c: estimates of work, disk space and memory, compared with real runs. */
#include "host/directory/inventory.h"
#include "host/engine/estimate.h"

#include "host/archive/run_archive.h"
#include "host/models/batch_shape.h"
#include "host/engine/engine.h"
#include "host/engine/singles.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <math.h>
#include <sys/stat.h>

TestSuite(estimate, .timeout = 120);

static dg_estimate estimate_of(const char *yaml, int batch)
{
    const dg_options options = {.device = "cpu", .threads = 2, .batch = batch};
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    dg_estimate plan;
    cr_assert_eq(dg_estimate_make(&plan, experiment, &options), DG_OK, "%s", dg_error());
    dg_experiment_free(&experiment);
    return plan;
}

/* ---- the result file
   ------------------------------------------------------------------------------ */

/* small sizes for everything that a case does not test, and no compression */
#define BARE                                                                                       \
    "output.compression: 0\nniche.dimensions: 2\nniche.iterations: 0\npolicy.hidden: 1\n"          \
    "observation.capacity: 1\n"
#define FEW_NICHES   "niche.points: 20\nniche.centroids: 2\n"
#define SHORT        FEW_NICHES "steps: 1\n"
#define NO_DIVERSITY "measures.diversity_every: 0\n"
#define ONE_GROUP    "groups: {human: {kind: human, evolve_period: 0}}\n"
#define FOUR         ONE_GROUP "agents: 4\nvalues: 2\n"
#define EIGHT_GROUPS                                                                               \
    "groups: {a: {kind: ai}, b: {kind: ai}, c: {kind: ai}, d: {kind: ai}, e: {kind: human}, "      \
    "f: {kind: human}, g: {kind: human}, h: {kind: human}}\nagents: 16\nvalues: 2\n"
#define ECHO        "model: echo-chamber\noutput.compression: 0\n"
#define SEEDS(last) "sweep: {product: {seed: {from: 1, to: " #last "}}}\n"

/* In each case one term of the sum dominates. At least four runs, so that the coordinates, which a
   file has once, do not count. `percent`: tolerance for what the sum leaves out, mostly the unused
   part of chunks. */
static const struct {
    const char *what;
    double percent;
    const char *yaml;
} files[] = {
    {"rates", 2, BARE SHORT FOUR NO_DIVERSITY "generations: 6000\n" SEEDS(4)},
    {"rates of groups", 2, BARE SHORT EIGHT_GROUPS NO_DIVERSITY "generations: 3000\n" SEEDS(4)},
    {"counts of beliefs", 2,
     BARE SHORT ONE_GROUP NO_DIVERSITY "agents: 4\nvalues: 1000\ngenerations: 200\n" SEEDS(4)},
    {"distances", 2,
     BARE SHORT EIGHT_GROUPS "generations: 3000\nmeasures.diversity_every: 1\n" SEEDS(4)},
    {"distances, one of three", 2,
     BARE SHORT EIGHT_GROUPS "generations: 3000\nmeasures.diversity_every: 3\n" SEEDS(4)},
    {"agents", 2,
     BARE FEW_NICHES FOUR NO_DIVERSITY
     "generations: 400\nsteps: 100\noutput.agents: true\n" SEEDS(4)},
    {"agents of some generations", 4,
     BARE FEW_NICHES FOUR NO_DIVERSITY
     "generations: 400\nsteps: 100\noutput.agents: true\noutput.first: 7\noutput.last: 301\n"
     "output.every: 2\n" SEEDS(4)},
    {"groups of agents", 8,
     BARE SHORT ONE_GROUP NO_DIVERSITY
     "agents: 400\nvalues: 2\ngenerations: 1\noutput.agents: true\n" SEEDS(256)},
    {"niches", 4,
     BARE FOUR NO_DIVERSITY "steps: 1\nniche.points: 4000\nniche.centroids: 4000\ngenerations: 1\n"
                            "output.agents: true\n" SEEDS(64)},
    {"last appearances", 4,
     BARE SHORT ONE_GROUP NO_DIVERSITY "agents: 4\nvalues: 1000\ngenerations: 1\n" SEEDS(128)},
    {"runs", 10, BARE SHORT FOUR NO_DIVERSITY "generations: 1\n" SEEDS(2048)},
    {"runs of many groups", 10,
     BARE SHORT EIGHT_GROUPS NO_DIVERSITY "generations: 1\n" SEEDS(2048)},
    {"almost empty", 10, BARE SHORT FOUR "generations: 1\n"},
    {"echo: beliefs", 2, ECHO "echo: {agents: 500, steps: 1000, snapshot_every: 3}\n" SEEDS(4)},
    {"echo: snapshots", 2, ECHO "echo: {agents: 2, steps: 20000, snapshot_every: 1}\n" SEEDS(4)},
    {"echo: agents", 2, ECHO "echo: {agents: 5000, steps: 1, snapshot_every: 1}\n" SEEDS(40)},
    {"echo: runs", 10, ECHO "echo: {agents: 2, steps: 1, snapshot_every: 1}\n" SEEDS(2048)},
    {"echo: almost empty", 10, ECHO "echo: {agents: 2, steps: 1, snapshot_every: 1}\n"},
};

/* a further model needs cases above, which say what its file_bytes and file_fixed leave out */
Test(estimate, predicts_the_bytes_of_a_result)
{
    bool seen[DG_MODEL_COUNT] = {false};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        struct stat written;
        char *folder = folder_unbroken(files[k].yaml);
        dg_estimate plan = estimate_of(files[k].yaml, 0);
        cr_assert_eq(stat(folder_result(folder), &written), 0);
        const double percent = 100.0 * (double)plan.file_bytes / (double)written.st_size - 100;
        cr_expect_lt(fabs(percent), files[k].percent,
                     "%s: %lld bytes planned, %lld written (%+g %%)", files[k].what,
                     (long long)plan.file_bytes, (long long)written.st_size, percent);
        seen[plan.shape[0].config.model] = true;
        dg_estimate_free(&plan);
        records_remove(folder);
    }
    for (int32_t model = 0; model < DG_MODEL_COUNT; model++)
        cr_expect(seen[model], "no case of model %d of DG_MODEL_LIST", model);
}

/** Runs of several shapes: each counts with the size that it has in an experiment of its own. */
Test(estimate, of_a_mixed_sweep_is_the_sum_of_its_runs)
{
    static const char
        one[] = BARE SHORT FOUR "generations: 30\n",
        two[] = BARE SHORT FOUR "generations: 30\n" SEEDS(2),
        mixed[] = BARE SHORT ONE_GROUP
        "values: 2\nsweep: {product: {seed: [1, 2], agents: [4, 6], generations: [30, 70]}}\n",
        large[] = BARE SHORT ONE_GROUP
        "agents: 6\nvalues: 2\nsweep: {product: {seed: [1, 2], generations: [70]}}\n";
    dg_estimate plan[4] = {estimate_of(one, 0), estimate_of(two, 0), estimate_of(mixed, 0),
                           estimate_of(large, 0)};
    const int64_t of_small = plan[1].file_bytes - plan[0].file_bytes;
    const int64_t of_large = (plan[3].file_bytes - plan[0].file_bytes + of_small) / 2;
    cr_expect_eq(plan[2].runs, 8);
    cr_expect_eq(plan[2].shapes, 4);
    cr_expect_eq(plan[2].batches, 4);
    cr_expect_eq(plan[2].agent_steps, 2 * (4 + 6) * (30 + 70));
    cr_expect_eq(plan[2].file_bytes - plan[0].file_bytes, 3 * of_small + 4 * of_large);
    for (size_t k = 0; k < 4; k++) {
        const dg_estimate_shape *shape = &plan[2].shape[k];
        cr_expect_eq(shape->runs, 2);
        cr_expect_eq(shape->agent_steps, (k < 2 ? 4 : 6) * (k % 2 ? 70 : 30));
        cr_expect_eq(shape->file_bytes, k % 2 ? of_large : of_small);
    }
    for (int k = 0; k < 4; k++) dg_estimate_free(&plan[k]);
}

/* ---- batches and checkpoints
   ---------------------------------------------------------------------- */

/** Bytes of the parts of runs in the archives of a folder, before compression. */
static int64_t bytes_in(const char *folder, const char *where, dg_archive_kind kind)
{
    int64_t bytes = 0;
    for (size_t k = 0; k < folder_count(folder, where); k++) {
        dg_archive *archive = NULL;
        cr_assert_eq(dg_archive_open(&archive, folder_file(folder, where, k), kind), DG_OK, "%s",
                     dg_error());
        for (size_t s = 0; s < archive->sections; s++) {
            const uint32_t tag = archive->section[s].tag;
            if (tag > DG_PART_HEAD && tag < DG_PARTS) bytes += archive->section[s].bytes;
        }
        dg_archive_close(&archive);
    }
    return bytes;
}

/* two shapes of four runs: with a batch size of 3 each is divided into batches of 3 and 1 */
static const char batched[] =
    "steps: 9\nniche: {points: 50}\nmeasures.diversity_every: 2\noutput: {agents: true, first: 2}\n"
    "generations: 7\nsweep: {product: {agents: [9, 12], seed: [1, 2, 3, 4]}}\n";

static const char chambers[] = "model: echo-chamber\necho: {steps: 40, snapshot_every: 7}\n"
                               "sweep: {product: {echo.agents: [3, 10], seed: {from: 1, to: 600}}}";

static void expect_batches(const char *yaml, int batch, size_t batches)
{
    const dg_options options = {.batch = batch};
    char *folder = records_folder();
    dg_estimate plan = estimate_of(yaml, batch);
    cr_assert_eq(folder_run(folder, yaml, &options, NULL, NULL), DG_OK, "%s", dg_error());
    cr_expect_eq(folder_count(folder, DG_BATCH_FOLDER), batches);
    cr_expect_eq(plan.batches, batches);
    cr_expect_eq(plan.batch_bytes, bytes_in(folder, DG_BATCH_FOLDER, DG_ARCHIVE_BATCH));
    dg_estimate_free(&plan);
    records_remove(folder);
}

Test(estimate, predicts_the_batches_and_their_bytes)
{
    expect_batches(batched, 0, 2);
    expect_batches(batched, 3, 4);
    expect_batches(chambers, 0, 2);
}

/** Saved after every generation except the last: the two latest, largest checkpoints remain. */
Test(estimate, predicts_the_bytes_of_checkpoints)
{
    enum { GENERATIONS = 40 };
    static const char saved[] = "agents: 9\nsteps: 9\nniche: {points: 50}\ngenerations: 40\n"
                                "output: {agents: true, every: 8}\nvalues: 200\n"
                                "checkpoint: {minutes: 1.0e-6}\n"
                                "sweep: {product: {seed: [1, 2, 3]}}\n";
    char *folder = records_folder();
    const dg_devices cpu = fake_cpu(&(fake_settings){.portion = 1, .broken = GENERATIONS - 1});
    cr_assert_eq(folder_run(folder, saved, NULL, &cpu, NULL), DG_ERR_BACKEND);
    cr_assert_eq(folder_count(folder, DG_CHECKPOINT_FOLDER), 2);
    dg_estimate plan = estimate_of(saved, 0);
    /* the two checkpoints lack the records of 1 and 2 generations of 40 */
    const int64_t lacking = 3 * plan.batch_bytes / GENERATIONS;
    const int64_t written = bytes_in(folder, DG_CHECKPOINT_FOLDER, DG_ARCHIVE_CHECKPOINT);
    cr_expect_leq(written, plan.saved_bytes);
    cr_expect_geq(written, plan.saved_bytes - lacking);
    dg_estimate_free(&plan);
    records_remove(folder);
}

/** The estimate is that of the largest batch on each device. */
Test(estimate, of_checkpoints_counts_devices_and_the_largest_batch)
{
    dg_estimate one = estimate_of(batched, 1), four = estimate_of(batched, 4);
    cr_expect_eq(four.saved_bytes, 4 * one.saved_bytes);
    dg_estimate_free(&one);
    dg_estimate_free(&four);
    one = estimate_of(chambers, 0);
    cr_expect_eq(one.saved_bytes, 0);
    dg_estimate_free(&one);
}

/* ---- memory
   --------------------------------------------------------------------------------------- */

Test(estimate, holds_the_largest_batch)
{
    static const char *const orders[] = {"[9, 12]", "[12, 9]"};
    for (int k = 0; k < 2; k++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml,
                 "steps: 9\ngenerations: 7\nsweep: {product: {agents: %s, seed: [1, 2, 3, 4]}}\n",
                 orders[k]);
        dg_estimate plan = estimate_of(yaml, 3);
        const dg_estimate_shape *large = &plan.shape[1 - k], *small = &plan.shape[k];
        cr_expect_gt(large->run_bytes, small->run_bytes);
        cr_expect_eq(large->in_flight, 3);
        const dg_options two = {.threads = 2};
        dg_shape shape;
        dg_batch_options options;
        dg_batch_describe(&large->config, &two, &shape, &options);
        options.runs = 3;
        const int64_t scratch = dg_backend_cpu()->bytes_beside(&shape, &options);
        cr_expect_gt(scratch, 0);
        cr_expect_eq(plan.held_bytes, 3 * large->run_bytes + scratch);
        dg_estimate_free(&plan);
    }
}

/** As many large echo chambers as half of the memory holds, or as asked for; at least one. */
Test(estimate, holds_echo_chambers_that_there_is_memory_for)
{
    static const char large[] = ECHO "echo: {agents: 1000000, steps: 1000, snapshot_every: 1}\n"
                                     "sweep: {product: {seed: {from: 1, to: 300}}}\n";
    dg_experiment *e = load_text(large, NULL, NULL);
    const dg_options none = {0}, two = {.batch = 2};
    const int64_t each = dg_model_of_experiment(e)->memory_bytes(RUN_CONFIG(e, 0)); /* 4 GB */
    cr_assert_gt(each, INT64_C(3900000000));
    setenv("SLURM_MEM_PER_NODE", "8192", 1);
    cr_expect_eq(dg_singles_together(e, NULL, 0, 300, &none, 0), 1);
    cr_expect_eq(dg_singles_together(e, NULL, 0, 300, &two, 0), 1);
    dg_experiment_free(&e);
    e = load_text(ECHO "echo: {agents: 100000, steps: 100, snapshot_every: 1}\n"
                       "sweep: {product: {seed: {from: 1, to: 300}}}\n",
                  NULL, NULL); /* 42 MB each */
    setenv("SLURM_MEM_PER_NODE", "900", 1);
    const size_t together = dg_singles_together(e, NULL, 0, 300, &none, 0);
    cr_expect(together >= 9 && together <= 11, "%zu", together);
    cr_expect_eq(dg_singles_together(e, NULL, 0, 4, &none, 0), 4);
    cr_expect_eq(dg_singles_together(e, NULL, 0, 300, &two, 0), 2);
    cr_expect_eq(dg_singles_together(e, NULL, 0, 300, &none, 5), 2);
    setenv("SLURM_ARRAY_TASK_ID", "3", 1);
    cr_expect_eq(dg_singles_together(e, NULL, 0, 300, &none, 2), together,
                 "an allocation of its own");
    dg_experiment_free(&e);
}

/** 1024 runs at once, of any shape: the largest batch has 600 runs of 3 agents and 424 of 10. */
Test(estimate, holds_many_echo_chambers)
{
    dg_estimate plan = estimate_of(chambers, 0);
    cr_expect_eq(plan.shape[0].run_bytes, 4 * 3 * (5 + 6) + 24 * 6 + 8);
    cr_expect_eq(plan.shape[1].run_bytes, 4 * 10 * (5 + 6) + 24 * 6 + 8);
    cr_expect_eq(plan.held_bytes, 600 * plan.shape[0].run_bytes + 424 * plan.shape[1].run_bytes);
    dg_estimate_free(&plan);
}
