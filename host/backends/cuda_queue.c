/** Generations of a CUDA batch: enqueued ahead of the device, their records taken over a stretch later. */
#include "host/backends/cuda.h"

#include "host/backends/cuda_call.h"

/* ---- a generation on the stream -------------------------------------------------------------- */

/**
 * The generation kernel. How many blocks a device holds at once is asked when the layout is chosen, but other
 * processes may take a part of it (MPS): where the blocks of a run are then too many to be launched together,
 * halve them; one block per run needs no barrier across blocks. The bytes are those of any layout.
 */
static dg_status enqueue_generation_kernel(dg_batch *b, dg_device_batch *d)
{
    cudaError_t error = dg_cuda_generation(d, b->compute);
    while (error == cudaErrorCooperativeLaunchTooLarge && d->layout.blocks > 1) {
        (void)cudaGetLastError(); /* a later launch must not report it again */
        DG_TRY(dg_cuda_layout_halve(b));
        d->layout = b->on_device.layout;
        error = dg_cuda_generation(d, b->compute);
    }
    b->traffic.launches++;
    return dg_cuda_status(error, "a generation");
}

/** All steps by cuBLAS and one launch a step. */
static dg_status enqueue_steps(dg_batch *b)
{
    dg_device_batch one = b->on_device;
    one.step_count = 1;
    for (one.step_first = 0; one.step_first < b->shape.steps; one.step_first++) {
        DG_TRY(dg_cublas_logits(b->cublas, &one, &b->traffic.launches));
        DG_TRY(enqueue_generation_kernel(b, &one));
    }
    return DG_OK;
}

static dg_status enqueue_kernels(dg_batch *b, int diversity)
{
    dg_device_batch *d = &b->on_device;
    DG_TRY(b->options.cublas ? enqueue_steps(b) : enqueue_generation_kernel(b, d));
    if (diversity) {
        DG_TRY(dg_cuda_status(dg_cuda_diversity(d, b->compute), "diversity"));
        b->traffic.launches++;
    }
    DG_TRY(dg_cuda_status(dg_cuda_evolve(d, b->compute), "evolution"));
    b->traffic.launches += DG_EVOLVE_LAUNCHES;
    return DG_OK;
}

/* graphs of more kernels take longer to make than they save: a step is long enough by itself then */
#define GRAPH_KERNELS_MOST 4096

/** Kernels of one generation. */
static int64_t launches_of(const dg_batch *b, int diversity)
{
    const int64_t a_step = 3 + 2 * (int64_t)b->shape.groups;
    const int64_t steps = b->options.cublas ? b->shape.steps * a_step : 1;
    return steps + diversity + DG_EVOLVE_LAUNCHES;
}

/** One generation as a graph; NULL if the device or the driver can't. */
static cudaGraphExec_t captured(dg_batch *b, int diversity)
{
    const int64_t launches = b->traffic.launches;
    cudaGraph_t graph = NULL;
    cudaGraphExec_t made = NULL;
    if (cudaStreamBeginCapture(b->compute, cudaStreamCaptureModeThreadLocal) != cudaSuccess)
        return NULL;
    const dg_status status = enqueue_kernels(b, diversity);
    const cudaError_t error = cudaStreamEndCapture(b->compute, &graph);
    b->traffic.launches = launches; /* captured, not launched */
    if (status != DG_OK || error != cudaSuccess ||
        cudaGraphInstantiateWithFlags(&made, graph, 0) != cudaSuccess)
        made = NULL;
    if (graph) cudaGraphDestroy(graph);
    return made;
}

/** Graphs of a generation; without them it is launched kernel by kernel. */
static void capture(dg_batch *b)
{
    if (b->generation[0] || launches_of(b, 1) > GRAPH_KERNELS_MOST) return;
    for (int diversity = 0; diversity < 2; diversity++)
        b->generation[diversity] = captured(b, diversity);
    (void)cudaGetLastError(); /* a capture that failed must not fail the launches that follow */
}

static void forget_graphs(dg_batch *b)
{
    for (int diversity = 0; diversity < 2; diversity++) {
        if (b->generation[diversity]) cudaGraphExecDestroy(b->generation[diversity]);
        b->generation[diversity] = NULL;
    }
}

/**
 * A generation whose graph has more blocks than can be launched together by now: launched kernel by kernel,
 * which halves them, and from then on as new graphs of so many. Each time they are fewer, or stay direct.
 */
static dg_status enqueue_without_graph(dg_batch *b, int diversity)
{
    const int32_t blocks = b->on_device.layout.blocks;
    (void)cudaGetLastError(); /* a later launch must not report it again */
    forget_graphs(b);
    DG_TRY(enqueue_kernels(b, diversity));
    if (b->on_device.layout.blocks < blocks) capture(b);
    return DG_OK;
}

static dg_status enqueue_graph(dg_batch *b, int diversity)
{
    const cudaError_t error = cudaGraphLaunch(b->generation[diversity], b->compute);
    if (error == cudaErrorCooperativeLaunchTooLarge) return enqueue_without_graph(b, diversity);
    b->traffic.graphs++;
    b->traffic.launches += launches_of(b, diversity);
    return dg_cuda_status(error, "a generation as a graph");
}

static dg_status enqueue_generation(dg_batch *b)
{
    const int diversity = dg_diversity_due(&b->shape, b->enqueued);
    DG_TRY(b->generation[diversity] ? enqueue_graph(b, diversity) : enqueue_kernels(b, diversity));
    b->enqueued++;
    b->traffic.generations++;
    return DG_OK;
}

/* ---- a stretch of generations ---------------------------------------------------------------- */

/** Wait for an event; counted. */
static dg_status wait_for(dg_batch *b, cudaEvent_t event)
{
    b->traffic.synchronisations++;
    return dg_cuda_status(cudaEventSynchronize(event), "generations on the device");
}

/* wider rows can't be copied as a rectangle (cudaDevAttrMaxPitch) */
#define PITCH_MOST INT32_MAX

/** The ring's slots of a stretch into staging: `pitch` bytes a run, of them `bytes` from `at` on. */
static dg_status stage(dg_batch *b, void *to, const void *from, size_t pitch, size_t at,
                       size_t bytes)
{
    const size_t runs = (size_t)b->options.runs, rows = pitch > PITCH_MOST ? 1 : runs;
    b->traffic.bytes_to_host += (int64_t)(bytes * runs);
    for (size_t run = 0; run < runs; run += rows) {
        const size_t first = run * pitch + at;
        DG_TRY(
            dg_cuda_status(cudaMemcpy2DAsync((char *)to + first, rows > 1 ? pitch : bytes,
                                             (const char *)from + first, rows > 1 ? pitch : bytes,
                                             bytes, rows, cudaMemcpyDeviceToHost, b->copy),
                           "records on their way"));
    }
    return DG_OK;
}

/** Who has ended before the last generation, as the device knows it by now. */
static dg_status stage_ended(dg_batch *b, int half)
{
    const size_t bytes = (size_t)b->options.runs * sizeof(int32_t);
    b->traffic.bytes_to_host += (int64_t)bytes;
    return dg_cuda_status(cudaMemcpyAsync(b->staged_ended + half * b->options.runs,
                                          b->on_device.ended, bytes, cudaMemcpyDeviceToHost,
                                          b->copy),
                          "ends of runs on their way");
}

/**
 * Copy a stretch's records once it is computed. The next stretch may run meanwhile: it writes the other
 * half of the ring. It may also end a run: the word then tells of a generation to come and is read
 * as such.
 */
static dg_status enqueue_copies(dg_batch *b, const dg_stretch *stretch, int half)
{
    const dg_device_batch *d = &b->on_device;
    const size_t ring = (size_t)d->ring, slot = (size_t)(stretch->first % d->ring);
    const size_t record = (size_t)dg_record_words(&b->shape) * sizeof(int64_t);
    const size_t page = (size_t)dg_trace_page(&b->shape, &b->options) * sizeof(int16_t);
    const size_t count = (size_t)stretch->count;
    DG_CUDA(cudaEventRecord(b->computed[half], b->compute));
    DG_CUDA(cudaStreamWaitEvent(b->copy, b->computed[half], 0));
    DG_TRY(stage(b, b->staged_record, d->record, ring * record, slot * record, count * record));
    if (page > 0)
        DG_TRY(stage(b, b->staged_trace, d->trace, ring * page, slot * page, count * page));
    DG_TRY(stage_ended(b, half));
    return dg_cuda_status(cudaEventRecord(b->copied[half], b->copy), "an event");
}

/** Take over one generation of one run from staging. */
static void take_generation(dg_batch *b, int64_t run, int32_t generation)
{
    const dg_shape *s = &b->shape;
    const int64_t words = dg_record_words(s), page = dg_trace_page(s, &b->options);
    const int64_t slot = run * b->on_device.ring + generation % b->on_device.ring;
    memcpy(b->records + (run * s->generations + generation) * words,
           b->staged_record + slot * words, (size_t)words * sizeof(int64_t));
    const int32_t place = dg_trace_slot(&b->options, generation);
    if (place < 0 || page == 0) return;
    memcpy(b->trace + (run * dg_trace_count(&b->options) + place) * page,
           b->staged_trace + slot * page, (size_t)page * sizeof(int16_t));
}

/** Take over a run's part of a stretch: all of it, or up to the generation that ended the run. */
static void take_run(dg_batch *b, int32_t run, const dg_stretch *stretch, int32_t ended,
                     const dg_watch *watch)
{
    const int32_t before = b->generations[run];
    const int32_t end = stretch->first + stretch->count;
    const int32_t finished = ended > 0 && ended < end ? ended : end;
    if (finished <= before) return; /* ended in an earlier stretch */
    for (int32_t g = stretch->first; g < finished; g++) take_generation(b, run, g);
    const int over = finished == b->shape.generations || finished == ended;
    b->generations[run] = finished;
    b->over += over;
    dg_watch_report(watch, &b->shape, before, finished, over, 0);
}

/** Wait for the records of a half and take them over. */
static dg_status take_half(dg_batch *b, int half, const dg_watch *watch)
{
    const dg_stretch stretch = b->pending[half];
    if (stretch.count == 0) return DG_OK;
    DG_TRY(wait_for(b, b->copied[half]));
    b->pending[half].count = 0;
    for (int32_t run = 0; run < b->options.runs; run++)
        take_run(b, run, &stretch, b->staged_ended[half * b->options.runs + run], watch);
    return DG_OK;
}

/** A stretch within one half of the ring, after what is left of that half has been taken over. */
static dg_status enqueue_stretch(dg_batch *b, int32_t most, const dg_watch *watch)
{
    const int half = b->enqueued / b->stretch % 2;
    const int32_t room = b->stretch - b->enqueued % b->stretch;
    const dg_stretch stretch = {b->enqueued, most < room ? most : room};
    DG_TRY(take_half(b, half, watch));
    for (int32_t k = 0; k < stretch.count; k++) DG_TRY(enqueue_generation(b));
    DG_TRY(enqueue_copies(b, &stretch, half));
    b->pending[half] = stretch;
    return DG_OK;
}

/* ---- advance --------------------------------------------------------------------------------- */

/** The host counts generations once for all runs: they must begin side by side. */
static dg_status begin_side_by_side(dg_batch *b)
{
    for (int32_t run = 1; run < b->options.runs; run++)
        if (b->generations[run] != b->generations[0])
            return dg_fail(DG_ERR_ARGUMENT, "run %d stands at generation %d, expected %d as run 0",
                           run, b->generations[run], b->generations[0]);
    b->enqueued = b->generations[0];
    return DG_OK;
}

static dg_status begin(dg_batch *b)
{
    if (b->begun) return DG_OK;
    DG_TRY(dg_cuda_status(dg_cuda_begin(&b->on_device, b->compute), "first genotypes"));
    b->traffic.launches++;
    b->begun = 1;
    capture(b);
    return DG_OK;
}

/** Both halves, the older stretch first; then nothing is under way any more. */
static dg_status take_rest(dg_batch *b, const dg_watch *watch)
{
    const int newest = (b->enqueued > 0 ? b->enqueued - 1 : 0) / b->stretch % 2;
    DG_TRY(take_half(b, 1 - newest, watch));
    DG_TRY(take_half(b, newest, watch));
    b->traffic.synchronisations++;
    return dg_cuda_status(cudaStreamSynchronize(b->compute), "generations on the device");
}

/* that all runs have ended is known a stretch or two later; till then they are passed over */
static dg_status advance(dg_batch *b, int32_t generations, const dg_watch *watch)
{
    if (!b->begun) DG_TRY(begin_side_by_side(b));
    const int32_t left = b->shape.generations - b->enqueued;
    const int32_t end = b->enqueued + (generations < left ? generations : left);
    DG_CUDA(cudaSetDevice(b->options.device));
    while (b->enqueued < end && b->over < b->options.runs && !dg_watch_stopped(watch)) {
        DG_TRY(begin(b));
        DG_TRY(enqueue_stretch(b, end - b->enqueued, watch));
    }
    return take_rest(b, watch);
}

dg_status dg_cuda_advance(dg_batch *b, int32_t generations, const dg_watch *watch)
{
    if (b->failed) return dg_fail(DG_ERR_BACKEND, "CUDA: this batch failed before");
    const dg_status status = advance(b, generations, watch);
    b->failed = status != DG_OK;
    return status;
}

/* ---- for checks ------------------------------------------------------------------------------ */

dg_status dg_cuda_logits(dg_batch *b, int32_t run, float *logits)
{
    const int64_t count = (int64_t)b->shape.agents * b->shape.values;
    DG_CUDA(cudaSetDevice(b->options.device));
    DG_TRY(dg_cublas_logits(b->cublas, &b->on_device, &b->traffic.launches));
    DG_CUDA(cudaStreamSynchronize(b->compute));
    return dg_cuda_status(cudaMemcpy(logits, b->on_device.logits + run * count,
                                     (size_t)count * sizeof *logits, cudaMemcpyDeviceToHost),
                          "logits");
}
