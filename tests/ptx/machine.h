/**
 * What C++ made of PTX (tools/ptx) does an instruction with, on the emulator's fibers (tests/emulator/).
 *
 * Integers wrap (-fwrapv). A float result that is not a number has the bits that a GPU writes, whatever the
 * operands were. Shared memory has addresses from 0; others are those of the host. What the PTX ISA leaves
 * undefined but a GPU survives (a division by 0) has some value here too.
 */
#ifndef DG_PTX_MACHINE_H
#define DG_PTX_MACHINE_H

#include "tests/emulator/emulator_threads.h"
#include "tests/ptx/counter.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <type_traits>

#define PTX_HERE __FILE__, __LINE__

/** The argument of a kernel: more than 16 bytes, so that it comes in memory whatever it is made of. */
template <size_t Bytes> struct ptx_argument {
    alignas(8) unsigned char byte[Bytes];
};

#define PTX_BEGIN(argument)                                                                        \
    const dg_emulator_thread *const ptx_self = dg_emulator_self;                                   \
    [[maybe_unused]] const uint64_t ptx_argument_at = reinterpret_cast<uint64_t>(&argument);       \
    [[maybe_unused]] const uint64_t ptx_shared_at = reinterpret_cast<uint64_t>(ptx_self->shared);

template <typename T> constexpr uint32_t ptx_width = 8 * sizeof(T);

/* ---- registers ------------------------------------------------------------------------------- */

/** The bits of a register as a type: of the same size, or the low bits of a wider integer. */
template <typename To, typename From> static inline To ptx_as(From from)
{
    if constexpr (std::is_same_v<To, From>) {
        return from;
    } else if constexpr (std::is_integral_v<To> && std::is_integral_v<From>) {
        return static_cast<To>(from);
    } else {
        static_assert(sizeof(To) == sizeof(From), "bits of one size");
        To to;
        memcpy(&to, &from, sizeof to);
        return to;
    }
}

/** A value into a register: a narrower integer is extended as its type says. */
template <typename Register, typename Value>
static inline void ptx_into(Register &result, Value value)
{
    result = ptx_as<Register>(value);
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/** The one nan that a GPU's float arithmetic writes. */
static inline float ptx_float(float result)
{
    return result == result ? result : ptx_as<float>(uint32_t{0x7fffffff});
}

/* the operand that is a number, if one is; -0 is less than +0 */
static inline float ptx_least(float a, float b)
{
    if (a != a || b != b) return ptx_float(a != a ? b : a);
    return a < b || (a == b && ptx_as<uint32_t>(a) >> 31) ? a : b;
}

static inline float ptx_largest(float a, float b)
{
    if (a != a || b != b) return ptx_float(a != a ? b : a);
    return a > b || (a == b && ptx_as<uint32_t>(b) >> 31) ? a : b;
}

template <typename T> static inline T ptx_divide(T a, T b)
{
    if (b == 0) return static_cast<T>(-1);
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return -a;
    return a / b;
}

template <typename T> static inline T ptx_remainder(T a, T b)
{
    return b == 0 ? a : a - ptx_divide(a, b) * b;
}

static inline uint32_t ptx_reverse(uint32_t a)
{
    uint32_t reversed = 0;
    for (int k = 0; k < 32; k++) reversed |= (a >> k & 1u) << (31 - k);
    return reversed;
}

/** b, with the low `length` bits of a from bit `position` on; what lies beyond the register is lost. */
template <typename T> static inline T ptx_insert(T a, T b, uint32_t position, uint32_t length)
{
    position &= 255;
    length &= 255;
    if (position >= ptx_width<T>) return b;
    const T mask = length >= ptx_width<T> ? ~T{0} : (T{1} << length) - 1;
    return (b & ~(mask << position)) | (a & mask) << position;
}

/** Towards zero; nan gives 0, what is out of range the nearest integer. */
template <typename T> static inline T ptx_integer(float a)
{
    constexpr T most = static_cast<T>(
        std::is_signed_v<T> ? ~(uint64_t{1} << 63) >> (64 - ptx_width<T>) : ~uint64_t{0});
    constexpr T least = std::is_signed_v<T> ? static_cast<T>(-most - 1) : T{0};
    constexpr double beyond =
        2.0 * static_cast<double>(uint64_t{1} << (ptx_width<T> - 1 - std::is_signed_v<T>));
    if (a != a) return 0;
    if (static_cast<double>(a) >= beyond) return most;
    if (static_cast<double>(a) <= static_cast<double>(least)) return least;
    return static_cast<T>(a);
}

/* ---- memory ---------------------------------------------------------------------------------- */

template <typename T> static inline T ptx_load(const unsigned char *from)
{
    T value;
    memcpy(&value, from, sizeof value);
    return value;
}

/** In a loop that may wait for it. */
template <typename T>
static inline T ptx_load_again(const unsigned char *from, const char *file, int line)
{
    dg_emulator_spin(file, line);
    return ptx_load<T>(from);
}

template <typename T> static inline void ptx_store(unsigned char *to, T value)
{
    memcpy(to, &value, sizeof value);
}

/** One fiber runs at a time: nothing comes between. */
template <typename T> static inline T ptx_add(unsigned char *to, T value)
{
    dg_emulator_between();
    const T before = ptx_load<T>(to);
    ptx_store<T>(to, before + value);
    return before;
}

static inline void ptx_fence(void)
{
    dg_emulator_between();
}

/* ---- together -------------------------------------------------------------------------------- */

/** The project's kernels always call all lanes; others would need another emulator. */
static inline void ptx_expect(uint32_t found, uint32_t expected, const char *what, const char *file,
                              int line)
{
    if (found == expected) return;
    fprintf(stderr, "%s:%d: %s %#x, expected %#x\n", file, line, what, found, expected);
    abort();
}

static inline uint32_t ptx_together(ptx_lane_counter *counter, dg_emulator_act act, uint32_t value,
                                    uint32_t argument, uint32_t members, const char *file, int line)
{
    ptx_expect(members, 0xffffffffu, "lanes of a warp", file, line);
    const uint32_t result =
        dg_emulator_together(act, value, static_cast<int32_t>(argument), file, line);
    counter->meet();
    return result;
}

#define ptx_warp_barrier(members, ...)                                                             \
    ptx_together(&ptx_counter, DG_EMULATOR_BARRIER, 0, 0, members, __VA_ARGS__)
#define ptx_ballot(said, members, ...)                                                             \
    ptx_together(&ptx_counter, DG_EMULATOR_BALLOT, said, 0, members, __VA_ARGS__)
#define ptx_warp_least(value, members, ...)                                                        \
    ptx_together(&ptx_counter, DG_EMULATOR_LEAST, value, 0, members, __VA_ARGS__)
#define ptx_warp_total(value, members, ...)                                                        \
    ptx_together(&ptx_counter, DG_EMULATOR_TOTAL, value, 0, members, __VA_ARGS__)
/** Is there a lane `distance` below the own one? */
static inline bool ptx_reaches(uint32_t distance)
{
    return static_cast<uint32_t>(dg_emulator_self->thread % 32) >= distance;
}

/** The lane `distance` below the own one; the own one where there is none. */
static inline int32_t ptx_lane_below(uint32_t distance)
{
    const int32_t lane = dg_emulator_self->thread % 32;
    return ptx_reaches(distance) ? lane - static_cast<int32_t>(distance) : lane;
}

/* `whole` is the clamp of a shuffle over 32 lanes */
#define ptx_shuffle(value, source, whole, members, ...)                                            \
    (ptx_expect(whole, 31, "clamp of a shuffle", __VA_ARGS__),                                     \
     ptx_together(&ptx_counter, DG_EMULATOR_SHUFFLE, value, source, members, __VA_ARGS__))
#define ptx_shuffle_up(value, distance, whole, members, ...)                                       \
    (ptx_expect(whole, 0, "clamp of a shuffle upwards", __VA_ARGS__),                              \
     ptx_together(&ptx_counter, DG_EMULATOR_SHUFFLE, value, ptx_lane_below(distance), members,     \
                  __VA_ARGS__))

#define ptx_shuffle_across(value, mask, whole, members, ...)                                       \
    (ptx_expect(whole, 31, "clamp of a shuffle", __VA_ARGS__),                                     \
     ptx_together(&ptx_counter, DG_EMULATOR_SHUFFLE_ACROSS, value, mask, members, __VA_ARGS__))

#define ptx_block_barrier(barrier, ...)                                                            \
    (ptx_expect(barrier, 0, "barrier of a block", __VA_ARGS__),                                    \
     dg_emulator_block_barrier(__VA_ARGS__), ptx_counter.meet())

#endif
