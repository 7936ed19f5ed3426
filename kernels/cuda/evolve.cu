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
#include "kernels/cuda/solver.h"
#include "kernels/science/convergence.h"
#include "kernels/science/reward.h"

enum { RANK_THREADS = 128, PARAMETER_THREADS = 256 };

/* ---- rank ------------------------------------------------------------------------------------ */

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
    const dg_solver_view v =
        dg_solver_at(&b, dg_block_index() / b.shape.groups, dg_block_index() % b.shape.groups);
    if (!v.due) return;
    const int32_t first = v.group->first, size = v.group->size;
    /* between generations this array is free: it holds the bits of the fitness */
    int32_t *fitness = b.exchange + (int64_t)v.run * DG_EXCHANGES * 2 * b.shape.row + first;
    for (int32_t a = dg_thread(); a < size; a += dg_threads())
        fitness[a] = static_cast<int32_t>(dg_bits_of(
            dg_reward(v.st.views[first + a], v.st.penalty[first + a], v.p->truthfulness)));
    dg_block_barrier();
    int32_t *order = b.order + (int64_t)v.run * b.shape.row + first;
    for (int32_t a = dg_thread(); a < size; a += dg_threads()) order[rank_of(fitness, size, a)] = a;
}

/* ---- recombine ------------------------------------------------------------------------------- */

/** A parameter of a solver. */
typedef struct parameter_view {
    dg_solver_view solver;
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
    v.solver = dg_solver_at(b, run, g);
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
    const dg_solver_view &solver = v.solver;
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

/* ---- norm ------------------------------------------------------------------------------------ */

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
DG_DEVICE void watch_beliefs(const dg_solver_view &v)
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
    const dg_solver_view v =
        dg_solver_at(&b, dg_block_index() / b.shape.groups, dg_block_index() % b.shape.groups);
    if (v.index == 0) watch_beliefs(v);
    if (!v.due) return;
    const float norm = norm_of(v.st.path_sigma + v.group->solver, v.group->parameters);
    if (dg_lane() != 0) return;
    const float decay = dg_evolve_decay(v.c, v.st.path_decay[v.index]);
    v.st.path_decay[v.index] = decay;
    b.stall[dg_solver_slot(v)] = dg_evolve_stall(v.c, norm, decay);
    v.st.sigma[v.index] = dg_evolve_sigma(v.c, v.st.sigma[v.index], norm);
}

/* ---- variance -------------------------------------------------------------------------------- */

__global__ void __launch_bounds__(PARAMETER_THREADS) dg_variance(DG_ARGUMENT b)
{
    const parameter_view v = parameter_at(&b);
    const dg_solver_view &solver = v.solver;
    if (v.at == 0 && solver.generation >= 0) { /* kernels of this generation read the stage */
        b.clock[solver.run] = solver.generation + 1;
        b.arrived[solver.run] = 0;
    }
    if (!parameter_due(v)) return;
    const dg_state &st = solver.st;
    const float h_sigma = b.stall[dg_solver_slot(solver)];
    const float path = dg_evolve_path_c(solver.c, st.path_c[v.at], b.step_mean[v.scratch], h_sigma);
    const float variance =
        dg_evolve_variance(solver.c, st.variance[v.at], path, b.rank_mu[v.scratch], h_sigma);
    st.path_c[v.at] = path;
    st.variance[v.at] = variance;
    if (dg_evolve_sound(st.mean[v.at], st.sigma[solver.index], variance)) return;
    b.unsound[dg_solver_slot(solver)] = solver.generation + 1;
    /* 0 before this generation: all write the same */
    st.ended[DG_ENDED_NONFINITE] = solver.generation + 1;
}

/* ---- launches -------------------------------------------------------------------------------- */

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
    return error == cudaSuccess ? dg_cuda_samples(batch, stream) : error;
}
