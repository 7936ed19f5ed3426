/** The reference implementation: initial state, generations and evolution. */
#include "reference.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

/* ---- variates -------------------------------------------------------------------------------- */

double reference_uniform(dg_draw draw, int element, int index)
{
    const uint32_t word = dg_word(draw, (uint32_t)element, (uint32_t)index);
    return (floor(word / 512.0) + 0.5) / 8388608.0;
}

double reference_normal(dg_draw draw, int element, int index)
{
    const int even = element - element % 2;
    const double radius = sqrt(-2 * log(reference_uniform(draw, even, index)));
    const double angle = 2 * acos(-1) * reference_uniform(draw, even + 1, index);
    return radius * (element % 2 == 0 ? cos(angle) : sin(angle));
}

/* ---- start ----------------------------------------------------------------------------------- */

static dg_draw start_draw(const reference *r, dg_stream stream)
{
    return dg_draw_of(r->config.seed, stream, 0, 0);
}

static void fill_uniform(const reference *r, dg_stream stream, double *x, int64_t rows,
                         int64_t columns)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t d = 0; d < columns; d++)
            x[i * columns + d] = reference_uniform(start_draw(r, stream), (int)d, (int)i);
}

static double distance(const double *a, const double *b, int64_t dimensions)
{
    double sum = 0;
    for (int64_t d = 0; d < dimensions; d++) sum += pow(a[d] - b[d], 2);
    return sqrt(sum);
}

static int64_t nearest(const double *x, const double *centroid, const dg_config *c)
{
    int64_t best = 0;
    for (int64_t k = 1; k < c->niche_centroids; k++)
        if (distance(x, centroid + k * c->niche_dimensions, c->niche_dimensions) <
            distance(x, centroid + best * c->niche_dimensions, c->niche_dimensions))
            best = k;
    return best;
}

/** Centroidal Voronoi tessellation: in each pass, every centroid moves to the mean of its cell. */
static double *tessellate(const reference *r)
{
    const dg_config *c = &r->config;
    const int64_t d = c->niche_dimensions, points = c->niche_points, cells = c->niche_centroids;
    double *x = calloc((size_t)(points * d), sizeof *x);
    double *centroid = calloc((size_t)(cells * d), sizeof *centroid);
    int64_t *cell = calloc((size_t)points, sizeof *cell);
    cr_assert(x && centroid && cell);
    fill_uniform(r, DG_STREAM_NICHE, x, points, d);
    memcpy(centroid, x, (size_t)(cells * d) * sizeof *centroid);
    for (int64_t pass = 0; pass < c->niche_iterations; pass++) {
        for (int64_t p = 0; p < points; p++) cell[p] = nearest(x + p * d, centroid, c);
        for (int64_t k = 0; k < cells; k++)
            for (int64_t a = 0; a < d; a++) {
                double sum = 0, members = 0;
                for (int64_t p = 0; p < points; p++)
                    if (cell[p] == k) sum += x[p * d + a], members++;
                if (members > 0) centroid[k * d + a] = sum / members;
            }
    }
    free(x);
    free(cell);
    return centroid;
}

/** log S_ij = -K_c ||c(i) - c(j)|| - K_I exp(C_i - C_j). */
static void begin_niche(reference *r)
{
    const dg_config *c = &r->config;
    const int64_t d = c->niche_dimensions;
    double *centroid = tessellate(r), standing[REFERENCE_AGENTS] = {0};
    double *x = calloc((size_t)(r->N * d), sizeof *x);
    cr_assert_not_null(x);
    fill_uniform(r, DG_STREAM_COORDINATE, x, r->N, d);
    for (int i = 0; i < r->N; i++) {
        const double *home = centroid + nearest(x + i * d, centroid, c) * d;
        for (int64_t a = 0; a < d; a++) standing[i] += home[a];
        standing[i] += c->group[r->group[i]].influence_bonus;
    }
    for (int i = 0; i < r->N; i++)
        for (int j = 0; j < r->N; j++)
            r->log_s[i][j] = -c->coordinate_factor * distance(x + i * d, x + j * d, d) -
                             c->influence_factor * exp(standing[i] - standing[j]);
    free(centroid);
    free(x);
}

static void begin_beliefs(reference *r)
{
    for (int i = 0; i < r->N; i++) {
        const int64_t fixed_at = r->config.group[r->group[i]].belief;
        const double u = reference_uniform(start_draw(r, DG_STREAM_BELIEF), 0, i);
        r->belief[i] = fixed_at >= 0 ? (int)fixed_at : (int)floor(u * r->V);
        r->message[i] = r->last[i] = -1;
        for (int j = 0; j < r->N; j++) r->reg[i][j] = -1;
    }
}

/** W(0) ~ U[0, 1], Delta(0) ~ U[-0.1, 0.1]. */
static void begin_weights(reference *r)
{
    for (int i = 0; i < r->N; i++)
        for (int j = 0; j < r->N; j++) {
            r->W[i][j] = reference_uniform(start_draw(r, DG_STREAM_WEIGHT), j, i);
            r->delta[i][j] = 0.2 * reference_uniform(start_draw(r, DG_STREAM_MOMENTUM), j, i) - 0.1;
        }
}

/** Sample the genotypes of a group for a generation. */
static void sample_group(reference *r, int g, int generation)
{
    const dg_draw draw = dg_draw_of(r->config.seed, DG_STREAM_GENOTYPE, generation, 0);
    static double z[REFERENCE_PARAMETERS];
    for (int i = 0; i < r->N; i++) {
        if (r->group[i] != g) continue;
        for (int p = 0; p < r->solver[g].n; p++) z[p] = reference_normal(draw, p, i);
        reference_solver_sample(&r->solver[g], z, r->x[i]);
    }
}

static void begin_solvers(reference *r)
{
    const dg_config *c = &r->config;
    for (int g = 0; g < c->group_count; g++) {
        const int H = (int)c->group[g].hidden, n = r->N * H + H + H * r->V + r->V;
        cr_assert_leq(n, REFERENCE_PARAMETERS);
        reference_solver_begin(
            &r->solver[g], n, (int)c->group[g].size, c->variant == DG_VARIANT_ROS_HANSEN,
            c->sampling == DG_SAMPLING_DIAGONAL, c->sigma, c->mean_rate, c->covariance_rate);
        sample_group(r, g, 0);
    }
}

reference *reference_begin(const dg_config *config)
{
    reference *r = calloc(1, sizeof *r);
    cr_assert_not_null(r);
    cr_assert_leq(config->agents, REFERENCE_AGENTS);
    cr_assert_leq(config->values, REFERENCE_VALUES);
    cr_assert_leq(config->group_count, REFERENCE_GROUPS);
    r->config = *config;
    r->N = (int)config->agents;
    r->V = (int)config->values;
    r->closest = INFINITY;
    int i = 0;
    for (int g = 0; g < config->group_count; g++)
        for (int a = 0; a < config->group[g].size; a++, i++) r->group[i] = g, r->rank[i] = a;
    begin_niche(r);
    begin_beliefs(r);
    begin_weights(r);
    begin_solvers(r);
    return r;
}

/* ---- generations ----------------------------------------------------------------------------- */

void reference_generation(reference *r)
{
    if (r->config.carry == DG_CARRY_GENERATION) begin_weights(r);
    for (int i = 0; i < r->N; i++) r->views[i] = r->penalty[i] = 0;
}

void reference_evolve(reference *r)
{
    for (int g = 0; g < r->config.group_count; g++) {
        const int64_t period = r->config.group[g].evolve_period;
        if (period == 0 || (r->generation + 1) % period != 0) continue;
        const double *sample[REFERENCE_AGENTS];
        double fitness[REFERENCE_AGENTS];
        for (int i = 0; i < r->N; i++) {
            if (r->group[i] != g) continue;
            sample[r->rank[i]] = r->x[i];
            /* rounded, so that sums that are equal in exact arithmetic tie: 0.1 is not exact */
            const double f = r->views[i] - r->config.truthfulness * r->penalty[i];
            fitness[r->rank[i]] = round(f * 1e4) / 1e4;
        }
        reference_solver_update(&r->solver[g], sample, fitness);
        sample_group(r, g, r->generation + 1);
    }
    r->generation++;
}
