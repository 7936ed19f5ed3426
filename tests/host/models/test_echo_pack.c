/** host/models/echo_pack.c: packing an echo-chamber run and unpacking it. */
#include "tests/support/kept.h"

#include "host/base/error.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AGENTS = 3, SNAPSHOTS = 2 };

static int64_t step[] = {5, INT64_C(1) << 40};
static float belief[] = {1.0f, -2.0f, 0.5f, 2.0f, -4.0f, -1.0f};
static float evidence[] = {1.5f, -1.25f, 3e-39f}, initial[] = {-0.0f, 7.0f, 0.01f};
static double utility[] = {0.25, -1e300};
static double deviation[] = {1.25e-7, 0};

/** The arrays above as a packed run; freed by the caller. */
static void *pack(void)
{
    dg_kept_run run = {.trace = NULL};
    deviation[1] = (double)NAN;
    return kept_echo(&run, &(dg_echo_arrays){AGENTS, SNAPSHOTS, step, utility, deviation, belief,
                                             evidence, initial});
}

#define SAME(name)                                                                                 \
    cr_expect_eq(memcmp(back.name, name, sizeof name), 0, #name);                                  \
    cr_expect_eq((uintptr_t)back.name % sizeof *name, 0, #name " is aligned")

Test(echo_pack, unpacks_the_same_bytes)
{
    dg_echo_arrays back;
    memset(&back, 0xff, sizeof back);
    /* two counts of 4 bytes, three arrays of 8 bytes and three of 4 */
    const int64_t bytes = 8 + 3 * 8 * SNAPSHOTS + 4 * (SNAPSHOTS * AGENTS + 2 * AGENTS);
    cr_assert_eq(dg_echo_packed_bytes(AGENTS, SNAPSHOTS), bytes);
    void *packed = pack();
    cr_assert_eq(dg_echo_unpack(&back, packed, bytes), DG_OK, "%s", dg_error());
    cr_expect_eq(back.agents, AGENTS);
    cr_expect_eq(back.snapshots, SNAPSHOTS);
    SAME(step);
    SAME(utility);
    SAME(deviation);
    SAME(belief);
    SAME(evidence);
    SAME(initial);
    free(packed);
}

Test(echo_pack, refuses_other_sizes)
{
    const int64_t bytes = dg_echo_packed_bytes(AGENTS, SNAPSHOTS);
    int32_t *packed = pack();
    dg_echo_arrays back = {.agents = -7};
    for (int64_t less = 0; less < bytes; less++)
        cr_expect_eq(dg_echo_unpack(&back, packed, less), DG_ERR_IO, "%d bytes", (int)less);
    cr_expect_eq(dg_echo_unpack(&back, packed, bytes + 8), DG_ERR_IO);
    /* other counts; with two of them the block would have the same size */
    for (int k = 0; k < 2; k++) {
        const int32_t kept = packed[k];
        for (int32_t other = -2; other < 6; other++) {
            packed[k] = other;
            if (other != kept) cr_expect_eq(dg_echo_unpack(&back, packed, bytes), DG_ERR_IO);
        }
        packed[k] = kept;
    }
    cr_expect_eq(back.agents, -7, "unchanged");
    free(packed);
}

Test(echo_pack, of_many_agents_needs_more_than_32_bits)
{
    cr_expect_eq(dg_echo_packed_bytes(1000000, 1000), 8 + 24000 + INT64_C(4000000000) + 8000000);
}
