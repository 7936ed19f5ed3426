/**
 * The primitives that CUDA kernels may use, and nothing beside them: lanes of a warp that exchange
 * registers, a barrier of a block, dynamic shared memory, integer atomics, a fence, launches.
 *
 * nvcc maps each to one instruction or intrinsic; tests/emulator/ gives the same functions to a host
 * compiler, one fiber per thread. All 32 lanes of a warp call a warp primitive together, in uniform
 * control flow; all threads of a block call dg_block_barrier() together.
 */
#ifndef DG_WARP_H
#define DG_WARP_H

#include "kernels/science/fmath.h"

#include <cuda_runtime.h>

#define DG_DEVICE static inline __device__

#ifdef __CUDACC__

#define DG_WARP_ALL 0xffffffffu

/** The one parameter of a kernel: read where the launch left it, without a copy per thread. */
#define DG_ARGUMENT const __grid_constant__ dg_device_batch

/** Dynamic shared memory of the block, aligned to 16 bytes. */
#define DG_SHARED(name) extern __shared__ __align__(16) unsigned char name[]

DG_DEVICE int32_t dg_thread(void)
{
    return (int32_t)threadIdx.x;
}

/** Threads of the block. */
DG_DEVICE int32_t dg_threads(void)
{
    return (int32_t)blockDim.x;
}

DG_DEVICE int32_t dg_block_index(void)
{
    return (int32_t)blockIdx.x;
}

/** Barrier of the block; what each thread wrote before, all see after. */
DG_DEVICE void dg_block_barrier(void)
{
    __syncthreads();
}

/** Barrier of the warp; likewise. */
DG_DEVICE void dg_warp_barrier(void)
{
    __syncwarp();
}

/** The value that lane `source` brings. */
DG_DEVICE uint32_t dg_shuffle(uint32_t value, int32_t source)
{
    return __shfl_sync(DG_WARP_ALL, value, source);
}

/** The value that lane (own ^ mask) brings. */
DG_DEVICE uint32_t dg_shuffle_across(uint32_t value, int32_t mask)
{
    return __shfl_xor_sync(DG_WARP_ALL, value, mask);
}

/* CUDA's shuffles keep to themselves whether there was a lane to bring a value; the instruction says it */

/** The value, and where there is a lane (own - Distance), that lane's added to it. */
template <int32_t Distance> DG_DEVICE uint32_t dg_add_below(uint32_t value)
{
    uint32_t sum;
    asm volatile("{ .reg .pred %%below;\n\t"
                 "shfl.sync.up.b32 %0|%%below, %1, %2, 0, 0xffffffff;\n\t"
                 "@%%below add.u32 %0, %0, %1; }"
                 : "=&r"(sum)
                 : "r"(value), "n"(Distance));
    return sum;
}

/** The same of 64 bits. */
template <int32_t Distance> DG_DEVICE uint64_t dg_add_below(uint64_t value)
{
    uint64_t sum;
    asm volatile("{ .reg .pred %%below;\n\t"
                 ".reg .b32 %%half_low;\n\t"
                 ".reg .b32 %%half_high;\n\t"
                 "mov.b64 {%%half_low, %%half_high}, %1;\n\t"
                 "shfl.sync.up.b32 %%half_low|%%below, %%half_low, %2, 0, 0xffffffff;\n\t"
                 "shfl.sync.up.b32 %%half_high|%%below, %%half_high, %2, 0, 0xffffffff;\n\t"
                 "mov.b64 %0, {%%half_low, %%half_high};\n\t"
                 "@%%below add.u64 %0, %0, %1; }"
                 : "=&l"(sum)
                 : "l"(value), "n"(Distance));
    return sum;
}

/** Bit l: did lane l say true? */
DG_DEVICE uint32_t dg_ballot(bool said)
{
    return __ballot_sync(DG_WARP_ALL, said);
}

/** The least value of the warp. */
DG_DEVICE uint32_t dg_warp_least(uint32_t value)
{
    return __reduce_min_sync(DG_WARP_ALL, value);
}

/** Sum over the warp, modulo 2^32. */
DG_DEVICE uint32_t dg_warp_total(uint32_t value)
{
    return __reduce_add_sync(DG_WARP_ALL, value);
}

/** Add to an integer that other threads add to. */
DG_DEVICE void dg_add(int32_t *to, int32_t value)
{
    atomicAdd(to, value);
}

/** The same of 64 bits, in global memory. */
DG_DEVICE void dg_add_long(int64_t *to, int64_t value)
{
    __builtin_assume(__isGlobal(to)); /* then nobody waits for the value before */
    /* two's complement: the sum modulo 2^64 is the signed sum */
    atomicAdd(reinterpret_cast<unsigned long long *>(to), static_cast<unsigned long long>(value));
}

/** The same, and the value before. */
DG_DEVICE uint32_t dg_add_fetch(uint32_t *to, uint32_t value)
{
    return atomicAdd(to, value);
}

/** Writes before it are observed by the whole device before writes after it. */
DG_DEVICE void dg_device_fence(void)
{
    __threadfence();
}

/** Read what another block may just have written: past the cache of this multiprocessor. */
DG_DEVICE uint32_t dg_read_fresh(const uint32_t *from)
{
    return __ldcg(from);
}

/** As dg_read_fresh(), in a loop that waits for a change. */
DG_DEVICE uint32_t dg_read_again(const uint32_t *from)
{
    return *static_cast<const volatile uint32_t *>(from);
}

/** An address in global memory, kept whole in registers: else it is made anew of its parts at each use. */
template <typename Type> DG_DEVICE const Type *dg_kept(const Type *address)
{
    asm("" : "+l"(address));
    __builtin_assume(__isGlobal(address));
    return address;
}

/** The upper 32 bits of a product. */
DG_DEVICE uint32_t dg_product_high(uint32_t a, uint32_t b)
{
    return __umulhi(a, b);
}

/** Number of bits set. */
DG_DEVICE int32_t dg_bits_set(uint32_t mask)
{
    return __popc(mask);
}

/** Index of the lowest bit set of a mask that is not 0. */
DG_DEVICE int32_t dg_lowest_bit(uint32_t mask)
{
    return __ffs(static_cast<int>(mask)) - 1;
}

/**
 * Start a kernel of one argument.
 *
 * @param together  all blocks must be on the device at once, because they wait for each other
 */
template <typename Argument>
static inline cudaError_t dg_launch(void (*kernel)(Argument), int64_t blocks, int32_t threads,
                                    int64_t shared_bytes, bool together, const Argument &argument,
                                    cudaStream_t stream)
{
    void *arguments[] = {const_cast<Argument *>(&argument)};
    const void *entry = reinterpret_cast<const void *>(kernel);
    const dim3 grid(static_cast<unsigned>(blocks)), block(static_cast<unsigned>(threads));
    const size_t bytes = static_cast<size_t>(shared_bytes);
    return together ? cudaLaunchCooperativeKernel(entry, grid, block, arguments, bytes, stream)
                    : cudaLaunchKernel(entry, grid, block, arguments, bytes, stream);
}

#else
#define DG_ARGUMENT const dg_device_batch
#include "emulator.h"
#endif

/* ---- what follows from them ------------------------------------------------------------------ */

DG_DEVICE int32_t dg_lane(void)
{
    return static_cast<int32_t>(static_cast<uint32_t>(dg_thread()) % DG_LANES);
}

/** Index of the warp within its block. */
DG_DEVICE int32_t dg_warp(void)
{
    return static_cast<int32_t>(static_cast<uint32_t>(dg_thread()) / DG_LANES);
}

/** Four floats that are read or written at once. */
typedef struct alignas(16) dg_four {
    float k[4];
} dg_four;

DG_DEVICE float dg_shuffle_float(float value, int32_t source)
{
    return dg_float_of(dg_shuffle(dg_bits_of(value), source));
}

DG_DEVICE float dg_shuffle_float_across(float value, int32_t mask)
{
    return dg_float_of(dg_shuffle_across(dg_bits_of(value), mask));
}

DG_DEVICE int32_t dg_shuffle_int(int32_t value, int32_t source)
{
    return static_cast<int32_t>(dg_shuffle(static_cast<uint32_t>(value), source));
}

/** The 64 bits that lane `source` brings. */
DG_DEVICE uint64_t dg_shuffle_long(uint64_t value, int32_t source)
{
    const uint32_t low = dg_shuffle(static_cast<uint32_t>(value), source);
    return static_cast<uint64_t>(dg_shuffle(static_cast<uint32_t>(value >> 32), source)) << 32 |
           low;
}

/** Lanes below the own one. */
DG_DEVICE uint32_t dg_lanes_below(void)
{
    return (1u << dg_lane()) - 1u;
}

/** Bits that order as the numbers do, so that a minimum of floats is one of integers: -0 before +0. Never nan. */
DG_DEVICE uint32_t dg_key_of_bits(uint32_t bits)
{
    return bits ^ ((bits >> 31) ? 0xffffffffu : 0x80000000u);
}

/** The same of a number; adding +0 makes one zero of both. */
DG_DEVICE uint32_t dg_key_of(float value)
{
    return dg_key_of_bits(dg_bits_of(value + 0.0f));
}

/** The number that has this key. */
DG_DEVICE float dg_number_of(uint32_t key)
{
    return dg_float_of(key ^ ((key >> 31) ? 0x80000000u : 0xffffffffu));
}

#endif
