/** Draws by sums, one candidate after another: what the schedules do in tiles, lanes and warps. */
#ifndef DG_TEST_SUMS_H
#define DG_TEST_SUMS_H

#include "kernels/science/rng.h"
#include "kernels/science/sums.h"

/** Integers of 128 bits, for products that must not be rounded. */
__extension__ typedef unsigned __int128 sums_wide;

/** The first of `count` whose prefix sum exceeds the mark. */
int sums_find(const uint32_t *weight, int count, uint32_t word);

/** Draw in proportion to exp(x_k). */
int sums_softmax(const float *x, int count, uint32_t word);

/**
 * Successive draws without replacement in proportion to exp(-cost_j), as kernels/science/observe.h has it.
 *
 * @param drawn   [capacity], written in the order of the draws
 * @param anew    how often weights were made; NULL: not asked for
 * @return        how many were drawn
 */
int sums_draw(const float *cost, int count, int capacity, dg_draw draw, uint32_t index, int *drawn,
              int64_t *anew);

#endif
