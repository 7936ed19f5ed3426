/**
 * All steps of one generation of all runs on the GPU, in one launch (MODEL.md, section 3): a block (or
 * a few) for each run; a warp takes one agent at a time. The order of a step; the phases of one agent stand
 * in messages.h, observation.h, reward.h, weights.h and contagion.h beside this file.
 */
#include "kernels/cuda/contagion.h"
#include "kernels/cuda/counts.h"
#include "kernels/cuda/messages.h"
#include "kernels/cuda/observation.h"
#include "kernels/cuda/probe.h"
#include "kernels/cuda/rows.h"
#include "kernels/cuda/trace.h"
#include "kernels/cuda/usual_packed.h"
#include "kernels/cuda/usual_rows.h"
#include "kernels/cuda/weights.h"

/* ---- the start of a launch ------------------------------------------------------------------- */

template <bool Packed>
DG_DEVICE dg_block_view<Packed> dg_block_at(const dg_device_batch *b, unsigned char *shared)
{
    const int32_t part = dg_block_index() % b->layout.blocks;
    dg_block_view<Packed> v;
    v.b = b;
    v.s = &b->shape;
    v.shared = shared;
    v.p = DG_MINE(v, const dg_params, params);
    v.run = dg_block_index() / b->layout.blocks;
    v.generation = b->clock[v.run];
    v.owner = part * b->layout.warps + dg_warp();
    return v;
}

/** Is this the block that does what a run needs once? */
template <bool Packed> DG_DEVICE bool dg_leads(const dg_block_view<Packed> &v)
{
    return dg_block_index() % v.b->layout.blocks == 0;
}

/** Has the run ended, by its last generation or before it? */
template <bool Packed> DG_DEVICE bool dg_run_ended(const dg_block_view<Packed> &v)
{
    return v.generation >= v.s->generations || dg_ended_after(DG_HELD(v, ended)) != 0;
}

/** Where this generation is measured: its slots in the rings. One thread. */
template <bool Packed> DG_DEVICE void dg_open_pages(const dg_block_view<Packed> &v)
{
    const dg_device_batch *b = v.b;
    const int64_t slot = (int64_t)v.run * b->ring + v.generation % b->ring;
    const int32_t traced =
        dg_trace_place(b->trace_first, b->trace_last, b->trace_every, v.generation);
    dg_pages *pages = DG_MINE(v, dg_pages, pages);
    pages->record = dg_record_at(b, v.run, v.generation);
    pages->trace = traced < 0 ? nullptr : b->trace + slot * DG_TRACES * v.s->steps * v.s->agents;
}

/** The run's parameters into shared memory, word by word. */
template <bool Packed> DG_DEVICE void dg_load_params(const dg_block_view<Packed> &v)
{
    const uint64_t *from = reinterpret_cast<const uint64_t *>(v.b->params + v.run);
    uint64_t *to = DG_MINE(v, uint64_t, params);
    for (int32_t k = dg_thread(); k < (int32_t)(sizeof(dg_params) / sizeof(uint64_t));
         k += dg_threads())
        to[k] = from[k];
}

/** Is the distance between two groups measured in this generation? */
template <bool Packed>
DG_DEVICE bool dg_distance_due(const dg_block_view<Packed> &v, int32_t g, int32_t h)
{
    return dg_diversity_due(v.s, v.generation) &&
           v.s->group[g].parameters == v.s->group[h].parameters;
}

/** An empty record; threads add their counts after the next barrier. */
template <bool Packed> DG_DEVICE void dg_clear_record(const dg_block_view<Packed> &v)
{
    const int32_t groups = v.s->groups;
    const int64_t counts = dg_record_group(v.s, groups);
    int64_t *record = DG_MINE(v, dg_pages, pages)->record;
    for (int64_t k = dg_thread(); k < counts; k += dg_threads()) record[k] = 0;
    for (int32_t k = dg_thread(); k < groups * groups; k += dg_threads())
        record[counts + k] = dg_distance_due(v, k / groups, k % groups) ? 0 : DG_DISTANCE_ABSENT;
}

/** Everybody's latest message, where it is mirrored; rows of messages end in silence. */
template <bool Packed> DG_DEVICE void dg_load_mirror(const dg_block_view<Packed> &v)
{
    if (!Packed && !v.b->layout.mirrored) return;
    for (int32_t j = dg_thread(); j < v.s->agents; j += dg_threads())
        DG_MINE(v, int32_t, last_message)[j] = DG_HELD(v, last_message)[j];
    int32_t *message = DG_MINE(v, int32_t, message);
    for (int32_t j = v.s->agents + dg_thread(); j < dg_mirror_row(v.s, Packed); j += dg_threads())
        message[j] = message[dg_half(v, 1) + j] = -1;
}

/** What other warps read of an agent before the first step, and its sums of the generation. */
template <bool Packed>
DG_DEVICE void dg_begin_agent(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    const int32_t first = v.b->step_first;
    dg_load_rows(v, a.i);
    if (first == 0 && dg_weight_returns(v.p->carry)) dg_restore_rows(v, a);
    dg_warp_barrier();
    if (dg_lane() != 0) return;
    dg_shared_belief(v)[dg_half(v, first) + a.i] = DG_HELD(v, belief)[a.i];
    dg_shared_views(v)[dg_half(v, 0) + a.i] = 0;
    dg_shared_views(v)[dg_half(v, 1) + a.i] = 0;
    if (first > 0) return;
    DG_HELD(v, views)[a.i] = 0;
    DG_HELD(v, penalty)[a.i] = 0;
}

/* ---- the end of a launch --------------------------------------------------------------------- */

/** Bring what an agent owns back into the state; after the last step, measure it. */
template <bool Packed>
DG_DEVICE void dg_end_agent(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    const int32_t end = v.b->step_first + v.b->step_count;
    dg_store_rows(v, a.i);
    if (end == v.s->steps) dg_watch_row(v, a);
    if (dg_lane() != 0) return;
    DG_HELD(v, belief)[a.i] = dg_shared_belief(v)[dg_half(v, end) + a.i];
    DG_HELD(v, message)[a.i] = dg_shared_message(v)[dg_half(v, end - 1) + a.i];
    if (dg_shares_memory(v)) DG_HELD(v, last_message)[a.i] = dg_shared_last(v)[a.i];
    if (end == v.s->steps) dg_count_agent(v, a);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/** All steps of this launch: a warp an agent. Draws are made before anybody waits. */
DG_DEVICE void dg_steps(const dg_block_view<true> &v)
{
    if (dg_usual_here(v)) {
        dg_usual_steps(v);
        return;
    }
    const int32_t i = v.owner, group = dg_group_of(v.s, i);
    const bool owns = i < v.s->agents;
    const dg_pass pass = dg_pass_of(v);
    dg_draws draws = {};
    dg_tally tally = {0, 0, 0, 0};
    for (int32_t t = 0; t < v.b->step_count; t++) {
        const int32_t step = v.b->step_first + t;
        if (owns) dg_draw_step(v, pass, &draws, i, step, t);
        if (owns) dg_message_phase(v, dg_agent_at(v, i, group), step, draws);
        dg_share_messages(v, step);
        if (owns) dg_observation_phase(v, dg_agent_at(v, i, group), step, &draws);
        dg_share_views(v, step);
        if (!owns) continue;
        const dg_agent_view a = dg_agent_at(v, i, group);
        dg_count_reward(v, a, step, &tally);
        dg_weights_phase(v, a, step, draws);
        dg_contagion_phase(v, a, step, draws, &tally);
        dg_trace_phase(v, i, step);
    }
    if (owns) dg_count_tally(v, dg_agent_at(v, i, group), tally);
}

/* The same where a warp has several agents, one after the other; it counts after each. A usual run's step ends with
   the messages of the next one (usual.h). */

/** Messages of a step; of a usual run: of the first of a launch. */
DG_DEVICE void dg_messages(const dg_block_view<false> &v, bool usual, int32_t step, dg_draws *draws)
{
    const int32_t owners = dg_owners(v);
    const bool first =
        step == v.b->step_first || step % 2 == 0; /* words of choices serve two steps */
    for (int32_t i = v.owner, turn = 0, g = 0; i < v.s->agents; i += owners, turn++) {
        dg_draw_choice(v, draws, i, step, turn, first);
        const dg_agent_view a = dg_next_agent(v, i, &g);
        if (usual)
            dg_usual_first(v, a, step, *draws);
        else
            dg_message_phase(v, a, step, *draws);
    }
}

/** Observations of a step. Their words live no longer: registers are few. */
DG_DEVICE void dg_observations(const dg_block_view<false> &v, bool usual, int32_t step)
{
    const int32_t owners = dg_owners(v);
    dg_draws draws = {};
    for (int32_t i = v.owner, turn = 0, g = 0; i < v.s->agents; i += owners, turn++) {
        dg_draw_observation(v, &draws, i, step, turn);
        const dg_agent_view a = dg_next_agent(v, i, &g);
        if (usual)
            dg_usual_observation(v, a, step, draws);
        else
            dg_observation_phase(v, a, step, &draws);
    }
}

/** What follows the observations of a step; of a usual run also the messages of the next one, if the launch has it. */
DG_DEVICE void dg_finish(const dg_block_view<false> &v, bool usual, int32_t step, bool more,
                         dg_draws *draws)
{
    const int32_t owners = dg_owners(v);
    for (int32_t i = v.owner, turn = 0, g = 0; i < v.s->agents; i += owners, turn++) {
        if (usual)
            dg_draw_ahead(v, draws, i, step, turn);
        else
            dg_draw_choice(v, draws, i, step, turn, false);
        const dg_agent_view a = dg_next_agent(v, i, &g);
        dg_count_reward(v, a, step, nullptr);
        dg_weights_phase(v, a, step, *draws);
        if (usual)
            dg_usual_spread(v, a, step, more, *draws);
        else
            dg_contagion_phase(v, a, step, *draws, nullptr);
        dg_trace_phase(v, i, step);
    }
}

DG_DEVICE void dg_steps(const dg_block_view<false> &v)
{
    const bool usual = dg_usual_here(v);
    dg_draws draws = {};
    for (int32_t t = 0; t < v.b->step_count; t++) {
        const int32_t step = v.b->step_first + t;
        if (t == 0 || !usual) dg_messages(v, usual, step, &draws);
        dg_share_messages(v, step);
        dg_observations(v, usual, step);
        dg_share_views(v, step);
        dg_finish(v, usual, step, t + 1 < v.b->step_count, &draws);
    }
}

template <bool Packed> DG_DEVICE void dg_generation_of_block(const dg_device_batch *b)
{
    DG_SHARED(shared);
    const dg_block_view<Packed> v = dg_block_at<Packed>(b, shared);
    const int32_t agents = v.s->agents, owners = dg_owners(v);
    if (dg_run_ended(v)) { /* the same for all blocks of the run: nobody has written yet */
        if (dg_leads(v) && dg_thread() == 0) b->stage[v.run] = -1;
        return;
    }
    dg_load_params(v);
    dg_load_mirror(v);
    if (dg_thread() == 0) dg_open_pages(v);
    dg_block_barrier();
    dg_make_scales(v);
    if (dg_leads(v) && b->step_first == 0) dg_clear_record(v);
    dg_probe_begin(v);
    for (int32_t i = v.owner; i < agents; i += owners) dg_begin_agent(v, dg_agent_of(v, i));
    dg_steps(v);
    if (dg_leads(v) && dg_thread() == 0) b->stage[v.run] = v.generation;
    for (int32_t i = v.owner; i < agents; i += owners) dg_end_agent(v, dg_agent_of(v, i));
}

__global__ void __launch_bounds__(DG_BLOCK_THREADS) dg_generation_packed(DG_ARGUMENT b)
{
    dg_generation_of_block<true>(&b);
}

__global__ void __launch_bounds__(DG_BLOCK_THREADS) dg_generation_any(DG_ARGUMENT b)
{
    dg_generation_of_block<false>(&b);
}

typedef void (*generation_kernel)(dg_device_batch);

static generation_kernel kernel_of(const dg_cuda_layout *layout)
{
    return layout->packed ? dg_generation_packed : dg_generation_any;
}

/* all that the device has, not what one layout needs: other batches use the same kernel */
cudaError_t dg_cuda_generation_prepare(const dg_cuda_layout *layout, const dg_cuda_limits *limits)
{
    return cudaFuncSetAttribute(reinterpret_cast<const void *>(kernel_of(layout)),
                                cudaFuncAttributeMaxDynamicSharedMemorySize,
                                static_cast<int>(limits->shared_bytes));
}

cudaError_t dg_cuda_code_present(void)
{
    cudaFuncAttributes attributes;
    const cudaError_t error =
        cudaFuncGetAttributes(&attributes, reinterpret_cast<const void *>(dg_generation_packed));
    if (error != cudaSuccess) return error;
    return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void *>(dg_generation_any));
}

cudaError_t dg_cuda_blocks_together(int32_t *out, const dg_cuda_layout *layout,
                                    const dg_cuda_limits *limits)
{
    int each = 0;
    cudaError_t error = dg_cuda_generation_prepare(layout, limits);
    if (error != cudaSuccess) return error;
    error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        &each, reinterpret_cast<const void *>(kernel_of(layout)), layout->warps * DG_LANES,
        static_cast<size_t>(layout->shared_bytes));
    *out = each * limits->multiprocessors;
    return error;
}

cudaError_t dg_cuda_generation(const dg_device_batch *batch, cudaStream_t stream)
{
    const dg_cuda_layout *l = &batch->layout;
    return dg_launch(kernel_of(l), (int64_t)batch->runs * l->blocks, l->warps * DG_LANES,
                     l->shared_bytes, l->blocks > 1, *batch, stream);
}
