/**
 * Evolution of all runs on the GPU: each solver that is due, all of them at once (MODEL.md, section 4).
 * Five kernels, because each needs all of what the one before made of a solver:
 *
 *   rank        a block a solver: order of its agents by fitness
 *   recombine   a thread four parameters: y_w, the rank-mu sum, mean, p_sigma
 *   norm        a warp a solver: ||p_sigma|| in the order of sum.h, h_sigma, sigma; a run's first one,
 *               due or not: have the beliefs converged?
 *   variance    a thread four parameters: p_c, C; is it sound? The clock advances.
 *   sample      a block an agent: new genotype, base vector, second layer
 */
#include "kernels/cuda/solver.h"
#include "kernels/science/convergence.h"
#include "kernels/science/reward.h"

enum { RANK_THREADS = 128, PARAMETER_THREADS = 128, PARAMETERS = 16 * PARAMETER_THREADS };

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
        fitness[a] = static_cast<int32_t>(dg_bits_of(dg_reward(
            DG_OF_RUN(v, views)[first + a], DG_OF_RUN(v, penalty)[first + a], v.p->truthfulness)));
    dg_block_barrier();
    int32_t *order = b.order + (int64_t)v.run * b.shape.row + first;
    for (int32_t a = dg_thread(); a < size; a += dg_threads()) order[rank_of(fitness, size, a)] = a;
}

/* ---- recombine ------------------------------------------------------------------------------- */

/** Four parameters of a solver, read and written at once: rows begin at multiples of four. */
typedef struct parameters_view {
    dg_solver_view solver;
    int32_t p,
        end; /* the first, within the group, and where a block ends; beyond the group's last: padding, 0 */
    int64_t at;      /* within `mean` and its like */
    int64_t scratch; /* within arrays [runs][solvers] */
} parameters_view;

/** Blocks that a solver takes, at most. */
DG_HD int32_t parameter_blocks(const dg_shape *s)
{
    int32_t most = 0;
    for (int32_t g = 0; g < s->groups; g++)
        most = s->group[g].parameters > most ? s->group[g].parameters : most;
    return (most + PARAMETERS - 1) / PARAMETERS;
}

/** The first four of a thread; a block has PARAMETERS of one solver. */
DG_DEVICE parameters_view parameters_at(const dg_device_batch *b)
{
    const int32_t blocks = b->parameter_blocks, solver = dg_block_index() / blocks;
    const int32_t part = dg_block_index() % blocks;
    parameters_view v;
    v.solver = dg_solver_at(b, solver / b->shape.groups, solver % b->shape.groups);
    v.p = part * PARAMETERS + 4 * dg_thread();
    v.end = v.solver.group->parameters;
    if (v.end > (part + 1) * PARAMETERS) v.end = (part + 1) * PARAMETERS;
    v.at = v.solver.group->solver + v.p;
    v.scratch = v.solver.run * b->shape.solvers + v.at;
    return v;
}

/** Go on with a thread's next four. */
DG_DEVICE void parameters_next(parameters_view *v)
{
    v->p += 4 * PARAMETER_THREADS;
    v->at += 4 * PARAMETER_THREADS;
    v->scratch += 4 * PARAMETER_THREADS;
}

/** Is the k-th of them a parameter, or padding? */
DG_DEVICE bool parameter_there(const parameters_view &v, int32_t k)
{
    return v.p + k < v.solver.group->parameters;
}

/** Four numbers of a row of the run's state. */
#define FOUR_OF_RUN(v, name) reinterpret_cast<dg_four *>(DG_OF_RUN((v).solver, name) + (v).at)

/** Four numbers of a row of scratch. */
#define FOUR_OF_SCRATCH(v, row) reinterpret_cast<dg_four *>((row) + (v).scratch)

/** Add the parents of four parameters, best first. */
DG_DEVICE void add_parents(const parameters_view &v, const dg_four &mean, float sigma,
                           dg_four *step, dg_four *rank_mu)
{
    const dg_solver_view &solver = v.solver;
    const dg_group_shape *group = solver.group;
    const float *genotype = DG_OF_RUN(solver, genotype) + group->genotype + v.p;
    const float *weight = DG_OF_RUN(solver, recombination) + group->first;
    const int32_t *order =
        solver.b->order + (int64_t)solver.run * solver.b->shape.row + group->first;
    const float inverse_sigma = 1.0f / sigma;
    const int32_t parents = solver.c->parents, stride = group->stride;
#pragma unroll 4
    for (int32_t r = 0; r < parents; r++) {
        const dg_four x = *reinterpret_cast<const dg_four *>(genotype + (int64_t)order[r] * stride);
        const float w = weight[r];
#pragma unroll
        for (int32_t k = 0; k < 4; k++) {
            const float y = dg_evolve_offset(x.k[k], mean.k[k], inverse_sigma);
            step->k[k] = dg_evolve_mean_term(step->k[k], w, y);
            rank_mu->k[k] = dg_evolve_rank_mu_term(rank_mu->k[k], w, y);
        }
    }
}

/* padding is 0 in all rows and stays so: its mean, step and variance are, and it is not divided by its scale */
DG_DEVICE void recombine(const parameters_view &v, float sigma)
{
    const dg_evolve_constants *c = v.solver.c;
    const dg_device_batch *b = v.solver.b;
    const dg_four variance = *FOUR_OF_RUN(v, variance);
    dg_four mean = *FOUR_OF_RUN(v, mean), path = *FOUR_OF_RUN(v, path_sigma);
    dg_four step = {{0.0f, 0.0f, 0.0f, 0.0f}}, rank_mu = step;
    add_parents(v, mean, sigma, &step, &rank_mu);
#pragma unroll
    for (int32_t k = 0; k < 4; k++) {
        const float scale =
            parameter_there(v, k) ? dg_evolve_scale(variance.k[k], c->diagonal) : 1.0f;
        mean.k[k] = dg_evolve_mean(c, mean.k[k], sigma, step.k[k]);
        path.k[k] = dg_evolve_path_sigma(c, path.k[k], step.k[k], scale);
    }
    *FOUR_OF_RUN(v, mean) = mean;
    *FOUR_OF_RUN(v, path_sigma) = path;
    *FOUR_OF_SCRATCH(v, b->step_mean) = step;
    *FOUR_OF_SCRATCH(v, b->rank_mu) = rank_mu;
}

__global__ void __launch_bounds__(PARAMETER_THREADS) dg_recombine(DG_ARGUMENT b)
{
    parameters_view v = parameters_at(&b);
    if (!v.solver.due) return;
    const float sigma = DG_OF_RUN(v.solver, sigma)[v.solver.index];
    for (; v.p < v.end; parameters_next(&v)) recombine(v, sigma);
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
    if (dg_lane() == 0) dg_convergence_follow(DG_OF_RUN(v, ended), v.p, v.generation, converged);
}

__global__ void __launch_bounds__(DG_LANES) dg_norm(DG_ARGUMENT b)
{
    const dg_solver_view v =
        dg_solver_at(&b, dg_block_index() / b.shape.groups, dg_block_index() % b.shape.groups);
    if (v.index == 0) watch_beliefs(v);
    if (!v.due) return;
    const float norm = norm_of(DG_OF_RUN(v, path_sigma) + v.group->solver, v.group->parameters);
    if (dg_lane() != 0) return;
    const float decay = dg_evolve_decay(v.c, DG_OF_RUN(v, path_decay)[v.index]);
    DG_OF_RUN(v, path_decay)[v.index] = decay;
    b.stall[dg_solver_slot(v)] = dg_evolve_stall(v.c, norm, decay);
    const float sigma = dg_evolve_sigma(v.c, DG_OF_RUN(v, sigma)[v.index], norm);
    const int32_t imbalance = dg_evolve_imbalance(sigma, v.c->diagonal);
    b.imbalance[dg_solver_slot(v)] = imbalance;
    DG_OF_RUN(v, sigma)[v.index] = imbalance ? dg_evolve_balanced_sigma(sigma, imbalance) : sigma;
}

/* ---- variance -------------------------------------------------------------------------------- */

/** A number that cannot be sampled ends the run: 0 before this generation, and all write the same. */
DG_DEVICE void end_unsound(const dg_solver_view &v)
{
    v.b->unsound[dg_solver_slot(v)] = v.generation + 1;
    DG_OF_RUN(v, ended)[DG_ENDED_NONFINITE] = v.generation + 1;
}

/** p_c and C of four parameters; are they sound? */
DG_DEVICE bool adapt(const parameters_view &v, float sigma, float h_sigma, int32_t imbalance)
{
    const dg_solver_view &solver = v.solver;
    const dg_four mean = *FOUR_OF_RUN(v, mean), step = *FOUR_OF_SCRATCH(v, solver.b->step_mean);
    const dg_four rank_mu = *FOUR_OF_SCRATCH(v, solver.b->rank_mu);
    dg_four path = *FOUR_OF_RUN(v, path_c), variance = *FOUR_OF_RUN(v, variance);
    bool sound = true;
#pragma unroll
    for (int32_t k = 0; k < 4; k++) {
        path.k[k] = dg_evolve_path_c(solver.c, path.k[k], step.k[k], h_sigma);
        variance.k[k] =
            dg_evolve_variance(solver.c, variance.k[k], path.k[k], rank_mu.k[k], h_sigma);
        if (imbalance != 0) {
            path.k[k] = dg_evolve_balanced_path(path.k[k], imbalance);
            variance.k[k] = dg_evolve_balanced_variance(variance.k[k], imbalance);
        }
        sound = sound &&
                (!parameter_there(v, k) || dg_evolve_sound(mean.k[k], sigma, variance.k[k]) != 0);
    }
    *FOUR_OF_RUN(v, path_c) = path;
    *FOUR_OF_RUN(v, variance) = variance;
    return sound;
}

__global__ void __launch_bounds__(PARAMETER_THREADS) dg_variance(DG_ARGUMENT b)
{
    parameters_view v = parameters_at(&b);
    const dg_solver_view &solver = v.solver;
    if (v.at == 0 && solver.generation >= 0) { /* kernels of this generation read the stage */
        b.clock[solver.run] = solver.generation + 1;
        b.arrived[solver.run] = 0;
    }
    if (!solver.due) return;
    const float h_sigma = b.stall[dg_solver_slot(solver)];
    const float sigma = DG_OF_RUN(solver, sigma)[solver.index];
    const int32_t imbalance = b.imbalance[dg_solver_slot(solver)];
    bool sound = true;
    for (; v.p < v.end; parameters_next(&v)) sound = adapt(v, sigma, h_sigma, imbalance) && sound;
    if (!sound) end_unsound(solver);
}

/* ---- launches -------------------------------------------------------------------------------- */

cudaError_t dg_cuda_evolve(const dg_device_batch *batch, cudaStream_t stream)
{
    const int64_t solvers = (int64_t)batch->runs * batch->shape.groups;
    dg_device_batch with = *batch;
    with.parameter_blocks = parameter_blocks(&batch->shape);
    const int64_t parameters = solvers * with.parameter_blocks;
    cudaError_t error = dg_launch(dg_rank, solvers, RANK_THREADS, 0, false, *batch, stream);
    if (error == cudaSuccess)
        error = dg_launch(dg_recombine, parameters, PARAMETER_THREADS, 0, false, with, stream);
    if (error == cudaSuccess)
        error = dg_launch(dg_norm, solvers, DG_LANES, 0, false, *batch, stream);
    if (error == cudaSuccess)
        error = dg_launch(dg_variance, parameters, PARAMETER_THREADS, 0, false, with, stream);
    return error == cudaSuccess ? dg_cuda_samples(batch, stream) : error;
}
