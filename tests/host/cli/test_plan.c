/** host/cli/command_plan.c: the printed estimate. */
#include "cli.h"

#include "host/base/quantity.h"
#include "host/engine/estimate.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(plan, .fini = cli_clean, .timeout = 60);

static const char two_shapes[] = "steps: 9\ngenerations: 7\nniche.points: 50\noutput.agents: true\n"
                                 "sweep: {product: {agents: [9, 12], seed: [1, 2, 3, 4]}}\n";
static const char chambers[] =
    "model: echo-chamber\necho: {agents: 4, steps: 40, snapshot_every: 9}\n"
    "sweep: {product: {seed: {from: 1, to: 1025}}}\n";

static void expect_line(const cli_result *r, const char *line)
{
    cr_expect(strstr(r->out, line) != NULL, "no `%s' in:\n%s", line, r->out);
}

static const char *bytes_text(int64_t bytes)
{
    static char text[4][32];
    static unsigned next;
    char *to = text[next++ % 4];
    return dg_quantity_bytes(bytes, to, sizeof *text);
}

/** Expect the memory and disk space of the estimate, each in its own line. */
static void expect_sizes(const cli_result *r, const char *yaml, int batch)
{
    char line[256];
    const dg_options options = {.device = "cpu", .batch = batch};
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    dg_estimate plan;
    cr_assert_eq(dg_estimate_make(&plan, experiment, &options), DG_OK, "%s", dg_error());
    for (size_t k = 0; k < plan.shapes; k++) {
        snprintf(line, sizeof line, "steps; %s per run, ", bytes_text(plan.shape[k].run_bytes));
        expect_line(r, line);
    }
    snprintf(line, sizeof line, "\nmemory       %s in the largest of %zu batches; ",
             bytes_text(plan.held_bytes), plan.batches);
    expect_line(r, line);
    snprintf(line, sizeof line,
             "\ndisk         about %s, batches %s, checkpoints up to %s, before compression\n",
             bytes_text(plan.file_bytes), bytes_text(plan.batch_bytes),
             bytes_text(plan.saved_bytes));
    expect_line(r, line);
    dg_estimate_free(&plan);
    dg_experiment_free(&experiment);
}

Test(plan, prints_runs_shapes_and_agent_steps)
{
    const cli_result *r = cli_run("plan %s --device cpu --threads 1", cli_file("a", two_shapes));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_expect_eq(r->err[0], '\0', "%s", r->err);
    expect_line(r, "runs         8\naxes         agents: 2\n             seed: 4\n");
    expect_line(r, "\nshapes       2\n");
    expect_line(r, "\n  4 runs: 9 agents, 3 groups, 10 values, 7 generations x 9 steps; ");
    expect_line(r, "\n  4 runs: 12 agents, 3 groups, 10 values, 7 generations x 9 steps; ");
    expect_line(r, "\nagent-steps  5.29 k\n"); /* 4 (9 + 12) 7 9 */
    expect_line(r, "\ntime         about ");
    expect_line(r, " s on 1 thread\n");
}

Test(plan, prints_memory_and_disk_space)
{
    const char *file = cli_file("a", two_shapes);
    expect_sizes(cli_run("plan %s --device cpu", file), two_shapes, 0);
    expect_sizes(cli_run("plan %s --device cpu --batch 3", file), two_shapes, 3);
    expect_sizes(cli_run("plan %s --device cpu", cli_file("e", chambers)), chambers, 0);
}

Test(plan, prints_the_sizes_of_echo_chambers)
{
    const cli_result *r = cli_run("plan %s --device cpu --threads 2", cli_file("e", chambers));
    cr_assert_eq(r->code, 0, "%s", r->err);
    expect_line(r, "runs         1025\n");
    expect_line(r, "\n  1025 runs: echo-chamber, 4 agents x 40 steps; ");
    expect_line(r, "\nagent-steps  164 k\n");
    expect_line(r, " on 2 threads\n");
}

/** 10^6 agents x 10^9 steps x 20,000 runs: more than 64 bits count. */
Test(plan, adds_up_more_than_64_bits_hold)
{
    const char *file = cli_file("huge.yaml", "model: echo-chamber\n"
                                             "echo: {agents: 1000000, steps: 1000000000,\n"
                                             "       snapshot_every: 1000000}\n"
                                             "sweep: {product: {seed: {from: 1, to: 20000}}}\n");
    const cli_result *r = cli_run("plan %s", file);
    cr_assert_eq(r->code, 0, "%s", r->err);
    expect_line(r, "agent-steps  20.0 E\n");
}

/** The list of runs and the merge have a line where they are what takes memory and time. */
Test(plan, prints_what_grows_with_the_number_of_runs)
{
    static const char tiny[] =
        "agents: 6\nsteps: 1\ngenerations: 1\nniche: {points: 20, centroids: 2}\n"
        "policy.hidden: 1\nobservation.capacity: 1\n"
        "sweep: {product: {seed: {from: 1, to: 1000000}}}\n";
    const cli_result *r = cli_run("plan %s --device cpu", cli_file("t", tiny));
    cr_assert_eq(r->code, 0, "%s", r->err);
    expect_line(r, "\nlist         56.0 MB for the list of runs, in every call and every shard\n");
    expect_line(r, "\nmerge        about ");
    expect_line(r, " on one thread at the end (estimated, not measured)\n");
    r = cli_run("plan %s --device cpu", cli_file("a", two_shapes));
    cr_expect_null(strstr(r->out, "\nlist "), "%s", r->out);
    cr_expect_null(strstr(r->out, "\nmerge "), "%s", r->out);
}
