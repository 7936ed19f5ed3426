/**
 * Streams, events and graphs of the stand-in CUDA runtime.
 *
 * Nothing that is put into a stream happens at once. It happens when the host waits for it, or earlier,
 * at random, while the host waits for something else: host code that reads a buffer too early, or fills
 * one again that a copy still has to read, gets other bytes than it hoped for.
 */
#include "internal.h"

#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string.h>
#include <thread>

namespace
{

/* a graph under way: work of all streams that take part, in the order in which it was asked for */
struct Capture {
    cudaStream_t origin;
    cudaStreamCaptureMode mode;
    std::thread::id thread; /* that began it */
    std::vector<std::function<void()>> work;
    int64_t together; /* most blocks of its cooperative launches */
    bool broken;
    bool ended;
};

struct Event {
    int device;
    bool timed;
    cudaStream_t stream; /* where it was last recorded */
    uint64_t recorded;   /* how often that was asked for */
    uint64_t done;       /* and has happened */
    double milliseconds;
    std::shared_ptr<Capture> capture; /* recorded in this graph */
};

/* one piece of work; where `event` is set it is recorded, or waited for */
struct Work {
    std::function<void()> run;
    std::shared_ptr<Event> event;
    uint64_t number;
    bool waits;
};

} // namespace

struct CUstream_st {
    int device;
    bool blocking; /* waits for stream 0, and is waited for */
    std::deque<Work> queue;
    std::shared_ptr<Capture> capture;
};

struct CUevent_st {
    std::shared_ptr<Event> event;
};

struct CUgraph_st {
    std::vector<std::function<void()>> work;
    int64_t together;
};

struct CUgraphExec_st {
    std::vector<std::function<void()>> work;
    int64_t together;
};

namespace
{

using Guard = std::lock_guard<std::recursive_mutex>;

std::set<cudaStream_t> &streams(void)
{
    static auto *const all = new std::set<cudaStream_t>();
    return *all;
}

std::vector<std::shared_ptr<Capture>> &captures(void)
{
    static auto *const all = new std::vector<std::shared_ptr<Capture>>();
    return *all;
}

/* stream 0 of the current device */
cudaStream_t stream_default(void)
{
    static auto *const all = new std::vector<cudaStream_t>();
    const size_t device = static_cast<size_t>(dg_emulator_device());
    while (all->size() <= device) {
        all->push_back(new CUstream_st{static_cast<int>(all->size()), true, {}, nullptr});
        streams().insert(all->back());
    }
    return (*all)[device];
}

/* NULL: no such stream */
cudaStream_t stream_of(cudaStream_t stream)
{
    if (!stream) return stream_default();
    return streams().count(stream) ? stream : nullptr;
}

double clock_now(void)
{
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double, std::milli>(time).count();
}

/* ---- work happens ---------------------------------------------------------------------------- */

bool stuck(const CUstream_st *stream)
{
    const Work &work = stream->queue.front();
    return work.waits && work.event->done < work.number;
}

/* the first piece of work, which is not stuck; it is off the queue before it runs */
void step(cudaStream_t stream)
{
    const Work work = stream->queue.front();
    stream->queue.pop_front();
    if (work.run) work.run();
    if (work.event && !work.waits) {
        work.event->done = work.number;
        work.event->milliseconds = clock_now();
    }
}

/* another stream goes ahead of the one that the host waits for */
void step_other(const CUstream_st *waited, dg_emulator_order order)
{
    if (order == DG_EMULATOR_ASCENDING) return;
    for (cudaStream_t other : streams()) {
        if (other == waited || other->queue.empty() || stuck(other)) continue;
        if (order == DG_EMULATOR_DESCENDING || dg_emulator_below(4) == 0) step(other);
    }
}

void event_drain(const Event *event, uint64_t number);

void step_unstuck(cudaStream_t stream)
{
    if (stuck(stream)) {
        const Work work = stream->queue.front();
        event_drain(work.event.get(), work.number);
    }
    step(stream);
}

void drain(cudaStream_t stream)
{
    const dg_emulator_order order = dg_emulator_order_choose();
    while (!stream->queue.empty()) {
        step_other(stream, order);
        if (!stream->queue.empty()) step_unstuck(stream);
    }
}

/* what an event waits for was asked for before it, so this ends */
void event_drain(const Event *event, uint64_t number)
{
    while (event->done < number) step_unstuck(event->stream);
}

/* ---- work is asked for ----------------------------------------------------------------------- */

void enqueue(cudaStream_t stream, const Work &work)
{
    if (stream->blocking) {
        /* stream 0 and blocking streams go on one after the other */
        const bool zero = stream == stream_default();
        for (cudaStream_t other : streams()) {
            if (other == stream || !other->blocking || other->device != stream->device) continue;
            if (zero || other == stream_default()) drain(other);
        }
    }
    stream->queue.push_back(work);
}

cudaError_t submit(cudaStream_t stream, std::function<void()> run)
{
    if (!stream) return cudaErrorInvalidResourceHandle;
    if (stream->capture) {
        stream->capture->work.push_back(run);
    } else {
        enqueue(stream, {run, nullptr, 0, false});
    }
    return cudaSuccess;
}

struct Copy {
    char *to;
    const char *from;
    size_t to_pitch, from_pitch, width, height;
};

void copy_run(const Copy &copy)
{
    for (size_t row = 0; row < copy.height; row++) {
        memmove(copy.to + row * copy.to_pitch, copy.from + row * copy.from_pitch, copy.width);
    }
}

size_t copy_span(size_t pitch, const Copy &copy)
{
    return copy.height ? (copy.height - 1) * pitch + copy.width : 0;
}

/* the kind that was named must be the kind that it is */
cudaError_t copy_check(const Copy &copy, cudaMemcpyKind kind, dg_emulator_place *to,
                       dg_emulator_place *from)
{
    if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault)
        return cudaErrorInvalidMemcpyDirection;
    if (copy.width > copy.to_pitch || copy.width > copy.from_pitch) return cudaErrorInvalidValue;
    *to = dg_emulator_place_of(copy.to, copy_span(copy.to_pitch, copy));
    *from = dg_emulator_place_of(copy.from, copy_span(copy.from_pitch, copy));
    if (*to == DG_PLACE_BEYOND || *from == DG_PLACE_BEYOND) return cudaErrorInvalidValue;
    if (kind == cudaMemcpyDefault) return cudaSuccess;
    const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    const bool agree =
        to_device == (*to == DG_PLACE_DEVICE) && from_device == (*from == DG_PLACE_DEVICE);
    return agree ? cudaSuccess : cudaErrorInvalidValue;
}

void copy_count(const Copy &copy, dg_emulator_place to, dg_emulator_place from)
{
    const int64_t bytes = static_cast<int64_t>(copy.width * copy.height);
    dg_emulator_counts *counts = &dg_emulator_get()->counts;
    if (to == DG_PLACE_DEVICE && from != DG_PLACE_DEVICE) counts->bytes_to_device += bytes;
    if (to != DG_PLACE_DEVICE && from == DG_PLACE_DEVICE) counts->bytes_to_host += bytes;
}

/* pageable memory is read at once and written before the call returns, as CUDA promises */
cudaError_t copy_submit(Copy copy, cudaMemcpyKind kind, cudaStream_t stream)
{
    if (!stream) return cudaErrorInvalidResourceHandle;
    if (copy.width == 0 || copy.height == 0) return cudaSuccess;
    dg_emulator_place to, from;
    const cudaError_t error = copy_check(copy, kind, &to, &from);
    if (error != cudaSuccess) return error;
    const auto counted = [=]() {
        copy_count(copy, to, from);
        copy_run(copy);
    };
    if (stream->capture) return submit(stream, counted);
    if (to == DG_PLACE_PAGEABLE) {
        drain(stream);
        counted();
        return cudaSuccess;
    }
    if (from != DG_PLACE_PAGEABLE) return submit(stream, counted);
    const std::shared_ptr<std::vector<char>> held =
        std::make_shared<std::vector<char>>(copy.width * copy.height);
    copy_run({held->data(), copy.from, copy.width, copy.from_pitch, copy.width, copy.height});
    copy.from_pitch = copy.width;
    return submit(stream, [=]() {
        Copy late = copy;
        late.from = held->data();
        copy_count(late, to, from);
        copy_run(late);
    });
}

cudaError_t copy_blocking(const Copy &copy, cudaMemcpyKind kind)
{
    if (dg_emulator_capture_forbids()) return cudaErrorStreamCaptureUnsupported;
    cudaStream_t stream = stream_default();
    const cudaError_t error = copy_submit(copy, kind, stream);
    if (error == cudaSuccess) drain(stream);
    return error;
}

cudaError_t set_submit(void *to, int value, size_t count, cudaStream_t stream)
{
    if (count == 0) return cudaSuccess;
    if (dg_emulator_place_of(to, count) != DG_PLACE_DEVICE) return cudaErrorInvalidValue;
    return submit(stream, [=]() { memset(to, value, count); });
}

Copy flat(void *to, const void *from, size_t count)
{
    return {static_cast<char *>(to), static_cast<const char *>(from), count, count, count, 1};
}

void count_wait(void)
{
    dg_emulator_get()->counts.synchronisations++;
}

} // namespace

bool dg_emulator_capture_forbids(void)
{
    bool forbids = false;
    for (const auto &capture : captures()) {
        if (capture->mode == cudaStreamCaptureModeRelaxed) continue;
        if (capture->mode == cudaStreamCaptureModeThreadLocal &&
            capture->thread != std::this_thread::get_id())
            continue;
        capture->broken = forbids = true;
    }
    return forbids;
}

cudaError_t dg_emulator_enqueue(cudaStream_t stream, std::function<void()> work)
{
    stream = stream_of(stream);
    if (stream && stream->device != dg_emulator_device()) return cudaErrorInvalidResourceHandle;
    return submit(stream, work);
}

/* ---- copies ---------------------------------------------------------------------------------- */

cudaError_t cudaMemcpy(void *to, const void *from, size_t count, enum cudaMemcpyKind kind)
{
    const Guard guard(dg_emulator_lock());
    count_wait();
    return dg_emulator_error(copy_blocking(flat(to, from, count), kind));
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t count, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    return dg_emulator_error(copy_submit(flat(to, from, count), kind, stream_of(stream)));
}

cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                         size_t width, size_t height, enum cudaMemcpyKind kind)
{
    const Guard guard(dg_emulator_lock());
    count_wait();
    return dg_emulator_error(
        copy_blocking({static_cast<char *>(to), static_cast<const char *>(from), to_pitch,
                       from_pitch, width, height},
                      kind));
}

cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                              size_t width, size_t height, enum cudaMemcpyKind kind,
                              cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    return dg_emulator_error(copy_submit({static_cast<char *>(to), static_cast<const char *>(from),
                                          to_pitch, from_pitch, width, height},
                                         kind, stream_of(stream)));
}

cudaError_t cudaMemset(void *to, int value, size_t count)
{
    return cudaMemsetAsync(to, value, count, nullptr);
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t count, cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    return dg_emulator_error(set_submit(to, value, count, stream_of(stream)));
}

/* ---- streams --------------------------------------------------------------------------------- */

cudaError_t cudaStreamCreate(cudaStream_t *stream)
{
    return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned int flags)
{
    const Guard guard(dg_emulator_lock());
    const int device = dg_emulator_device();
    const cudaError_t error = dg_emulator_device_check(device);
    if (error != cudaSuccess) return dg_emulator_error(error);
    *stream = new CUstream_st{device, !(flags & cudaStreamNonBlocking), {}, nullptr};
    streams().insert(*stream);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    if (!stream || !streams().count(stream))
        return dg_emulator_error(cudaErrorInvalidResourceHandle);
    drain(stream);
    streams().erase(stream);
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    stream = stream_of(stream);
    if (!stream) return dg_emulator_error(cudaErrorInvalidResourceHandle);
    if (stream->capture) {
        stream->capture->broken = true;
        return dg_emulator_error(cudaErrorStreamCaptureUnsupported);
    }
    count_wait();
    drain(stream);
    return cudaSuccess;
}

/* asked often enough, everything happens */
cudaError_t cudaStreamQuery(cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    stream = stream_of(stream);
    if (!stream) return dg_emulator_error(cudaErrorInvalidResourceHandle);
    if (stream->queue.empty()) return cudaSuccess;
    step_unstuck(stream);
    return cudaErrorNotReady;
}

cudaError_t cudaDeviceSynchronize(void)
{
    const Guard guard(dg_emulator_lock());
    const cudaError_t error = dg_emulator_device_check(dg_emulator_device());
    if (error != cudaSuccess) return dg_emulator_error(error);
    if (dg_emulator_capture_forbids()) return dg_emulator_error(cudaErrorStreamCaptureUnsupported);
    count_wait();
    for (cudaStream_t stream : streams()) {
        if (stream->device == dg_emulator_device()) drain(stream);
    }
    return cudaSuccess;
}

/* ---- events ---------------------------------------------------------------------------------- */

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags)
{
    const Guard guard(dg_emulator_lock());
    const int device = dg_emulator_device();
    const cudaError_t error = dg_emulator_device_check(device);
    if (error != cudaSuccess) return dg_emulator_error(error);
    const bool timed = !(flags & cudaEventDisableTiming);
    *event =
        new CUevent_st{std::make_shared<Event>(Event{device, timed, nullptr, 0, 0, 0.0, nullptr})};
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    const Guard guard(dg_emulator_lock());
    if (!event) return dg_emulator_error(cudaErrorInvalidResourceHandle);
    delete event;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t handle, cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    stream = stream_of(stream);
    if (!handle || !stream || stream->device != handle->event->device) {
        return dg_emulator_error(cudaErrorInvalidResourceHandle);
    }
    const std::shared_ptr<Event> &event = handle->event;
    event->capture = stream->capture;
    if (stream->capture) return cudaSuccess;
    /* the earlier place is forgotten: whoever waits for it has it in the queue of that stream */
    if (event->stream && event->stream != stream) event_drain(event.get(), event->recorded);
    event->stream = stream;
    enqueue(stream, {nullptr, event, ++event->recorded, false});
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t handle, unsigned int)
{
    const Guard guard(dg_emulator_lock());
    stream = stream_of(stream);
    if (!handle || !stream) return dg_emulator_error(cudaErrorInvalidResourceHandle);
    const std::shared_ptr<Event> &event = handle->event;
    if (event->capture && event->capture->ended) return dg_emulator_error(cudaErrorCapturedEvent);
    if (event->capture) {
        /* a stream that waits for a captured event takes part in the graph */
        stream->capture = event->capture;
        return cudaSuccess;
    }
    if (stream->capture) return dg_emulator_error(cudaErrorStreamCaptureUnsupported);
    if (event->done < event->recorded) enqueue(stream, {nullptr, event, event->recorded, true});
    return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t handle)
{
    const Guard guard(dg_emulator_lock());
    if (!handle) return dg_emulator_error(cudaErrorInvalidResourceHandle);
    if (handle->event->done >= handle->event->recorded) return cudaSuccess;
    step_unstuck(handle->event->stream);
    return cudaErrorNotReady;
}

cudaError_t cudaEventSynchronize(cudaEvent_t handle)
{
    const Guard guard(dg_emulator_lock());
    if (!handle) return dg_emulator_error(cudaErrorInvalidResourceHandle);
    if (handle->event->capture) return dg_emulator_error(cudaErrorCapturedEvent);
    count_wait();
    event_drain(handle->event.get(), handle->event->recorded);
    return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start, cudaEvent_t end)
{
    const Guard guard(dg_emulator_lock());
    if (!start || !end) return dg_emulator_error(cudaErrorInvalidResourceHandle);
    const Event *const both[] = {start->event.get(), end->event.get()};
    for (const Event *event : both) {
        if (!event->timed || !event->recorded)
            return dg_emulator_error(cudaErrorInvalidResourceHandle);
        if (event->done < event->recorded) return cudaErrorNotReady;
    }
    *milliseconds = static_cast<float>(both[1]->milliseconds - both[0]->milliseconds);
    return cudaSuccess;
}

/* ---- graphs ---------------------------------------------------------------------------------- */

void dg_emulator_capture_together(cudaStream_t stream, int64_t blocks)
{
    const Guard guard(dg_emulator_lock());
    stream = stream_of(stream);
    if (stream && stream->capture && stream->capture->together < blocks) {
        stream->capture->together = blocks;
    }
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    const Guard guard(dg_emulator_lock());
    if (!stream || !streams().count(stream) || stream->capture) {
        return dg_emulator_error(cudaErrorStreamCaptureUnsupported);
    }
    stream->capture = std::make_shared<Capture>(
        Capture{stream, mode, std::this_thread::get_id(), {}, 0, false, false});
    captures().push_back(stream->capture);
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    const Guard guard(dg_emulator_lock());
    *graph = nullptr;
    if (!stream || !streams().count(stream) || !stream->capture ||
        stream->capture->origin != stream) {
        return dg_emulator_error(cudaErrorStreamCaptureUnmatched);
    }
    const std::shared_ptr<Capture> capture = stream->capture;
    capture->ended = true;
    for (cudaStream_t other : streams()) {
        if (other->capture == capture) other->capture = nullptr;
    }
    for (size_t i = captures().size(); i-- > 0;) {
        if (captures()[i] == capture) captures().erase(captures().begin() + static_cast<long>(i));
    }
    if (capture->broken) return dg_emulator_error(cudaErrorStreamCaptureInvalidated);
    *graph = new CUgraph_st{capture->work, capture->together};
    return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus *status)
{
    const Guard guard(dg_emulator_lock());
    stream = stream_of(stream);
    if (!stream) return dg_emulator_error(cudaErrorInvalidResourceHandle);
    *status = !stream->capture          ? cudaStreamCaptureStatusNone
              : stream->capture->broken ? cudaStreamCaptureStatusInvalidated
                                        : cudaStreamCaptureStatusActive;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
    const Guard guard(dg_emulator_lock());
    if (!graph) return dg_emulator_error(cudaErrorInvalidValue);
    *exec = new CUgraphExec_st{graph->work, graph->together};
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *exec, cudaGraph_t graph,
                                          unsigned long long flags)
{
    return cudaGraphInstantiate(exec, graph, flags);
}

cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    return dg_emulator_error(exec && stream_of(stream) ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    const Guard guard(dg_emulator_lock());
    stream = stream_of(stream);
    if (!exec || !stream) return dg_emulator_error(cudaErrorInvalidValue);
    const int32_t most = dg_emulator_get()->machine.together;
    if (most > 0 && exec->together > most) {
        return dg_emulator_error(cudaErrorCooperativeLaunchTooLarge);
    }
    dg_emulator_get()->counts.graphs++;
    for (const auto &work : exec->work) submit(stream, work);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    const Guard guard(dg_emulator_lock());
    if (!graph) return dg_emulator_error(cudaErrorInvalidValue);
    delete graph;
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    const Guard guard(dg_emulator_lock());
    if (!exec) return dg_emulator_error(cudaErrorInvalidValue);
    delete exec;
    return cudaSuccess;
}
