/**
 * fmath: do the functions of kernels/science/fmath.h, and the weight of sums.h, leave the same bits on CUDA as on the CPU?
 *
 *   fmath               all 2^32 floats, each function
 *   fmath --every N     every N-th float: for the emulator, or a short lease
 *   fmath --device K    CUDA device K
 *
 * Exit code: 0 all equal, 1 a difference or an error, 2 usage, 77 no CUDA device.
 */
#include "tests/cuda/fmath.h"

#include "kernels/backend.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK (1 << 22)

static const char *const names[] = {"log", "exp", "tanh", "cos", "sin", "weight"};
_Static_assert(sizeof names / sizeof *names == FMATH_FUNCTIONS, "a name for each");

/** Values of a chunk that differ; the first is printed. */
static int64_t differing(const fmath_chunk *c, const uint32_t *of_device)
{
    int64_t count = 0;
    int32_t first = c->count;
#pragma omp parallel for reduction(+ : count) reduction(min : first)
    for (int32_t k = 0; k < c->count; k++) {
        if (of_device[k] == fmath_of(c->function, c->first + (uint32_t)k * c->step)) continue;
        count++;
        if (k < first) first = k;
    }
    if (count == 0) return 0;
    const uint32_t bits = c->first + (uint32_t)first * c->step;
    printf("fmath: %s of 0x%08" PRIx32 ": 0x%08" PRIx32 " on CUDA, expected 0x%08" PRIx32 "\n",
           names[c->function], bits, of_device[first], fmath_of(c->function, bits));
    return count;
}

static int failed(cudaError_t error)
{
    if (error != cudaSuccess) fprintf(stderr, "fmath: CUDA: %s\n", cudaGetErrorString(error));
    return error != cudaSuccess;
}

/** Compare one function over every step-th float; false: an error of CUDA. */
static int compare(fmath_function function, uint32_t step, uint32_t *device, uint32_t *host,
                   int64_t *differ)
{
    const int64_t all = (INT64_C(1) << 32) / step;
    for (int64_t at = 0; at < all; at += CHUNK) {
        const int64_t left = all - at;
        const fmath_chunk chunk = {function, (uint32_t)(at * step), step,
                                   (int32_t)(left < CHUNK ? left : CHUNK), device};
        const size_t bytes = (size_t)chunk.count * sizeof *host;
        if (failed(fmath_on_device(&chunk)) ||
            failed(cudaMemcpy(host, device, bytes, cudaMemcpyDeviceToHost)))
            return 0;
        *differ += differing(&chunk, host);
        if (*differ > 0) break;
    }
    return 1;
}

static int compare_all(uint32_t step)
{
    uint32_t *device = NULL, *host = malloc(CHUNK * sizeof *host);
    int64_t differ = 0;
    int good = host && !failed(cudaMalloc((void **)&device, CHUNK * sizeof *device));
    for (int f = 0; f < FMATH_FUNCTIONS && good && differ == 0; f++)
        good = compare((fmath_function)f, step, device, host, &differ);
    cudaFree(device);
    free(host);
    if (good && differ == 0)
        printf("fmath: %d functions of %" PRId64 " floats leave the bits of the CPU\n",
               FMATH_FUNCTIONS, (INT64_C(1) << 32) / step);
    return good && differ == 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"every", required_argument, NULL, 'e'},
                                            {"device", required_argument, NULL, 'd'},
                                            {NULL, 0, NULL, 0}};
    long every = 1;
    int device = 0;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'e')
            every = atol(optarg);
        else if (o == 'd')
            device = atoi(optarg);
        else
            return 2;
    }
    if (every < 1 || every > INT32_MAX || optind < argc) return 2;
    const dg_backend *backend = dg_backend_cuda();
    const int32_t devices = backend ? backend->devices() : 0;
    if (devices <= device) {
        printf("fmath: not run: %s\n", !backend       ? "this build has no CUDA backend"
                                       : devices == 0 ? dg_error()
                                                      : "no such CUDA device answers");
        return 77;
    }
    if (failed(cudaSetDevice(device))) return 1;
    return compare_all((uint32_t)every) ? 0 : 1;
}
