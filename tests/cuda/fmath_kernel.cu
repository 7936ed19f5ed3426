/** fmath.h on the device; see fmath.h here. */
#include "kernels/cuda/warp.h"

#include "tests/cuda/fmath.h"

#define THREADS 256

__global__ void fmath_kernel(const fmath_chunk c)
{
    const int64_t k = (int64_t)dg_block_index() * dg_threads() + dg_thread();
    if (k < c.count) c.out[k] = fmath_of(c.function, c.first + static_cast<uint32_t>(k) * c.step);
}

extern "C" cudaError_t fmath_on_device(const fmath_chunk *chunk)
{
    const int64_t blocks = ((int64_t)chunk->count + THREADS - 1) / THREADS;
    return dg_launch(fmath_kernel, blocks, THREADS, 0, false, *chunk, nullptr);
}
