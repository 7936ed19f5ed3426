/** A solver on its own; see solver.h. */
#include "bench/cmaes/solver.h"

#include "host/base/error.h"
#include "kernels/backend.h"
#include "kernels/science/evolve_constants.h"
#include "kernels/science/measures.h"
#include "kernels/cpu/workspace.h"

#include <stdlib.h>

static dg_status pick_vector(cmaes_solver *s, const char *request)
{
    const char *name = dg_backend_cpu_vector(request);
    if (!name) return dg_fail(DG_ERR_UNSUPPORTED, "vector set %s: this CPU has none", request);
#define PICK_VECTOR(set)                                                                           \
    if (strcmp(name, #set) == 0) {                                                                 \
        s->begin = dg_evolve_begin_##set;                                                          \
        s->evolve = dg_evolve_##set;                                                               \
    }
    DG_VECTOR_LIST(PICK_VECTOR)
#undef PICK_VECTOR
    return DG_OK;
}

/** No hidden units and n values: of the policy's parameters only the n last biases are left. */
static void make_shape(dg_shape *shape, const cmaes_request *request)
{
    shape->agents = request->population;
    shape->values = request->dimension;
    shape->groups = 1;
    shape->steps = 1;
    shape->group[0].size = request->population;
    shape->group[0].capacity = 1;
    dg_shape_build(shape);
}

static dg_status make_constants(cmaes_solver *s, const cmaes_request *request)
{
    const int32_t size = request->population;
    double *weight = malloc((size_t)size * sizeof *weight);
    if (!weight) return dg_fail(DG_ERR_MEMORY, "no memory for %d recombination weights", size);
    dg_evolve_weights(weight, size);
    for (int32_t r = 0; r < size; r++) s->run.state.recombination[r] = (float)weight[r];
    s->params.group[0].evolve_period = 1;
    s->params.group[0].evolve = dg_evolve_constants_make(
        request->variant, request->sampling, request->dimension, size,
        dg_evolve_mu_eff(weight, size), request->mean_rate, request->covariance_rate);
    free(weight);
    const dg_evolve_constants *c = &s->params.group[0].evolve;
    if (c->rate_one + c->rate_mu >= 1)
        return dg_fail(DG_ERR_ARGUMENT,
                       "population %d is too large for dimension %d: c_1 + c_mu = %g, expected "
                       "less than 1, or C turns negative",
                       size, request->dimension, (double)(c->rate_one + c->rate_mu));
    return DG_OK;
}

/** Zeroed, at a 64-byte boundary. */
static void *allocate(int64_t bytes)
{
    const size_t size = (size_t)dg_round_up(bytes, 64);
    void *block = aligned_alloc(64, size);
    if (block) memset(block, 0, size);
    return block;
}

dg_status cmaes_solver_make(cmaes_solver *s, const cmaes_request *request)
{
    memset(s, 0, sizeof *s);
    DG_TRY(pick_vector(s, request->vector));
    make_shape(&s->shape, request);
    s->block = allocate(dg_state_bytes(&s->shape));
    s->run.workspace = allocate(dg_workspace_bytes(&s->shape));
    s->run.record = allocate(dg_record_words(&s->shape) * (int64_t)sizeof *s->run.record);
    if (!s->block || !s->run.workspace || !s->run.record)
        return dg_fail(DG_ERR_MEMORY, "no memory for %d samples of %d coordinates",
                       request->population, request->dimension);
    s->run.shape = &s->shape;
    s->run.params = &s->params;
    s->run.state = dg_state_at(&s->shape, s->block);
    return make_constants(s, request);
}

void cmaes_solver_begin(cmaes_solver *s, uint64_t seed, double sigma)
{
    const size_t bytes = (size_t)s->shape.solvers * sizeof(float);
    dg_state *st = &s->run.state;
    memset(st->mean, 0, bytes);
    memset(st->path_sigma, 0, bytes);
    memset(st->path_c, 0, bytes);
    for (int32_t p = 0; p < s->shape.group[0].parameters; p++) st->variance[p] = 1;
    st->sigma[0] = (float)sigma;
    st->path_decay[0] = 1;
    st->ended[DG_ENDED_NONFINITE] = 0;
    s->params.seed = seed;
    s->run.generation = 0;
    s->begin(&s->run);
}

const float *cmaes_solver_sample(const cmaes_solver *s, int32_t k)
{
    return s->run.state.genotype + (int64_t)k * s->shape.group[0].stride;
}

int cmaes_solver_update(cmaes_solver *s, const double *value)
{
    /* fitness is views less penalties: one view for every sample that is worse */
    for (int32_t k = 0; k < s->shape.agents; k++) {
        int32_t worse = 0;
        for (int32_t l = 0; l < s->shape.agents; l++) worse += value[l] > value[k];
        s->run.state.views[k] = worse;
    }
    s->evolve(&s->run);
    s->run.generation++;
    return dg_ended_after(s->run.state.ended) == 0;
}

void cmaes_solver_free(cmaes_solver *s)
{
    free(s->block);
    free(s->run.workspace);
    free(s->run.record);
    memset(s, 0, sizeof *s);
}
