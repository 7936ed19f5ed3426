/** kernels/cuda/layout.cu: what it chooses for an emulated device of 132 multiprocessors. */
#include "host/engine/batch_plan.h"
#include "host/base/error.h"
#include "kernels/cuda/schedule.h"

#include <criterion/criterion.h>

static const dg_cuda_limits limits = {.multiprocessors = 132, .shared_bytes = 232448};

static dg_shape shape_of(int32_t agents)
{
    dg_shape shape;
    memset(&shape, 0, sizeof shape);
    shape.agents = agents;
    shape.row = (int32_t)dg_round_up(agents, 16);
    shape.values = 10;
    shape.hidden = 64;
    shape.capacity = 4;
    return shape;
}

static dg_cuda_layout layout_of(int32_t agents, int32_t runs, int32_t blocks, int32_t warps)
{
    dg_cuda_layout layout;
    const dg_shape shape = shape_of(agents);
    cr_assert_eq(dg_cuda_layout_choose(&layout, &shape, runs, blocks, warps, &limits), cudaSuccess);
    cr_expect_leq(layout.shared_bytes, limits.shared_bytes);
    return layout;
}

static void expect(int32_t agents, int32_t runs, int32_t blocks, int32_t warps)
{
    const dg_cuda_layout l = layout_of(agents, runs, 0, 0);
    cr_expect(l.blocks == blocks && l.warps == warps,
              "N = %d, %d runs: %d blocks of %d warps, expected %d of %d", agents, runs, l.blocks,
              l.warps, blocks, warps);
}

Test(layout, packs_small_runs)
{
    cr_expect(layout_of(30, 1, 0, 0).packed);
    expect(30, 1, 1, 30);
    expect(30, 600, 1, 30);
    cr_expect_not(layout_of(30, 1, 2, 0).packed, "blocks are asked for");
}

Test(layout, spreads_few_large_runs)
{
    expect(33, 1, 8, 5);
    expect(100, 1, 25, 4);
    expect(1000, 1, 132, 8);
    expect(1000, 2, 66, 16);
    expect(1000, 10, 13, 32);
    expect(1000, 66, 2, 32);
    expect(1000, 264, 1, 16);
}

Test(layout, evens_out_about_as_many_runs_as_multiprocessors)
{
    expect(1000, 132, 1, 32);
    /* the emulator holds two blocks on a multiprocessor, not more */
    expect(1000, 70, 3, 16);
    expect(1000, 88, 3, 16);
    expect(1000, 127, 1, 32);
    expect(100, 70, 1, 32);
    for (int32_t runs = 1; runs < 300; runs++) {
        const dg_cuda_layout l = layout_of(1000, runs, 0, 0);
        cr_expect(l.blocks == 1 || l.blocks * runs <= 2 * limits.multiprocessors, "%d runs", runs);
    }
}

Test(layout, does_as_it_is_told)
{
    const dg_cuda_layout l = layout_of(300, 100, 1, 7), m = layout_of(300, 2, 3, 0);
    cr_expect(l.blocks == 1 && l.warps == 7);
    cr_expect(m.blocks == 3 && m.warps == 32);
    cr_expect_eq(layout_of(300, 2, 0, 8).blocks, 38);
}

Test(layout, shrinks_to_shared_memory)
{
    const dg_cuda_layout l = layout_of(10000, 1, 0, 0);
    cr_expect(l.blocks == 132 && l.warps == 5 && !l.mirrored, "%d of %d", l.blocks, l.warps);
}

Test(layout, says_what_does_not_fit)
{
    const dg_batch_options one = {.runs = 1};
    dg_shape shape = shape_of(50000);
    cr_expect_eq(dg_backend_cuda()->fits(&shape, &one), DG_OK, "%s", dg_error());
    shape = shape_of(100000);
    cr_expect_eq(dg_backend_cuda()->fits(&shape, &one), DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "agents: 100000") && strstr(dg_error(), "232448"), "%s",
              dg_error());
    shape = shape_of(30);
    shape.hidden = 65536;
    cr_expect_eq(dg_backend_cuda()->fits(&shape, &one), DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "65536 hidden units"), "%s", dg_error());
}
