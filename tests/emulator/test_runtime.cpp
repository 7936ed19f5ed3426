/** tests/emulator/runtime.cpp, stream.cpp, cublas.cpp: what host code may rely on, and what it may not. */
#include "kernels/cuda/warp.h"

#include <cublas_v2.h>

#include <criterion/criterion.h>
#include <string.h>

typedef struct step {
    int32_t *counter;
    int32_t add;
} step;

/* counter = 3 counter + add: the order of steps shows */
static __global__ void step_kernel(const step s)
{
    if (dg_thread() == 0) *s.counter = *s.counter * 3 + s.add;
}

static void launch(int32_t *counter, int32_t add, cudaStream_t stream)
{
    const step s = {counter, add};
    cr_assert_eq(dg_launch(step_kernel, 1, 32, 0, false, s, stream), cudaSuccess);
}

/** A stream, a counter on the device that is 0, page-locked memory that holds -1. */
typedef struct bench {
    cudaStream_t stream, other;
    int32_t *counter;
    int32_t *host;
} bench;

static bench bench_make(void)
{
    bench b;
    cr_assert_eq(cudaStreamCreateWithFlags(&b.stream, cudaStreamNonBlocking), cudaSuccess);
    cr_assert_eq(cudaStreamCreateWithFlags(&b.other, cudaStreamNonBlocking), cudaSuccess);
    cr_assert_eq(cudaMalloc(&b.counter, sizeof *b.counter), cudaSuccess);
    cr_assert_eq(cudaMallocHost(&b.host, sizeof *b.host), cudaSuccess);
    cr_assert_eq(cudaMemset(b.counter, 0, sizeof *b.counter), cudaSuccess);
    cr_assert_eq(cudaDeviceSynchronize(), cudaSuccess);
    *b.host = -1;
    return b;
}

static void bench_free(const bench *b)
{
    cr_assert_eq(cudaStreamDestroy(b->stream), cudaSuccess);
    cr_assert_eq(cudaStreamDestroy(b->other), cudaSuccess);
    cr_assert_eq(cudaFree(b->counter), cudaSuccess);
    cr_assert_eq(cudaFreeHost(b->host), cudaSuccess);
}

static void copy_out(const bench *b, cudaStream_t stream)
{
    cr_assert_eq(
        cudaMemcpyAsync(b->host, b->counter, sizeof *b->host, cudaMemcpyDeviceToHost, stream),
        cudaSuccess);
}

Test(emulator_stream, host_that_does_not_wait_reads_old_bytes)
{
    const bench b = bench_make();
    launch(b.counter, 7, b.stream);
    copy_out(&b, b.stream);
    cr_assert_eq(*b.host, -1);
    cr_assert_eq(cudaStreamSynchronize(b.stream), cudaSuccess);
    cr_assert_eq(*b.host, 7);
    bench_free(&b);
}

Test(emulator_stream, staging_buffer_filled_again_too_early)
{
    const bench b = bench_make();
    *b.host = 1;
    cudaMemcpyAsync(b.counter, b.host, sizeof *b.host, cudaMemcpyHostToDevice, b.stream);
    *b.host = 2;
    cudaStreamSynchronize(b.stream);
    int32_t got = 0;
    cudaMemcpy(&got, b.counter, sizeof got, cudaMemcpyDeviceToHost);
    cr_assert_eq(got, 2, "the copy was not late");
    bench_free(&b);
}

Test(emulator_stream, pageable_memory_is_taken_at_once)
{
    const bench b = bench_make();
    int32_t local = 5;
    cudaMemcpyAsync(b.counter, &local, sizeof local, cudaMemcpyHostToDevice, b.stream);
    local = 6;
    cudaMemcpyAsync(&local, b.counter, sizeof local, cudaMemcpyDeviceToHost, b.stream);
    cr_assert_eq(local, 5);
    bench_free(&b);
}

/* a copy in another stream, with and without an event between */
static int32_t across_streams(dg_emulator_order order, uint64_t seed, bool event_between)
{
    const bench b = bench_make();
    cudaEvent_t event;
    dg_emulator_schedule(order);
    dg_emulator_seed(seed);
    cr_assert_eq(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), cudaSuccess);
    launch(b.counter, 4, b.stream);
    cr_assert_eq(cudaEventRecord(event, b.stream), cudaSuccess);
    if (event_between) cr_assert_eq(cudaStreamWaitEvent(b.other, event, 0), cudaSuccess);
    copy_out(&b, b.other);
    cudaStreamSynchronize(b.other);
    const int32_t got = *b.host;
    cudaEventDestroy(event);
    bench_free(&b);
    return got;
}

Test(emulator_stream, missing_event_between_streams_shows)
{
    int32_t wrong = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        cr_assert_eq(across_streams(DG_EMULATOR_MIXED, seed, true), 4);
        wrong += across_streams(DG_EMULATOR_MIXED, seed, false) != 4;
    }
    cr_assert_gt(wrong, 10);
    cr_assert_eq(across_streams(DG_EMULATOR_ASCENDING, 1, false), 0);
}

Test(emulator_stream, events_and_queries_go_on)
{
    const bench b = bench_make();
    cudaEvent_t begin, end;
    float milliseconds = -1.0f;
    cudaEventCreate(&begin);
    cudaEventCreate(&end);
    cudaEventRecord(begin, b.stream);
    launch(b.counter, 1, b.stream);
    cudaEventRecord(end, b.stream);
    cr_assert_eq(cudaEventElapsedTime(&milliseconds, begin, end), cudaErrorNotReady);
    int32_t asked = 0;
    while (cudaStreamQuery(b.stream) == cudaErrorNotReady) asked++;
    cr_assert_eq(asked, 3);
    cr_assert_eq(cudaEventElapsedTime(&milliseconds, begin, end), cudaSuccess);
    cr_assert_geq(milliseconds, 0.0f);
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
    bench_free(&b);
}

Test(emulator_graph, captured_work_is_replayed)
{
    const bench b = bench_make();
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    cr_assert_eq(cudaStreamBeginCapture(b.stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    launch(b.counter, 1, b.stream);
    launch(b.counter, 2, b.stream);
    copy_out(&b, b.stream);
    cr_assert_eq(cudaStreamEndCapture(b.stream, &graph), cudaSuccess);
    cr_assert_eq(cudaGraphInstantiate(&exec, graph, 0), cudaSuccess);
    cr_assert_eq(cudaGraphDestroy(graph), cudaSuccess);
    cudaStreamSynchronize(b.stream);
    cr_assert_eq(*b.host, -1, "capturing ran it");
    cudaGraphLaunch(exec, b.stream);
    cudaGraphLaunch(exec, b.stream);
    cr_assert_eq(*b.host, -1);
    cudaStreamSynchronize(b.stream);
    cr_assert_eq(*b.host, 50);
    cr_assert_eq(cudaGraphExecDestroy(exec), cudaSuccess);
    bench_free(&b);
}

Test(emulator_graph, waiting_breaks_a_capture)
{
    const bench b = bench_make();
    cudaGraph_t graph;
    cudaStreamBeginCapture(b.stream, cudaStreamCaptureModeThreadLocal);
    cr_assert_eq(cudaStreamSynchronize(b.stream), cudaErrorStreamCaptureUnsupported);
    cr_assert_eq(cudaStreamEndCapture(b.stream, &graph), cudaErrorStreamCaptureInvalidated);
    cr_assert_null(graph);
    bench_free(&b);
}

Test(emulator_memory, is_limited_and_counted)
{
    void *first = NULL, *second = NULL;
    size_t free_before, free_after, total;
    cudaMemGetInfo(&free_before, &total);
    cr_assert_eq(total, (size_t)1 << 30);
    cr_assert_eq(cudaMalloc(&first, 1 << 20), cudaSuccess);
    cudaMemGetInfo(&free_after, &total);
    cr_assert_eq(free_before - free_after, (size_t)1 << 20);
    cr_assert_eq(dg_emulator_counted().bytes_held, 1 << 20);
    cr_assert_eq(cudaMalloc(&second, total), cudaErrorMemoryAllocation);
    dg_emulator_fail_allocation(2);
    cr_assert_eq(cudaMallocHost(&second, 100), cudaSuccess);
    cr_assert_eq(cudaFreeHost(second), cudaSuccess);
    cr_assert_eq(cudaMalloc(&second, 100), cudaErrorMemoryAllocation);
    cr_assert_eq(cudaFree(first), cudaSuccess);
    cr_assert_eq(cudaFree(first), cudaErrorInvalidValue);
    cr_assert_eq(dg_emulator_counted().bytes_held, 0);
}

Test(emulator_memory, copies_name_what_they_copy)
{
    const bench b = bench_make();
    int32_t local[2] = {0, 0};
    cr_assert_eq(cudaMemcpy(local, b.counter, 4, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    cr_assert_eq(cudaMemcpy(local, b.counter, 8, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
    cr_assert_eq(cudaMemcpy(local, b.counter, 4, cudaMemcpyDefault), cudaSuccess);
    bench_free(&b);
}

Test(emulator_memory, rows_are_copied_by_pitch)
{
    const char from[] = "abcdefghi";
    char to[] = "............";
    void *device;
    cudaMalloc(&device, 6);
    cr_assert_eq(cudaMemcpy2D(device, 2, from, 3, 2, 3, cudaMemcpyHostToDevice), cudaSuccess);
    cr_assert_eq(cudaMemcpy2D(to, 4, device, 2, 2, 3, cudaMemcpyDeviceToHost), cudaSuccess);
    cr_assert_str_eq(to, "ab..de..gh..");
    cudaFree(device);
}

Test(emulator_device, must_exist)
{
    int count = 0;
    cr_assert_eq(cudaGetDeviceCount(&count), cudaSuccess);
    cr_assert_eq(count, 1);
    cr_assert_eq(cudaSetDevice(1), cudaErrorInvalidDevice);
    cr_assert_str_eq(cudaGetErrorName(cudaGetLastError()), "cudaErrorInvalidDevice");
}

/* A = 1 2 3 / 4 5 6 in columns */
static const float matrix[] = {1, 4, 2, 5, 3, 6};

Test(emulator_cublas, vectors_and_matrices)
{
    const float x[] = {1, 10, 100};
    const float one = 1.0f, zero = 0.0f;
    float *a, *v, *y, got[9];
    cublasHandle_t handle;
    cudaMalloc(&a, sizeof matrix);
    cudaMalloc(&v, sizeof x);
    cudaMalloc(&y, sizeof got);
    cudaMemcpy(a, matrix, sizeof matrix, cudaMemcpyHostToDevice);
    cudaMemcpy(v, x, sizeof x, cudaMemcpyHostToDevice);
    cr_assert_eq(cublasCreate(&handle), CUBLAS_STATUS_SUCCESS);

    cublasSgemvStridedBatched(handle, CUBLAS_OP_N, 2, 3, &one, a, 2, 0, v, 1, 0, &zero, y, 2, 0, 1);
    cudaMemcpy(got, y, sizeof got, cudaMemcpyDeviceToHost);
    cr_assert_eq(got[0], 321.0f);
    cr_assert_eq(got[2], 654.0f);

    cublasSgemvStridedBatched(handle, CUBLAS_OP_T, 2, 3, &one, a, 2, 0, v, 1, 0, &one, y, 2, 0, 1);
    cudaMemcpy(got, y, sizeof got, cudaMemcpyDeviceToHost);
    cr_assert_eq(got[0], 321.0f + 41.0f);
    cr_assert_eq(got[2], 654.0f + 52.0f);

    /* A' A, 3 x 3, symmetric */
    cublasSgemmStridedBatched(handle, CUBLAS_OP_T, CUBLAS_OP_N, 3, 3, 2, &one, a, 2, 0, a, 2, 0,
                              &zero, y, 3, 0, 1);
    cudaMemcpy(got, y, sizeof got, cudaMemcpyDeviceToHost);
    const float expected[] = {17, 22, 27, 22, 29, 36, 27, 36, 45};
    cr_assert_arr_eq(got, expected, sizeof expected);

    cr_assert_eq(cublasDestroy(handle), CUBLAS_STATUS_SUCCESS);
    cudaFree(a);
    cudaFree(v);
    cudaFree(y);
}
