/**
 * New genotypes of all runs on the GPU (MODEL.md, section 4): a block an agent draws its sample, then makes
 * what the steps read of it: base vector and second layer.
 */
#include "kernels/cuda/solver.h"
#include "kernels/science/policy.h"
#include "kernels/science/rng.h"

enum { SAMPLE_THREADS = 128 };

/** An agent that gets a new genotype. */
typedef struct sample_view {
    dg_solver_view solver;
    int32_t agent;
    float *x;
} sample_view;

/** x = m + sigma D z, four parameters of a block of philox a thread; then the padding is 0 again. */
DG_DEVICE void sample_genotype(const sample_view &v, int32_t next)
{
    const dg_solver_view &s = v.solver;
    const dg_draw draw = dg_draw_of(s.p->seed, DG_STREAM_GENOTYPE, next, 0);
    const dg_four *mean = reinterpret_cast<const dg_four *>(DG_OF_RUN(s, mean) + s.group->solver);
    const dg_four *variance =
        reinterpret_cast<const dg_four *>(DG_OF_RUN(s, variance) + s.group->solver);
    dg_four *x = reinterpret_cast<dg_four *>(v.x);
    const float sigma = DG_OF_RUN(s, sigma)[s.index];
    const int32_t n = s.group->parameters, diagonal = s.c->diagonal, blocks = (n + 3) / 4;
    for (int32_t q = dg_thread(); q < blocks; q += dg_threads()) {
        const dg_four m = mean[q], c = variance[q];
        dg_four sample;
        float normal[4];
        dg_normal_block(normal,
                        dg_philox(draw, static_cast<uint32_t>(q), static_cast<uint32_t>(v.agent)));
#pragma unroll
        for (int32_t k = 0; k < 4; k++) {
            const float spread = dg_evolve_spread(sigma, dg_evolve_scale(c.k[k], diagonal));
            sample.k[k] = dg_evolve_sample(m.k[k], spread, normal[k]);
        }
        x[q] = sample;
    }
    if ((blocks - 1) % dg_threads() == dg_thread()) /* who wrote the last block */
        for (int32_t p = n; p < 4 * blocks; p++) v.x[p] = 0.0f;
}

/** The bias less every column of W1, in ascending j; Hidden: its length if that is known, else 0. */
template <int32_t Hidden> DG_DEVICE void make_base(const sample_view &v, const dg_policy_layout &at)
{
    const dg_shape *s = &v.solver.b->shape;
    const int32_t hidden = Hidden ? Hidden : v.solver.group->hidden;
    float *base = DG_OF_RUN(v.solver, base) + (int64_t)v.agent * s->hidden;
    for (int32_t u = dg_thread(); u < hidden; u += dg_threads()) {
        const float *column = v.x + u;
        float sum = v.x[at.bias_1 + u];
#pragma unroll 10
        for (int32_t j = 0; j < s->agents; j++, column += hidden)
            sum = dg_policy_base_term(sum, *column);
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

/**
 * The same, a row a lane (DG_LANE_ROW), a unit a thread. What is not there weighs 0: written once, before the
 * first generation of a batch.
 */
DG_DEVICE void pack_by_lane(const sample_view &v, const dg_policy_layout &at, float *second)
{
    const int32_t hidden = v.solver.group->hidden, values = v.solver.b->shape.values;
    if (v.solver.b->begin) {
        for (int32_t k = dg_thread(); k < DG_LANE_ROW * DG_LANES; k += dg_threads()) second[k] = 0;
        dg_block_barrier();
    }
    for (int32_t unit = dg_thread(); unit < hidden; unit += dg_threads()) {
        const int32_t lane = unit % DG_LANES;
        const float *from = v.x + at.weight_2 + unit * values;
        float *to = second + lane * DG_LANE_ROW + unit / DG_LANES * DG_VALUE_FOLD;
        for (int32_t k = 0; k < values; k++) to[k ^ (lane / 2)] = from[k];
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
    if (dg_shape_tiles(&b->shape))
        pack_by_lane(v, at, second);
    else
        pack_by_value(v, at, second);
}

__global__ void __launch_bounds__(SAMPLE_THREADS) dg_sample(DG_ARGUMENT b)
{
    sample_view v;
    const int32_t run = dg_block_index() / b.shape.agents;
    v.agent = dg_block_index() % b.shape.agents;
    v.solver = dg_solver_at(&b, run, dg_group_of(&b.shape, v.agent));
    const dg_group_shape *group = v.solver.group;
    v.x = DG_OF_RUN(v.solver, genotype) + group->genotype +
          (int64_t)(v.agent - group->first) * group->stride;
    const dg_policy_layout at = dg_policy_layout_of(b.shape.agents, group->hidden, b.shape.values);
    const int32_t next = b.begin ? b.clock[run] : v.solver.generation + 1;
    if (v.agent == 0 && dg_thread() == 0) b.ended[run] = dg_ended_after(DG_OF_RUN(v.solver, ended));
    const bool unsound = b.unsound[dg_solver_slot(v.solver)] == next;
    if (!b.begin && (!v.solver.due || unsound)) return;
    if (!b.begin || next == 0) {
        sample_genotype(v, next);
        dg_block_barrier(); /* each reads what others sampled */
        if (group->hidden == DG_PAPER_HIDDEN)
            make_base<DG_PAPER_HIDDEN>(v, at);
        else
            make_base<0>(v, at);
    }
    pack_second(v, at);
}

cudaError_t dg_cuda_samples(const dg_device_batch *batch, cudaStream_t stream)
{
    return dg_launch(dg_sample, (int64_t)batch->runs * batch->shape.agents, SAMPLE_THREADS, 0,
                     false, *batch, stream);
}

cudaError_t dg_cuda_begin(const dg_device_batch *batch, cudaStream_t stream)
{
    dg_device_batch first = *batch;
    first.begin = 1;
    return dg_cuda_samples(&first, stream);
}
