/**
 * Pearson's chi-square test: do counts follow a distribution? Seeds are fixed, so that results do
 * not vary. If the random numbers change, a correct program fails with a probability of about
 * CHANCE_ALARM: the law of chi-square holds in the limit of many counts in every cell.
 */
#ifndef DG_TEST_CHANCE_H
#define DG_TEST_CHANCE_H

#include <stdint.h>

#define CHANCE_ALARM 1e-6

/** P(chi-square >= x) for `freedom` degrees of freedom: incomplete gamma Q(freedom/2, x/2). */
double chance_chi_square(double x, double freedom);

/** Fail the test unless count[cells] follows probability[cells], each > 0. */
void chance_assert(const char *what, const int64_t *count, const double *probability, int cells);

/** P(N >= count) of a number N that has the law of Poisson, with this mean. */
double chance_poisson(int64_t count, double mean);

/**
 * Fail the test if what is expected `mean` times, seldom, was counted too often: P(N >= count) is below
 * CHANCE_ALARM. What has the mean 0 never happens.
 */
void chance_assert_rare(const char *what, int64_t count, double mean);

/** Fail the test unless x[draws] follows a standard normal: 40 cells of equal probability. */
void chance_assert_normal(const char *what, const float *x, int64_t draws);

/**
 * Probability that successive draws without replacement, in proportion to the remaining weights,
 * give the set `chosen` (bit j: j is in the set): the sum over all orders of its members.
 */
double chance_of_set(const double *weight, int n, uint32_t chosen);

#endif
