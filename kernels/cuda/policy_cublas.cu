/**
 * Around cuBLAS (`policy.forward: cublas`): registers and biases before its products, tanh between
 * them. The products are host/backends/cuda_cublas.c's; the draw that follows is the generation kernel's.
 */
#include "kernels/cuda/block.h"

enum { THREADS = 128 };

/** An agent, found from the block. */
typedef struct dense_view {
    int32_t run, agent;
    const dg_group_shape *group;
    const float *genotype;
    dg_policy_layout at;
} dense_view;

DG_DEVICE dense_view dense_at(const dg_device_batch *b)
{
    const dg_shape *s = &b->shape;
    dense_view v;
    v.run = dg_block_index() / s->agents;
    v.agent = dg_block_index() % s->agents;
    v.group = &s->group[dg_group_of(s, v.agent)];
    v.genotype = dg_held(b, v.run, b->first.genotype) + v.group->genotype +
                 (int64_t)(v.agent - v.group->first) * v.group->stride;
    v.at = dg_policy_layout_of(s->agents, v.group->hidden, s->values);
    return v;
}

/** Registers as floats, and the biases to which the products are added. */
__global__ void __launch_bounds__(THREADS) dg_dense_inputs(DG_ARGUMENT b)
{
    const dg_shape *s = &b.shape;
    const dense_view v = dense_at(&b);
    const int64_t agent = (int64_t)v.run * s->agents + v.agent;
    const int64_t slots = (int64_t)v.agent * s->capacity;
    const int32_t *observed = dg_held(&b, v.run, b.first.observed) + slots;
    const int32_t *registers = dg_held(&b, v.run, b.first.registers) + slots;
    float *reg = b.registers + agent * s->row;
    for (int32_t j = dg_thread(); j < s->row; j += dg_threads()) reg[j] = -1.0f;
    dg_block_barrier();
    for (int32_t slot = dg_thread(); slot < s->capacity; slot += dg_threads())
        if (observed[slot] >= 0) reg[observed[slot]] = static_cast<float>(registers[slot]);
    for (int32_t u = dg_thread(); u < v.group->hidden; u += dg_threads())
        b.hidden[agent * s->hidden + u] = v.genotype[v.at.bias_1 + u];
    for (int32_t k = dg_thread(); k < s->values; k += dg_threads())
        b.logits[agent * s->values + k] = v.genotype[v.at.bias_2 + k];
}

__global__ void __launch_bounds__(THREADS) dg_dense_hidden(DG_ARGUMENT b)
{
    const dense_view v = dense_at(&b);
    float *hidden = b.hidden + ((int64_t)v.run * b.shape.agents + v.agent) * b.shape.hidden;
    for (int32_t u = dg_thread(); u < v.group->hidden; u += dg_threads())
        hidden[u] = dg_policy_hidden(hidden[u]);
}

cudaError_t dg_cuda_dense_inputs(const dg_device_batch *batch, cudaStream_t stream)
{
    return dg_launch(dg_dense_inputs, (int64_t)batch->runs * batch->shape.agents, THREADS, 0, false,
                     *batch, stream);
}

cudaError_t dg_cuda_dense_hidden(const dg_device_batch *batch, cudaStream_t stream)
{
    return dg_launch(dg_dense_hidden, (int64_t)batch->runs * batch->shape.agents, THREADS, 0, false,
                     *batch, stream);
}
