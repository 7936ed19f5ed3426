/** Tests kernels/select_cpu.h against sorting. */
#include "kernels/rng.h"
#include "kernels/select_cpu.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { MOST = 320 };

typedef struct row {
    float value[MOST] __attribute__((aligned(64)));
    float spare[MOST];
    int32_t list[MOST];
    int32_t order[MOST];
    int32_t size, padded;
} row;

static const row *sorted;

static int by_value_then_index(const void *a, const void *b)
{
    const int32_t i = *(const int32_t *)a, j = *(const int32_t *)b;
    if (sorted->value[i] != sorted->value[j]) return sorted->value[i] < sorted->value[j] ? -1 : 1;
    return i < j ? -1 : i > j;
}

/** Random values, coarse ones so that ties abound; some infinite; padding infinite. */
static void fill(row *r, int32_t size, uint32_t trial, int coarse)
{
    const dg_draw draw = dg_draw_of(99, DG_STREAM_OBSERVE, 0, (int32_t)trial);
    r->size = size;
    r->padded = (int32_t)dg_round_up(size, DG_ROW_ALIGN);
    for (int32_t j = 0; j < r->padded; j++) {
        const uint32_t word = dg_word(draw, (uint32_t)j, 0);
        const float value = coarse ? (float)(word % 5) - 2 : dg_log_exponential(word);
        r->value[j] = j >= size || word % 7 == 0 ? (float)INFINITY : value;
        r->order[j] = j;
    }
    sorted = r;
    qsort(r->order, (size_t)size, sizeof *r->order, by_value_then_index);
}

static int ascending(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

static void expect_smallest(row *r, int32_t wanted)
{
    const int32_t count = dg_select_smallest(r->list, r->value, r->spare, r->padded, wanted);
    int32_t expected = 0;
    while (expected < wanted && expected < r->size &&
           r->value[r->order[expected]] < (float)INFINITY)
        expected++;
    cr_assert_eq(count, expected, "%d of %d: %d, expected %d", wanted, r->size, count, expected);
    qsort(r->order, (size_t)expected, sizeof *r->order, ascending);
    for (int32_t k = 0; k < count; k++) cr_assert_eq(r->list[k], r->order[k]);
}

Test(select, lists_the_smallest_in_ascending_index)
{
    static row r;
    static const int32_t sizes[] = {2, 7, 16, 30, 31, 33, 64, 100, 300};
    static const int32_t wanted[] = {1, 2, 4, 10, 16, 17, 40, 299};
    for (int s = 0; s < 9; s++)
        for (int w = 0; w < 8 && wanted[w] < sizes[s]; w++)
            for (uint32_t trial = 0; trial < 60; trial++) {
                fill(&r, sizes[s], trial, trial % 2 == 0);
                expect_smallest(&r, wanted[w]);
            }
}

Test(select, finds_nothing_among_infinities)
{
    static row r;
    r.padded = 32;
    for (int j = 0; j < 32; j++) r.value[j] = (float)INFINITY;
    cr_expect_eq(dg_select_smallest(r.list, r.value, r.spare, 32, 4), 0);
}

Test(select, marks_the_smallest_ties_to_the_smaller_index)
{
    static row r;
    for (uint32_t trial = 0; trial < 400; trial++) {
        const int32_t size = 1 + (int32_t)(trial % 50);
        const int32_t wanted = 1 + (int32_t)(trial * 7u % (uint32_t)size);
        fill(&r, size, trial, trial % 3 != 0);
        int32_t marked[MOST] = {0};
        for (int32_t k = 0; k < wanted; k++) marked[r.order[k]] = 1;
        dg_select_mark(r.value, r.spare, size, wanted, -100.0f);
        for (int32_t j = 0; j < size; j++) cr_assert_eq(r.value[j] == -100.0f, marked[j]);
    }
}

Test(select, takes_the_first_of_equal_clocks)
{
    const float clock[] = {3, 1, 2, 1, 1};
    cr_expect_eq(dg_select_first(clock, 5), 1);
    cr_expect_eq(dg_select_first(clock, 1), 0);
}
