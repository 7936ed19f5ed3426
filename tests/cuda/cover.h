/** Few rows in which every level of a factor meets every level of every other factor. */
#ifndef DG_TEST_CUDA_COVER_H
#define DG_TEST_CUDA_COVER_H

#include <stdint.h>

enum { COVER_FACTORS = 32, COVER_LEVELS = 8 };

/**
 * Make rows until every pair of levels of two factors stands in one, or `most` rows are made. The
 * same arguments give the same rows.
 *
 * @param levels  [factors], each 1 ... COVER_LEVELS
 * @param seed    picks one of many such tables
 * @return rows made
 */
int cover_pairs(const int *levels, int factors, uint32_t seed, int (*row)[COVER_FACTORS], int most);

#endif
