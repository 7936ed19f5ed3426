/**
 * The functions of tests/support/fmath.h: the bits of every 257th float as one hash each, so that compilers
 * and architectures can be compared without the other at hand. What is right, test_fmath.c and test_sums.c say.
 */
#include "tests/support/fmath.h"
#include "tests/support/sweep.h"

#include "host/base/hash.h"

#include <criterion/criterion.h>

enum { STEP = 257, CHUNK = 1 << 16 };

typedef void piece(uint32_t first, uint32_t count, uint32_t *out);

/** One function of `count` floats from the first in steps of STEP, compiled with and without fma. */
#define PIECE_(attribute, name, function)                                                          \
    attribute static void name(uint32_t first, uint32_t count, uint32_t *out)                      \
    {                                                                                              \
        _Pragma("omp simd") for (uint32_t k = 0; k < count; k++) out[k] =                          \
            fmath_of(function, first + k * STEP);                                                  \
    }
#define PIECE(function, result, domain)                                                            \
    PIECE_(SWEEP_FMA, function##_fma, function)                                                    \
    PIECE_(, function##_plain, function)
FMATH_LIST(PIECE)

static uint64_t hash_of(piece *fill)
{
    static uint32_t out[CHUNK];
    const uint32_t all = UINT32_MAX / STEP + 1;
    uint64_t chain[2] = {0};
    for (uint32_t done = 0; done < all; done += CHUNK) {
        const uint32_t count = all - done < CHUNK ? all - done : CHUNK;
        fill(done * STEP, count, out);
        chain[1] = dg_hash_bytes(out, count * (int64_t)sizeof *out);
        chain[0] = dg_hash_bytes(chain, sizeof chain);
    }
    return chain[0];
}

static void assert_bits(const char *name, piece *fill, uint64_t expected)
{
    const uint64_t hash = hash_of(fill);
    cr_expect_eq(hash, expected, "%s: 0x%016llx", name, (unsigned long long)hash);
}
#define ASSERT_BITS(function, expected)                                                            \
    assert_bits(#function, SWEEP_HAS_FMA ? function##_fma : function##_plain, expected)

Test(bits, are_the_same_everywhere)
{
    ASSERT_BITS(FMATH_LOG, 0xbc864b9aa0fd3275u);
    ASSERT_BITS(FMATH_EXP, 0x82b1a8bac97a8b0au);
    ASSERT_BITS(FMATH_TANH, 0x6bc75191457689f4u);
    ASSERT_BITS(FMATH_COS, 0x536d54f77ef1cd6cu);
    ASSERT_BITS(FMATH_SIN, 0x450b6da0ed6e26cfu);
    ASSERT_BITS(FMATH_INVERSE, 0xacf0ff4ef5b94265u);
    ASSERT_BITS(FMATH_THIRD, 0x3cca26e24721be6au);
    ASSERT_BITS(FMATH_ROOT, 0x6db48be45524724du);
    ASSERT_BITS(FMATH_WEIGHT, 0xc86969bcc5352ceeu);
    ASSERT_BITS(FMATH_CLOCK, 0x10e01f44cccaef3du);
    ASSERT_BITS(FMATH_NORMAL, 0x6d95ab69eacb60c1u);
}
