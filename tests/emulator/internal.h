/**
 * What the parts of the emulator know of each other. All of it under dg_emulator_lock(): of all host
 * threads and fibers one runs at a time.
 */
#ifndef DG_EMULATOR_INTERNAL_H
#define DG_EMULATOR_INTERNAL_H

#include "emulator_control.h"
#include "emulator_threads.h"

#include <functional>
#include <mutex>
#include <vector>

/** Random choices and orders (random.cpp). */
struct dg_emulator_state {
    uint64_t random;
    dg_emulator_order order;
    int64_t fail_allocation;
    dg_emulator_machine machine;
    dg_emulator_counts counts;
};

dg_emulator_state *dg_emulator_get(void);
std::recursive_mutex &dg_emulator_lock(void);
uint64_t dg_emulator_random(void);

/** Smaller than bound, which is >= 1. */
inline uint32_t dg_emulator_below(uint32_t bound)
{
    return static_cast<uint32_t>(dg_emulator_random() >> 32) % bound;
}

/** An order for the next piece of work; never DG_EMULATOR_MIXED. */
dg_emulator_order dg_emulator_order_choose(void);

int64_t dg_emulator_number(const char *name, int64_t otherwise);

/** What memory holds before somebody writes to it: nan as a float, far out of range as an index. */
void dg_emulator_poison(void *memory, size_t bytes);

/** A kernel and how it is laid out (grid.cpp). */
struct dg_emulator_grid {
    dg_emulator_kernel kernel;
    std::vector<unsigned char> argument;
    int32_t blocks;
    int32_t threads;
    size_t shared_bytes;
    bool together;
    const char *file; /* where it was launched */
    int line;
};

/** Run it from begin to end. */
void dg_emulator_grid_run(const dg_emulator_grid *grid);

/** Put work into a stream of the current device; sets nothing that cudaGetLastError() reads. */
cudaError_t dg_emulator_enqueue(cudaStream_t stream, std::function<void()> work);

/** Remember an error for cudaGetLastError() and return it. */
cudaError_t dg_emulator_error(cudaError_t error);

/** Devices (runtime.cpp). */
int dg_emulator_device(void); /* current one of this host thread */
cudaError_t dg_emulator_device_check(int device);
int32_t dg_emulator_multiprocessors(void);

/** Does this memory belong to a device, to page-locked memory? The whole of it? */
enum dg_emulator_place { DG_PLACE_PAGEABLE, DG_PLACE_LOCKED, DG_PLACE_DEVICE, DG_PLACE_BEYOND };
dg_emulator_place dg_emulator_place_of(const void *memory, size_t bytes);

/** Streams (stream.cpp). */
void dg_emulator_device_drain(int device);
cudaError_t dg_emulator_stream_drain(cudaStream_t stream);
bool dg_emulator_capturing(cudaStream_t stream);
/* a graph under way has a cooperative launch of so many blocks: it may be too large once it is launched */
void dg_emulator_capture_together(cudaStream_t stream, int64_t blocks);
bool dg_emulator_capture_forbids(
    void); /* a capture is under way that calls like cudaMalloc() break */

#endif
