/** The functions of tests/support/fmath.h on a device. */
#ifndef DG_TEST_FMATH_H
#define DG_TEST_FMATH_H

#include "tests/support/fmath.h"

#include <cuda_runtime_api.h>

/** Floats of bits first, first + step, ...: `count` values into `out`, device memory. */
typedef struct fmath_chunk {
    fmath_function function;
    uint32_t first, step;
    int32_t count;
    uint32_t *out;
} fmath_chunk;

#ifdef __cplusplus
extern "C"
#endif
    cudaError_t
    fmath_on_device(const fmath_chunk *chunk);

#endif
