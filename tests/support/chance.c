/** Chi-square tests, and distributions to compare counts with. */
#include "chance.h"

#include <criterion/criterion.h>

#include <math.h>

/** P(a, x) by its series, for x < a + 1 (Abramowitz & Stegun 6.5.29). */
static double gamma_series(double a, double x)
{
    double term = 1 / a, sum = term;
    for (int k = 1; k < 10000 && term > sum * 1e-16; k++) sum += term *= x / (a + k);
    return sum * exp(-x + a * log(x) - lgamma(a));
}

/** Q(a, x) by its continued fraction, evaluated from its end, for x >= a + 1 (6.5.31). */
static double gamma_fraction(double a, double x)
{
    double tail = x;
    for (int k = 2000; k >= 1; k--) tail = x + (k - a) / (1 + k / tail);
    return exp(-x + a * log(x) - lgamma(a)) / tail;
}

double chance_chi_square(double x, double freedom)
{
    const double a = freedom / 2, half = x / 2;
    if (half <= 0) return 1;
    return half < a + 1 ? 1 - gamma_series(a, half) : gamma_fraction(a, half);
}

void chance_assert(const char *what, const int64_t *count, const double *probability, int cells)
{
    double total = 0, x = 0;
    for (int k = 0; k < cells; k++) total += (double)count[k];
    for (int k = 0; k < cells; k++) {
        const double expected = total * probability[k];
        x += pow((double)count[k] - expected, 2) / expected;
    }
    const double p = chance_chi_square(x, cells - 1);
    cr_assert(p > CHANCE_ALARM, "%s: chi-square %.1f with %d degrees, p = %.2g", what, x, cells - 1,
              p);
}

double chance_poisson(int64_t count, double mean)
{
    if (count == 0) return 1;
    if (mean <= 0) return 0;
    /* P(count, mean), the incomplete gamma function (Abramowitz & Stegun 26.4.21) */
    const double a = (double)count;
    return mean < a + 1 ? gamma_series(a, mean) : 1 - gamma_fraction(a, mean);
}

void chance_assert_rare(const char *what, int64_t count, double mean)
{
    const double p = chance_poisson(count, mean);
    cr_assert(p > CHANCE_ALARM, "%s: %lld times, expected %.2g, p = %.2g", what, (long long)count,
              mean, p);
}

void chance_assert_normal(const char *what, const float *x, int64_t draws)
{
    enum { CELLS = 40 };
    int64_t count[CELLS] = {0};
    double probability[CELLS];
    for (int k = 0; k < CELLS; k++) probability[k] = 1.0 / CELLS;
    for (int64_t k = 0; k < draws; k++) {
        const double below = 0.5 * erfc(-(double)x[k] / sqrt(2));
        count[below < 1 ? (int)(below * CELLS) : CELLS - 1]++;
    }
    chance_assert(what, count, probability, CELLS);
}

double chance_of_set(const double *weight, int n, uint32_t chosen)
{
    double p = 0;
    /* sum over the member j that is drawn last */
    if (chosen == 0) return 1;
    for (int j = 0; j < n; j++) {
        if (!(chosen >> j & 1)) continue;
        double left = 0;
        for (int k = 0; k < n; k++)
            if (k == j || !(chosen >> k & 1)) left += weight[k];
        p += chance_of_set(weight, n, chosen & ~(1u << j)) * weight[j] / left;
    }
    return p;
}
