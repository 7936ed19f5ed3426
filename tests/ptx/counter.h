/**
 * How often kernels and their basic blocks ran. Always: launches, so that a kernel that
 * was linked but never replaced shows. With PTX_PROFILE: executions of each basic block by warps.
 *
 * A warp executes a block once for all lanes that come to it together. Which lanes do is known where all 32
 * meet (barriers, shuffles, votes); between two meetings a block counts as often as the lane that ran it
 * most. Exact where lanes take different ways that join again, or loop differently long; too low where they
 * come to the same block at different times.
 *
 * At exit the numbers go into the file that DIGICO_PTX_COUNTS names, lines `kernel NAME LAUNCHES` and
 * `block NUMBER EXECUTIONS`; processes that share a file append.
 */
#ifndef DG_PTX_COUNTER_H
#define DG_PTX_COUNTER_H

#include "tests/emulator/emulator_threads.h"

#include <stdint.h>
#include <vector>

/** What is counted of the lanes of one warp. */
struct ptx_warp_counter {
    struct slot {
        int64_t meeting; /* the counts are since this one */
        int32_t most;    /* of the lanes */
        int32_t lane[32];
    };
    std::vector<slot> blocks;
    int32_t ended = 0; /* lanes */
};

/** A kernel. It outlives the end of main(), when the numbers are written. */
struct ptx_kernel {
    ptx_kernel(const char *mangled, int block_count);
    ptx_warp_counter *warp_begin(void);
    void warp_end(ptx_warp_counter *warp);

    const char *name;
    int blocks;
    int64_t *executed; /* [blocks], by warps; never freed */
    int64_t launches = 0;
};

/** One thread of a kernel. */
struct ptx_lane_counter {
    explicit ptx_lane_counter(ptx_kernel *run) : kernel(run)
    {
        kernel->launches += dg_emulator_self->block == 0 && dg_emulator_self->thread == 0;
#ifdef PTX_PROFILE
        warp = kernel->warp_begin();
        lane = dg_emulator_self->thread % 32;
#endif
    }

    /** A basic block begins. */
    void block([[maybe_unused]] int number)
    {
#ifdef PTX_PROFILE
        ptx_warp_counter::slot &slot = warp->blocks[static_cast<size_t>(number)];
        if (slot.meeting != meeting) slot = {meeting, 0, {}};
        if (++slot.lane[lane] <= slot.most) return;
        slot.most++;
        kernel->executed[number]++;
#endif
    }

    /** All lanes of the warp have met. */
    void meet(void)
    {
#ifdef PTX_PROFILE
        meeting++;
#endif
    }

    void end(void)
    {
#ifdef PTX_PROFILE
        kernel->warp_end(warp);
#endif
    }

    ptx_kernel *kernel;
#ifdef PTX_PROFILE
    ptx_warp_counter *warp;
    int lane;
    int64_t meeting = 1;
#endif
};

#endif
