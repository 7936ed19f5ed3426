/**
 * Do counts follow a distribution? Pearson's chi-square. Seeds are fixed, so a passing test stays
 * passing; a change of the random numbers fails a correct program with probability CHANCE_ALARM.
 */
#ifndef DG_TEST_CHANCE_H
#define DG_TEST_CHANCE_H

#include <stdint.h>

#define CHANCE_ALARM 1e-6

/** P(chi-square with `freedom` degrees >= x): the incomplete gamma function Q(freedom/2, x/2). */
double chance_chi_square(double x, double freedom);

/** Fail the test unless counts[cells] out of their sum follow probability[cells] (each > 0). */
void chance_assert(const char *what, const int64_t *count, const double *probability, int cells);

/** Fail the test unless x[draws] looks standard normal: 40 cells of equal probability. */
void chance_assert_normal(const char *what, const float *x, int64_t draws);

/**
 * Probability that successive draws without replacement, each in proportion to the weights left,
 * take the set `chosen` (bit j: j is taken): the sum over the orders it may come in.
 */
double chance_of_set(const double *weight, int n, uint32_t chosen);

#endif
