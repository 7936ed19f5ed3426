/** Draws by sums, one candidate after another: what the schedules do in tiles, lanes and warps. */
#ifndef DG_TEST_SUMS_H
#define DG_TEST_SUMS_H

#include "kernels/science/rng.h"
#include "kernels/science/sums.h"

/** Integers of 128 bits, for products that must not be rounded. */
__extension__ typedef unsigned __int128 sums_wide;

/** The sum of weights. */
uint64_t sums_total(const uint32_t *weight, int count);

/** The first of `count` whose prefix sum exceeds the mark. */
int sums_find(const uint32_t *weight, int count, uint32_t word);

/** The first word whose mark is at least `mark`: ceil(mark 2^32 / total). 2^32: there is none. */
uint64_t sums_first_word(uint64_t mark, uint64_t total);

/**
 * Words at which a mistake of one unit shows: where the words of candidate k begin, one before and one behind, and
 * the first and the last of all words; edge 0 ... SUMS_EDGES - 1. The sum of the weights is not 0.
 */
enum { SUMS_EDGES = 5 };
uint32_t sums_edge(const uint32_t *weight, int count, int k, int edge);

/** A number whose dg_sums_weight() is this, at most DG_SUMS_UNIT. */
float sums_behind(uint32_t weight);

/** Draw in proportion to exp(x_k). */
int sums_softmax(const float *x, int count, uint32_t word);

/** The candidates that are left of a row, while one after another is drawn. */
typedef struct sums_left {
    const float *cost;
    int count;
    uint32_t weight[1024];
    char left[1024];
    int64_t anew; /* how often weights were made */
} sums_left;

void sums_begin(sums_left *s, const float *cost, int count);

/** Before each draw: weights are made anew where their sum is too low. 0: nobody is left. */
int sums_weigh(sums_left *s);

int sums_take(sums_left *s, uint32_t word);

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
