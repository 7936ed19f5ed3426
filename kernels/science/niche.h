/**
 * Niche: a centroidal Voronoi tessellation of the unit cube (MODEL.md, section 2), and the influence
 * that follows from it (Eq. 7). On the host, in double precision, in written order.
 *
 * Vassiliades, Chatzilygeroudis & Mouret (2017) make their niches so; Lloyd (1982) is the iteration.
 */
#ifndef DG_NICHE_H
#define DG_NICHE_H

#include "kernels/science/fmath.h"

/** Squared Euclidean distance, coordinate by coordinate. */
static inline double dg_niche_distance2(const double *a, const double *b, int64_t dimensions)
{
    double sum = 0;
    for (int64_t d = 0; d < dimensions; d++) sum += (a[d] - b[d]) * (a[d] - b[d]);
    return sum;
}

/** Index of the nearest centroid; ties to the smaller index. centroid: [count][dimensions]. */
static inline int64_t dg_niche_nearest(const double *point, const double *centroid, int64_t count,
                                       int64_t dimensions)
{
    int64_t nearest = 0;
    double least = dg_niche_distance2(point, centroid, dimensions);
    for (int64_t k = 1; k < count; k++) {
        const double d2 = dg_niche_distance2(point, centroid + k * dimensions, dimensions);
        if (d2 < least) {
            least = d2;
            nearest = k;
        }
    }
    return nearest;
}

/**
 * One Lloyd iteration: every centroid moves to the mean of the points nearest to it, summed in the
 * order of the points; a centroid without points stays.
 *
 * @param centroid  [count][dimensions], read and written
 * @param sum       [count][dimensions], scratch
 * @param members   [count], scratch; holds the points of each cell on return
 */
static inline void dg_niche_lloyd(double *centroid, double *sum, int64_t *members,
                                  const double *point, int64_t points, int64_t count,
                                  int64_t dimensions)
{
    memset(sum, 0, (size_t)(count * dimensions) * sizeof *sum);
    memset(members, 0, (size_t)count * sizeof *members);
    for (int64_t p = 0; p < points; p++) {
        const double *at = point + p * dimensions;
        const int64_t k = dg_niche_nearest(at, centroid, count, dimensions);
        members[k]++;
        for (int64_t d = 0; d < dimensions; d++) sum[k * dimensions + d] += at[d];
    }
    for (int64_t k = 0; k < count; k++)
        for (int64_t d = 0; d < dimensions && members[k] > 0; d++)
            centroid[k * dimensions + d] = sum[k * dimensions + d] / (double)members[k];
}

/** C_i: the sum of the coordinates of i's centroid plus its group's influence bonus. */
static inline double dg_niche_standing(const double *centroid, int64_t dimensions, double bonus)
{
    double sum = 0;
    for (int64_t d = 0; d < dimensions; d++) sum += centroid[d];
    return sum + bonus;
}

/** I_ij = exp(C_i - C_j), Eq. 7. */
static inline float dg_niche_influence(double standing_i, double standing_j)
{
    return dg_exp((float)(standing_i - standing_j));
}

#endif
