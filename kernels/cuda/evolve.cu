/**
 * Evolution of all runs on the GPU: each solver that is due, all of them at once (MODEL.md, section 4).
 * Five kernels, because each needs all of what the one before made of a solver:
 *
 *   rank        a block a solver: order of its agents by fitness
 *   recombine   a thread a parameter: y_w, the rank-mu sum, mean, p_sigma
 *   norm        a warp a solver: ||p_sigma|| in the order of sum.h, h_sigma, sigma; a run's first one,
 *               due or not: have the beliefs converged?
 *   variance    a thread a parameter: p_c, C; is it sound? The clock advances.
 *   sample      a block an agent: new genotype, base vector, second layer
 */
#include "block.h"
#include "kernels/science/convergence.h"
#include "kernels/science/evolve.h"
#include "kernels/science/reward.h"
#include "kernels/science/rng.h"

enum { RANK_THREADS = 128, PARAMETER_THREADS = 256, SAMPLE_THREADS = 256 };

/** One group's solver on the device. */
typedef struct solver_view {
    const dg_device_batch *b;
    const dg_group_shape *group;
    const dg_params *p;
    const dg_evolve_constants *c;
    dg_state st;
    int32_t run, index;
    int32_t generation; /* under way; -1: the run has ended */
    bool due;
} solver_view;

DG_DEVICE solver_view solver_at(const dg_device_batch *b, int32_t run, int32_t g)
{
    solver_view v;
    v.b = b;
    v.run = run;
    v.index = g;
    v.group = &b->shape.group[g];
    v.p = b->params + run;
    v.c = &v.p->group[g].evolve;
    v.st = dg_state_at(&b->shape, b->state + run * b->state_bytes);
    v.generation = b->stage[run];
    v.due = v.generation >= 0 && dg_evolve_due(v.generation, v.p->group[g].evolve_period);
    return v;
}

/** Per solver and run: a place in arrays [runs][DG_MAX_GROUPS]. */
DG_DEVICE int32_t solver_slot(const solver_view &v)
{
    return v.run * DG_MAX_GROUPS + v.index;
}

/* ---- rank -------------------------------------------------------------------------------------------- */

/** How many agents of the group precede agent a? */
DG_DEVICE int32_t rank_of(const int32_t *fitness, int32_t size, int32_t a)
{
    const float own = dg_float_of(static_cast<uint32_t>(fitness[a]));
    int32_t rank = 0;
    for (int32_t k = 0; k < size; k++)
        rank += dg_evolve_precedes(dg_float_of(static_cast<uint32_t>(fitness[k])), k, own, a);
    return rank;
}

__global__ void __launch_bounds__(RANK_THREADS) dg_rank(DG_ARGUMENT b)
{
    const solver_view v =
        solver_at(&b, dg_block_index() / b.shape.groups, dg_block_index() % b.shape.groups);
    if (!v.due) return;
    const int32_t first = v.group->first, size = v.group->size;
    /* nobody tells anything between generations: their place holds the bits of the fitness */
    int32_t *fitness = b.exchange + (int64_t)v.run * DG_EXCHANGES * 2 * b.shape.row + first;
    for (int32_t a = dg_thread(); a < size; a += dg_threads())
        fitness[a] = static_cast<int32_t>(dg_bits_of(
            dg_reward(v.st.views[first + a], v.st.penalty[first + a], v.p->truthfulness)));
    dg_block_meet();
    int32_t *order = b.order + (int64_t)v.run * b.shape.row + first;
    for (int32_t a = dg_thread(); a < size; a += dg_threads()) order[rank_of(fitness, size, a)] = a;
}

/* ---- recombine ------------------------------------------------------------------------------------------ */

/** A parameter of a solver. */
typedef struct parameter_view {
    solver_view solver;
    int32_t p;       /* within the group; >= its parameters: padding */
    int64_t at;      /* within `mean` and its like */
    int64_t scratch; /* within arrays [runs][solvers] */
} parameter_view;

DG_DEVICE parameter_view parameter_at(const dg_device_batch *b)
{
    const dg_shape *s = &b->shape;
    const int64_t blocks = (s->solvers + PARAMETER_THREADS - 1) / PARAMETER_THREADS;
    const int32_t run = static_cast<int32_t>(dg_block_index() / blocks);
    const int64_t at = dg_block_index() % blocks * PARAMETER_THREADS + dg_thread();
    int32_t g = 0;
    while (g + 1 < s->groups && at >= s->group[g + 1].solver) g++;
    parameter_view v;
    v.solver = solver_at(b, run, g);
    v.p = static_cast<int32_t>(at - s->group[g].solver);
    v.at = at;
    v.scratch = run * s->solvers + at;
    return v;
}

DG_DEVICE bool parameter_due(const parameter_view &v)
{
    return v.solver.due && v.p < v.solver.group->parameters;
}

__global__ void __launch_bounds__(PARAMETER_THREADS) dg_recombine(DG_ARGUMENT b)
{
    const parameter_view v = parameter_at(&b);
    if (!parameter_due(v)) return;
    const solver_view &solver = v.solver;
    const dg_group_shape *group = solver.group;
    const dg_state &st = solver.st;
    const float *genotype = st.genotype + group->genotype + v.p;
    const float *weight = st.recombination + group->first;
    const int32_t *order = b.order + (int64_t)solver.run * b.shape.row + group->first;
    const float mean = st.mean[v.at], sigma = st.sigma[solver.index];
    const float inverse_sigma = 1.0f / sigma;
    float step = 0.0f, rank_mu = 0.0f;
#pragma unroll 4
    for (int32_t r = 0; r < solver.c->parents; r++) {
        const float x = genotype[(int64_t)order[r] * group->stride];
        const float y = dg_evolve_offset(x, mean, inverse_sigma);
        step = dg_evolve_mean_term(step, weight[r], y);
        rank_mu = dg_evolve_rank_mu_term(rank_mu, weight[r], y);
    }
    const float scale = dg_evolve_scale(st.variance[v.at], solver.c->diagonal);
    st.mean[v.at] = dg_evolve_mean(solver.c, mean, sigma, step);
    st.path_sigma[v.at] = dg_evolve_path_sigma(solver.c, st.path_sigma[v.at], step, scale);
    b.step_mean[v.scratch] = step;
    b.rank_mu[v.scratch] = rank_mu;
}

/* ---- norm ----------------------------------------------------------------------------------------------- */

/** ||p_sigma||: a lane a partial, then the tree; a + b is b + a. */
DG_DEVICE float norm_of(const float *path, int32_t n)
{
    float partial = 0.0f;
#pragma unroll 16
    for (int32_t p = dg_lane(); p < n; p += DG_LANES)
        partial = dg_evolve_norm_term(partial, path[p]);
    for (int32_t width = DG_LANES / 2; width > 0; width /= 2)
        partial += dg_shuffle_float_across(partial, width);
    return sqrtf(partial);
}

/**
 * Beliefs that have converged for long enough end the run. The record is whole, and no kernel of this
 * generation asks any more whether the run has ended: it ends for all blocks of the next one alike.
 */
DG_DEVICE void watch_beliefs(const solver_view &v)
{
    const dg_shape *s = &v.b->shape;
    if (v.generation < 0 || v.p->early_stop_count == 0) return;
    const int64_t *record = dg_record_at(v.b, v.run, v.generation);
    bool reached = false;
    for (int32_t k = dg_lane(); k < s->values; k += DG_LANES)
        reached = reached || dg_convergence_reached(s, v.p, record, k) != 0;
    const int32_t converged = dg_ballot(reached) != 0;
    if (dg_lane() == 0) dg_convergence_follow(v.st.ended, v.p, v.generation, converged);
}

__global__ void __launch_bounds__(DG_LANES) dg_norm(DG_ARGUMENT b)
{
    const solver_view v =
        solver_at(&b, dg_block_index() / b.shape.groups, dg_block_index() % b.shape.groups);
    if (v.index == 0) watch_beliefs(v);
    if (!v.due) return;
    const float norm = norm_of(v.st.path_sigma + v.group->solver, v.group->parameters);
    if (dg_lane() != 0) return;
    const float decay = dg_evolve_decay(v.c, v.st.path_decay[v.index]);
    v.st.path_decay[v.index] = decay;
    b.stall[solver_slot(v)] = dg_evolve_stall(v.c, norm, decay);
    v.st.sigma[v.index] = dg_evolve_sigma(v.c, v.st.sigma[v.index], norm);
}

/* ---- variance --------------------------------------------------------------------------------------------- */

__global__ void __launch_bounds__(PARAMETER_THREADS) dg_variance(DG_ARGUMENT b)
{
    const parameter_view v = parameter_at(&b);
    const solver_view &solver = v.solver;
    if (v.at == 0 && solver.generation >= 0) { /* kernels of this generation read the stage */
        b.clock[solver.run] = solver.generation + 1;
        b.arrived[solver.run] = 0;
    }
    if (!parameter_due(v)) return;
    const dg_state &st = solver.st;
    const float h_sigma = b.stall[solver_slot(solver)];
    const float path = dg_evolve_path_c(solver.c, st.path_c[v.at], b.step_mean[v.scratch], h_sigma);
    const float variance =
        dg_evolve_variance(solver.c, st.variance[v.at], path, b.rank_mu[v.scratch], h_sigma);
    st.path_c[v.at] = path;
    st.variance[v.at] = variance;
    if (dg_evolve_sound(st.sigma[solver.index], variance)) return;
    b.unsound[solver_slot(solver)] = solver.generation + 1;
    /* 0 before this generation: all write the same */
    st.ended[DG_ENDED_NONFINITE] = solver.generation + 1;
}

/* ---- sample ------------------------------------------------------------------------------------------------ */

/** An agent that gets a new genotype. */
typedef struct sample_view {
    solver_view solver;
    int32_t agent;
    float *x;
} sample_view;

/** x = m + sigma D z, four parameters of a block of philox a thread. */
DG_DEVICE void sample_genotype(const sample_view &v, int32_t next)
{
    const solver_view &s = v.solver;
    const dg_draw draw = dg_draw_of(s.p->seed, DG_STREAM_GENOTYPE, next, 0);
    const float *mean = s.st.mean + s.group->solver, *variance = s.st.variance + s.group->solver;
    const float sigma = s.st.sigma[s.index];
    const int32_t n = s.group->parameters, diagonal = s.c->diagonal;
    for (int32_t q = dg_thread(); 4 * q < n; q += dg_threads()) {
        const dg_philox_block block =
            dg_philox(draw, static_cast<uint32_t>(q), static_cast<uint32_t>(v.agent));
        float normal[4];
        dg_normal_block(normal, block);
#pragma unroll
        for (int32_t k = 0; k < 4; k++) {
            const int32_t p = 4 * q + k;
            if (p < n)
                v.x[p] = dg_evolve_sample(mean[p], sigma, dg_evolve_scale(variance[p], diagonal),
                                          normal[k]);
        }
    }
}

/** The bias less every column of W1, in ascending j. */
DG_DEVICE void make_base(const sample_view &v, const dg_policy_layout &at)
{
    const dg_shape *s = &v.solver.b->shape;
    const int32_t hidden = v.solver.group->hidden;
    float *base = v.solver.st.base + (int64_t)v.agent * s->hidden;
    for (int32_t u = dg_thread(); u < hidden; u += dg_threads()) {
        float sum = v.x[at.bias_1 + u];
#pragma unroll 8
        for (int32_t j = 0; j < s->agents; j++)
            sum = dg_policy_base_term(sum, v.x[(int64_t)j * hidden + u]);
        base[u] = sum;
    }
}

/** W2 by value, units contiguous, and its biases. */
DG_DEVICE void pack_by_value(const sample_view &v, const dg_policy_layout &at, float *second)
{
    const dg_shape *s = &v.solver.b->shape;
    const int32_t hidden = v.solver.group->hidden;
    for (int32_t k = dg_thread(); k < hidden * s->values; k += dg_threads())
        second[(int64_t)(k % s->values) * s->hidden + k / s->values] = v.x[at.weight_2 + k];
    for (int32_t k = dg_thread(); k < s->values; k += dg_threads())
        second[(int64_t)s->values * s->hidden + k] = v.x[at.bias_2 + k];
}

/** The same, a row a lane (DG_LANE_ROW); what is not there weighs 0. */
DG_DEVICE void pack_by_lane(const sample_view &v, const dg_policy_layout &at, float *second)
{
    const int32_t hidden = v.solver.group->hidden, values = v.solver.b->shape.values;
    for (int32_t k = dg_thread(); k < 2 * DG_VALUE_FOLD * DG_LANES; k += dg_threads()) {
        const int32_t lane = k / (2 * DG_VALUE_FOLD), slot = k % (2 * DG_VALUE_FOLD);
        const int32_t unit = lane + slot / DG_VALUE_FOLD * DG_LANES;
        const int32_t value = slot % DG_VALUE_FOLD ^ lane / 2;
        const bool there = unit < hidden && value < values;
        second[lane * DG_LANE_ROW + slot] = there ? v.x[at.weight_2 + unit * values + value] : 0.0f;
    }
    for (int32_t lane = dg_thread(); lane < DG_LANES; lane += dg_threads())
        second[lane * DG_LANE_ROW + 2 * DG_VALUE_FOLD] =
            lane / 2 < values ? v.x[at.bias_2 + lane / 2] : 0.0f;
}

DG_DEVICE void pack_second(const sample_view &v, const dg_policy_layout &at)
{
    const dg_device_batch *b = v.solver.b;
    const int64_t agent = (int64_t)v.solver.run * b->shape.agents + v.agent;
    float *second = b->second + agent * dg_second_floats(&b->shape);
    if (b->layout.packed)
        pack_by_lane(v, at, second);
    else
        pack_by_value(v, at, second);
}

__global__ void __launch_bounds__(SAMPLE_THREADS) dg_sample(DG_ARGUMENT b)
{
    sample_view v;
    const int32_t run = dg_block_index() / b.shape.agents;
    v.agent = dg_block_index() % b.shape.agents;
    v.solver = solver_at(&b, run, dg_group_of(&b.shape, v.agent));
    const dg_group_shape *group = v.solver.group;
    v.x =
        v.solver.st.genotype + group->genotype + (int64_t)(v.agent - group->first) * group->stride;
    const dg_policy_layout at = dg_policy_layout_of(b.shape.agents, group->hidden, b.shape.values);
    const int32_t next = b.begin ? b.clock[run] : v.solver.generation + 1;
    if (v.agent == 0 && dg_thread() == 0) b.ended[run] = dg_ended_after(v.solver.st.ended);
    const bool unsound = b.unsound[solver_slot(v.solver)] == next;
    if (!b.begin && (!v.solver.due || unsound)) return;
    if (!b.begin || next == 0) {
        sample_genotype(v, next);
        dg_block_meet(); /* each reads what others sampled */
        make_base(v, at);
    }
    pack_second(v, at);
}

/* ---- launches ------------------------------------------------------------------------------------------------ */

static cudaError_t launch_sample(const dg_device_batch *batch, cudaStream_t stream)
{
    return dg_launch(dg_sample, (int64_t)batch->runs * batch->shape.agents, SAMPLE_THREADS, 0,
                     false, *batch, stream);
}

cudaError_t dg_cuda_begin(const dg_device_batch *batch, cudaStream_t stream)
{
    dg_device_batch first = *batch;
    first.begin = 1;
    return launch_sample(&first, stream);
}

cudaError_t dg_cuda_evolve(const dg_device_batch *batch, cudaStream_t stream)
{
    const int64_t solvers = (int64_t)batch->runs * batch->shape.groups;
    const int64_t parameters =
        batch->runs * ((batch->shape.solvers + PARAMETER_THREADS - 1) / PARAMETER_THREADS);
    cudaError_t error = dg_launch(dg_rank, solvers, RANK_THREADS, 0, false, *batch, stream);
    if (error == cudaSuccess)
        error = dg_launch(dg_recombine, parameters, PARAMETER_THREADS, 0, false, *batch, stream);
    if (error == cudaSuccess)
        error = dg_launch(dg_norm, solvers, DG_LANES, 0, false, *batch, stream);
    if (error == cudaSuccess)
        error = dg_launch(dg_variance, parameters, PARAMETER_THREADS, 0, false, *batch, stream);
    return error == cudaSuccess ? launch_sample(batch, stream) : error;
}
