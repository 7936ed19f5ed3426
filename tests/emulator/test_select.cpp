/**
 * kernels/cuda/select.h and fold.h on the emulator, against sorting and sum.h: rows whose keys repeat,
 * so that ties decide, which whole runs hardly ever meet.
 */
#include "kernels/cuda/fold.h"
#include "kernels/cuda/select.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ROW = 300, ROWS = 40, SUMS = DG_VALUE_FOLD * DG_LANES };

/** A row in device memory, and what a kernel is asked of it. */
typedef struct task {
    uint32_t *key;  /* [ROW] */
    float *partial; /* [DG_VALUE_FOLD][DG_LANES] */
    uint32_t *out;
    int32_t count, wanted;
} task;

static task task_make(int32_t count, int32_t wanted)
{
    task t = {NULL, NULL, NULL, count, wanted};
    cr_assert_eq(cudaMalloc(&t.key, ROW * sizeof *t.key), cudaSuccess);
    cr_assert_eq(cudaMalloc(&t.partial, SUMS * sizeof *t.partial), cudaSuccess);
    cr_assert_eq(cudaMalloc(&t.out, 64 * sizeof *t.out), cudaSuccess);
    return t;
}

static void task_free(const task *t)
{
    cudaFree(t->key);
    cudaFree(t->partial);
    cudaFree(t->out);
}

static void task_run(void (*kernel)(task), const task *t, uint32_t *out, size_t words)
{
    cr_assert_eq(dg_launch(kernel, 1, DG_LANES, 0, false, *t, NULL), cudaSuccess);
    cr_assert_eq(cudaMemcpy(out, t->out, words * sizeof *out, cudaMemcpyDeviceToHost), cudaSuccess);
}

/** Keys of few values, some of them never chosen. */
static void fill_keys(uint32_t *key, int32_t count, uint32_t values)
{
    for (int32_t j = 0; j < count; j++) {
        const uint32_t drawn = (uint32_t)rand() % (values + 1);
        key[j] = drawn == values ? DG_KEY_NEVER : 0x40000000u + 0x123457u * drawn;
    }
}

/** Is j among the `wanted` smallest (key, index)? By counting those before it. */
static bool is_chosen(const uint32_t *key, int32_t count, int32_t wanted, int32_t j)
{
    int32_t before = 0;
    for (int32_t k = 0; k < count; k++) before += key[k] < key[j] || (key[k] == key[j] && k < j);
    return key[j] != DG_KEY_NEVER && before < wanted;
}

/* ---- the smallest of a row ------------------------------------------------------------------- */

static __global__ void pick_lanes(const task t)
{
    const bool here = dg_lane() < t.count;
    const uint32_t picked = dg_pick_lanes(here ? t.key[dg_lane()] : DG_KEY_NEVER, t.wanted);
    t.out[dg_lane()] = picked;
}

Test(select, lanes_pick_the_smallest_and_ties_go_to_the_smaller_index)
{
    for (int32_t row = 0; row < ROWS; row++) {
        uint32_t key[ROW], out[DG_LANES];
        const task t = task_make(1 + rand() % DG_LANES, 1 + rand() % DG_LANES);
        fill_keys(key, t.count, 1 + (uint32_t)row % 7);
        cudaMemcpy(t.key, key, sizeof key, cudaMemcpyHostToDevice);
        task_run(pick_lanes, &t, out, DG_LANES);
        for (int32_t j = 0; j < t.count; j++)
            cr_assert_eq(out[0] >> j & 1, is_chosen(key, t.count, t.wanted, j),
                         "row %d: %d of %d, index %d", row, t.wanted, t.count, j);
        for (int32_t l = 1; l < DG_LANES; l++) cr_assert_eq(out[l], out[0]);
        task_free(&t);
    }
}

/** Out: bound by turns, bound by bits, both as (key, index). */
static __global__ void bounds(const task t)
{
    const dg_bound turns = dg_bound_by_turns(t.key, t.count, t.wanted);
    const dg_bound bits = dg_bound_by_bits(t.key, t.count, t.wanted);
    if (dg_lane() != 0) return;
    t.out[0] = turns.key;
    t.out[1] = (uint32_t)turns.index;
    t.out[2] = bits.key;
    t.out[3] = (uint32_t)bits.index;
}

Test(select, both_ways_to_a_bound_hold_the_smallest_of_a_row)
{
    for (int32_t row = 0; row < ROWS; row++) {
        uint32_t key[ROW], out[4];
        const int32_t count = 1 + rand() % ROW;
        const task t = task_make(count, 1 + rand() % count);
        fill_keys(key, count, 1 + (uint32_t)row % 11);
        cudaMemcpy(t.key, key, sizeof key, cudaMemcpyHostToDevice);
        task_run(bounds, &t, out, 4);
        const dg_bound turns = {out[0], (int32_t)out[1]}, bits = {out[2], (int32_t)out[3]};
        for (int32_t j = 0; j < count; j++) {
            const bool chosen = is_chosen(key, count, t.wanted, j);
            const bool open = key[j] != DG_KEY_NEVER;
            cr_assert_eq(open && dg_within(turns, key[j], j), chosen, "turns, row %d, %d", row, j);
            cr_assert_eq(open && dg_within(bits, key[j], j), chosen, "bits, row %d, %d", row, j);
        }
        task_free(&t);
    }
}

/* ---- sums ------------------------------------------------------------------------------------- */

static __global__ void fold(const task t)
{
    float sum[DG_VALUE_FOLD];
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++) sum[k] = t.partial[k * DG_LANES + dg_lane()];
    t.out[dg_lane()] = dg_bits_of(dg_fold(sum));
}

Test(fold, sixteen_sums_have_the_bits_of_the_written_order)
{
    for (int32_t row = 0; row < ROWS; row++) {
        float partial[DG_VALUE_FOLD][DG_LANES];
        uint32_t out[DG_LANES];
        const task t = task_make(0, 0);
        for (int32_t k = 0; k < DG_VALUE_FOLD; k++)
            for (int32_t l = 0; l < DG_LANES; l++)
                partial[k][l] = (float)rand() / 1e4f - (float)rand() / 3e5f;
        cudaMemcpy(t.partial, partial, sizeof partial, cudaMemcpyHostToDevice);
        task_run(fold, &t, out, DG_LANES);
        for (int32_t k = 0; k < DG_VALUE_FOLD; k++) {
            const uint32_t expected = dg_bits_of(dg_sum_tree(partial[k]));
            cr_assert_eq(out[2 * k], expected, "row %d, value %d", row, k);
            cr_assert_eq(out[2 * k + 1], expected, "row %d, value %d", row, k);
        }
        task_free(&t);
    }
}
