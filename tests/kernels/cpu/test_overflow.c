/** kernels/cpu, contagion: where `overflow: float32` begins, to the last float, in every instruction set. */
#include "tests/support/fixture.h"

#include "kernels/science/contagion.h"

#include <criterion/criterion.h>

#include <math.h>

enum { AGENTS = 60, HELD = 4 };

/** What is varied: where beliefs come from, and how many values there are. */
typedef struct overflow_case {
    const char *vector;
    int32_t sources, content, overflow;
    int64_t values;
} overflow_case;

/**
 * All agents hold HELD and hear of it from all, or from one: with delta 1, the largest exponent is
 * C_b sum_j W_ij, here the weight of one sender alone times 1. Agents that hold it after one step.
 */
static int holders_after(const overflow_case *of, float exponent)
{
    dg_config config = fixture_config(1);
    const int64_t size = AGENTS;
    const dg_backend *backend = dg_backend_cpu();
    const dg_batch_options options = {.runs = 1, .threads = 1, .vector = of->vector};
    dg_batch *batch = NULL;
    int holders = 0;
    fixture_groups(&config, 1, &size, 0);
    config.group[0].observation_capacity = 1;
    config.values = of->values;
    config.steps = config.generations = 1;
    config.update = DG_UPDATE_FIXED;
    config.contagion_factor = 1;
    config.sources = of->sources;
    config.content = of->content;
    config.overflow = of->overflow;
    fixture_run run = fixture_begin(&config);
    for (int32_t i = 0; i < AGENTS; i++) {
        run.state.belief[i] = HELD;
        for (int32_t j = 0; j < AGENTS; j++) {
            const int one = of->sources == DG_SOURCES_ALL ? j == (i + 1) % AGENTS : j != i;
            run.state.weight[(int64_t)i * run.shape.row + j] = one ? exponent : 0;
        }
    }
    cr_assert_eq(backend->create(&batch, &run.shape, &options), DG_OK);
    cr_assert_eq(backend->upload(batch, 0, &run.params, run.block), DG_OK);
    cr_assert_eq(backend->advance(batch, 1, NULL), DG_OK);
    cr_assert_eq(backend->download(batch, 0, run.block), DG_OK);
    for (int32_t i = 0; i < AGENTS; i++) holders += run.state.belief[i] == HELD;
    backend->destroy(&batch);
    fixture_free(&run);
    return holders;
}

/** Below the bound nobody leaves such a belief (odds e^-88); above it each draws one of all values. */
static void expect_bound(const overflow_case *of)
{
    const float bound = DG_CONTAGION_OVERFLOW;
    const bool exact = of->overflow == DG_OVERFLOW_EXACT;
    cr_expect_eq(holders_after(of, nextafterf(bound, 0)), AGENTS, "%s", of->vector);
    cr_expect_eq(holders_after(of, bound), AGENTS, "%s", of->vector);
    const int above = holders_after(of, nextafterf(bound, INFINITY));
    cr_expect(exact ? above == AGENTS : above < AGENTS / 2, "%s, %lld values: %d", of->vector,
              (long long)of->values, above);
}

/* 1 ... 16 values are summed in one vector, more in a loop */
Test(overflow, begins_above_its_bound_and_not_at_it)
{
    static const char *const sets[] = {"avx512", "avx2", "generic"};
    static const int64_t values[] = {10, 16, 20};
    for (int k = 0; k < 9; k++) {
        overflow_case of = {.vector = sets[k / 3], .values = values[k % 3]};
        if (!dg_backend_cpu_vector(of.vector)) continue;
        for (int how = 0; how < 4; how++) {
            of.overflow = how & 1 ? DG_OVERFLOW_FLOAT32 : DG_OVERFLOW_EXACT;
            of.sources = how & 2 ? DG_SOURCES_ALL : DG_SOURCES_RECEIVED;
            of.content = DG_CONTENT_BELIEF;
            expect_bound(&of);
        }
    }
}

/** A value that is pushed away is no overflow, however hard. */
Test(overflow, is_of_the_largest_exponent_alone)
{
    overflow_case of = {.overflow = DG_OVERFLOW_FLOAT32,
                        .sources = DG_SOURCES_ALL,
                        .content = DG_CONTENT_BELIEF,
                        .values = 10};
    cr_expect_eq(holders_after(&of, -1000), 0);
}
