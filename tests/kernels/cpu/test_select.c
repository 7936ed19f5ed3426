/** kernels/cpu/select.h: the smallest of a row, against sorting. */
#include "kernels/science/rng.h"
#include "kernels/cpu/select.h"

#include <criterion/criterion.h>

#include <stdlib.h>

enum { MOST = 128 };

/** A row with many ties, zeros of both signs and +infinity in it; returns its padded length. */
static int32_t some_row(uint32_t trial, float *value, int32_t *count)
{
    const dg_draw draw = dg_draw_of(1, DG_STREAM_OBSERVE, 0, 0);
    const uint32_t levels = 1 + dg_word(draw, 0, trial) % 40;
    *count = 1 + (int32_t)(dg_word(draw, 1, trial) % (MOST - 16));
    for (int32_t j = 0; j < MOST; j++) {
        const uint32_t word = dg_word(draw, (uint32_t)(2 + j), trial);
        const float some = (float)(int32_t)(word % levels) - 3;
        value[j] = some == 0 && word >> 31 ? -0.0f : some;
        if (j >= *count || (word >> 20) % 5 == 0) value[j] = (float)INFINITY;
    }
    return (int32_t)dg_round_up(*count, DG_ROW_ALIGN);
}

/** Does j come before k? */
static int before(const float *value, int32_t j, int32_t k)
{
    return value[j] < value[k] || (value[j] == value[k] && j < k);
}

static int32_t rank_of(const float *value, int32_t count, int32_t j)
{
    int32_t rank = 0;
    for (int32_t k = 0; k < count; k++) rank += before(value, k, j);
    return rank;
}

Test(select, lists_the_smallest_in_ascending_index)
{
    for (uint32_t trial = 0; trial < 3000; trial++) {
        float value[MOST] __attribute__((aligned(64))), spare[MOST];
        int32_t list[MOST + DG_ROW_ALIGN], count, at = 0;
        const int32_t row = some_row(trial, value, &count);
        const int32_t wanted = 1 + (int32_t)(trial % (uint32_t)count);
        const int32_t found = dg_select_smallest(list, value, spare, row, wanted);
        for (int32_t j = 0; j < count; j++) {
            if (isinf(value[j]) || rank_of(value, count, j) >= wanted) continue;
            cr_assert(at < found && list[at] == j, "trial %u: %d is missing", trial, j);
            at++;
        }
        cr_assert_eq(found, at, "trial %u: %d too many", trial, found - at);
    }
}

Test(select, marks_the_smallest)
{
    for (uint32_t trial = 0; trial < 3000; trial++) {
        float value[MOST], marked[MOST], spare[MOST];
        int32_t count;
        some_row(trial, value, &count);
        const int32_t wanted = 1 + (int32_t)(trial % (uint32_t)count);
        memcpy(marked, value, sizeof marked);
        dg_select_mark(marked, spare, count, wanted, -100);
        for (int32_t j = 0; j < count; j++)
            cr_assert_eq(marked[j], rank_of(value, count, j) < wanted ? -100 : value[j],
                         "trial %u: %d", trial, j);
    }
}

Test(select, finds_the_value_of_a_rank)
{
    for (uint32_t trial = 0; trial < 3000; trial++) {
        float value[MOST], mixed[MOST];
        int32_t count;
        some_row(trial, value, &count);
        const int32_t rank = (int32_t)(trial % (uint32_t)count);
        memcpy(mixed, value, sizeof mixed);
        const float found = dg_select_value(mixed, count, rank);
        for (int32_t j = 0; j < count; j++)
            if (rank_of(value, count, j) == rank) cr_assert_eq(found, value[j], "trial %u", trial);
    }
}
