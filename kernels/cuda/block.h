/**
 * A block of the generation kernel: its shared memory, and how the warps of a run exchange what their
 * agents did.
 *
 * A warp owns agents: it alone writes their data. What other warps read (belief, message, views) is
 * written to one of two halves of an array, by the parity of the step, so that two barriers a step are
 * enough: no warp overwrites what another may still read. A run of one block keeps these arrays in shared
 * memory; a run of several blocks keeps them in global memory, and each block keeps a copy, the mirror.
 */
#ifndef DG_BLOCK_CUDA_H
#define DG_BLOCK_CUDA_H

#include "kernels/science/policy.h"
#include "kernels/cuda/schedule.h"
#include "kernels/cuda/warp.h"

/** Most threads of a block. */
#define DG_BLOCK_THREADS 1024

/** What a block works on. Pointers are made where they are used: registers are few. */
template <bool Packed> struct dg_block_view {
    const dg_device_batch *b;
    const dg_shape *s;
    const dg_params *p; /* in shared memory */
    unsigned char *shared;
    int32_t run, generation;
    int32_t owner; /* first agent of this warp */
};

/** A field of this block's shared memory. */
#define DG_MINE(v, type, name) reinterpret_cast<type *>((v).shared + (v).b->layout.at.name)

/** A field of this run's state. */
#define DG_HELD(v, name) dg_held((v).b, (v).run, (v).b->first.name)

template <typename Type> DG_DEVICE Type *dg_held(const dg_device_batch *b, int32_t run, Type *first)
{
    return reinterpret_cast<Type *>(reinterpret_cast<char *>(first) + run * b->state_bytes);
}

/** Distance from one agent of a warp to its next one. */
template <bool Packed> DG_DEVICE int32_t dg_owners(const dg_block_view<Packed> &v)
{
    return v.b->layout.blocks * v.b->layout.warps;
}

/** Record of a run's generation, in the ring. */
DG_DEVICE int64_t *dg_record_at(const dg_device_batch *b, int32_t run, int32_t generation)
{
    return b->record + ((int64_t)run * b->ring + generation % b->ring) * dg_record_words(&b->shape);
}

/* ---- the data of an agent -------------------------------------------------------------------- */

/** Rows of agent i: in shared memory where packed, else in global memory. */
#define DG_ROW_OF(v, type, name, i, stride)                                                        \
    ((Packed ? DG_MINE(v, type, name) : DG_HELD(v, name)) + (int64_t)(i) * (stride))

/** Pointers are made anew at each phase. */
typedef struct dg_agent_view {
    int32_t i, group;
    int32_t *observed, *registers; /* [capacity of the shape] */
    const float *static_cost;
    float *weight, *momentum;
    const float *base, *second, *genotype;
    uint32_t *row; /* scratch of the warp: keys of a row, or the bits of floats */
    float *hidden;
    uint32_t *cost; /* bits of costs of values */
} dg_agent_view;

template <bool Packed>
DG_DEVICE dg_agent_view dg_agent_at(const dg_block_view<Packed> &v, int32_t i, int32_t group)
{
    const dg_shape *s = v.s;
    const dg_group_shape *g = &s->group[group];
    dg_agent_view a;
    a.i = i;
    a.group = group;
    a.observed = DG_ROW_OF(v, int32_t, observed, i, s->capacity);
    a.registers = DG_ROW_OF(v, int32_t, registers, i, s->capacity);
    a.static_cost = DG_ROW_OF(v, float, static_cost, i, s->row);
    a.weight = DG_ROW_OF(v, float, weight, i, s->row);
    a.momentum = DG_ROW_OF(v, float, momentum, i, s->row);
    a.base = DG_ROW_OF(v, float, base, i, s->hidden);
    a.second = Packed ? DG_MINE(v, float, second) + i * dg_second_floats(s)
                      : v.b->second + ((int64_t)v.run * s->agents + i) * dg_second_floats(s);
    a.genotype = DG_HELD(v, genotype) + g->genotype + (int64_t)(i - g->first) * g->stride;
    a.row = DG_MINE(v, uint32_t, row) + (Packed ? 0 : (int64_t)dg_warp() * s->row);
    a.hidden = DG_MINE(v, float, hidden) + (Packed ? 0 : dg_warp() * s->hidden);
    a.cost = DG_MINE(v, uint32_t, cost) + (Packed ? 0 : dg_warp() * s->values);
    return a;
}

template <bool Packed>
DG_DEVICE dg_agent_view dg_agent_of(const dg_block_view<Packed> &v, int32_t i)
{
    return dg_agent_at(v, i, dg_group_of(v.s, i));
}

/** An agent beyond those before it, which may still have been of group *g. */
template <bool Packed>
DG_DEVICE dg_agent_view dg_next_agent(const dg_block_view<Packed> &v, int32_t i, int32_t *g)
{
    while (*g + 1 < v.s->groups && i >= v.s->group[*g + 1].first) ++*g;
    return dg_agent_at(v, i, *g);
}

/* ---- writing and reading shared data --------------------------------------------------------- */

/** Offset of a step's half of a pair of arrays. */
template <bool Packed> DG_DEVICE int32_t dg_half(const dg_block_view<Packed> &v, int32_t step)
{
    return (step & 1) * dg_mirror_row(v.s, Packed);
}

/** Do owners write into the shared memory that all warps read? Else into global memory. */
template <bool Packed> DG_DEVICE bool dg_shares_memory(const dg_block_view<Packed> &v)
{
    return Packed || (v.b->layout.mirrored && v.b->layout.blocks == 1);
}

/** Where owners write. */
#define DG_SHARED_PLACE(v, name, exchange)                                                         \
    (dg_shares_memory(v) ? DG_MINE(v, int32_t, name) : dg_exchange_of(v, exchange))

template <bool Packed>
DG_DEVICE int32_t *dg_exchange_of(const dg_block_view<Packed> &v, int32_t which)
{
    return v.b->exchange + ((int64_t)v.run * DG_EXCHANGES + which) * 2 * v.s->row;
}

template <bool Packed> DG_DEVICE int32_t *dg_shared_belief(const dg_block_view<Packed> &v)
{
    return DG_SHARED_PLACE(v, belief, DG_EXCHANGE_BELIEF);
}

template <bool Packed> DG_DEVICE int32_t *dg_shared_message(const dg_block_view<Packed> &v)
{
    return DG_SHARED_PLACE(v, message, DG_EXCHANGE_MESSAGE);
}

template <bool Packed> DG_DEVICE int32_t *dg_shared_views(const dg_block_view<Packed> &v)
{
    return DG_SHARED_PLACE(v, views, DG_EXCHANGE_VIEWS);
}

/** Views of the agent in the next step begin at 0: no warp counts in the other half before the next barrier. */
template <bool Packed>
DG_DEVICE void dg_clear_next_views(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                   int32_t step)
{
    if (dg_lane() == 0) dg_shared_views(v)[dg_half(v, step + 1) + a.i] = 0;
}

template <bool Packed> DG_DEVICE int32_t *dg_shared_last(const dg_block_view<Packed> &v)
{
    return dg_shares_memory(v) ? DG_MINE(v, int32_t, last_message) : DG_HELD(v, last_message);
}

DG_DEVICE int32_t dg_read_fresh_int(const int32_t *from)
{
    return static_cast<int32_t>(dg_read_fresh(reinterpret_cast<const uint32_t *>(from)));
}

/** Read what an owner wrote: from shared memory, or from global memory past the cache of this multiprocessor. */
#define DG_READ_SHARED(v, name, shared_place, at)                                                  \
    (Packed || (v).b->layout.mirrored ? DG_MINE(v, int32_t, name)[at]                              \
                                      : dg_read_fresh_int((shared_place) + (at)))

template <bool Packed>
DG_DEVICE int32_t dg_belief_of(const dg_block_view<Packed> &v, int32_t step, int32_t j)
{
    return DG_READ_SHARED(v, belief, dg_shared_belief(v), dg_half(v, step) + j);
}

template <bool Packed>
DG_DEVICE int32_t dg_message_of(const dg_block_view<Packed> &v, int32_t step, int32_t j)
{
    return DG_READ_SHARED(v, message, dg_shared_message(v), dg_half(v, step) + j);
}

template <bool Packed>
DG_DEVICE int32_t dg_views_of(const dg_block_view<Packed> &v, int32_t step, int32_t j)
{
    return DG_READ_SHARED(v, views, dg_shared_views(v), dg_half(v, step) + j);
}

template <bool Packed>
DG_DEVICE int32_t dg_last_message_of(const dg_block_view<Packed> &v, int32_t j)
{
    return DG_READ_SHARED(v, last_message, dg_shared_last(v), j);
}

/** Does each block keep a mirror of the arrays in global memory? */
template <bool Packed> DG_DEVICE bool dg_mirrors(const dg_block_view<Packed> &v)
{
    return !Packed && v.b->layout.blocks > 1 && v.b->layout.mirrored;
}

/** Bring one half of a mirror up to date. */
template <bool Packed>
DG_DEVICE void dg_mirror(const dg_block_view<Packed> &v, int32_t *mirror, const int32_t *from,
                         int32_t step)
{
    for (int32_t j = dg_thread(); j < v.s->agents; j += dg_threads()) {
        const int32_t at = dg_half(v, step) + j;
        mirror[at] = dg_read_fresh_int(from + at);
    }
}

/**
 * Barrier of all threads of a run. Each block counts itself in global memory and waits until all blocks of
 * the run have done so; they are on the device at the same time (schedule.h).
 */
template <bool Packed> DG_DEVICE void dg_run_barrier(const dg_block_view<Packed> &v)
{
    const uint32_t blocks = static_cast<uint32_t>(v.b->layout.blocks);
    dg_block_barrier();
    if (Packed || blocks == 1) return;
    if (dg_thread() == 0) {
        uint32_t *arrived = v.b->arrived + v.run;
        dg_device_fence();
        const uint32_t before = dg_add_fetch(arrived, 1);
        const uint32_t all = (before / blocks + 1) * blocks;
        while (dg_read_again(arrived) < all) {
        }
        dg_device_fence();
    }
    dg_block_barrier();
}

/** After the messages: all warps see the messages of this step and the beliefs before it. */
template <bool Packed>
DG_DEVICE void dg_share_messages(const dg_block_view<Packed> &v, int32_t step)
{
    dg_run_barrier(v);
    if (!dg_mirrors(v)) return;
    int32_t *message = DG_MINE(v, int32_t, message);
    int32_t *last = DG_MINE(v, int32_t, last_message);
    dg_mirror(v, message, dg_shared_message(v), step);
    dg_mirror(v, DG_MINE(v, int32_t, belief), dg_shared_belief(v), step);
    for (int32_t j = dg_thread(); j < v.s->agents; j += dg_threads()) {
        const int32_t latest = message[dg_half(v, step) + j]; /* this thread wrote it */
        if (latest >= 0) last[j] = latest;
    }
    dg_block_barrier();
}

/** After the observation: all warps see the views of this step. */
template <bool Packed> DG_DEVICE void dg_share_views(const dg_block_view<Packed> &v, int32_t step)
{
    dg_run_barrier(v);
    if (!dg_mirrors(v)) return;
    dg_mirror(v, DG_MINE(v, int32_t, views), dg_shared_views(v), step);
    dg_block_barrier();
}

#endif
