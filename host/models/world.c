/** The start of a run; see world.h. */
#include "host/models/world.h"

#include "host/base/error.h"
#include "kernels/science/evolve_constants.h"
#include "kernels/science/niche.h"
#include "kernels/science/observe.h"
#include "kernels/science/rng.h"
#include "kernels/science/weights.h"

#include <stdlib.h>

/* ---- niche ----------------------------------------------------------------------------------- */

void dg_niche_free(dg_niche *niche)
{
    free(niche->centroid);
    memset(niche, 0, sizeof *niche);
}

dg_niche_keys dg_niche_keys_of(const dg_config *config)
{
    return (dg_niche_keys){config->seed, config->niche_points, config->niche_dimensions,
                           config->niche_centroids, config->niche_iterations};
}

int dg_niche_compare(const dg_niche_keys *a, const dg_niche_keys *b)
{
    if (a->seed != b->seed) return a->seed < b->seed ? -1 : 1;
    return memcmp(a, b, sizeof *a);
}

/** Uniform coordinates in the unit cube, [count][dimensions]. */
static void uniform_points(double *point, uint64_t seed, dg_stream stream, int64_t count,
                           int64_t dimensions)
{
    const dg_draw draw = dg_draw_of(seed, stream, 0, 0);
    for (int64_t p = 0; p < count; p++)
        for (int64_t d = 0; d < dimensions; d++)
            point[p * dimensions + d] = (double)dg_uniform(dg_word(draw, (uint32_t)d, (uint32_t)p));
}

/* uniform points, the first of them as centroids, then Lloyd iterations */
dg_status dg_niche_make(dg_niche *out, const dg_niche_keys *keys)
{
    const int64_t points = keys->points, dimensions = keys->dimensions;
    const int64_t cells = keys->centroids;
    double *point = malloc((size_t)(points * dimensions) * sizeof *point);
    double *sum = malloc((size_t)(cells * dimensions) * sizeof *sum);
    int64_t *members = malloc((size_t)cells * sizeof *members);
    double *centroid = malloc((size_t)(cells * dimensions) * sizeof *centroid);
    dg_status status = DG_OK;
    if (!point || !sum || !members || !centroid) {
        free(centroid);
        status = dg_fail(DG_ERR_MEMORY, "no memory for %lld niche points", (long long)points);
        goto end;
    }
    uniform_points(point, keys->seed, DG_STREAM_NICHE, points, dimensions);
    memcpy(centroid, point, (size_t)(cells * dimensions) * sizeof *centroid);
    for (int64_t k = 0; k < keys->iterations; k++)
        dg_niche_lloyd(centroid, sum, members, point, points, cells, dimensions);
    *out = (dg_niche){dimensions, cells, centroid};
end:
    free(point);
    free(sum);
    free(members);
    return status;
}

static dg_status fail_coordinates(const dg_config *config)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for the coordinates of %lld agents",
                   (long long)config->agents);
}

/** c(i) of all agents, [agents][dimensions], freed by the caller; NULL: no memory. */
static double *make_coordinates(const dg_config *config, int64_t agents)
{
    const int64_t dimensions = config->niche_dimensions;
    double *coordinate = malloc((size_t)(agents * dimensions) * sizeof *coordinate);
    if (coordinate)
        uniform_points(coordinate, config->seed, DG_STREAM_COORDINATE, agents, dimensions);
    return coordinate;
}

/** Index of the niche that agent i lives in. */
static int64_t niche_of(const dg_niche *niche, const double *coordinate, int64_t i)
{
    return dg_niche_nearest(coordinate + i * niche->dimensions, niche->centroid, niche->centroids,
                            niche->dimensions);
}

dg_status dg_niche_assign(const dg_niche *niche, const dg_config *config, int32_t *of_agent)
{
    double *coordinate = make_coordinates(config, config->agents);
    if (!coordinate) return fail_coordinates(config);
    for (int64_t i = 0; i < config->agents; i++)
        of_agent[i] = (int32_t)niche_of(niche, coordinate, i);
    free(coordinate);
    return DG_OK;
}

/** C_i of an agent in niche k whose group has this bonus. */
static double standing_in(const dg_niche *niche, int64_t k, double bonus)
{
    return dg_niche_standing(niche->centroid + k * niche->dimensions, niche->dimensions, bonus);
}

double dg_niche_influence_of(const dg_niche *niche, int64_t k)
{
    return standing_in(niche, k, 0);
}

/* ---- the state at generation 0 --------------------------------------------------------------- */

/** Static recommendation costs -log S_ij from coordinates and influence (Eq. 7). */
static void static_costs(const dg_config *config, const dg_shape *s, const double *coordinate,
                         const double *standing, float *cost)
{
    const int64_t dimensions = config->niche_dimensions;
    for (int32_t i = 0; i < s->agents; i++)
        for (int32_t j = 0; j < s->agents; j++) {
            if (i == j) continue;
            const double distance = sqrt(dg_niche_distance2(
                coordinate + i * dimensions, coordinate + j * dimensions, dimensions));
            cost[(int64_t)i * s->row + j] = dg_observe_static_cost(
                (float)config->coordinate_factor, (float)distance, (float)config->influence_factor,
                /* groups cover all agents. NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
                dg_niche_influence(standing[i], standing[j]));
        }
}

/** Static costs of the initial state, from coordinates, niches and influence. */
static dg_status begin_niche(const dg_config *config, const dg_shape *s, const dg_niche *niche,
                             dg_state *st)
{
    double *coordinate = make_coordinates(config, s->agents);
    double *standing = malloc((size_t)s->agents * sizeof *standing);
    if (!coordinate || !standing) {
        free(coordinate);
        free(standing);
        return fail_coordinates(config);
    }
    for (int32_t g = 0; g < s->groups; g++)
        for (int32_t i = s->group[g].first; i < s->group[g].first + s->group[g].size; i++)
            standing[i] = standing_in(niche, niche_of(niche, coordinate, i),
                                      config->group[g].influence_bonus);
    static_costs(config, s, coordinate, standing, st->static_cost);
    free(coordinate);
    free(standing);
    return DG_OK;
}

/** Initial beliefs; messages and registers are silent. */
static void begin_beliefs(const dg_config *config, const dg_shape *s, dg_state *st)
{
    const dg_draw draw = dg_draw_of(config->seed, DG_STREAM_BELIEF, 0, 0);
    for (int32_t g = 0; g < s->groups; g++)
        for (int32_t i = s->group[g].first; i < s->group[g].first + s->group[g].size; i++) {
            const int64_t fixed_at = config->group[g].belief;
            st->belief[i] = fixed_at >= 0
                                ? (int32_t)fixed_at
                                : dg_uniform_integer(dg_word(draw, 0, (uint32_t)i), s->values);
        }
    for (int32_t i = 0; i < s->agents; i++) st->message[i] = st->last_message[i] = -1;
    for (int64_t k = 0; k < (int64_t)s->agents * s->capacity; k++)
        st->observed[k] = st->registers[k] = -1;
}

/** W(0) and Delta(0). */
static void begin_weights(const dg_config *config, const dg_shape *s, dg_state *st)
{
    const dg_draw weight = dg_draw_of(config->seed, DG_STREAM_WEIGHT, 0, 0);
    const dg_draw momentum = dg_draw_of(config->seed, DG_STREAM_MOMENTUM, 0, 0);
    for (int32_t i = 0; i < s->agents; i++)
        for (int32_t j = 0; j < s->agents; j++) {
            const int64_t at = (int64_t)i * s->row + j;
            st->weight[at] = dg_weight_initial(dg_word(weight, (uint32_t)j, (uint32_t)i));
            st->momentum[at] = dg_momentum_initial(dg_word(momentum, (uint32_t)j, (uint32_t)i));
        }
}

/** One solver per group: mean 0, C = 1, paths 0, recombination weights. */
static dg_status begin_solvers(const dg_shape *s, const dg_params *params, dg_state *st)
{
    double *weight = malloc((size_t)s->agents * sizeof *weight);
    if (!weight) return dg_fail(DG_ERR_MEMORY, "no memory for recombination weights");
    for (int32_t g = 0; g < s->groups; g++) {
        const dg_group_shape *group = &s->group[g];
        dg_evolve_weights(weight, group->size);
        for (int32_t r = 0; r < group->size; r++)
            st->recombination[group->first + r] = (float)weight[r];
        for (int32_t p = 0; p < group->parameters; p++) st->variance[group->solver + p] = 1;
        st->sigma[g] = params->sigma;
        st->path_decay[g] = 1;
    }
    free(weight);
    return DG_OK;
}

dg_status dg_world_begin(const dg_config *config, const dg_shape *shape, const dg_params *params,
                         const dg_niche *niche, void *block)
{
    memset(block, 0, (size_t)dg_state_bytes(shape));
    dg_state st = dg_state_at(shape, block);
    DG_TRY(begin_niche(config, shape, niche, &st));
    begin_beliefs(config, shape, &st);
    begin_weights(config, shape, &st);
    return begin_solvers(shape, params, &st);
}
