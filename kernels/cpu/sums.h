/**
 * Draws by sums on the CPU: the law is sums.h's of science. Weights are added tile by tile; a draw finds the
 * tile first, then the place in it.
 */
#ifndef DG_SUMS_CPU_H
#define DG_SUMS_CPU_H

#include "kernels/cpu/lanes.h"
#include "kernels/science/shape.h"
#include "kernels/science/sums.h"

/** Weights of a tile of costs relative to the least, and their sum, which is at most 2^31. */
DG_INLINE uint32_t dg_sums_weigh(uint32_t *weight, const float *cost, float least)
{
    uint32_t sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int32_t l = 0; l < DG_ROW_ALIGN; l++) {
        weight[l] = dg_sums_weight(cost[l] - least);
        sum += weight[l];
    }
    return sum;
}

/** Place in a tile of the first whose prefix sum exceeds `mark` < 2^31; the last one if none does. */
DG_INLINE int32_t dg_sums_place(const uint32_t *weight, uint32_t mark)
{
    uint32_t prefix[DG_ROW_ALIGN];
    dg_lanes_prefix(prefix, weight, 0);
    /* the last prefix sum can be 2^31, which is no signed number */
    return __builtin_ctz(dg_lanes_above(prefix, mark) | 1u << (DG_ROW_ALIGN - 1));
}

/* ---- one draw of few values ------------------------------------------------------------------ */

/** Draw k with probability exp(x_k) / sum exp(x), of the first `count` <= 16 numbers. */
DG_INLINE int32_t dg_sums_softmax_of_16(const float *x, int32_t count, uint32_t word)
{
    uint32_t weight[DG_ROW_ALIGN], prefix[DG_ROW_ALIGN];
    float cost[DG_ROW_ALIGN];
    DG_SIMD
    for (int32_t l = 0; l < DG_ROW_ALIGN; l++) cost[l] = l < count ? -x[l] : (float)INFINITY;
    const float least = dg_lanes_least(cost);
    DG_SIMD
    for (int32_t l = 0; l < DG_ROW_ALIGN; l++) weight[l] = dg_sums_weight(cost[l] - least);
    dg_lanes_prefix(prefix, weight, 0);
    const uint32_t mark = (uint32_t)dg_sums_mark(word, prefix[DG_ROW_ALIGN - 1]);
    return __builtin_ctz(dg_lanes_above(prefix, mark) | 1u << (count - 1));
}

/* ---- draws from a row ------------------------------------------------------------------------ */

/** A row of weights with the sums of its tiles up to each one. */
typedef struct dg_sums {
    uint32_t *weight; /* [row] */
    uint64_t *upto;   /* [row / DG_ROW_ALIGN] sum of this tile and of all before it */
    int32_t row;      /* multiple of DG_ROW_ALIGN */
} dg_sums;

DG_INLINE int32_t dg_sums_tiles(const dg_sums *sums)
{
    return sums->row / DG_ROW_ALIGN;
}

DG_INLINE uint64_t dg_sums_total(const dg_sums *sums)
{
    return sums->upto[dg_sums_tiles(sums) - 1];
}

/** The least cost of a row; infinity: nobody can be drawn. */
DG_INLINE float dg_sums_least(const float *cost, int32_t row)
{
    float least[DG_ROW_ALIGN];
    dg_lanes_fold_least(least, cost, row);
    return dg_lanes_least(least);
}

/** Weights of a row of costs relative to the least of them; infinity cannot be drawn. */
DG_INLINE void dg_sums_weigh_row(const dg_sums *sums, const float *cost, float least)
{
    uint64_t total = 0;
    for (int32_t t = 0; t < dg_sums_tiles(sums); t++) {
        const int32_t first = t * DG_ROW_ALIGN;
        total += dg_sums_weigh(sums->weight + first, cost + first, least);
        sums->upto[t] = total;
    }
}

/** Draw a place, and take its weight out. The total is not 0. */
DG_INLINE int32_t dg_sums_draw(const dg_sums *sums, uint32_t word)
{
    const int32_t tiles = dg_sums_tiles(sums);
    const uint64_t mark = dg_sums_mark(word, dg_sums_total(sums));
    int32_t tile = 0;
    while (tile < tiles - 1 && sums->upto[tile] <= mark) tile++;
    const uint64_t before = tile > 0 ? sums->upto[tile - 1] : 0;
    uint32_t *weight = sums->weight + tile * DG_ROW_ALIGN;
    const int32_t place = dg_sums_place(weight, (uint32_t)(mark - before));
    for (int32_t t = tile; t < tiles; t++) sums->upto[t] -= weight[place];
    weight[place] = 0;
    return tile * DG_ROW_ALIGN + place;
}

/** Draw k with probability exp(x_k) / sum exp(x), of the first `count` numbers of a row, which become costs. */
DG_INLINE int32_t dg_sums_softmax(const dg_sums *sums, float *x, int32_t count, uint32_t word)
{
    DG_SIMD
    for (int32_t k = 0; k < sums->row; k++) x[k] = k < count ? -x[k] : (float)INFINITY;
    dg_sums_weigh_row(sums, x, dg_sums_least(x, sums->row));
    return dg_sums_draw(sums, word);
}

#endif
