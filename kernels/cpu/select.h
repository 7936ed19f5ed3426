/**
 * Choosing the smallest of a row of numbers, exactly: comparisons alone, no sum, ties to the smaller
 * index. The numbers are never nan; +infinity is never chosen.
 */
#ifndef DG_SELECT_CPU_H
#define DG_SELECT_CPU_H

#include "kernels/science/fmath.h"
#include "kernels/cpu/lanes.h"

#include <float.h>

/** The value of rank 0 ... count-1 in ascending order; reorders `value` (Hoare 1961, quickselect). */
static inline float dg_select_value(float *value, int32_t count, int32_t rank)
{
    int32_t low = 0, high = count - 1;
    while (low < high) {
        const float pivot = value[low + (high - low) / 2];
        int32_t i = low, j = high;
        while (i <= j) {
            while (value[i] < pivot) i++;
            while (value[j] > pivot) j--;
            if (i <= j) {
                const float held = value[i];
                value[i++] = value[j];
                value[j--] = held;
            }
        }
        if (rank <= j)
            high = j;
        else if (rank >= i)
            low = i;
        else
            break;
    }
    return value[rank];
}

/**
 * Mark the `wanted` smallest of count values, ties to the smaller index: replace them by `mark`.
 *
 * @param spare  [count], scratch
 */
static inline void dg_select_mark(float *value, float *spare, int32_t count, int32_t wanted,
                                  float mark)
{
    memcpy(spare, value, (size_t)count * sizeof *spare);
    const float bound = dg_select_value(spare, count, wanted - 1);
    int32_t ties = wanted;
    for (int32_t j = 0; j < count; j++) ties -= value[j] < bound;
    for (int32_t j = 0; j < count; j++) {
        const int32_t tied = value[j] == bound && ties > 0;
        ties -= tied;
        if (value[j] < bound || tied) value[j] = mark;
    }
}

/**
 * A number that at least `wanted` <= DG_ROW_ALIGN of a row do not exceed, close above their largest;
 * +infinity if this quick search finds none.
 *
 * The row is folded to its minima per lane; the wanted-th smallest of those will do, because each
 * stands for a value of its own.
 */
DG_INLINE float dg_select_bound(const float *value, int32_t row, int32_t wanted)
{
    float least[DG_ROW_ALIGN];
    int32_t below[DG_ROW_ALIGN] = {0};
    dg_lanes_fold_least(least, value, row);
#pragma GCC unroll 16
    for (int k = 0; k < DG_ROW_ALIGN; k++) {
        DG_SIMD
        for (int l = 0; l < DG_ROW_ALIGN; l++) below[l] += least[k] < least[l];
    }
    DG_SIMD
    for (int l = 0; l < DG_ROW_ALIGN; l++)
        least[l] = below[l] >= wanted - 1 ? least[l] : (float)INFINITY;
    return dg_lanes_least(least);
}

/** Remove the largest of the listed positions, ties to the larger index, until `wanted` are left. */
static inline int32_t dg_select_trim(int32_t *list, int32_t count, const float *value,
                                     int32_t wanted)
{
    while (count > wanted) {
        int32_t worst = 0;
        for (int32_t k = 1; k < count; k++)
            if (value[list[k]] >= value[list[worst]]) worst = k;
        count--;
        for (int32_t k = worst; k < count; k++) list[k] = list[k + 1];
    }
    return count;
}

/**
 * List the `wanted` smallest finite values of a row in ascending index; returns how many there are.
 *
 * @param row    multiple of DG_ROW_ALIGN; what is not to be chosen is +infinity
 * @param list   [row], written
 * @param spare  [row], scratch
 */
DG_INLINE int32_t dg_select_smallest(int32_t *list, const float *value, float *spare, int32_t row,
                                     int32_t wanted)
{
    float bound = wanted <= DG_ROW_ALIGN ? dg_select_bound(value, row, wanted) : (float)INFINITY;
    if (!(bound <= FLT_MAX)) {
        memcpy(spare, value, (size_t)row * sizeof *spare);
        bound = dg_select_value(spare, row, wanted - 1);
        bound = bound <= FLT_MAX ? bound : FLT_MAX;
    }
    int32_t count = 0;
    /* two tiles at once: how many are found among 30 agents is known beforehand, in halves it is not */
    for (int32_t tile = 0; tile < row; tile += 2 * DG_ROW_ALIGN) {
        uint32_t left = dg_lanes_up_to(value + tile, bound);
        if (tile + DG_ROW_ALIGN < row)
            left |= dg_lanes_up_to(value + tile + DG_ROW_ALIGN, bound) << DG_ROW_ALIGN;
        for (; left; left &= left - 1) list[count++] = tile + __builtin_ctz(left);
    }
    return dg_select_trim(list, count, value, wanted);
}

#endif
