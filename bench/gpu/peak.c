/** The clock that the arithmetic floor is reckoned with. */
#include "bench/gpu/gpu.h"

#include <cuda_runtime_api.h>

double gpu_clock(int32_t device)
{
    int kilohertz = 0;
    if (cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, device) != cudaSuccess) return 0;
    return 1e3 * kilohertz;
}
