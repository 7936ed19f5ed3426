/**
 * kernels/cpu/generation.c, diversity.c, undo.h: a generation that is left between two steps, or while
 * diversity is measured, is as if it had not begun; the run goes on to the bytes of an unbroken one.
 *
 * The counter of agent-steps is the request to stop, so that it comes at a known step: once the first
 * steps are counted, it is not 0. A generation that is left takes its steps back from the counter.
 */
#include "tests/support/fixture.h"

#include <criterion/criterion.h>

#include <stdlib.h>

enum { AGENTS = 31, STRIDE = 68, RUNS = 8, GENERATIONS = 4 };

typedef union stop_count {
    _Atomic int64_t agent_steps;
    volatile int stop;
} stop_count;

/** Run k: every rule of the weights, with and without what a generation sets back at its start. */
static dg_config nth(int k, int32_t steps)
{
    dg_config c = fixture_config((uint64_t)(1 + k));
    const int64_t size[] = {8, 11, 12};
    fixture_groups(&c, 3, size, 1);
    if (k % 2) fixture_tables(&c);
    c.update = k % DG_UPDATE_COUNT;
    c.carry = (k / 2) % DG_CARRY_COUNT;
    c.steps = steps;
    c.generations = GENERATIONS;
    c.diversity_every = 1;
    c.early_stop_share = 1e-9; /* a streak is counted; it ends no run */
    c.early_stop_generations = GENERATIONS + 1;
    return c;
}

/** A batch of RUNS at generation `from`, and the blocks of its runs. */
static dg_batch *begin(fixture_run run[RUNS], int32_t steps, int32_t from, int32_t threads)
{
    const dg_backend *backend = dg_backend_cpu();
    const dg_batch_options options = {.runs = RUNS, .threads = threads};
    dg_batch *batch = NULL;
    for (int k = 0; k < RUNS; k++) {
        const dg_config c = nth(k, steps);
        run[k] = fixture_begin(&c);
    }
    cr_assert_eq(backend->create(&batch, &run[0].shape, &options), DG_OK);
    for (int k = 0; k < RUNS; k++)
        cr_assert_eq(backend->upload(batch, k, &run[k].params, run[k].block), DG_OK);
    cr_assert_eq(backend->advance(batch, from, NULL), DG_OK);
    for (int k = 0; k < RUNS; k++) cr_assert_eq(backend->download(batch, k, run[k].block), DG_OK);
    return batch;
}

/** What a run holds now is what `block` holds. */
static void expect_state(const dg_batch *batch, int k, const fixture_run *run, const char *when)
{
    const int64_t bytes = dg_state_bytes(&run->shape);
    void *now = fixture_memory(bytes);
    cr_assert_eq(dg_backend_cpu()->download(batch, k, now), DG_OK);
    cr_expect_eq(memcmp(now, run->block, (size_t)bytes), 0, "run %d %s", k, when);
    free(now);
}

/** Advance to the end, and compare with runs that nobody stopped. */
static void expect_whole(dg_batch *batch, int32_t steps)
{
    const dg_backend *backend = dg_backend_cpu();
    cr_assert_eq(backend->advance(batch, GENERATIONS, NULL), DG_OK);
    for (int k = 0; k < RUNS; k++) {
        const dg_config c = nth(k, steps);
        fixture_run whole = fixture_finish(&c, (fixture_how){.threads = 1});
        const int64_t words = GENERATIONS * dg_record_words(&whole.shape);
        expect_state(batch, k, &whole, "at its end");
        cr_expect_arr_eq(backend->records(batch, k), whole.records,
                         (size_t)words * sizeof *whole.records, "records of run %d", k);
        fixture_free(&whole);
    }
}

/** Stop in generation `from` once STRIDE of its `steps` are counted. */
static void stop_and_go_on(int32_t steps, int32_t from)
{
    const dg_backend *backend = dg_backend_cpu();
    fixture_run run[RUNS];
    dg_batch *batch = begin(run, steps, from, 2);
    stop_count count = {.agent_steps = 0};
    _Atomic int64_t generations = 0;
    const dg_watch watch = {.stop = &count.stop,
                            .agent_steps_done = &count.agent_steps,
                            .generations_done = &generations};
    cr_assert_eq(dg_watch_stride(&run[0].shape), STRIDE);
    cr_assert_eq(backend->advance(batch, 1, &watch), DG_OK);
    cr_expect_eq(count.agent_steps, 0, "steps of a generation that was left are not done");
    cr_expect_eq(generations, 0);
    for (int k = 0; k < RUNS; k++) {
        cr_expect_eq(backend->generations(batch, k), from);
        if (from > 0) expect_state(batch, k, &run[k], "after a stop"); /* else genotypes are new */
        fixture_free(&run[k]);
    }
    expect_whole(batch, steps);
    backend->destroy(&batch);
}

Test(stop, between_two_steps_drops_the_generation)
{
    for (int32_t from = 0; from < GENERATIONS; from++) stop_and_go_on(STRIDE + 3, from);
}

Test(stop, while_diversity_is_measured_drops_the_generation)
{
    /* the steps are counted after the last of them */
    for (int32_t from = 0; from < GENERATIONS; from++) stop_and_go_on(STRIDE, from);
}

Test(stop, does_not_come_where_no_steps_are_counted_by_themselves)
{
    fixture_run run[RUNS];
    dg_batch *batch = begin(run, STRIDE - 1, 0, 1);
    stop_count count = {.agent_steps = 0};
    const dg_watch watch = {.stop = &count.stop, .agent_steps_done = &count.agent_steps};
    cr_assert_eq(dg_backend_cpu()->advance(batch, 1, &watch), DG_OK);
    cr_expect_eq(count.agent_steps, (int64_t)AGENTS * (STRIDE - 1),
                 "the first run is counted at its end; then no other begins");
    for (int k = 0; k < RUNS; k++) fixture_free(&run[k]);
    dg_backend_cpu()->destroy(&batch);
}

Test(stop, steps_are_counted_one_by_one_where_they_are_long)
{
    dg_config c = fixture_config(1);
    const int64_t size[] = {100, 200};
    dg_shape shape;
    _Atomic int64_t done = 0;
    const dg_watch watch = {.agent_steps_done = &done};
    fixture_groups(&c, 2, size, 1);
    dg_config_shape(&c, &shape);
    for (int32_t k = 1; k <= 3; k++) {
        dg_watch_step(&watch, &shape, k);
        cr_expect_eq(done, 300 * k);
        cr_expect_eq(dg_watch_told(&shape, k), 300 * k);
    }
}
