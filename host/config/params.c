/**
 * From a configuration to the sizes and parameters that the kernels get. Keys are copied by their lists
 * (kernels/science/keys.h); what else the kernels need is made here, by one function each.
 */
#include "host/config/config.h"

#include "host/base/error.h"
#include "kernels/science/evolve_constants.h"
#include "kernels/science/measures.h"

#include <math.h>
#include <stdlib.h>

/* COPY_SHAPE and COPY_PARAM write to `to` what stands in `from` */
#define COPY_SHAPE(type, member, reach, ...) COPY_SHAPE_##reach(type, member)
#define COPY_SHAPE_SHAPE(type, member)       COPY_##type(member)
#define COPY_SHAPE_PARAM(type, member)
#define COPY_SHAPE_HOST(type, member)
#define COPY_PARAM(type, member, reach, ...) COPY_PARAM_##reach(type, member)
#define COPY_PARAM_SHAPE(type, member)
#define COPY_PARAM_PARAM(type, member) COPY_##type(member)
#define COPY_PARAM_HOST(type, member)
#define COPY_INTEGER(member) to->member = (int32_t)from->member;
#define COPY_REAL(member)    to->member = (float)from->member;
#define COPY_BOOL(member)    to->member = from->member;
#define COPY_CHOICE(member)  to->member = from->member;
#define COPY_CLIP(member)                                                                          \
    to->member = from->member;                                                                     \
    to->member##_low = (float)from->member##_low;                                                  \
    to->member##_high = (float)from->member##_high;

/* ROUND rounds in place what COPY_PARAM would round */
#define ROUND(type, member, reach, ...) ROUND_##reach(type, member)
#define ROUND_SHAPE(type, member)
#define ROUND_HOST(type, member)
#define ROUND_PARAM(type, member) ROUND_##type(member)
#define ROUND_INTEGER(member)
#define ROUND_BOOL(member)
#define ROUND_CHOICE(member)
#define ROUND_REAL(member) config->member = (double)(float)config->member;
#define ROUND_CLIP(member)                                                                         \
    config->member##_low = (double)(float)config->member##_low;                                    \
    config->member##_high = (double)(float)config->member##_high;

/* ---- sizes ----------------------------------------------------------------------------------- */

static void shape_group(const dg_group_config *from, dg_group_shape *to)
{
    DG_GROUP_KEYS(COPY_SHAPE)
    to->capacity = (int32_t)from->observation_capacity;
}

void dg_config_shape(const dg_config *from, dg_shape *to)
{
    memset(to, 0, sizeof *to);
    DG_DIGICO_KEYS(COPY_SHAPE)
    to->groups = from->group_count;
    for (int32_t g = 0; g < to->groups; g++) shape_group(&from->group[g], &to->group[g]);
    dg_shape_build(to);
}

/* ---- parameters ------------------------------------------------------------------------------ */

/** round(s N), halves away from 0; `round` is exact everywhere. */
static int32_t sparse_count(double sparsity, int64_t agents)
{
    return (int32_t)round(sparsity * (double)agents);
}

/** Agents whose beliefs a scope counts. */
static int64_t scope_agents(const dg_shape *shape, int32_t scope)
{
    int64_t agents = 0;
    for (int32_t g = 0; g < shape->groups; g++)
        if (dg_scope_holds(shape, scope, g)) agents += shape->group[g].size;
    return agents;
}

/**
 * The least count of (agent, step) pairs that makes the share; 0 where none is set. The quotient
 * decides, not the product: 7 of 100 pairs are 0.07, though 0.07 times 100 is more than 7.
 */
static int32_t early_stop_count(const dg_config *config, const dg_shape *shape)
{
    const double share = config->early_stop_share;
    const double pairs = (double)(scope_agents(shape, config->early_stop_scope) * config->steps);
    if (!(share > 0.0) || pairs == 0.0) return 0;
    const double count = floor(share * pairs);
    return (int32_t)(count / pairs < share ? count + 1.0 : count);
}

/** Constants of one group's solver. */
static dg_status evolve_constants(const dg_config *config, const dg_group_shape *group,
                                  dg_evolve_constants *out)
{
    double *weight = malloc((size_t)group->size * sizeof *weight);
    if (!weight)
        return dg_fail(DG_ERR_MEMORY, "no memory for %d recombination weights", group->size);
    dg_evolve_weights(weight, group->size);
    *out = dg_evolve_constants_make(config->variant, config->sampling, group->parameters,
                                    group->size, dg_evolve_mu_eff(weight, group->size),
                                    config->mean_rate, config->covariance_rate);
    free(weight);
    return DG_OK;
}

static void group_params(const dg_group_config *from, dg_group_params *to)
{
    DG_GROUP_KEYS(COPY_PARAM)
    to->belief_fixed = from->belief != DG_BELIEF_FREE;
}

dg_status dg_config_params(const dg_config *from, const dg_shape *shape, dg_params *to)
{
    memset(to, 0, sizeof *to);
    to->seed = from->seed;
    DG_DIGICO_KEYS(COPY_PARAM)
    to->observation_dropped = sparse_count(from->observation_sparsity, from->agents);
    to->contagion_dropped = sparse_count(from->contagion_sparsity, from->agents);
    to->early_stop_count = early_stop_count(from, shape);
    for (int32_t g = 0; g < shape->groups; g++) {
        group_params(&from->group[g], &to->group[g]);
        DG_TRY(evolve_constants(from, &shape->group[g], &to->group[g].evolve));
    }
    return DG_OK;
}

void dg_config_round(dg_config *config){DG_DIGICO_KEYS(ROUND) DG_ECHO_KEYS(ROUND)}

dg_echo_params dg_config_echo_params(const dg_config *from)
{
    dg_echo_params params, *to = &params;
    DG_ECHO_KEYS(COPY_PARAM)
    return params;
}
