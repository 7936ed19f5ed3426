/** The products of `policy.forward: cublas`: one batched matrix-vector product a group and layer. */
#include "host/backends/cuda_cublas.h"

#include "host/backends/cuda_call.h"
#include "host/base/error.h"
#include "kernels/science/policy.h"

#include <cublas_v2.h>
#include <stdlib.h>

#ifndef DG_EMULATOR
#include <dlfcn.h>
#endif

/* ---- the library ----------------------------------------------------------------------------- */

typedef struct cublas_functions {
    cublasStatus_t (*create)(cublasHandle_t *handle);
    cublasStatus_t (*destroy)(cublasHandle_t handle);
    cublasStatus_t (*set_stream)(cublasHandle_t handle, cudaStream_t stream);
    cublasStatus_t (*set_workspace)(cublasHandle_t handle, void *workspace, size_t bytes);
    cublasStatus_t (*gemv)(cublasHandle_t handle, cublasOperation_t operation, int rows,
                           int columns, const float *alpha, const float *const matrix[],
                           int leading, const float *const x[], int x_step, const float *beta,
                           float *const y[], int y_step, int count);
} cublas_functions;

#ifdef DG_EMULATOR

static const cublas_functions *functions(void)
{
    static const cublas_functions linked = {cublasCreate_v2, cublasDestroy_v2, cublasSetStream_v2,
                                            cublasSetWorkspace_v2, cublasSgemvBatched};
    return &linked;
}

#else

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)
#define LIBRARY    "libcublas.so." TEXT(CUBLAS_VER_MAJOR)

/** Look a function up; POSIX lets a data pointer hold it. */
static int found(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static int load(cublas_functions *f)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    return library && found(library, "cublasCreate_v2", &f->create) &&
           found(library, "cublasDestroy_v2", &f->destroy) &&
           found(library, "cublasSetStream_v2", &f->set_stream) &&
           found(library, "cublasSetWorkspace_v2", &f->set_workspace) &&
           found(library, "cublasSgemvBatched", &f->gemv);
}

/** Never unloaded; NULL: not there. */
static const cublas_functions *functions(void)
{
    static cublas_functions loaded;
    static int state; /* 0: not tried, 1: there, -1: not there */
#pragma omp critical(dg_cublas)
    if (state == 0) state = load(&loaded) ? 1 : -1;
    return state == 1 ? &loaded : NULL;
}

#endif

dg_status dg_cublas_load(void)
{
    if (functions()) return DG_OK;
    return dg_fail(DG_ERR_UNSUPPORTED, "policy.forward: cublas, but the library %s is not here",
#ifdef DG_EMULATOR
                   "libcublas"
#else
                   LIBRARY
#endif
    );
}

/* ---- the pointers of a batch ----------------------------------------------------------------- */

/* matrices and vectors of both layers; a layer's result is the next one's argument */
enum { FIRST, REGISTERS, HIDDEN, SECOND, LOGITS, POINTERS };

/* given, so that cuBLAS allocates none while a graph is captured; products with vectors need little */
#define WORKSPACE_BYTES (4 << 20)

struct dg_cublas {
    const cublas_functions *call;
    cublasHandle_t handle;
    float **pointer[POINTERS]; /* on the device, [group][runs x size] */
    void *workspace;
    cudaStream_t stream;
};

int64_t dg_cublas_bytes(const dg_shape *shape)
{
    return (int64_t)POINTERS * shape->agents * (int64_t)sizeof(float *);
}

/** Pointers of one agent into the batch's arrays; never dereferenced here. */
static void point(float *out[POINTERS], const dg_device_batch *b, int32_t run,
                  const dg_group_shape *group, int32_t a)
{
    const dg_shape *s = &b->shape;
    const dg_policy_layout at = dg_policy_layout_of(s->agents, group->hidden, s->values);
    const int64_t agent = (int64_t)run * s->agents + group->first + a;
    float *genotype = (float *)(void *)((char *)b->first.genotype + run * b->state_bytes) +
                      group->genotype + (int64_t)a * group->stride;
    out[FIRST] = genotype;
    out[REGISTERS] = b->registers + agent * s->row;
    out[HIDDEN] = b->hidden + agent * s->hidden;
    out[SECOND] = genotype + at.weight_2;
    out[LOGITS] = b->logits + agent * s->values;
}

/** All pointers, [POINTERS][runs x agents], group after group. */
static float **all_pointers(const dg_device_batch *b)
{
    const int64_t total = (int64_t)b->runs * b->shape.agents;
    float **all = malloc((size_t)(POINTERS * total) * sizeof *all);
    int64_t at = 0;
    if (!all) return NULL;
    for (int32_t g = 0; g < b->shape.groups; g++)
        for (int32_t run = 0; run < b->runs; run++)
            for (int32_t a = 0; a < b->shape.group[g].size; a++, at++) {
                float *one[POINTERS];
                point(one, b, run, &b->shape.group[g], a);
                for (int k = 0; k < POINTERS; k++) all[k * total + at] = one[k];
            }
    return all;
}

static dg_status send_pointers(dg_cublas *c, const dg_device_batch *b, void *pointers)
{
    const int64_t total = (int64_t)b->runs * b->shape.agents;
    float **all = all_pointers(b);
    if (!all) return dg_fail(DG_ERR_MEMORY, "no memory for the pointers of a batch");
    cudaError_t error = cudaMemcpyAsync(pointers, all, (size_t)(POINTERS * total) * sizeof *all,
                                        cudaMemcpyHostToDevice, c->stream);
    if (error == cudaSuccess) error = cudaStreamSynchronize(c->stream);
    free(all);
    for (int k = 0; k < POINTERS; k++) c->pointer[k] = (float **)pointers + k * total;
    return dg_cuda_status(error, "pointers of cuBLAS");
}

static dg_status checked(cublasStatus_t status, const char *what)
{
    if (status == CUBLAS_STATUS_SUCCESS) return DG_OK;
    return dg_fail(DG_ERR_BACKEND, "cuBLAS: %s: status %d", what, (int)status);
}

static dg_status open_handle(dg_cublas *c)
{
    DG_TRY(dg_cuda_status(cudaMalloc(&c->workspace, WORKSPACE_BYTES), "workspace of cuBLAS"));
    DG_TRY(checked(c->call->create(&c->handle), "a handle"));
    DG_TRY(checked(c->call->set_stream(c->handle, c->stream), "its stream"));
    return checked(c->call->set_workspace(c->handle, c->workspace, WORKSPACE_BYTES), "workspace");
}

dg_status dg_cublas_create(dg_cublas **out, const dg_device_batch *batch, void *pointers,
                           cudaStream_t stream)
{
    DG_TRY(dg_cublas_load());
    dg_cublas *c = calloc(1, sizeof *c);
    if (!c) return dg_fail(DG_ERR_MEMORY, "no memory for cuBLAS");
    c->call = functions();
    c->stream = stream;
    dg_status status = open_handle(c);
    if (status == DG_OK) status = send_pointers(c, batch, pointers);
    if (status == DG_OK)
        *out = c;
    else
        dg_cublas_free(&c);
    return status;
}

void dg_cublas_free(dg_cublas **cublas)
{
    if (!*cublas) return;
    if ((*cublas)->handle) (*cublas)->call->destroy((*cublas)->handle);
    cudaFree((*cublas)->workspace);
    free(*cublas);
    *cublas = NULL;
}

/* ---- a step ---------------------------------------------------------------------------------- */

/* a grid's second and third extents end here, and a batch may become one of them */
#define PRODUCTS_MOST 65535

/** y += matrix x for all agents of a group, in all runs. */
static dg_status group_product(const dg_cublas *c, int64_t first, int64_t count, int matrix, int x,
                               int y, int32_t rows, int32_t columns)
{
    static const float one = 1.0f;
    for (int64_t at = first; at < first + count; at += PRODUCTS_MOST) {
        const int64_t left = first + count - at;
        const int products = (int)(left < PRODUCTS_MOST ? left : PRODUCTS_MOST);
        DG_TRY(checked(c->call->gemv(c->handle, CUBLAS_OP_N, rows, columns, &one,
                                     (const float *const *)c->pointer[matrix] + at, rows,
                                     (const float *const *)c->pointer[x] + at, 1, &one,
                                     c->pointer[y] + at, 1, products),
                       "cublasSgemvBatched"));
    }
    return DG_OK;
}

/** One layer of every group. */
static dg_status layer(const dg_cublas *c, const dg_device_batch *b, int second)
{
    int64_t first = 0;
    for (int32_t g = 0; g < b->shape.groups; g++) {
        const dg_group_shape *group = &b->shape.group[g];
        const int64_t count = (int64_t)b->runs * group->size;
        DG_TRY(second ? group_product(c, first, count, SECOND, HIDDEN, LOGITS, b->shape.values,
                                      group->hidden)
                      : group_product(c, first, count, FIRST, REGISTERS, HIDDEN, group->hidden,
                                      b->shape.agents));
        first += count;
    }
    return DG_OK;
}

dg_status dg_cublas_logits(dg_cublas *cublas, const dg_device_batch *batch, int64_t *launches)
{
    DG_TRY(dg_cuda_status(dg_cuda_dense_inputs(batch, cublas->stream), "registers"));
    DG_TRY(layer(cublas, batch, 0));
    DG_TRY(dg_cuda_status(dg_cuda_dense_hidden(batch, cublas->stream), "hidden units"));
    DG_TRY(layer(cublas, batch, 1));
    *launches += 2 + 2 * batch->shape.groups; /* at least one kernel a product */
    return DG_OK;
}
