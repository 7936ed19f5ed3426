/** kernels/science/niche.h: properties of the tessellation, influence by hand. */
#include "kernels/science/niche.h"
#include "kernels/science/rng.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

enum { POINTS = 2000, CELLS = 10, DIMENSIONS = 3 };

typedef struct tessellation {
    double point[POINTS * DIMENSIONS];
    double centroid[CELLS * DIMENSIONS];
    double sum[CELLS * DIMENSIONS];
    int64_t members[CELLS];
} tessellation;

static tessellation *begin(void)
{
    tessellation *t = calloc(1, sizeof *t);
    cr_assert_not_null(t);
    const dg_draw draw = dg_draw_of(1, DG_STREAM_NICHE, 0, 0);
    for (uint32_t k = 0; k < POINTS * DIMENSIONS; k++)
        t->point[k] = (double)dg_uniform(dg_word(draw, k % DIMENSIONS, k / DIMENSIONS));
    memcpy(t->centroid, t->point, sizeof t->centroid);
    return t;
}

static void lloyd(tessellation *t)
{
    dg_niche_lloyd(t->centroid, t->sum, t->members, t->point, POINTS, CELLS, DIMENSIONS);
}

/** Squared distance of a point to a centroid, the plain way. */
static double apart(const tessellation *t, int p, int k)
{
    double sum = 0;
    for (int d = 0; d < DIMENSIONS; d++)
        sum += pow(t->point[p * DIMENSIONS + d] - t->centroid[k * DIMENSIONS + d], 2);
    return sum;
}

static int brute_nearest(const tessellation *t, int p)
{
    int best = 0;
    for (int k = 1; k < CELLS; k++)
        if (apart(t, p, k) < apart(t, p, best)) best = k;
    return best;
}

/** What Lloyd's iteration lowers: mean squared distance to the nearest centroid. */
static double energy(const tessellation *t)
{
    double sum = 0;
    for (int p = 0; p < POINTS; p++) sum += apart(t, p, brute_nearest(t, p));
    return sum / POINTS;
}

Test(niche, nearest_is_nearest_and_ties_go_to_the_smaller_index)
{
    tessellation *t = begin();
    for (int p = 0; p < POINTS; p++)
        cr_assert_eq(dg_niche_nearest(t->point + p * DIMENSIONS, t->centroid, CELLS, DIMENSIONS),
                     brute_nearest(t, p));
    const double centroid[] = {0, 1, 1, 0}, point[] = {0.5};
    cr_assert_eq(dg_niche_nearest(point, centroid, 4, 1), 0);
    cr_assert_eq(dg_niche_nearest(point, centroid + 1, 3, 1), 0);
    free(t);
}

Test(niche, every_iteration_lowers_the_energy)
{
    tessellation *t = begin();
    double before = energy(t);
    for (int k = 0; k < 15; k++) {
        lloyd(t);
        const double after = energy(t);
        cr_assert_leq(after, before, "iteration %d", k);
        before = after;
    }
    free(t);
}

Test(niche, settles_where_every_centroid_is_the_mean_of_its_cell)
{
    tessellation *t = begin();
    for (int k = 0; k < 1000; k++) lloyd(t);
    for (int k = 0; k < CELLS; k++)
        for (int d = 0; d < DIMENSIONS; d++) {
            double sum = 0, members = 0;
            for (int p = 0; p < POINTS; p++)
                if (brute_nearest(t, p) == k) sum += t->point[p * DIMENSIONS + d], members++;
            cr_assert_float_eq(t->centroid[k * DIMENSIONS + d], sum / members, 1e-12);
            cr_assert_float_eq((double)t->members[k], members, 0.5);
        }
    free(t);
}

Test(niche, one_iteration_is_worked_out_by_hand)
{
    /* cells of 0 and 4: {0, 1} and {4, 9}; nobody is nearest to 100 */
    const double point[] = {0, 4, 1, 9};
    double centroid[] = {0, 4, 100}, sum[3];
    int64_t members[3];
    dg_niche_lloyd(centroid, sum, members, point, 4, 3, 1);
    cr_assert_eq(centroid[0], 0.5);
    cr_assert_eq(centroid[1], 6.5);
    cr_assert_eq(centroid[2], 100, "a centroid without points stays");
    cr_assert(members[0] == 2 && members[1] == 2 && members[2] == 0);
}

Test(niche, influence_is_the_exponential_of_the_difference_in_standing)
{
    const double high[] = {0.75, 0.5, 0.5}, low[] = {0.25, 0.5, 0.25};
    const double i = dg_niche_standing(high, 3, 2), j = dg_niche_standing(low, 3, 0);
    cr_assert_eq(i, 3.75);
    cr_assert_eq(j, 1);
    cr_assert_float_eq(dg_niche_influence(i, j), exp(2.75), 1e-6 * exp(2.75));
    cr_assert_float_eq(dg_niche_influence(j, i), exp(-2.75), 1e-6 * exp(-2.75));
    cr_assert_eq(dg_niche_influence(i, i), 1);
}
