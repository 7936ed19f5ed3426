/**
 * The CUDA backend: a batch lies in one allocation on its device from create to destroy. What advances
 * it is in cuda_queue.c.
 */
#include "host/backends/cuda.h"

#include "host/backends/cuda_call.h"
#include "kernels/science/policy.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- devices --------------------------------------------------------------------------------- */

/* a version of CUDA, 13000: 13.0 */
#define CUDA_MAJOR(version) ((version) / 1000)
#define CUDA_MINOR(version) ((version) % 1000 / 10)

/** Why no device answers: the words of CUDA, and what the driver and this program's runtime are. */
static dg_status why_none(cudaError_t error)
{
    int driver = 0, runtime = 0;
    (void)cudaGetLastError(); /* a later launch must not report it again */
    (void)cudaDriverGetVersion(&driver);
    (void)cudaRuntimeGetVersion(&runtime);
    if (driver == 0) return dg_fail(DG_ERR_UNSUPPORTED, "no NVIDIA driver is loaded");
    return dg_fail(DG_ERR_UNSUPPORTED,
                   "CUDA: %s (the driver is for CUDA %d.%d, this program was built with %d.%d)",
                   cudaGetErrorString(error == cudaSuccess ? cudaErrorNoDevice : error),
                   CUDA_MAJOR(driver), CUDA_MINOR(driver), CUDA_MAJOR(runtime),
                   CUDA_MINOR(runtime));
}

static int32_t devices_cuda(void)
{
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaSuccess && count > 0) return count;
    return why_none(error) == DG_OK;
}

/* cudaMemGetInfo() would make a context */
static dg_status describe_cuda(int32_t device, dg_device_info *out)
{
    struct cudaDeviceProp properties;
    memset(out, 0, sizeof *out);
    DG_CUDA(cudaGetDeviceProperties(&properties, device));
    snprintf(out->name, sizeof out->name, "%.127s", properties.name);
    out->memory_total = (int64_t)properties.totalGlobalMem;
    out->multiprocessors = properties.multiProcessorCount;
    out->capability = 10 * properties.major + properties.minor;
    return DG_OK;
}

/** Does the program hold code for the device that is set, or PTX that its driver can translate? */
static dg_status check_code(const dg_device_info *info)
{
    const cudaError_t error = dg_cuda_code_present();
    if (error != cudaErrorNoKernelImageForDevice && error != cudaErrorInvalidDeviceFunction &&
        error != cudaErrorUnsupportedPtxVersion)
        return dg_cuda_status(error, "code for this device");
    (void)cudaGetLastError();
    return dg_fail(DG_ERR_UNSUPPORTED,
                   "%s has compute capability %d.%d, expected one that this program was built for: "
                   "%s (%s)",
                   info->name, info->capability / 10, info->capability % 10, DG_CUDA_CODE,
                   cudaGetErrorString(error));
}

static dg_status open_cuda(int32_t device, dg_device_info *info)
{
    size_t memory_free = 0, memory_total = 0;
    DG_CUDA(cudaSetDevice(device));
    DG_TRY(check_code(info));
    DG_CUDA(cudaMemGetInfo(&memory_free, &memory_total));
    info->memory_free = (int64_t)memory_free;
    return DG_OK;
}

static dg_status accepts_cuda(int32_t forward)
{
    return dg_policy_by_library(forward) ? dg_cublas_load() : DG_OK;
}

static dg_status fits_cuda(const dg_shape *shape, const dg_batch_options *options)
{
    dg_cuda_layout layout;
    return dg_cuda_layout_of(&layout, shape, options);
}

/* ---- memory of a batch ----------------------------------------------------------------------- */

/* the arrays of a batch on its device, in one allocation: those that kernels see (kernels/cuda/schedule.h),
   and what cuBLAS takes */
#define BATCH_FIELDS(X)                                                                            \
    DG_DEVICE_FIELDS(X)                                                                            \
    X(char, pointers, o->cublas ? r *dg_cublas_bytes(s) : 0, "[runs][dg_cublas_bytes] its operands")

typedef struct batch_places {
#define BATCH_PLACE(type, name, elements, meaning) int64_t name;
    BATCH_FIELDS(BATCH_PLACE)
#undef BATCH_PLACE
} batch_places;

/** Bytes of `r` runs, and where each array begins. */
static int64_t place_batch(batch_places *at, const dg_shape *s, const dg_batch_options *o,
                           int64_t ring, int64_t r)
{
    int64_t bytes = 0;
#define BATCH_PLACE(type, name, elements, meaning)                                                 \
    at->name = bytes;                                                                              \
    bytes += dg_round_up((int64_t)sizeof(type) * (elements), 256);
    BATCH_FIELDS(BATCH_PLACE)
#undef BATCH_PLACE
    return bytes;
}

/* a stretch takes some tenths of a second at most, so that a stop is soon heard, on a device that does
   about 1e8 agent-steps a second; its traces take some tens of megabytes at most */
#define STRETCH_AGENT_STEPS 2e7
#define STRETCH_TRACE_BYTES 3.2e7

static int32_t stretch_of(const dg_shape *s, const dg_batch_options *o)
{
    const double runs = o->runs;
    const double trace = runs * (double)dg_trace_page(s, o) * sizeof(int16_t);
    const double by_work = STRETCH_AGENT_STEPS / (runs * s->agents * s->steps);
    const double by_trace = trace > 0 ? STRETCH_TRACE_BYTES / trace : by_work;
    const double least = by_work < by_trace ? by_work : by_trace;
    return least < 1 ? 1 : least > DG_STRETCH_MOST ? DG_STRETCH_MOST : (int32_t)least;
}

static int64_t bytes_per_run_cuda(const dg_shape *shape, const dg_batch_options *options)
{
    batch_places at;
    dg_batch_options one = *options;
    one.runs = 1;
    return place_batch(&at, shape, options, 2 * (int64_t)stretch_of(shape, &one), 1);
}

/* ---- create and destroy ---------------------------------------------------------------------- */

static void destroy_events(dg_batch *b)
{
    for (int half = 0; half < 2; half++) {
        if (b->generation[half]) cudaGraphExecDestroy(b->generation[half]);
        if (b->computed[half]) cudaEventDestroy(b->computed[half]);
        if (b->copied[half]) cudaEventDestroy(b->copied[half]);
    }
    if (b->compute) cudaStreamDestroy(b->compute);
    if (b->copy) cudaStreamDestroy(b->copy);
}

static void destroy_cuda(dg_batch **batch)
{
    dg_batch *b = *batch;
    if (!b) return;
    cudaSetDevice(b->options.device);
    if (b->compute) cudaStreamSynchronize(b->compute);
    if (b->copy) cudaStreamSynchronize(b->copy);
    dg_cublas_free(&b->cublas);
    destroy_events(b);
    cudaFree(b->memory);
    cudaFreeHost(b->staged_record);
    cudaFreeHost(b->staged_trace);
    cudaFreeHost(b->staged_ended);
    free(b->records);
    free(b->trace);
    free(b->generations);
    free(b);
    *batch = NULL;
}

/** The arrays on the device, all bytes 0. */
static dg_status create_arrays(dg_batch *b)
{
    dg_device_batch *d = &b->on_device;
    batch_places at;
    const int64_t bytes = place_batch(&at, &b->shape, &b->options, d->ring, b->options.runs);
    DG_TRY(dg_cuda_status(cudaMalloc(&b->memory, (size_t)bytes), "memory of a batch"));
    DG_CUDA(cudaMemsetAsync(b->memory, 0, (size_t)bytes, b->compute));
#define BATCH_POINT(type, name, elements, meaning)                                                 \
    d->name = (type *)(void *)((char *)b->memory + at.name);
    DG_DEVICE_FIELDS(BATCH_POINT)
#undef BATCH_POINT
    if (dg_trace_page(&b->shape, &b->options) == 0) d->trace = NULL;
    void *pointers = (char *)b->memory + at.pointers;
    d->first = dg_state_at(&b->shape, d->state);
    DG_CUDA(cudaStreamSynchronize(b->compute));
    return b->options.cublas ? dg_cublas_create(&b->cublas, d, pointers, b->compute) : DG_OK;
}

static dg_status create_tables(dg_batch *b)
{
    const size_t runs = (size_t)b->options.runs, ring = (size_t)b->on_device.ring;
    const size_t words = (size_t)dg_record_words(&b->shape);
    const size_t page = (size_t)dg_trace_page(&b->shape, &b->options);
    DG_CUDA(cudaMallocHost((void **)&b->staged_record, runs * ring * words * sizeof(int64_t)));
    DG_CUDA(cudaMallocHost((void **)&b->staged_ended, 2 * runs * sizeof(int32_t)));
    if (page > 0)
        DG_CUDA(cudaMallocHost((void **)&b->staged_trace, runs * ring * page * sizeof(int16_t)));
    b->records = calloc(runs * (size_t)b->shape.generations * words, sizeof *b->records);
    b->trace = calloc(runs * (size_t)dg_trace_words(&b->shape, &b->options) + 1, sizeof *b->trace);
    b->generations = calloc(runs, sizeof *b->generations);
    if (b->records && b->trace && b->generations) return DG_OK;
    return dg_fail(DG_ERR_MEMORY, "no memory for the measures of %zu runs", runs);
}

static dg_status create_events(dg_batch *b)
{
    /* a thread that waits leaves its core to others: starts of other batches, other devices */
    const unsigned flags = cudaEventDisableTiming | cudaEventBlockingSync;
    DG_CUDA(cudaStreamCreateWithFlags(&b->compute, cudaStreamNonBlocking));
    DG_CUDA(cudaStreamCreateWithFlags(&b->copy, cudaStreamNonBlocking));
    for (int half = 0; half < 2; half++) {
        DG_CUDA(cudaEventCreateWithFlags(&b->computed[half], flags));
        DG_CUDA(cudaEventCreateWithFlags(&b->copied[half], flags));
    }
    return DG_OK;
}

static void describe_batch(dg_batch *b)
{
    dg_device_batch *d = &b->on_device;
    b->stretch = stretch_of(&b->shape, &b->options);
    d->shape = b->shape;
    d->runs = b->options.runs;
    d->ring = 2 * b->stretch;
    d->step_count = b->shape.steps;
    d->cublas = b->options.cublas;
    d->trace_first = b->options.trace_first;
    d->trace_last = b->options.trace_last;
    d->trace_every = b->options.trace_every;
    d->state_bytes = dg_state_bytes(&b->shape);
}

static dg_status fill_batch(dg_batch *b)
{
    DG_TRY(dg_cuda_layout_of(&b->on_device.layout, &b->shape, &b->options));
    describe_batch(b);
    DG_TRY(create_events(b));
    DG_TRY(create_arrays(b));
    return create_tables(b);
}

static dg_status create_cuda(dg_batch **out, const dg_shape *shape, const dg_batch_options *options)
{
    dg_batch *b = calloc(1, sizeof *b);
    if (!b) return dg_fail(DG_ERR_MEMORY, "no memory for a batch");
    b->shape = *shape;
    b->options = *options;
    const dg_status status = fill_batch(b);
    if (status == DG_OK)
        *out = b;
    else
        destroy_cuda(&b);
    return status;
}

/* ---- runs ------------------------------------------------------------------------------------ */

/** Another thread may copy at the same time; the analyser does not see that the builtin writes. */
/* NOLINTNEXTLINE(readability-non-const-parameter) */
static void count_copy(int64_t *bytes, size_t more)
{
    __atomic_fetch_add(bytes, (int64_t)more, __ATOMIC_RELAXED);
}

/** On the stream of the kernels: those that follow read what was sent. */
static dg_status send(dg_batch *b, void *to, const void *from, size_t bytes)
{
    count_copy(&b->traffic.bytes_to_device, bytes);
    return dg_cuda_status(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, b->compute),
                          "upload of a run");
}

/** A run begins anew: its clock shows 0 and nothing is known of its solvers. */
static dg_status rewind_run(dg_batch *b, int32_t run)
{
    const dg_device_batch *d = &b->on_device;
    const size_t solvers = DG_MAX_GROUPS * sizeof *d->unsound;
    DG_CUDA(cudaMemsetAsync(d->clock + run, 0, sizeof *d->clock, b->compute));
    DG_CUDA(cudaMemsetAsync(d->unsound + run * DG_MAX_GROUPS, 0, solvers, b->compute));
    b->generations[run] = 0;
    return DG_OK;
}

static dg_status upload_cuda(dg_batch *b, int32_t run, const dg_params *params, const void *block)
{
    const dg_device_batch *d = &b->on_device;
    if (b->begun)
        return dg_fail(DG_ERR_ARGUMENT, "upload of run %d after the batch has advanced", run);
    DG_CUDA(cudaSetDevice(b->options.device));
    DG_TRY(send(b, d->params + run, params, sizeof *params));
    DG_TRY(send(b, d->state + run * d->state_bytes, block, (size_t)d->state_bytes));
    DG_TRY(rewind_run(b, run));
    count_copy(&b->traffic.synchronisations, 1);
    return dg_cuda_status(cudaStreamSynchronize(b->compute), "upload of a run"); /* block is free */
}

static dg_status restore_cuda(dg_batch *b, int32_t run, int32_t generation, const int64_t *records,
                              const int16_t *trace)
{
    const size_t words = (size_t)dg_record_words(&b->shape);
    const size_t page = (size_t)dg_trace_words(&b->shape, &b->options);
    if (!dg_may_restore(&b->shape, b->begun ? 1 : b->generations[run], generation))
        return dg_fail(DG_ERR_ARGUMENT,
                       "restore of run %d to generation %d, expected a new run and "
                       "0 ... %d",
                       run, generation, b->shape.generations);
    DG_CUDA(cudaSetDevice(b->options.device));
    DG_TRY(send(b, b->on_device.clock + run, &generation, sizeof generation));
    memcpy(b->records + (size_t)run * (size_t)b->shape.generations * words, records,
           (size_t)generation * words * sizeof *records);
    if (page > 0) memcpy(b->trace + (size_t)run * page, trace, page * sizeof *trace);
    b->generations[run] = generation;
    count_copy(&b->traffic.synchronisations, 1);
    return dg_cuda_status(cudaStreamSynchronize(b->compute), "restoring a run");
}

static dg_status download_cuda(const dg_batch *b, int32_t run, void *block)
{
    const dg_device_batch *d = &b->on_device;
    DG_CUDA(cudaSetDevice(b->options.device));
    DG_CUDA(cudaMemcpyAsync(block, d->state + run * d->state_bytes, (size_t)d->state_bytes,
                            cudaMemcpyDeviceToHost, b->compute));
    return dg_cuda_status(cudaStreamSynchronize(b->compute), "download of a run");
}

static int32_t generations_cuda(const dg_batch *b, int32_t run)
{
    return b->generations[run];
}

static const int64_t *records_cuda(const dg_batch *b, int32_t run)
{
    return b->records + (int64_t)run * b->shape.generations * dg_record_words(&b->shape);
}

static const int16_t *trace_cuda(const dg_batch *b, int32_t run)
{
    const int64_t words = dg_trace_words(&b->shape, &b->options);
    return words > 0 ? b->trace + run * words : NULL;
}

static void traffic_cuda(const dg_batch *b, dg_traffic *out)
{
    *out = b->traffic;
}

static void *block_cuda(const dg_batch *b, int32_t run)
{
    (void)b;
    (void)run;
    return NULL;
}

static int64_t bytes_beside_cuda(const dg_shape *shape, const dg_batch_options *options)
{
    (void)shape;
    (void)options;
    return 0;
}

const dg_backend *dg_backend_cuda(void)
{
    static const dg_backend backend = {
        "cuda",        devices_cuda,       describe_cuda,    open_cuda,         accepts_cuda,
        fits_cuda,     bytes_per_run_cuda, create_cuda,      destroy_cuda,      upload_cuda,
        restore_cuda,  dg_cuda_advance,    generations_cuda, records_cuda,      trace_cuda,
        download_cuda, traffic_cuda,       block_cuda,       bytes_beside_cuda,
    };
    return &backend;
}
