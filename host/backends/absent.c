/** In place of cuda.c where the build has no CUDA compiler. */
#include "kernels/backend.h"

const dg_backend *dg_backend_cuda(void)
{
    return NULL;
}
