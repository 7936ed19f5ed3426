/**
 * How the generation kernel is laid over a device: the one place where blocks, warps and what lies in
 * shared memory are chosen. None of it can change a bit.
 */
#include "block_cuda.h"

/* 64 registers a thread: a multiprocessor holds one block of so many warps */
#define WARPS_MOST (DG_BLOCK_THREADS / DG_LANES)

/* two blocks of so many warps share a multiprocessor: one computes while the other meets */
#define WARPS_SHARED (WARPS_MOST / 2)

/* below this a block spends its time on meetings */
#define WARPS_LEAST 4

/** Shared memory of a block in bytes, and where its fields lie; each on a 16-byte boundary. */
static int64_t place(dg_block_offsets *at, const dg_shape *s, const dg_cuda_layout *l)
{
    int64_t bytes = 0;
#define DG_BLOCK_PLACE(type, name, elements)                                                       \
    at->name = static_cast<int32_t>(bytes < INT32_MAX ? bytes : INT32_MAX);                        \
    bytes += dg_round_up((int64_t)sizeof(type) * (elements), 16);
    DG_BLOCK_FIELDS(DG_BLOCK_PLACE)
#undef DG_BLOCK_PLACE
    return bytes;
}

static bool fits(const dg_shape *s, const dg_cuda_layout *l, const dg_cuda_limits *limits)
{
    dg_block_offsets at;
    return place(&at, s, l) <= limits->shared_bytes;
}

/** A warp an agent, everything in shared memory: N = 30, as in the paper; false if it doesn't fit. */
static bool choose_packed(dg_cuda_layout *l, const dg_shape *s, const dg_cuda_limits *limits)
{
    l->blocks = 1;
    l->packed = 1;
    l->mirrored = 1;
    if (l->warps < s->agents) l->warps = s->agents;
    return fits(s, l, limits);
}

/** As many warps as shared memory has scratch for; false if not even one fits. */
static bool shrink_to_fit(dg_cuda_layout *l, const dg_shape *s, const dg_cuda_limits *limits,
                          int32_t least)
{
    while (l->warps > least && !fits(s, l, limits)) l->warps--;
    return fits(s, l, limits);
}

/** Warps that take agents in turns; what agents tell in shared memory while there is room. */
static bool choose_any(dg_cuda_layout *l, const dg_shape *s, int32_t runs, bool warps_asked,
                       const dg_cuda_limits *limits)
{
    const int32_t most = runs >= 2 * limits->multiprocessors ? WARPS_SHARED : WARPS_MOST;
    l->packed = 0;
    l->mirrored = 1;
    if (!warps_asked) l->warps = s->agents < most ? s->agents : most;
    const int32_t asked = l->warps, least = asked < WARPS_LEAST ? asked : WARPS_LEAST;
    if (shrink_to_fit(l, s, limits, least)) return true;
    l->mirrored = 0;
    l->warps = asked;
    return shrink_to_fit(l, s, limits, 1);
}

extern "C" cudaError_t dg_cuda_layout_choose(dg_cuda_layout *out, const dg_shape *shape,
                                             int32_t runs, int32_t blocks, int32_t warps,
                                             const dg_cuda_limits *limits)
{
    dg_cuda_layout l;
    memset(&l, 0, sizeof l);
    l.warps = warps < WARPS_MOST ? warps : WARPS_MOST;
    const bool small = dg_shape_packs(shape) != 0;
    const bool asked = blocks > 1 || (warps > 0 && warps < shape->agents);
    bool chosen = small && !asked && choose_packed(&l, shape, limits);
    if (!chosen) chosen = choose_any(&l, shape, runs, warps > 0, limits);
    if (!chosen) return cudaErrorInvalidConfiguration;
    l.shared_bytes = place(&l.at, shape, &l);
    if (!l.packed) {
        const int32_t useful = (shape->agents + l.warps - 1) / l.warps;
        int32_t together = 0; /* blocks of a run that may wait for each other */
        const cudaError_t error = dg_cuda_blocks_together(&together, &l, limits);
        if (error != cudaSuccess) return error;
        l.blocks = blocks > 0 ? blocks : useful;
        if (blocks == 0 && l.blocks > limits->multiprocessors / runs)
            l.blocks = limits->multiprocessors / runs;
        if (l.blocks > together / runs) l.blocks = together / runs;
        if (l.blocks < 1) l.blocks = 1;
    }
    *out = l;
    return dg_cuda_generation_prepare(&l, limits);
}
