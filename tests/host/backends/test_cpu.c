/** host/backends/cpu.c: the memory that a run is said to take, against what a batch allocates. */
#include "kernels/backend.h"
#include "tests/support/fixture.h"

#include <criterion/criterion.h>

#include <malloc.h>
#include <stdlib.h>

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ) && !defined(__SANITIZE_ADDRESS__)
#if __GLIBC_PREREQ(2, 33)
#define HAS_COUNTED_MEMORY 1
#endif
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef HAS_COUNTED_MEMORY
#endif
#endif

/** Bytes that this process has allocated. */
static int64_t allocated(void)
{
#ifdef HAS_COUNTED_MEMORY
    const struct mallinfo2 info = mallinfo2();
    return (int64_t)(info.uordblks + info.hblkhd);
#else
    cr_skip("the allocator does not say how much it handed out");
    return 0;
#endif
}

static int64_t allocated_by(const dg_shape *shape, dg_batch_options options, int32_t runs)
{
    dg_batch *batch = NULL;
    options.runs = runs;
    const int64_t before = allocated();
    cr_assert_eq(dg_backend_cpu()->create(&batch, shape, &options), DG_OK);
    const int64_t after = allocated();
    dg_backend_cpu()->destroy(&batch);
    return after - before;
}

static void expect_bytes(const char *what, const dg_config *config, int32_t trace_every)
{
    enum { RUNS = 200 };
    dg_shape shape;
    dg_config_shape(config, &shape);
    const dg_batch_options options = {
        .runs = 1, .threads = 1, .trace_last = shape.generations - 1, .trace_every = trace_every};
    const double each = (double)dg_backend_cpu()->bytes_per_run(&shape, &options);
    const double real =
        (double)(allocated_by(&shape, options, RUNS + 1) - allocated_by(&shape, options, 1)) / RUNS;
    /* pieces are rounded up to cache lines, and mapped memory to pages */
    cr_expect_float_eq(each / real, 1, 0.02, "%s: %g bytes expected, %g allocated", what, each,
                       real);
}

Test(cpu, a_run_takes_the_memory_that_it_is_said_to)
{
    dg_config config = fixture_config(1);
    expect_bytes("states", &config, 0);
    config.generations = 300;
    expect_bytes("records", &config, 0);
    config.steps = 30;
    expect_bytes("traces", &config, 1);
    expect_bytes("traces of some generations", &config, 7);
}

/** A thread more takes its scratch only where there is a run for it. */
Test(cpu, a_batch_takes_the_memory_beside_its_runs_that_it_is_said_to)
{
    enum { THREADS = 64 };
    const dg_config config = fixture_config(1);
    dg_shape shape;
    dg_config_shape(&config, &shape);
    const dg_batch_options one = {.runs = THREADS, .threads = 1},
                           all = {.runs = THREADS, .threads = THREADS},
                           many = {.runs = THREADS, .threads = 10 * THREADS};
    const double each = (double)dg_backend_cpu()->bytes_beside(&shape, &one);
    const int64_t first = allocated_by(&shape, one, THREADS);
    const double real = (double)(allocated_by(&shape, all, THREADS) - first) / (THREADS - 1);
    cr_expect_float_eq(each / real, 1, 0.02, "%g bytes expected, %g allocated", each, real);
    cr_expect_eq(dg_backend_cpu()->bytes_beside(&shape, &all), THREADS * (int64_t)each);
    cr_expect_eq(dg_backend_cpu()->bytes_beside(&shape, &many), THREADS * (int64_t)each);
    /* the allocator rounds as its free pieces lie: less than half of what one thread more would take */
    const int64_t more = allocated_by(&shape, many, THREADS) - allocated_by(&shape, all, THREADS);
    cr_expect_lt(llabs(more), (int64_t)(each / 2), "%lld bytes", (long long)more);
}
