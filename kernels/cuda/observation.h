/**
 * Observation of one agent on its warp (observe.h): clocks of all candidates, the smallest of them.
 */
#ifndef DG_OBSERVATION_CUDA_H
#define DG_OBSERVATION_CUDA_H

#include "kernels/cuda/draws.h"
#include "kernels/cuda/probe.h"
#include "kernels/science/observe.h"
#include "kernels/cuda/select.h"

/** What j offers to everybody in this step. */
template <bool Packed>
DG_DEVICE int32_t dg_offered(const dg_block_view<Packed> &v, int32_t step, int32_t j)
{
    const int32_t message = dg_message_of(v, step, j);
    if (message >= 0 || !dg_observe_repeats(v.p->silent)) return message;
    return dg_observe_offered(v.p->silent, message, dg_last_message_of(v, j));
}

/** Cost of candidate j to agent i. */
template <bool Packed>
DG_DEVICE float dg_candidate_cost(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                  int32_t belief, int32_t offered, int32_t j)
{
    const bool barred = j == a.i || dg_observe_barred(v.p->silent, offered);
    const float open = dg_observe_cost(a.static_cost[j], v.p->belief_factor, belief, offered);
    return barred ? DG_OBSERVE_NEVER : open;
}

/** Tell that i saw j, in its slot. */
template <bool Packed>
DG_DEVICE void dg_see(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                      int32_t slot, int32_t j, int32_t offered)
{
    a.observed[slot] = j;
    a.registers[slot] = offered;
    if (dg_observe_received(dg_message_of(v, step, j)))
        dg_add(dg_shared_views(v) + dg_half(v, step) + j, 1);
}

/** Slots beyond the last one observed. */
template <bool Packed>
DG_DEVICE void dg_see_nobody(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t from)
{
    for (int32_t slot = from + dg_lane(); slot < v.s->capacity; slot += DG_LANES) {
        a.observed[slot] = -1;
        a.registers[slot] = -1;
    }
}

/* ---- packed: a candidate a lane -------------------------------------------------------------- */

template <bool Packed>
DG_DEVICE void dg_observe_lanes(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                int32_t step, int32_t capacity, const dg_draws &draws)
{
    const int32_t j = dg_lane();
    const bool candidate = j < v.s->agents;
    const int32_t belief = dg_belief_of(v, step, a.i);
    const int32_t offered = candidate ? dg_offered(v, step, j) : -1;
    float cost = candidate ? dg_candidate_cost(v, a, belief, offered, j) : DG_OBSERVE_NEVER;
    if (v.p->observation_dropped > 0) {
        const uint32_t key = candidate ? dg_key_of(-cost) : DG_KEY_NEVER;
        const uint32_t dropped = dg_pick_lanes(key, v.p->observation_dropped);
        if (dropped >> j & 1) cost = DG_OBSERVE_NEVER;
    }
    const bool open = cost < DG_OBSERVE_NEVER;
    const uint32_t key =
        open ? dg_clock_key(dg_observe_clock(cost, draws.candidate)) : DG_KEY_NEVER;
    dg_probe_float(v, a, DG_PROBE_CANDIDATE_CLOCK, step, j, dg_observe_clock(cost, draws.candidate),
                   open);
    const uint32_t observed = dg_pick_lanes(key, capacity);
    if (observed >> j & 1) dg_see(v, a, step, dg_bits_set(observed & dg_lanes_below()), j, offered);
    dg_see_nobody(v, a, dg_bits_set(observed));
}

/* ---- any number of candidates ---------------------------------------------------------------- */

/** log E of all candidates into the warp's row: four of a block of philox a lane. */
template <bool Packed>
DG_DEVICE void dg_candidate_draws(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                  int32_t step)
{
    const dg_draw draw = dg_draw_at(v, DG_STREAM_OBSERVE, step);
    for (int32_t q = dg_lane(); 4 * q < v.s->agents; q += DG_LANES) {
        const dg_philox_block block =
            dg_philox(draw, static_cast<uint32_t>(q), static_cast<uint32_t>(a.i));
        for (int32_t k = 0; k < 4; k++)
            a.row[4 * q + k] = dg_bits_of(dg_log_exponential(block.word[k]));
    }
    dg_warp_barrier();
}

/** Costs below which, in the order of weights, nothing is dropped: a bound on keys of -cost. */
template <bool Packed>
DG_DEVICE dg_bound dg_dropped_bound(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                    int32_t step, int32_t belief)
{
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES)
        a.row[j] = dg_key_of(-dg_candidate_cost(v, a, belief, dg_offered(v, step, j), j));
    const dg_bound bound = dg_bound_of(a.row, v.s->agents, v.p->observation_dropped);
    dg_warp_barrier();
    return bound;
}

/** Keys of all clocks, in the place of the draws. */
template <bool Packed>
DG_DEVICE void dg_candidate_keys(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                 int32_t step)
{
    const int32_t belief = dg_belief_of(v, step, a.i);
    dg_bound dropped = {0, -1};
    if (v.p->observation_dropped > 0) dropped = dg_dropped_bound(v, a, step, belief);
    dg_candidate_draws(v, a, step);
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES) {
        const float cost = dg_candidate_cost(v, a, belief, dg_offered(v, step, j), j);
        const bool open = cost < DG_OBSERVE_NEVER && !dg_within(dropped, dg_key_of(-cost), j);
        const float clock = dg_observe_clock(cost, dg_float_of(a.row[j]));
        dg_probe_float(v, a, DG_PROBE_CANDIDATE_CLOCK, step, j, clock, open);
        a.row[j] = open ? dg_clock_key(clock) : DG_KEY_NEVER;
    }
}

template <bool Packed>
DG_DEVICE void dg_observe_row(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                              int32_t capacity)
{
    dg_candidate_keys(v, a, step);
    const dg_bound bound = dg_bound_of(a.row, v.s->agents, capacity);
    int32_t slots = 0;
    for (int32_t tile = 0; tile < v.s->agents; tile += DG_LANES) {
        const int32_t j = tile + dg_lane();
        const bool chosen =
            j < v.s->agents && a.row[j] != DG_KEY_NEVER && dg_within(bound, a.row[j], j);
        const uint32_t observed = dg_ballot(chosen);
        if (chosen)
            dg_see(v, a, step, slots + dg_bits_set(observed & dg_lanes_below()), j,
                   dg_offered(v, step, j));
        slots += dg_bits_set(observed);
    }
    dg_see_nobody(v, a, slots);
}

/* ---- the phase ------------------------------------------------------------------------------- */

template <bool Packed>
DG_DEVICE void dg_observation_phase(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                    int32_t step, const dg_draws &draws)
{
    const int32_t capacity = v.s->group[a.group].capacity;
    if (Packed)
        dg_observe_lanes(v, a, step, capacity, draws);
    else
        dg_observe_row(v, a, step, capacity);
    /* no warp counts in the other half before the next barrier */
    if (dg_lane() == 0) dg_shared_views(v)[dg_half(v, step + 1) + a.i] = 0;
    dg_warp_barrier();
}

#endif
