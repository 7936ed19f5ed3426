/** Sums over rows of values on the CPU, in the order of sum.h. */
#ifndef DG_FOLD_CPU_H
#define DG_FOLD_CPU_H

#include "kernels/cpu/lanes.h"
#include "kernels/science/sum.h"

/** One partial of sum.h for a tile of values: rows lane, lane + 32, ... weighted by their factor. */
DG_INLINE void dg_partial_row(float *sum, const float *factor, const float *rows, int64_t stride,
                              int32_t count, int32_t lane)
{
    for (int v = 0; v < DG_VALUE_TILE; v++) sum[v] = 0;
    for (int32_t k = lane; k < count; k += DG_LANES) {
        DG_SIMD
        for (int v = 0; v < DG_VALUE_TILE; v++)
            sum[v] = dg_sum_term(sum[v], factor[k], rows[k * stride + v]);
    }
}

DG_INLINE void dg_add_row(float *sum, const float *other)
{
    DG_SIMD
    for (int v = 0; v < DG_VALUE_TILE; v++) sum[v] += other[v];
}

/**
 * out[v] = sum over k of factor[k] rows[k][v], in the order of sum.h, for a tile of values.
 *
 * Quarters c, c + 8, c + 16, c + 24 of the partials are folded as they come, so that eight vectors
 * stay in registers instead of 32.
 */
DG_INLINE void dg_sum_rows(float *out, const float *factor, const float *rows, int64_t stride,
                           int32_t count)
{
    float eighth[8][DG_VALUE_TILE];
#pragma GCC unroll 8
    for (int c = 0; c < 8; c++) {
        float a[DG_VALUE_TILE], b[DG_VALUE_TILE], d[DG_VALUE_TILE];
        dg_partial_row(eighth[c], factor, rows, stride, count, c);
        dg_partial_row(a, factor, rows, stride, count, c + 16);
        dg_partial_row(b, factor, rows, stride, count, c + 8);
        dg_partial_row(d, factor, rows, stride, count, c + 24);
        dg_add_row(eighth[c], a);
        dg_add_row(b, d);
        dg_add_row(eighth[c], b);
    }
#pragma GCC unroll 3
    for (int width = 4; width > 0; width /= 2)
#pragma GCC unroll 4
        for (int c = 0; c < width; c++) dg_add_row(eighth[c], eighth[c + width]);
    for (int v = 0; v < DG_VALUE_TILE; v++) out[v] = eighth[0][v];
}

#endif
