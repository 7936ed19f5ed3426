/** The layout of a CUDA batch on its device; kernels/cuda/layout.cu chooses it. */
#include "host/backends/cuda.h"

#include "host/backends/cuda_call.h"

static dg_status limits_of(dg_cuda_limits *out, int32_t device)
{
    int multiprocessors = 0, shared = 0;
    DG_CUDA(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
    DG_CUDA(cudaDeviceGetAttribute(&shared, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
    out->multiprocessors = multiprocessors;
    out->shared_bytes = shared;
    return DG_OK;
}

dg_status dg_cuda_layout_of(dg_cuda_layout *out, const dg_shape *s, const dg_batch_options *o)
{
    dg_cuda_limits limits;
    DG_CUDA(cudaSetDevice(o->device));
    DG_TRY(limits_of(&limits, o->device));
    const cudaError_t error = dg_cuda_layout_choose(out, s, o->runs, o->blocks, o->warps, &limits);
    if (error != cudaErrorInvalidConfiguration)
        return dg_cuda_status(error, "a layout for this shape");
    return dg_fail(
        DG_ERR_UNSUPPORTED,
        "agents: %d, with %d hidden units and %d values, expected fewer together: a warp "
        "holds 4 bytes of each in shared memory, and cuda:%d has %d bytes; a CPU has no "
        "such limit",
        s->agents, s->hidden, s->values, o->device, (int)limits.shared_bytes);
}

dg_status dg_cuda_layout_halve(dg_batch *b)
{
    dg_batch_options fewer = b->options;
    fewer.blocks = b->on_device.layout.blocks / 2;
    DG_TRY(dg_cuda_layout_of(&b->on_device.layout, &b->shape, &fewer));
    /* within a generation it counts arrivals of as many blocks as there were */
    return dg_cuda_status(cudaMemsetAsync(b->on_device.arrived, 0,
                                          (size_t)b->options.runs * sizeof *b->on_device.arrived,
                                          b->compute),
                          "fewer blocks");
}
