/**
 * kernels/backend.h, host/backends/cpu.c: a run's bytes are its own, whatever shares the batch, the
 * threads, the vector width, the trace and the portions it advances in.
 */
#include "tests/support/fixture.h"

#include <criterion/criterion.h>

#include <stdlib.h>

enum { RUNS = 9 };

/** Run k of a batch: its own seed, reading and update; one shape. */
static dg_config nth(int k)
{
    dg_config c = fixture_config((uint64_t)(100 + k));
    const int64_t size[] = {7, 11, 13};
    fixture_groups(&c, 3, size, 1);
    c.group[1].evolve_period = 2;
    c.group[2].act_period = 2;
    c.group[2].hidden = 33;
    c.generations = 5;
    c.values = 11;
    if (k % 2) fixture_tables(&c);
    c.update = k % DG_UPDATE_COUNT;
    c.clip = k % 3 == 0;
    c.clip_high = 1;
    c.observation_sparsity = 0.25 * (k % 3);
    c.contagion_sparsity = 0.2 * (k % 2);
    return c;
}

/** Everything that all runs left. */
typedef struct batch_result {
    fixture_run run[RUNS];
} batch_result;

static dg_batch *open_batch(batch_result *r, const dg_batch_options *options)
{
    const dg_backend *backend = dg_backend_cpu();
    dg_batch *batch = NULL;
    for (int k = 0; k < options->runs; k++) {
        const dg_config c = nth(k);
        r->run[k] = fixture_begin(&c);
    }
    cr_assert_eq(backend->create(&batch, &r->run[0].shape, options), DG_OK);
    for (int k = 0; k < options->runs; k++)
        cr_assert_eq(backend->upload(batch, k, &r->run[k].params, r->run[k].block), DG_OK);
    return batch;
}

static void close_batch(batch_result *r, dg_batch *batch, int32_t runs)
{
    const dg_backend *backend = dg_backend_cpu();
    for (int k = 0; k < runs; k++) {
        const dg_shape *s = &r->run[k].shape;
        const int64_t bytes = s->generations * dg_record_words(s) * (int64_t)sizeof(int64_t);
        cr_assert_eq(backend->generations(batch, k), s->generations);
        cr_assert_eq(backend->download(batch, k, r->run[k].block), DG_OK);
        r->run[k].records = fixture_memory(bytes);
        memcpy(r->run[k].records, backend->records(batch, k), (size_t)bytes);
    }
    backend->destroy(&batch);
    cr_assert_null(batch);
}

/** All runs in one batch, `portion` generations at a time. */
static batch_result together(int32_t threads, const char *vector, int32_t portion)
{
    const dg_batch_options options = {.runs = RUNS, .threads = threads, .vector = vector};
    batch_result r;
    dg_batch *batch = open_batch(&r, &options);
    for (int g = 0; g < 5; g += portion)
        cr_assert_eq(dg_backend_cpu()->advance(batch, portion, NULL), DG_OK);
    close_batch(&r, batch, RUNS);
    return r;
}

static void assert_same_run(const fixture_run *a, const fixture_run *b, const char *what, int k)
{
    const dg_shape *s = &a->shape;
    const int64_t records = s->generations * dg_record_words(s) * (int64_t)sizeof(int64_t);
    cr_assert_eq(memcmp(a->block, b->block, (size_t)dg_state_bytes(s)), 0, "%s: state of run %d",
                 what, k);
    cr_assert_eq(memcmp(a->records, b->records, (size_t)records), 0, "%s: records of run %d", what,
                 k);
}

static void free_all(batch_result *r)
{
    for (int k = 0; k < RUNS; k++) fixture_free(&r->run[k]);
}

static void assert_same(batch_result a, batch_result b, const char *what)
{
    for (int k = 0; k < RUNS; k++) assert_same_run(&a.run[k], &b.run[k], what, k);
    free_all(&a);
    free_all(&b);
}

Test(backend, threads_do_not_show)
{
    assert_same(together(1, NULL, 5), together(2, NULL, 5), "2 threads");
    assert_same(together(1, NULL, 5), together(7, NULL, 5), "7 threads");
}

Test(backend, vector_width_does_not_show)
{
    if (!dg_backend_cpu_vector("avx2")) cr_skip("one instruction set on this machine");
    assert_same(together(1, "generic", 5), together(1, "avx2", 5), "avx2");
    if (dg_backend_cpu_vector("avx512"))
        assert_same(together(1, "generic", 5), together(1, "avx512", 5), "avx512");
}

Test(backend, portions_do_not_show)
{
    /* one generation at a time: a thread turns from run to run between them */
    assert_same(together(1, NULL, 5), together(1, NULL, 1), "one by one");
    assert_same(together(1, NULL, 5), together(2, NULL, 2), "two by two, beyond the end");
}

Test(backend, company_does_not_show)
{
    batch_result all = together(2, NULL, 5);
    for (int k = 0; k < RUNS; k++) {
        const dg_config c = nth(k);
        fixture_run alone = fixture_finish(&c, (fixture_how){0});
        assert_same_run(&alone, &all.run[k], "alone", k);
        fixture_free(&alone);
    }
    free_all(&all);
}

Test(backend, a_trace_does_not_show)
{
    const dg_config c = nth(3);
    fixture_run plain = fixture_finish(&c, (fixture_how){0});
    fixture_run traced = fixture_finish(&c, (fixture_how){.trace = 1});
    assert_same_run(&plain, &traced, "traced", 3);
    fixture_free(&plain);
    fixture_free(&traced);
}

Test(backend, other_runs_are_other_runs)
{
    batch_result r = together(1, NULL, 5);
    for (int a = 0; a < RUNS; a++)
        for (int b = 0; b < a; b++)
            cr_assert_neq(
                memcmp(r.run[a].block, r.run[b].block, (size_t)dg_state_bytes(&r.run[a].shape)), 0,
                "%d and %d", a, b);
    free_all(&r);
}

Test(backend, a_trace_of_some_generations_is_part_of_all)
{
    const dg_config c = nth(2);
    const dg_backend *backend = dg_backend_cpu();
    fixture_run all = fixture_finish(&c, (fixture_how){.trace = 1}), run = fixture_begin(&c);
    const dg_batch_options some = {
        .runs = 1, .threads = 1, .trace_first = 1, .trace_last = 4, .trace_every = 2};
    dg_batch *batch = NULL;
    cr_assert_eq(dg_trace_count(&some), 2);
    cr_assert_eq(backend->create(&batch, &run.shape, &some), DG_OK);
    cr_assert_eq(backend->upload(batch, 0, &run.params, run.block), DG_OK);
    cr_assert_eq(backend->advance(batch, 5, NULL), DG_OK);
    const int64_t page = (int64_t)DG_TRACES * run.shape.steps * run.shape.agents;
    for (int slot = 0; slot < 2; slot++)
        cr_assert_eq(memcmp(backend->trace(batch, 0) + slot * page,
                            all.trace + (1 + 2 * slot) * page, (size_t)page * sizeof(int16_t)),
                     0);
    backend->destroy(&batch);
    fixture_free(&run);
    fixture_free(&all);
}

Test(backend, traced_generations_have_their_slots)
{
    const dg_batch_options o = {.trace_first = 2, .trace_last = 9, .trace_every = 3};
    const dg_batch_options none = {.trace_last = 9};
    const int32_t slot[] = {-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, -1};
    cr_assert_eq(dg_trace_count(&o), 3);
    cr_assert_eq(dg_trace_count(&none), 0);
    for (int32_t g = 0; g < 12; g++) {
        cr_assert_eq(dg_trace_slot(&o, g), slot[g], "generation %d", g);
        cr_assert_eq(dg_trace_slot(&none, g), -1);
    }
}

Test(backend, counts_what_is_done)
{
    batch_result r;
    const dg_batch_options options = {.runs = RUNS, .threads = 2};
    dg_batch *batch = open_batch(&r, &options);
    _Atomic int64_t generations = 0, steps = 0, runs = 0;
    const dg_watch watch = {
        .generations_done = &generations, .agent_steps_done = &steps, .runs_done = &runs};
    cr_assert_eq(dg_backend_cpu()->advance(batch, 3, &watch), DG_OK);
    cr_assert(generations == 3 * RUNS && runs == 0);
    cr_assert_eq(dg_backend_cpu()->advance(batch, 3, &watch), DG_OK);
    cr_assert(generations == 5 * RUNS && runs == RUNS);
    cr_assert_eq(steps, generations * r.run[0].shape.agents * r.run[0].shape.steps);
    close_batch(&r, batch, RUNS);
    free_all(&r);
}

Test(backend, pauses_on_request_and_goes_on)
{
    batch_result r, whole = together(1, NULL, 5);
    const dg_batch_options options = {.runs = RUNS, .threads = 1};
    dg_batch *batch = open_batch(&r, &options);
    volatile int pause = 1;
    const dg_watch watch = {.pause = &pause};
    cr_assert_eq(dg_backend_cpu()->advance(batch, 5, &watch), DG_OK);
    for (int k = 0; k < RUNS; k++) cr_assert_eq(dg_backend_cpu()->generations(batch, k), 0);
    pause = 0;
    cr_assert_eq(dg_backend_cpu()->advance(batch, 5, &watch), DG_OK);
    close_batch(&r, batch, RUNS);
    assert_same(whole, r, "after a pause");
}

Test(backend, refuses_a_new_run_in_the_place_of_one_that_advanced)
{
    batch_result r, whole = together(1, NULL, 5);
    const dg_backend *backend = dg_backend_cpu();
    const dg_batch_options options = {.runs = RUNS, .threads = 1};
    dg_batch *batch = open_batch(&r, &options);
    const dg_config c = nth(5);
    fixture_run fresh = fixture_begin(&c);
    cr_assert_eq(backend->upload(batch, 0, &r.run[0].params, r.run[0].block), DG_OK, "not begun");
    cr_assert_eq(backend->advance(batch, 2, NULL), DG_OK);
    cr_assert_eq(backend->upload(batch, 0, &fresh.params, fresh.block), DG_ERR_ARGUMENT);
    cr_assert_eq(backend->generations(batch, 0), 2);
    cr_assert_eq(backend->advance(batch, 5, NULL), DG_OK);
    close_batch(&r, batch, RUNS);
    assert_same(whole, r, "after an upload that was refused");
    fixture_free(&fresh);
}

Test(backend, refuses_an_instruction_set_it_does_not_know)
{
    const dg_config c = nth(0);
    fixture_run run = fixture_begin(&c);
    const dg_batch_options options = {.runs = 1, .vector = "sse9"};
    dg_batch *batch = NULL;
    cr_assert_eq(dg_backend_cpu()->create(&batch, &run.shape, &options), DG_ERR_UNSUPPORTED);
    cr_assert_null(batch);
    cr_assert_null(dg_backend_cpu_vector("sse9"));
    fixture_free(&run);
}

Test(backend, a_run_in_trouble_stops_and_leaves_others_alone)
{
    batch_result r;
    const dg_batch_options options = {.runs = 2, .threads = 1};
    dg_batch *batch = open_batch(&r, &options);
    const dg_config c = nth(1);
    fixture_run alone = fixture_finish(&c, (fixture_how){0});
    r.run[0].state.sigma[0] = 3e38f; /* its square is infinite */
    cr_assert_eq(dg_backend_cpu()->upload(batch, 0, &r.run[0].params, r.run[0].block), DG_OK);
    cr_assert_eq(dg_backend_cpu()->advance(batch, 5, NULL), DG_OK);
    cr_assert_lt(dg_backend_cpu()->generations(batch, 0), 5);
    cr_assert_eq(dg_backend_cpu()->generations(batch, 1), 5);
    cr_assert_eq(dg_backend_cpu()->download(batch, 0, r.run[0].block), DG_OK);
    cr_assert_eq(r.run[0].state.ended[DG_ENDED_NONFINITE], dg_backend_cpu()->generations(batch, 0));
    cr_assert_eq(dg_backend_cpu()->download(batch, 1, r.run[1].block), DG_OK);
    cr_assert_eq(memcmp(alone.block, r.run[1].block, (size_t)dg_state_bytes(&alone.shape)), 0);
    dg_backend_cpu()->destroy(&batch);
    fixture_free(&alone);
    for (int k = 0; k < 2; k++) fixture_free(&r.run[k]);
}

/* ---- going on from a later generation -------------------------------------------------------- */

static const dg_batch_options traced = {
    .runs = RUNS, .threads = 2, .trace_first = 1, .trace_last = 4, .trace_every = 2};

/** Keep what run k of a batch has come to: state, records so far, trace. */
static void keep_run(fixture_run *run, const dg_batch *batch, int k)
{
    const dg_backend *backend = dg_backend_cpu();
    const dg_shape *s = &run->shape;
    const int64_t words = backend->generations(batch, k) * dg_record_words(s);
    const int64_t page = dg_trace_words(s, &traced);
    cr_assert_eq(backend->download(batch, k, run->block), DG_OK);
    run->records = fixture_memory(words * (int64_t)sizeof(int64_t));
    run->trace = fixture_memory(page * (int64_t)sizeof(int16_t));
    memcpy(run->records, backend->records(batch, k), (size_t)words * sizeof(int64_t));
    memcpy(run->trace, backend->trace(batch, k), (size_t)page * sizeof(int16_t));
}

/** All runs as they stand after some generations. */
static batch_result after(int32_t generations)
{
    batch_result r;
    dg_batch *batch = open_batch(&r, &traced);
    cr_assert_eq(dg_backend_cpu()->advance(batch, generations, NULL), DG_OK);
    for (int k = 0; k < RUNS; k++) keep_run(&r.run[k], batch, k);
    dg_backend_cpu()->destroy(&batch);
    return r;
}

/** Every run from where `r` has it, at generation[k], to its end; `r` becomes what they left. */
static void go_on(batch_result *r, const int32_t *generation, const dg_batch_options *options)
{
    const dg_backend *backend = dg_backend_cpu();
    dg_batch *batch = NULL;
    cr_assert_eq(backend->create(&batch, &r->run[0].shape, options), DG_OK);
    for (int k = 0; k < RUNS; k++) {
        fixture_run *run = &r->run[k];
        cr_assert_eq(backend->upload(batch, k, &run->params, run->block), DG_OK);
        cr_assert_eq(backend->restore(batch, k, generation[k], run->records, run->trace), DG_OK);
        cr_assert_eq(backend->generations(batch, k), generation[k]);
        /* both are copied */
        memset(run->block, 0xee, (size_t)dg_state_bytes(&run->shape));
        memset(run->trace, 0xee, (size_t)dg_trace_words(&run->shape, options) * sizeof(int16_t));
        free(run->records);
        free(run->trace);
    }
    cr_assert_eq(backend->advance(batch, INT32_MAX, NULL), DG_OK);
    for (int k = 0; k < RUNS; k++) keep_run(&r->run[k], batch, k);
    backend->destroy(&batch);
}

static void assert_same_trace(const batch_result *a, const batch_result *b, int32_t generation)
{
    for (int k = 0; k < RUNS; k++)
        cr_assert_eq(memcmp(a->run[k].trace, b->run[k].trace,
                            (size_t)dg_trace_words(&a->run[k].shape, &traced) * sizeof(int16_t)),
                     0, "trace of run %d from generation %d", k, generation);
}

Test(backend, goes_on_from_any_generation_to_the_same_bytes)
{
    batch_result whole = after(5);
    for (int32_t g = 0; g <= 5; g++) {
        dg_batch_options options = traced;
        int32_t from[RUNS];
        batch_result r = after(g);
        for (int k = 0; k < RUNS; k++) from[k] = g;
        options.threads = 1 + g % 3;
        options.vector = g % 2 ? "generic" : NULL;
        go_on(&r, from, &options);
        assert_same_trace(&whole, &r, g);
        for (int k = 0; k < RUNS; k++)
            assert_same_run(&whole.run[k], &r.run[k], "from a later generation", k);
        free_all(&r);
    }
    free_all(&whole);
}

Test(backend, of_a_cpu_takes_runs_at_different_generations)
{
    batch_result whole = after(5), r = after(0);
    int32_t from[RUNS];
    for (int k = 0; k < RUNS; k++) {
        from[k] = (7 * k) % 6;
        batch_result there = after(from[k]);
        const fixture_run kept = r.run[k];
        r.run[k] = there.run[k];
        there.run[k] = kept;
        free_all(&there);
    }
    go_on(&r, from, &traced);
    assert_same_trace(&whole, &r, -1);
    for (int k = 0; k < RUNS; k++) assert_same_run(&whole.run[k], &r.run[k], "mixed", k);
    free_all(&r);
    free_all(&whole);
}

Test(backend, restored_counts_only_what_it_does_itself)
{
    batch_result r = after(3);
    const dg_backend *backend = dg_backend_cpu();
    _Atomic int64_t generations = 0, runs = 0;
    const dg_watch watch = {.generations_done = &generations, .runs_done = &runs};
    dg_batch *batch = NULL;
    cr_assert_eq(backend->create(&batch, &r.run[0].shape, &traced), DG_OK);
    for (int k = 0; k < RUNS; k++) {
        cr_assert_eq(backend->upload(batch, k, &r.run[k].params, r.run[k].block), DG_OK);
        cr_assert_eq(backend->restore(batch, k, 3, r.run[k].records, r.run[k].trace), DG_OK);
    }
    cr_assert_eq(backend->advance(batch, 1, &watch), DG_OK);
    cr_assert(generations == RUNS && runs == 0);
    cr_assert_eq(backend->advance(batch, 9, &watch), DG_OK);
    cr_assert(generations == 2 * RUNS && runs == RUNS);
    backend->destroy(&batch);
    free_all(&r);
}

Test(backend, restores_a_new_run_alone_and_within_its_length)
{
    batch_result r, whole = together(1, NULL, 5), there = after(2);
    const dg_backend *backend = dg_backend_cpu();
    const dg_batch_options options = {.runs = RUNS, .threads = 1};
    dg_batch *batch = open_batch(&r, &options);
    const int64_t *records = there.run[0].records;
    cr_assert_eq(backend->restore(batch, 0, -1, records, NULL), DG_ERR_ARGUMENT);
    cr_assert_eq(backend->restore(batch, 0, 6, records, NULL), DG_ERR_ARGUMENT);
    cr_assert_eq(backend->generations(batch, 0), 0);
    cr_assert_eq(backend->advance(batch, 1, NULL), DG_OK);
    cr_assert_eq(backend->restore(batch, 0, 2, records, NULL), DG_ERR_ARGUMENT, "has advanced");
    cr_assert_eq(backend->generations(batch, 0), 1);
    cr_assert_eq(backend->advance(batch, 5, NULL), DG_OK);
    close_batch(&r, batch, RUNS);
    assert_same(whole, r, "after restores that were refused");
    free_all(&there);
}
