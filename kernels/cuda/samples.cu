/**
 * New genotypes of all runs on the GPU (MODEL.md, section 4): a block an agent draws its sample, then makes
 * what the steps read of it: base vector and second layer.
 */
#include "kernels/cuda/solver.h"
#include "kernels/science/policy.h"
#include "kernels/science/rng.h"

enum { SAMPLE_THREADS = 256 };

/** An agent that gets a new genotype. */
typedef struct sample_view {
    dg_solver_view solver;
    int32_t agent;
    float *x;
} sample_view;

/** x = m + sigma D z, four parameters of a block of philox a thread. */
DG_DEVICE void sample_genotype(const sample_view &v, int32_t next)
{
    const dg_solver_view &s = v.solver;
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
                v.x[p] = dg_evolve_sample(
                    mean[p], dg_evolve_spread(sigma, dg_evolve_scale(variance[p], diagonal)),
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
    v.solver = dg_solver_at(&b, run, dg_group_of(&b.shape, v.agent));
    const dg_group_shape *group = v.solver.group;
    v.x =
        v.solver.st.genotype + group->genotype + (int64_t)(v.agent - group->first) * group->stride;
    const dg_policy_layout at = dg_policy_layout_of(b.shape.agents, group->hidden, b.shape.values);
    const int32_t next = b.begin ? b.clock[run] : v.solver.generation + 1;
    if (v.agent == 0 && dg_thread() == 0) b.ended[run] = dg_ended_after(v.solver.st.ended);
    const bool unsound = b.unsound[dg_solver_slot(v.solver)] == next;
    if (!b.begin && (!v.solver.due || unsound)) return;
    if (!b.begin || next == 0) {
        sample_genotype(v, next);
        dg_block_barrier(); /* each reads what others sampled */
        make_base(v, at);
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
