/**
 * Choosing the smallest of a row of numbers by a warp, exactly: comparisons of integer keys
 * (dg_key_of), ties to the smaller index. The result is the same set that kernels/cpu/select.h
 * finds.
 *
 * A row lies in memory; lane l writes and reads its elements l, l + 32, ... alone, so that no barrier is
 * needed between.
 */
#ifndef DG_SELECT_CUDA_H
#define DG_SELECT_CUDA_H

#include "kernels/cuda/warp.h"

#include <float.h>

/** Key of what is never chosen; above the key of every number. */
#define DG_KEY_NEVER 0xffffffffu

/** The last one that is chosen: all (key, index) up to it are. */
typedef struct dg_bound {
    uint32_t key;
    int32_t index;
} dg_bound;

DG_DEVICE bool dg_within(dg_bound bound, uint32_t key, int32_t index)
{
    return key < bound.key || (key == bound.key && index <= bound.index);
}

/** Key of a clock; a clock that never rings, or later than float32 can hold, is not chosen. */
DG_DEVICE uint32_t dg_clock_key(float clock)
{
    return clock <= FLT_MAX ? dg_key_of(clock) : DG_KEY_NEVER;
}

/** The `wanted` smallest of up to 32 keys, one a lane, as a mask of lanes. */
DG_DEVICE uint32_t dg_pick_lanes(uint32_t key, int32_t wanted)
{
    const uint32_t own = 1u << dg_lane();
    uint32_t picked = 0;
    for (int32_t k = 0; k < wanted; k++) {
        const uint32_t least = dg_warp_least(key);
        if (least == DG_KEY_NEVER) break;
        const uint32_t tied = dg_ballot(key == least), first = tied & (0u - tied);
        if (first == own) key = DG_KEY_NEVER;
        picked |= first;
    }
    return picked;
}

/** A lane's least (key, index) beyond a bound, of its elements lane, lane + 32, ... */
DG_DEVICE dg_bound dg_least_beyond(const uint32_t *key, int32_t count, dg_bound bound)
{
    dg_bound least = {DG_KEY_NEVER, INT32_MAX};
    for (int32_t j = dg_lane(); j < count; j += DG_LANES)
        if (!dg_within(bound, key[j], j) && key[j] < least.key) {
            least.key = key[j];
            least.index = j;
        }
    return least;
}

/** One after another: for few of a row. */
DG_DEVICE dg_bound dg_bound_by_turns(const uint32_t *key, int32_t count, int32_t wanted)
{
    dg_bound bound = {0, -1};
    dg_bound own = dg_least_beyond(key, count, bound);
    for (int32_t k = 0; k < wanted; k++) {
        const uint32_t least = dg_warp_least(own.key);
        if (least == DG_KEY_NEVER) break;
        const bool tied = own.key == least;
        const int32_t index = static_cast<int32_t>(
            dg_warp_least(tied ? static_cast<uint32_t>(own.index) : DG_KEY_NEVER));
        bound.key = least;
        bound.index = index;
        if (tied) own = dg_least_beyond(key, count, bound); /* who was not taken finds it again */
    }
    return bound;
}

/** How many keys of the row lie below a limit? */
DG_DEVICE int32_t dg_count_below(const uint32_t *key, int32_t count, uint32_t limit)
{
    uint32_t below = 0;
    for (int32_t j = dg_lane(); j < count; j += DG_LANES) below += key[j] < limit;
    return static_cast<int32_t>(dg_warp_total(below));
}

/** Index of the `wanted`-th element, >= 1, that has this key; the last one if there are fewer. */
DG_DEVICE int32_t dg_index_of_tie(const uint32_t *key, int32_t count, uint32_t value,
                                  int32_t wanted)
{
    int32_t last = -1;
    for (int32_t tile = 0; tile < count; tile += DG_LANES) {
        const int32_t j = tile + dg_lane();
        uint32_t tied = dg_ballot(j < count && key[j] == value);
        for (; tied != 0 && wanted > 0; tied &= tied - 1, wanted--)
            last = tile + dg_lowest_bit(tied);
    }
    return last;
}

/** Bit by bit: the largest key that fewer than `wanted` keys lie below; for many of a row. */
DG_DEVICE dg_bound dg_bound_by_bits(const uint32_t *key, int32_t count, int32_t wanted)
{
    dg_bound bound = {0, -1};
    for (uint32_t bit = 0x80000000u; bit != 0; bit >>= 1)
        if (dg_count_below(key, count, bound.key | bit) < wanted) bound.key |= bit;
    const int32_t ties = wanted - dg_count_below(key, count, bound.key);
    bound.index = dg_index_of_tie(key, count, bound.key, ties);
    return bound;
}

/**
 * Bound of the `wanted` >= 1 smallest keys of a row that all lanes see; fewer if DG_KEY_NEVER must
 * not be chosen, which the caller checks.
 */
DG_DEVICE dg_bound dg_bound_of(const uint32_t *key, int32_t count, int32_t wanted)
{
    /* a turn costs a few instructions and one lane's pass; a bit costs a pass of all lanes */
    return wanted <= 16 ? dg_bound_by_turns(key, count, wanted)
                        : dg_bound_by_bits(key, count, wanted);
}

#endif
