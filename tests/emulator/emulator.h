/**
 * The primitives of kernels/cuda/warp.h for a host compiler, which includes this in place of its CUDA branch.
 *
 * Every CUDA thread is a fiber of its own (grid.cpp). A primitive that threads do together suspends
 * each until the last one has come; what cannot happen on a device (lanes that disagree about what
 * they do together, a thread that ends while others wait for it, nobody who can go on) is printed
 * and aborts. file and line are those of the caller.
 */
#ifndef DG_EMULATOR_H
#define DG_EMULATOR_H

#include "emulator_control.h"
#include "emulator_threads.h"

#include <type_traits>

#define DG_EMULATOR_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()

#define DG_SHARED(name) unsigned char *const name = dg_emulator_self->shared

DG_DEVICE int32_t dg_thread(void)
{
    return dg_emulator_self->thread;
}

DG_DEVICE int32_t dg_threads(void)
{
    return dg_emulator_self->threads;
}

DG_DEVICE int32_t dg_block_index(void)
{
    return dg_emulator_self->block;
}

DG_DEVICE void dg_block_barrier(DG_EMULATOR_HERE)
{
    dg_emulator_block_barrier(file, line);
}

DG_DEVICE void dg_warp_barrier(DG_EMULATOR_HERE)
{
    dg_emulator_together(DG_EMULATOR_BARRIER, 0, 0, file, line);
}

DG_DEVICE uint32_t dg_shuffle(uint32_t value, int32_t source, DG_EMULATOR_HERE)
{
    return dg_emulator_together(DG_EMULATOR_SHUFFLE, value, source, file, line);
}

DG_DEVICE uint32_t dg_shuffle_across(uint32_t value, int32_t mask, DG_EMULATOR_HERE)
{
    return dg_emulator_together(DG_EMULATOR_SHUFFLE_ACROSS, value, mask, file, line);
}

template <int32_t Distance> DG_DEVICE uint32_t dg_add_below(uint32_t value, DG_EMULATOR_HERE)
{
    const int32_t lane = dg_thread() % DG_LANES;
    const uint32_t below = dg_emulator_together(
        DG_EMULATOR_SHUFFLE, value, lane < Distance ? lane : lane - Distance, file, line);
    return lane < Distance ? value : value + below;
}

template <int32_t Distance> DG_DEVICE uint64_t dg_add_below(uint64_t value, DG_EMULATOR_HERE)
{
    const int32_t lane = dg_thread() % DG_LANES, source = lane < Distance ? lane : lane - Distance;
    const uint64_t low =
        dg_emulator_together(DG_EMULATOR_SHUFFLE, static_cast<uint32_t>(value), source, file, line);
    const uint64_t high = dg_emulator_together(
        DG_EMULATOR_SHUFFLE, static_cast<uint32_t>(value >> 32), source, file, line);
    return lane < Distance ? value : value + (high << 32 | low);
}

DG_DEVICE uint32_t dg_ballot(bool said, DG_EMULATOR_HERE)
{
    return dg_emulator_together(DG_EMULATOR_BALLOT, said, 0, file, line);
}

DG_DEVICE uint32_t dg_warp_least(uint32_t value, DG_EMULATOR_HERE)
{
    return dg_emulator_together(DG_EMULATOR_LEAST, value, 0, file, line);
}

DG_DEVICE uint32_t dg_warp_total(uint32_t value, DG_EMULATOR_HERE)
{
    return dg_emulator_together(DG_EMULATOR_TOTAL, value, 0, file, line);
}

/* one thread runs at a time: a plain addition is atomic */
DG_DEVICE void dg_add(int32_t *to, int32_t value)
{
    *to = static_cast<int32_t>(static_cast<uint32_t>(*to) + static_cast<uint32_t>(value));
}

DG_DEVICE void dg_add_long(int64_t *to, int64_t value)
{
    *to = static_cast<int64_t>(static_cast<uint64_t>(*to) + static_cast<uint64_t>(value));
}

DG_DEVICE uint32_t dg_add_fetch(uint32_t *to, uint32_t value)
{
    dg_emulator_between();
    const uint32_t before = *to;
    *to = before + value;
    return before;
}

DG_DEVICE void dg_device_fence(void)
{
    dg_emulator_between();
}

DG_DEVICE uint32_t dg_read_fresh(const uint32_t *from)
{
    return *from;
}

DG_DEVICE uint32_t dg_read_again(const uint32_t *from, DG_EMULATOR_HERE)
{
    dg_emulator_spin(file, line);
    return *static_cast<const volatile uint32_t *>(from);
}

template <typename Type> DG_DEVICE const Type *dg_kept(const Type *address)
{
    return address;
}

DG_DEVICE uint32_t dg_product_high(uint32_t a, uint32_t b)
{
    return static_cast<uint32_t>(static_cast<uint64_t>(a) * b >> 32);
}

DG_DEVICE int32_t dg_bits_set(uint32_t mask)
{
    return __builtin_popcount(mask);
}

DG_DEVICE int32_t dg_lowest_bit(uint32_t mask)
{
    return __builtin_ctz(mask);
}

template <typename Argument> void dg_emulator_call(const void *kernel, const void *argument)
{
    reinterpret_cast<void (*)(Argument)>(const_cast<void *>(kernel))(
        *static_cast<const Argument *>(argument));
}

template <typename Argument>
static inline cudaError_t dg_launch(void (*kernel)(Argument), int64_t blocks, int32_t threads,
                                    int64_t shared_bytes, bool together, const Argument &argument,
                                    cudaStream_t stream, DG_EMULATOR_HERE)
{
    static_assert(std::is_trivially_copyable<Argument>::value, "arguments are copied as bytes");
    const dg_emulator_kernel bound = {reinterpret_cast<const void *>(kernel),
                                      dg_emulator_call<Argument>, &argument, sizeof argument};
    return dg_emulator_launch(&bound, blocks, threads, shared_bytes, together, stream, file, line);
}

#endif
