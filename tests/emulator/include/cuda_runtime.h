/**
 * Stand-in for <cuda_runtime.h>: the C interface, the words of CUDA C++ that mean nothing to a host
 * compiler, and the templates that spare callers a cast. What only nvcc can do (__shared__, <<< >>>,
 * intrinsics) is left out, so that a kernel which goes past kernels/cuda/warp.h does not compile here.
 */
#ifndef DG_EMULATED_CUDA_RUNTIME_H
#define DG_EMULATED_CUDA_RUNTIME_H

#include "cuda_runtime_api.h"

#define __host__
#define __device__
#define __global__
#define __launch_bounds__(...)
#define __forceinline__  inline __attribute__((always_inline))
#define __align__(bytes) __attribute__((aligned(bytes)))

#ifdef __cplusplus
template <typename T> static inline cudaError_t cudaMalloc(T **pointer, size_t size)
{
    return cudaMalloc(reinterpret_cast<void **>(pointer), size);
}

template <typename T> static inline cudaError_t cudaMallocHost(T **pointer, size_t size)
{
    return cudaMallocHost(reinterpret_cast<void **>(pointer), size);
}

template <typename... Arguments>
static inline cudaError_t cudaFuncSetAttribute(void (*kernel)(Arguments...),
                                               enum cudaFuncAttribute attribute, int value)
{
    return cudaFuncSetAttribute(reinterpret_cast<const void *>(kernel), attribute, value);
}

template <typename... Arguments>
static inline cudaError_t
cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void (*kernel)(Arguments...),
                                              int threads, size_t shared_bytes)
{
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        blocks, reinterpret_cast<const void *>(kernel), threads, shared_bytes);
}
#endif

#endif
