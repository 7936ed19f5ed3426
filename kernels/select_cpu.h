/**
 * Choosing the smallest of a row of clocks, exactly: no sum, no tie left open.
 *
 * A key orders by value, then by index: the float's bits, made monotone, above the index. Keys differ,
 * so the m smallest are one set whatever finds them.
 */
#ifndef DG_SELECT_CPU_H
#define DG_SELECT_CPU_H

#include "fmath.h"
#include "lanes_cpu.h"

/** Beyond every key. */
#define DG_KEY_NONE INT64_MAX

/** Key of a value that is not nan, at a position. */
DG_INLINE int64_t dg_select_key(float value, int32_t index)
{
    const int32_t bits = (int32_t)dg_bits_of(value + 0.0f); /* -0 counts as 0 */
    const int32_t monotone = bits ^ ((bits >> 31) & 0x7fffffff);
    return (int64_t)monotone * 0x100000000 + index;
}

/** Position that a key names. */
DG_INLINE int32_t dg_select_index(int64_t key)
{
    return (int32_t)(key & 0xffffffff);
}

/** Smallest key above `bound`, or DG_KEY_NONE. */
DG_INLINE int64_t dg_select_above(const int64_t *key, int32_t count, int64_t bound)
{
    int64_t least = DG_KEY_NONE;
#pragma omp simd reduction(min : least)
    for (int32_t j = 0; j < count; j++) {
        const int64_t candidate = key[j] > bound ? key[j] : DG_KEY_NONE;
        least = candidate < least ? candidate : least;
    }
    return least;
}

/** The rank-th smallest key, rank = 0 ... count-1; reorders `key` (Hoare 1961, quickselect). */
static inline int64_t dg_select_rank(int64_t *key, int32_t count, int32_t rank)
{
    int32_t low = 0, high = count - 1;
    while (low < high) {
        const int64_t pivot = key[low + (high - low) / 2];
        int32_t i = low, j = high;
        while (i <= j) {
            while (key[i] < pivot) i++;
            while (key[j] > pivot) j--;
            if (i <= j) {
                const int64_t held = key[i];
                key[i++] = key[j];
                key[j--] = held;
            }
        }
        if (rank <= j) high = j;
        else if (rank >= i) low = i;
        else return key[rank];
    }
    return key[low];
}

/** Index of the smallest of `count` clocks; ties to the smaller index. */
DG_INLINE int32_t dg_select_first(const float *clock, int32_t count)
{
    int32_t first = 0;
    for (int32_t v = 1; v < count; v++) first = clock[v] < clock[first] ? v : first;
    return first;
}

#endif
