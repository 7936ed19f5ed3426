/**
 * Draws by sums on the CPU: the law is sums.h's of science. Weights are added tile by tile; the draw finds the
 * tile first, then the place in it.
 */
#ifndef DG_SUMS_CPU_H
#define DG_SUMS_CPU_H

#include "kernels/cpu/lanes.h"
#include "kernels/science/shape.h"
#include "kernels/science/sums.h"

/** Largest of the first `count` numbers; -infinity if there is none. */
DG_INLINE float dg_sums_largest(const float *x, int32_t count)
{
    float largest = -(float)INFINITY;
#pragma omp simd reduction(max : largest)
    for (int32_t k = 0; k < count; k++) largest = x[k] > largest ? x[k] : largest;
    return largest;
}

/** Sum of a tile of weights: at most 2^31. */
DG_INLINE uint32_t dg_sums_of_tile(const uint32_t *weight)
{
    uint32_t sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int32_t l = 0; l < DG_ROW_ALIGN; l++) sum += weight[l];
    return sum;
}

/** Place in a tile of the first whose prefix sum exceeds `mark`, which is below the tile's sum. */
DG_INLINE int32_t dg_sums_in_tile(const uint32_t *weight, uint32_t mark)
{
    uint32_t sum = 0;
    int32_t place = 0;
#pragma GCC unroll 16
    for (int32_t l = 0; l < DG_ROW_ALIGN - 1; l++) {
        sum += weight[l];
        place += sum <= mark;
    }
    return place;
}

/** A row of weights with the sum of each tile, and of all. */
typedef struct dg_sums {
    uint32_t *weight; /* [row] */
    uint32_t *tile;   /* [row / DG_ROW_ALIGN] */
    uint64_t total;
    int32_t row; /* multiple of DG_ROW_ALIGN */
} dg_sums;

/** Sums from the weights. */
DG_INLINE void dg_sums_add(dg_sums *sums)
{
    sums->total = 0;
    for (int32_t t = 0; t < sums->row / DG_ROW_ALIGN; t++) {
        sums->tile[t] = dg_sums_of_tile(sums->weight + t * DG_ROW_ALIGN);
        sums->total += sums->tile[t];
    }
}

/** The first place whose prefix sum exceeds dg_sums_mark(); total > 0. */
DG_INLINE int32_t dg_sums_find(const dg_sums *sums, uint32_t word)
{
    uint64_t mark = dg_sums_mark(word, sums->total);
    int32_t t = 0;
    for (; mark >= sums->tile[t] && t + 1 < sums->row / DG_ROW_ALIGN; t++) mark -= sums->tile[t];
    return t * DG_ROW_ALIGN + dg_sums_in_tile(sums->weight + t * DG_ROW_ALIGN, (uint32_t)mark);
}

/** Take out what was drawn. */
DG_INLINE void dg_sums_take(dg_sums *sums, int32_t place)
{
    sums->tile[place / DG_ROW_ALIGN] -= sums->weight[place];
    sums->total -= sums->weight[place];
    sums->weight[place] = 0;
}

/** Draw k with probability exp(x_k) / sum exp(x), of the first `count` numbers of a row. */
DG_INLINE int32_t dg_sums_softmax(dg_sums *sums, const float *x, int32_t count, uint32_t word)
{
    const float largest = dg_sums_largest(x, count);
    DG_SIMD
    for (int32_t k = 0; k < sums->row; k++)
        sums->weight[k] = k < count ? dg_sums_weight(x[k] - largest) : 0;
    dg_sums_add(sums);
    return dg_sums_find(sums, word);
}

#endif
