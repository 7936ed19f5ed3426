/**
 * The one written order of every floating-point sum: DG_LANES strided partials, then a fixed tree.
 *
 * partial[l] starts at +0 and takes its terms l, l + 32, l + 64, ... in this order; then, for width
 * 16, 8, 4, 2, 1, partial[l] += partial[l + width]. A warp does the same with one lane a partial and
 * a butterfly of shuffles; a vector unit with 32 / width registers.
 */
#ifndef DG_SUM_H
#define DG_SUM_H

#include "kernels/science/hd.h"

#include <math.h>

/** Add a product to a partial. A logit adds h W2; a contagion exponent W_ij times 0 or 1. */
DG_HD float dg_sum_term(float partial, float factor, float term)
{
    return fmaf(factor, term, partial);
}

/** Fold the partials; the sum is partial[0] and is returned. */
DG_HD float dg_sum_tree(float *partial)
{
    for (int width = DG_LANES / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++) partial[l] += partial[l + width];
    return partial[0];
}

#endif
