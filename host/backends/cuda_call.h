/** Calls of the CUDA runtime: an error becomes a status and one line. */
#ifndef DG_BACKEND_CUDA_CALL_H
#define DG_BACKEND_CUDA_CALL_H

#include "host/base/error.h"

#include <cuda_runtime_api.h>

static inline dg_status dg_cuda_status(cudaError_t error, const char *what)
{
    if (error == cudaSuccess) return DG_OK;
    (void)cudaGetLastError(); /* a later launch must not report it again */
    return dg_fail(error == cudaErrorMemoryAllocation ? DG_ERR_MEMORY : DG_ERR_BACKEND,
                   "CUDA: %s: %s", what, cudaGetErrorString(error));
}

/** Return early with a line that names the call. */
#define DG_CUDA(call) DG_TRY(dg_cuda_status(call, #call))

#endif
