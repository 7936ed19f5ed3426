/**
 * kernels/cuda/sums.h and values.h on the emulator, against the law one candidate after another
 * (tests/support/sums.h): weights that add up to 2^32 in a chunk, weights made anew in most draws, words where a
 * candidate begins and ends.
 */
#include "kernels/cuda/values.h"

extern "C" {
#include "tests/support/sums.h"
}

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ROW = DG_OBSERVE_SUMS, ROWS = 24 };

static const dg_draw draw = {0x123456789abcdefull, 5, 9};

/** Costs in device memory, what is drawn of them, and one word a draw. */
typedef struct task {
    uint32_t *cost, *word; /* [ROW] */
    int32_t *drawn;        /* [ROW + 1], then how many */
    int32_t count, wanted;
} task;

typedef void (*task_kernel)(task);

/** Run a kernel on costs and words; in `drawn` what it drew, returned how many. */
static int32_t run(task_kernel kernel, const float *cost, int32_t count, int32_t wanted,
                   const uint32_t *word, int32_t *drawn)
{
    int32_t out[ROW + 1];
    task t = {NULL, NULL, NULL, count, wanted};
    cr_assert_eq(cudaMalloc(&t.cost, ROW * sizeof *t.cost), cudaSuccess);
    cr_assert_eq(cudaMalloc(&t.word, ROW * sizeof *t.word), cudaSuccess);
    cr_assert_eq(cudaMalloc(&t.drawn, sizeof out), cudaSuccess);
    cudaMemcpy(t.cost, cost, (size_t)count * sizeof *cost, cudaMemcpyHostToDevice);
    cudaMemset(t.word, 0, ROW * sizeof *t.word);
    cudaMemcpy(t.word, word, (size_t)wanted * sizeof *word, cudaMemcpyHostToDevice);
    cr_assert_eq(dg_launch(kernel, 1, DG_LANES, 0, false, t, NULL), cudaSuccess);
    cr_assert_eq(cudaMemcpy(out, t.drawn, sizeof out, cudaMemcpyDeviceToHost), cudaSuccess);
    memcpy(drawn, out, ROW * sizeof *drawn);
    cudaFree(t.cost);
    cudaFree(t.word);
    cudaFree(t.drawn);
    return out[ROW];
}

/* how costs spread: all equal, near each other, far below each other, some never drawn */
enum { EQUAL, NEAR, FAR, SOME, SPREADS };

static void fill_costs(float *cost, int32_t count, int spread)
{
    for (int32_t j = 0; j < count; j++) {
        const float u = (float)rand() / (float)RAND_MAX;
        cost[j] = spread == EQUAL ? 1.5f : spread == NEAR ? 3 * u : 400 * u;
        if (spread == SOME && j % 3 == 0) cost[j] = DG_OBSERVE_NEVER;
    }
}

/**
 * Words for draws one after another, and what they draw; returns how many. Random ones in every fourth row, else the
 * edges of candidates that are left (sums_edge()).
 */
static int32_t choose_words(const float *cost, int32_t count, int32_t wanted, int32_t row,
                            uint32_t *word, int *expected)
{
    static sums_left left;
    int32_t k = 0;
    sums_begin(&left, cost, count);
    for (; k < wanted && sums_weigh(&left); k++) {
        word[k] = row % 4 == 0 ? dg_word(draw, static_cast<uint32_t>(k), static_cast<uint32_t>(row))
                               : sums_edge(left.weight, count, rand() % count, rand() % SUMS_EDGES);
        expected[k] = sums_take(&left, word[k]);
    }
    return k;
}

/** A kernel must draw what one candidate after another draws. */
static void expect_draws(task_kernel kernel, int32_t count, int32_t wanted, int spread)
{
    float cost[ROW];
    uint32_t word[ROW] = {0};
    int32_t found[ROW];
    int expected[ROW];
    for (int32_t row = 0; row < ROWS; row++) {
        fill_costs(cost, count, spread);
        const int32_t n = choose_words(cost, count, wanted, row, word, expected);
        cr_assert_eq(run(kernel, cost, count, wanted, word, found), n);
        for (int k = 0; k < n; k++)
            cr_assert_eq(found[k], expected[k], "%d of %d, spread %d, row %d, draw %d: %d, not %d",
                         wanted, count, spread, row, k, found[k], expected[k]);
    }
}

/* ---- a candidate a lane ---------------------------------------------------------------------- */

static __global__ void draw_lanes(const task t)
{
    float cost = dg_lane() < t.count ? dg_float_of(t.cost[dg_lane()]) : DG_OBSERVE_NEVER;
    dg_lane_sums sums = {0, 0, 0};
    int32_t k = 0;
    for (; k < t.wanted; k++) {
        if (sums.total < DG_SUMS_ENOUGH && !dg_weigh_lanes(&sums, cost)) break;
        const int32_t place = dg_take_lane(&sums, t.word[k]);
        if (dg_lane() == place) cost = DG_OBSERVE_NEVER;
        t.drawn[k] = place;
    }
    t.drawn[ROW] = k;
}

Test(sums, lanes_draw_as_one_after_another)
{
    for (int spread = 0; spread < SPREADS; spread++) {
        expect_draws(draw_lanes, 31, 4, spread); /* 31: one of 32 agents is the observer */
        expect_draws(draw_lanes, 31, 31, spread);
        expect_draws(draw_lanes, 1, 1, spread);
        expect_draws(draw_lanes, 7, 6, spread);
    }
}

/* ---- a row ----------------------------------------------------------------------------------- */

static __global__ void draw_row(const task t)
{
    dg_row_sums sums = dg_row_of(t.cost, t.count);
    int32_t k = 0;
    for (; k < t.wanted; k++) {
        if (sums.total < DG_SUMS_ENOUGH && !dg_weigh_row(&sums)) break;
        const dg_row_place place = dg_find_place(sums, t.word[k]);
        dg_take_place(&sums, place);
        t.drawn[k] = place.at;
    }
    t.drawn[ROW] = k;
}

Test(sums, rows_draw_as_one_after_another)
{
    for (int spread = 0; spread < SPREADS; spread++) {
        expect_draws(draw_row, 1024, 12, spread); /* EQUAL: 32 weights add up to 2^32 */
        expect_draws(draw_row, 1023, 3, spread);
        expect_draws(draw_row, 300, 40, spread);
        expect_draws(draw_row, 33, 32, spread);
        expect_draws(draw_row, 32, 5, spread);
        expect_draws(draw_row, 2, 1, spread);
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

static __global__ void draw_values(const task t)
{
    const int32_t value = dg_folded_value(0);
    const bool there = value < t.count;
    const float cost = dg_value_cost(there ? -dg_float_of(t.cost[value]) : 0.0f, there);
    t.drawn[0] = dg_draw_value(cost, t.word[0]);
    t.drawn[ROW] = 1;
}

/* the values of the task by the even lanes, those from the other end by the odd ones; then the other way round */
static __global__ void draw_two_values(const task t)
{
    const int32_t value = dg_folded_value(0);
    const bool odd = dg_lane() & 1, there = value < t.count;
    const int32_t at = there ? value : 0, last = t.count - 1;
    const float cost = dg_float_of(t.cost[odd ? last - at : at]);
    const dg_two_values drawn =
        dg_draw_two_values(there ? cost : DG_OBSERVE_NEVER, t.word[odd ? 1 : 0]);
    const float other = dg_float_of(t.cost[odd ? at : last - at]);
    const dg_two_values turned =
        dg_draw_two_values(there ? other : DG_OBSERVE_NEVER, t.word[odd ? 0 : 1]);
    t.drawn[0] = drawn.even;
    t.drawn[1] = turned.odd == drawn.even && turned.even == drawn.odd;
    t.drawn[ROW] = 1;
}

static __global__ void least_value(const task t)
{
    const int32_t value = dg_folded_value(0);
    t.drawn[0] = dg_least_value(value < t.count ? dg_float_of(t.cost[value]) : DG_OBSERVE_NEVER);
    t.drawn[ROW] = 1;
}

Test(sums, values_are_drawn_as_one_after_another)
{
    for (int32_t count = 2; count <= DG_VALUE_FOLD; count++)
        for (int spread = 0; spread < SOME; spread++) expect_draws(draw_values, count, 1, spread);
}

Test(sums, two_draws_of_values_do_not_meet)
{
    for (int32_t count = 2; count <= DG_VALUE_FOLD; count++)
        for (int spread = 0; spread < SOME; spread++) {
            const uint32_t word[] = {dg_word(draw, 0, 7), dg_word(draw, 1, 7)};
            float cost[ROW];
            int32_t found[ROW];
            expect_draws(draw_two_values, count, 1, spread);
            fill_costs(cost, count, spread);
            run(draw_two_values, cost, count, 2, word, found);
            cr_assert(found[1], "%d values, spread %d: a draw depends on its lanes", count, spread);
        }
}

Test(sums, the_least_value_is_the_first_of_equals)
{
    for (int32_t row = 0; row < 40; row++) {
        float cost[DG_VALUE_FOLD];
        const uint32_t word = 0;
        int32_t found[ROW], first = 0;
        const int32_t count = 1 + rand() % DG_VALUE_FOLD;
        for (int32_t k = 0; k < count; k++) {
            cost[k] = rand() % 3 ? (float)(rand() % 3) : -0.0f;
            if (cost[k] < cost[first]) first = k;
        }
        run(least_value, cost, count, 1, &word, found);
        cr_assert_eq(found[0], first, "row %d", row);
    }
}
