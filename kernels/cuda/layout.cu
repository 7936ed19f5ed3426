/**
 * How the generation kernel is laid over a device: the one place where blocks, warps and what lies in
 * shared memory are chosen. None of it can change a bit.
 */
#include "kernels/cuda/block.h"

/* 64 registers a thread: a multiprocessor holds one block of so many warps */
#define WARPS_MOST (DG_BLOCK_THREADS / DG_LANES)

/* two blocks of so many warps share a multiprocessor: one computes while the other waits at a barrier */
#define WARPS_SHARED (WARPS_MOST / 2)

/* below this a block spends its time at barriers */
#define WARPS_LEAST 4

/* runs of fewer agents are not cut to even out multiprocessors: a warp of one block would take less
   than four agents a step, and a barrier of blocks costs the time of some agents */
#define EVEN_AGENTS (4 * WARPS_MOST)

/* blocks of a run that is cut to even out multiprocessors */
#define EVEN_BLOCKS 8

/* what evening out must save of the time */
#define EVEN_SAVES 0.1

static int32_t ceil_div(int32_t a, int32_t b)
{
    return (a + b - 1) / b;
}

/** Shared memory of a block in bytes, and where its fields lie; each on a 16-byte boundary. */
static int64_t place(dg_block_offsets *at, const dg_shape *s, const dg_cuda_layout *l)
{
    int64_t bytes = 0;
#define DG_BLOCK_PLACE(type, name, elements, meaning)                                              \
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

/** Warps with several agents each; beliefs, messages and views in shared memory while there is room. */
static bool choose_shared(dg_cuda_layout *l, const dg_shape *s, const dg_cuda_limits *limits)
{
    const int32_t asked = l->warps, least = asked < WARPS_LEAST ? asked : WARPS_LEAST;
    l->packed = 0;
    l->mirrored = 1;
    if (shrink_to_fit(l, s, limits, least)) return true;
    l->mirrored = 0;
    l->warps = asked;
    return shrink_to_fit(l, s, limits, 1);
}

/**
 * Blocks of a run. A step takes as long as the warp with the most agents, and the warps of a
 * multiprocessor share its arithmetic: so a large run goes over as many multiprocessors as there are
 * for it, and only then gets warps. Blocks of less than WARPS_LEAST are not worth their barriers, nor
 * is a second one where the first has a warp for each agent.
 */
static int32_t blocks_to_spread(const dg_shape *s, int32_t runs, int32_t warps_asked,
                                const dg_cuda_limits *limits)
{
    const int32_t each = limits->multiprocessors / runs;
    const int32_t useful = warps_asked > 0           ? ceil_div(s->agents, warps_asked)
                           : s->agents <= WARPS_MOST ? 1
                                                     : s->agents / WARPS_LEAST;
    const int32_t blocks = each < useful ? each : useful;
    return blocks < 1 ? 1 : blocks;
}

/** Warps of a block so that each agent of a run has one, as far as a block may have them. */
static int32_t warps_to_spread(const dg_shape *s, int32_t runs, int32_t blocks,
                               const dg_cuda_limits *limits)
{
    const int32_t most = runs >= 2 * limits->multiprocessors ? WARPS_SHARED : WARPS_MOST;
    const int32_t least = s->agents < WARPS_LEAST ? s->agents : WARPS_LEAST;
    const int32_t warps = ceil_div(s->agents, blocks);
    return warps > most ? most : warps < least ? least : warps;
}

/** Blocks per run, 1 at least, so that all blocks of the batch are on the device at once. */
static cudaError_t limit_blocks(dg_cuda_layout *l, int32_t runs, const dg_cuda_limits *limits)
{
    int32_t together = 0;
    const cudaError_t error = dg_cuda_blocks_together(&together, l, limits);
    if (l->blocks > together / runs) l->blocks = together / runs;
    if (l->blocks < 1) l->blocks = 1;
    return error;
}

/** Cut each run into so many blocks; false where they do not fit or are not on the device at once. */
static bool cut_evenly(dg_cuda_layout *l, const dg_shape *s, int32_t runs, int32_t blocks,
                       const dg_cuda_limits *limits)
{
    /* the busiest multiprocessor has so many blocks, and registers for WARPS_MOST warps */
    l->warps = WARPS_MOST / ceil_div(runs * blocks, limits->multiprocessors);
    l->blocks = blocks;
    if (l->warps < WARPS_LEAST || !fits(s, l, limits)) return false;
    l->shared_bytes = place(&l->at, s, l);
    return limit_blocks(l, runs, limits) == cudaSuccess && l->blocks == blocks;
}

/**
 * About as many large runs as multiprocessors, a block each: with 140 runs on 132 of them, eight have
 * two runs, and the others wait for these; with 70 runs half of them have none. Cut into B blocks, runs
 * spread more evenly: the batch takes as long as its busiest multiprocessor, which has
 * ceil(runs B / multiprocessors) / B of a run's work. Take the B of the least such share, the least B of
 * equals, if it saves EVEN_SAVES of what one block a run takes: barriers of blocks are not free.
 *
 * A model, not a measurement: no device has been timed with it.
 */
static void even_out(dg_cuda_layout *l, const dg_shape *s, int32_t runs,
                     const dg_cuda_limits *limits)
{
    const int32_t all = limits->multiprocessors;
    const double whole = ceil_div(runs, all);
    double least = (1 - EVEN_SAVES) * whole;
    if (s->agents < EVEN_AGENTS || 2 * runs <= all || runs >= 2 * all) return;
    const dg_cuda_layout one = *l;
    for (int32_t blocks = EVEN_BLOCKS; blocks > 1; blocks--) {
        const double share = static_cast<double>(ceil_div(runs * blocks, all)) / blocks;
        dg_cuda_layout cut = one;
        if (share > least || !cut_evenly(&cut, s, runs, blocks, limits)) continue;
        least = share;
        *l = cut;
    }
}

/** Blocks and warps of a run that is not packed; the caller's wishes first, 0: none. */
static cudaError_t choose_any(dg_cuda_layout *l, const dg_shape *s, int32_t runs, int32_t blocks,
                              int32_t warps, const dg_cuda_limits *limits)
{
    l->warps = warps;
    l->blocks = blocks > 0 ? blocks : blocks_to_spread(s, runs, warps, limits);
    if (warps == 0) l->warps = warps_to_spread(s, runs, l->blocks, limits);
    if (!choose_shared(l, s, limits)) return cudaErrorInvalidConfiguration;
    l->shared_bytes = place(&l->at, s, l);
    const cudaError_t error = limit_blocks(l, runs, limits);
    if (error == cudaSuccess && blocks == 0 && warps == 0) even_out(l, s, runs, limits);
    return error;
}

extern "C" cudaError_t dg_cuda_layout_choose(dg_cuda_layout *out, const dg_shape *shape,
                                             int32_t runs, int32_t blocks, int32_t warps,
                                             const dg_cuda_limits *limits)
{
    dg_cuda_layout l;
    memset(&l, 0, sizeof l);
    l.warps = warps < WARPS_MOST ? warps : WARPS_MOST;
    const int32_t warps_asked = l.warps;
    const bool small = dg_shape_packs(shape) != 0;
    const bool asked = blocks > 1 || (warps > 0 && warps < shape->agents);
    if (small && !asked && choose_packed(&l, shape, limits)) {
        l.shared_bytes = place(&l.at, shape, &l);
    } else {
        const cudaError_t error = choose_any(&l, shape, runs, blocks, warps_asked, limits);
        if (error != cudaSuccess) return error;
    }
    *out = l;
    return dg_cuda_generation_prepare(&l, limits);
}
