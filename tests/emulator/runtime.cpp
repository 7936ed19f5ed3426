/* The stand-in CUDA runtime: errors, devices, memory, launches. Streams are stream.cpp. */
#include "internal.h"

#include <map>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace
{

const int64_t shared_plain = 48 * 1024; /* per block, without asking for more */
const int64_t shared_most = 232448;
const int32_t threads_most = 1024;

struct Memory {
    size_t bytes;
    int device; /* -1: page-locked host memory */
};

/* by address; never destroyed, and so LeakSanitizer leaves it to dg_emulator_counts */
std::map<uintptr_t, Memory> &memory(void)
{
    static auto *const all = new std::map<uintptr_t, Memory>();
    return *all;
}

/* dynamic shared memory that a kernel may have on a device, where more than plain */
using KernelOnDevice = std::pair<const void *, int>;
std::map<KernelOnDevice, int64_t> &shared_limits(void)
{
    static auto *const all = new std::map<KernelOnDevice, int64_t>();
    return *all;
}

thread_local cudaError_t last_error;
thread_local int current_device;

int device_count(void)
{
    static const int count = static_cast<int>(dg_emulator_number("DIGICO_EMULATED_DEVICES", 1));
    return count;
}

size_t memory_total(void)
{
    return static_cast<size_t>(dg_emulator_number("DIGICO_EMULATED_MEMORY", int64_t{1} << 30));
}

size_t memory_held(int device)
{
    size_t bytes = 0;
    for (const auto &one : memory()) bytes += one.second.device == device ? one.second.bytes : 0;
    return bytes;
}

void count_held(int device, int64_t bytes)
{
    dg_emulator_counts *counts = &dg_emulator_get()->counts;
    (device < 0 ? counts->host_bytes_held : counts->bytes_held) += bytes;
}

bool allocation_fails(void)
{
    dg_emulator_state *state = dg_emulator_get();
    return state->fail_allocation > 0 && --state->fail_allocation == 0;
}

cudaError_t allocate(void **pointer, size_t bytes, int device)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    if (dg_emulator_capture_forbids()) return cudaErrorStreamCaptureUnsupported;
    const cudaError_t error = dg_emulator_device_check(dg_emulator_device());
    if (error != cudaSuccess) return error;
    if (!pointer) return cudaErrorInvalidValue;
    *pointer = nullptr;
    if (bytes == 0) return cudaSuccess;
    if (allocation_fails()) return cudaErrorMemoryAllocation;
    if (device >= 0 && bytes > memory_total() - memory_held(device))
        return cudaErrorMemoryAllocation;
    /* exactly as large as asked: AddressSanitizer sees what lies beyond */
    if (posix_memalign(pointer, 256, bytes) != 0) return cudaErrorMemoryAllocation;
    dg_emulator_poison(*pointer, bytes);
    memory()[reinterpret_cast<uintptr_t>(*pointer)] = {bytes, device};
    count_held(device, static_cast<int64_t>(bytes));
    return cudaSuccess;
}

/* work that is still queued and would touch it is the caller's mistake, which AddressSanitizer shows */
cudaError_t release(void *pointer, bool host)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    if (!pointer) return cudaSuccess;
    const auto found = memory().find(reinterpret_cast<uintptr_t>(pointer));
    if (found == memory().end() || (found->second.device < 0) != host) return cudaErrorInvalidValue;
    count_held(found->second.device, -static_cast<int64_t>(found->second.bytes));
    memory().erase(found);
    free(pointer);
    return cudaSuccess;
}

int32_t blocks_per_multiprocessor(int32_t threads, int64_t shared_bytes)
{
    if (threads < 1 || threads > threads_most || shared_bytes > shared_most) return 0;
    return threads <= 512 && shared_bytes <= shared_most / 2 ? 2 : 1;
}

int64_t shared_limit(const void *kernel)
{
    const auto found = shared_limits().find({kernel, current_device});
    return found == shared_limits().end() ? shared_plain : found->second;
}

cudaError_t launch_check(const void *kernel, int64_t blocks, int32_t threads, int64_t shared_bytes,
                         bool together)
{
    if (!kernel) return cudaErrorInvalidDeviceFunction;
    if (blocks < 1 || blocks > INT32_MAX || threads < 1 || threads > threads_most) {
        return cudaErrorInvalidConfiguration;
    }
    if (shared_bytes < 0 || shared_bytes > shared_limit(kernel)) return cudaErrorInvalidValue;
    const int64_t room =
        int64_t{dg_emulator_multiprocessors()} * blocks_per_multiprocessor(threads, shared_bytes);
    const int32_t most = dg_emulator_get()->machine.together;
    if (together && most > 0 && blocks > most) return cudaErrorCooperativeLaunchTooLarge;
    return together && blocks > room ? cudaErrorCooperativeLaunchTooLarge : cudaSuccess;
}

} // namespace

/* ---- errors ---------------------------------------------------------------------------------- */

cudaError_t dg_emulator_error(cudaError_t error)
{
    if (error != cudaSuccess && error != cudaErrorNotReady) last_error = error;
    return error;
}

const char *cudaGetErrorName(cudaError_t error)
{
    switch (error) {
#define DG_EMULATED_NAME(name, number, text)                                                       \
    case name: return #name;
        DG_EMULATED_ERRORS(DG_EMULATED_NAME)
#undef DG_EMULATED_NAME
    }
    return "unrecognized error code";
}

const char *cudaGetErrorString(cudaError_t error)
{
    switch (error) {
#define DG_EMULATED_TEXT(name, number, text)                                                       \
    case name: return text;
        DG_EMULATED_ERRORS(DG_EMULATED_TEXT)
#undef DG_EMULATED_TEXT
    }
    return "unrecognized error code";
}

cudaError_t cudaPeekAtLastError(void)
{
    return last_error;
}

cudaError_t cudaGetLastError(void)
{
    const cudaError_t error = last_error;
    last_error = cudaSuccess;
    return error;
}

/* ---- devices --------------------------------------------------------------------------------- */

int dg_emulator_device(void)
{
    return current_device;
}

int32_t dg_emulator_multiprocessors(void)
{
    return static_cast<int32_t>(dg_emulator_number("DIGICO_EMULATED_MULTIPROCESSORS", 4));
}

/* drivers run programs of their own and of older versions */
static int driver_version(void)
{
    const int set = dg_emulator_get()->machine.driver;
    return device_count() < 0 ? 0 : set > 0 ? set : CUDART_VERSION;
}

static int capability(void)
{
    const int set = dg_emulator_get()->machine.capability;
    return set > 0 ? set : 90;
}

cudaError_t dg_emulator_device_check(int device)
{
    if (device_count() < 0 || driver_version() < CUDART_VERSION) return cudaErrorInsufficientDriver;
    if (device_count() == 0) return cudaErrorNoDevice;
    return device >= 0 && device < device_count() ? cudaSuccess : cudaErrorInvalidDevice;
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = driver_version();
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *count)
{
    *count = device_count() > 0 ? device_count() : 0;
    return dg_emulator_error(dg_emulator_device_check(0));
}

cudaError_t cudaSetDevice(int device)
{
    cudaError_t error = dg_emulator_device_check(device);
    if (error == cudaSuccess && device == dg_emulator_get()->machine.busy - 1) {
        error = cudaErrorDevicesUnavailable;
    }
    if (error == cudaSuccess) current_device = device;
    return dg_emulator_error(error);
}

cudaError_t cudaGetDevice(int *device)
{
    *device = current_device;
    return dg_emulator_error(dg_emulator_device_check(current_device));
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *prop, int device)
{
    const cudaError_t error = dg_emulator_device_check(device);
    if (error != cudaSuccess) return dg_emulator_error(error);
    memset(prop, 0, sizeof *prop);
    snprintf(prop->name, sizeof prop->name, "emulated device");
    prop->totalGlobalMem = memory_total();
    prop->sharedMemPerBlock = shared_plain;
    prop->regsPerBlock = 65536;
    prop->warpSize = 32;
    prop->maxThreadsPerBlock = threads_most;
    prop->major = capability() / 10;
    prop->minor = capability() % 10;
    prop->multiProcessorCount = dg_emulator_multiprocessors();
    prop->l2CacheSize = 1 << 20;
    prop->maxThreadsPerMultiProcessor = 2048;
    prop->sharedMemPerMultiprocessor = 233472;
    prop->sharedMemPerBlockOptin = shared_most;
    prop->cooperativeLaunch = 1;
    prop->memoryBusWidth = 64;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attr, int device)
{
    struct cudaDeviceProp prop;
    const cudaError_t error = cudaGetDeviceProperties(&prop, device);
    if (error != cudaSuccess) return error;
    switch (attr) {
    case cudaDevAttrMaxThreadsPerBlock: *value = prop.maxThreadsPerBlock; break;
    case cudaDevAttrMaxGridDimX: *value = INT32_MAX; break;
    case cudaDevAttrMaxSharedMemoryPerBlock: *value = static_cast<int>(shared_plain); break;
    case cudaDevAttrWarpSize: *value = prop.warpSize; break;
    case cudaDevAttrMaxRegistersPerBlock: *value = prop.regsPerBlock; break;
    case cudaDevAttrClockRate: *value = 1000000; break;
    case cudaDevAttrMultiProcessorCount: *value = prop.multiProcessorCount; break;
    case cudaDevAttrIntegrated: *value = 0; break;
    case cudaDevAttrConcurrentKernels: *value = 1; break;
    case cudaDevAttrMemoryClockRate: *value = 1000000; break;
    case cudaDevAttrGlobalMemoryBusWidth: *value = prop.memoryBusWidth; break;
    case cudaDevAttrL2CacheSize: *value = prop.l2CacheSize; break;
    case cudaDevAttrMaxThreadsPerMultiProcessor: *value = prop.maxThreadsPerMultiProcessor; break;
    case cudaDevAttrAsyncEngineCount: *value = 2; break;
    case cudaDevAttrUnifiedAddressing: *value = 1; break;
    case cudaDevAttrComputeCapabilityMajor: *value = prop.major; break;
    case cudaDevAttrComputeCapabilityMinor: *value = prop.minor; break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
        *value = static_cast<int>(prop.sharedMemPerMultiprocessor);
        break;
    case cudaDevAttrCooperativeLaunch: *value = prop.cooperativeLaunch; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = static_cast<int>(shared_most); break;
    default: return dg_emulator_error(cudaErrorInvalidValue);
    }
    return cudaSuccess;
}

/* ---- memory ---------------------------------------------------------------------------------- */

dg_emulator_place dg_emulator_place_of(const void *from, size_t bytes)
{
    const uintptr_t begin = reinterpret_cast<uintptr_t>(from);
    auto next = memory().upper_bound(begin);
    if (next == memory().begin()) return DG_PLACE_PAGEABLE;
    const auto &found = *--next;
    const uintptr_t end = found.first + found.second.bytes;
    if (begin >= end) return DG_PLACE_PAGEABLE;
    if (bytes > end - begin) return DG_PLACE_BEYOND;
    return found.second.device < 0 ? DG_PLACE_LOCKED : DG_PLACE_DEVICE;
}

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    const cudaError_t error = dg_emulator_device_check(current_device);
    if (error != cudaSuccess) return dg_emulator_error(error);
    *total = memory_total();
    *free_bytes = *total - memory_held(current_device);
    return cudaSuccess;
}

cudaError_t cudaMalloc(void **pointer, size_t size)
{
    return dg_emulator_error(allocate(pointer, size, current_device));
}

cudaError_t cudaMallocHost(void **pointer, size_t size)
{
    return dg_emulator_error(allocate(pointer, size, -1));
}

cudaError_t cudaHostAlloc(void **pointer, size_t size, unsigned int)
{
    return cudaMallocHost(pointer, size);
}

cudaError_t cudaFree(void *pointer)
{
    return dg_emulator_error(release(pointer, false));
}

cudaError_t cudaFreeHost(void *pointer)
{
    return dg_emulator_error(release(pointer, true));
}

/* ---- launches -------------------------------------------------------------------------------- */

cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *attributes, const void *kernel)
{
    const cudaError_t error = dg_emulator_device_check(current_device);
    if (error != cudaSuccess) return dg_emulator_error(error);
    if (!kernel) return dg_emulator_error(cudaErrorInvalidDeviceFunction);
    if (capability() < 80) return dg_emulator_error(cudaErrorNoKernelImageForDevice);
    memset(attributes, 0, sizeof *attributes);
    attributes->maxThreadsPerBlock = threads_most;
    attributes->binaryVersion = capability();
    return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void *kernel, enum cudaFuncAttribute attribute, int value)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return cudaSuccess;
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
        value > shared_most) {
        return dg_emulator_error(cudaErrorInvalidValue);
    }
    shared_limits()[{kernel, current_device}] = value;
    return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, const void *kernel,
                                                          int threads, size_t shared_bytes)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    if (!kernel || threads < 1) return dg_emulator_error(cudaErrorInvalidValue);
    const int64_t bytes = static_cast<int64_t>(shared_bytes);
    *blocks = bytes > shared_limit(kernel) ? 0 : blocks_per_multiprocessor(threads, bytes);
    return cudaSuccess;
}

cudaError_t dg_emulator_launch(const dg_emulator_kernel *kernel, int64_t blocks, int32_t threads,
                               int64_t shared_bytes, bool together, cudaStream_t stream,
                               const char *file, int line)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    if (threads % 32 != 0) {
        fprintf(stderr, "emulator: %d threads per block, not whole warps, at %s:%d\n", threads,
                file, line);
        abort();
    }
    const cudaError_t error = launch_check(kernel->kernel, blocks, threads, shared_bytes, together);
    if (error != cudaSuccess) return dg_emulator_error(error);
    if (together) dg_emulator_capture_together(stream, blocks);
    const unsigned char *argument = static_cast<const unsigned char *>(kernel->argument);
    const std::vector<unsigned char> copy(argument, argument + kernel->argument_bytes);
    const dg_emulator_grid grid = {*kernel,
                                   copy,
                                   static_cast<int32_t>(blocks),
                                   threads,
                                   static_cast<size_t>(shared_bytes),
                                   together,
                                   file,
                                   line};
    return dg_emulator_error(
        dg_emulator_enqueue(stream, [grid]() { dg_emulator_grid_run(&grid); }));
}
