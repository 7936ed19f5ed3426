/**
 * Observation of one agent on its warp (observe.h): costs of all candidates, then draws by sums; beyond
 * DG_OBSERVE_SUMS agents clocks, and the smallest of them.
 */
#ifndef DG_OBSERVATION_CUDA_H
#define DG_OBSERVATION_CUDA_H

#include "kernels/cuda/probe.h"
#include "kernels/cuda/select.h"
#include "kernels/cuda/sums.h"
#include "kernels/cuda/words.h"
#include "kernels/science/observe.h"

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
    const float open =
        dg_observe_cost(a.static_cost[j], v.p->belief_factor, dg_observe_gap(belief, offered));
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

/** Draw up to `capacity` lanes by sums, as a mask. */
DG_DEVICE uint32_t dg_draw_lanes(const dg_draws &draws, float cost, int32_t capacity)
{
    dg_lane_sums sums = {0, 0, 0};
    uint32_t drawn = 0;
    for (int32_t k = 0; k < capacity; k++) {
        const bool left = (drawn >> dg_lane() & 1) == 0;
        if (sums.total < DG_SUMS_ENOUGH && !dg_weigh_lanes(&sums, left ? cost : DG_OBSERVE_NEVER))
            break;
        drawn |= 1u << dg_take_lane(&sums, dg_observe_word(draws, k));
    }
    return drawn;
}

DG_DEVICE void dg_observe_lanes(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                                int32_t capacity, const dg_draws &draws)
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
    dg_probe_float(v, a, DG_PROBE_COST, step, j, cost, candidate);
    const uint32_t observed = dg_draw_lanes(draws, cost, capacity);
    if (observed >> j & 1) dg_see(v, a, step, dg_bits_set(observed & dg_lanes_below()), j, offered);
    dg_see_nobody(v, a, dg_bits_set(observed));
}

/* ---- any number of candidates ---------------------------------------------------------------- */

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

/** Who is dropped by sparsity: nobody, or up to a bound. */
template <bool Packed>
DG_DEVICE dg_bound dg_dropped_of(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                 int32_t step, int32_t belief)
{
    const dg_bound nobody = {0, -1};
    return v.p->observation_dropped > 0 ? dg_dropped_bound(v, a, step, belief) : nobody;
}

/** Cost of candidate j, of whom sparsity may have dropped some. */
template <bool Packed>
DG_DEVICE float dg_open_cost(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                             int32_t belief, const dg_bound &dropped, int32_t j)
{
    const float cost = dg_candidate_cost(v, a, belief, dg_offered(v, step, j), j);
    return dg_within(dropped, dg_key_of(-cost), j) ? DG_OBSERVE_NEVER : cost;
}

/* ---- any number: by sums --------------------------------------------------------------------- */

/** Draw up to `capacity` agents; their costs become DG_COST_DRAWN. Lane k receives the k-th of each 32. */
DG_DEVICE int32_t dg_draw_row(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                              int32_t capacity, dg_draws *draws, int32_t *mine)
{
    dg_row_sums sums = dg_row_of(a.row, v.s->agents);
    int32_t count = 0;
    for (; count < capacity; count++) {
        const int32_t pass = 4 * DG_LANES; /* draws that the blocks of 32 lanes serve */
        if (count > 0 && count % pass == 0) dg_draw_blocks(v, draws, a.i, step, count / 4);
        if (sums.total < DG_SUMS_ENOUGH && !dg_weigh_row(&sums)) break;
        const dg_row_place place = dg_find_place(sums, dg_observe_word(*draws, count % pass));
        dg_take_place(&sums, place);
        if (dg_lane() == count % DG_LANES) *mine = place.at;
    }
    return count;
}

/** Up to 32 drawn agents, one a lane, into their slots in ascending index. */
DG_DEVICE void dg_see_lanes(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                            int32_t count, int32_t j)
{
    int32_t slot = 0;
    for (int32_t k = 0; k < count; k++) slot += dg_shuffle_int(j, k) < j;
    if (dg_lane() < count) dg_see(v, a, step, slot, j, dg_offered(v, step, j));
}

/** All agents of a row that are marked so, into their slots. */
template <bool Packed, typename Chosen>
DG_DEVICE int32_t dg_see_row(const dg_block_view<Packed> &v, const dg_agent_view &a, int32_t step,
                             Chosen chosen)
{
    int32_t slots = 0;
    for (int32_t tile = 0; tile < v.s->agents; tile += DG_LANES) {
        const int32_t j = tile + dg_lane();
        const bool seen = j < v.s->agents && chosen(a.row[j], j);
        const uint32_t observed = dg_ballot(seen);
        if (seen)
            dg_see(v, a, step, slots + dg_bits_set(observed & dg_lanes_below()), j,
                   dg_offered(v, step, j));
        slots += dg_bits_set(observed);
    }
    return slots;
}

/** Costs of all candidates into the row. */
DG_DEVICE void dg_row_costs(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                            int32_t belief)
{
    const dg_bound dropped = dg_dropped_of(v, a, step, belief);
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES)
        a.row[j] = dg_bits_of(dg_open_cost(v, a, step, belief, dropped, j));
}

/** May dg_plain_costs() make them? Everybody is open, and messages lie in shared memory. */
DG_DEVICE bool dg_costs_plain(const dg_block_view<false> &v)
{
    return v.p->observation_dropped == 0 && v.b->layout.mirrored &&
           !dg_observe_repeats(v.p->silent) && !dg_observe_excludes(v.p->silent);
}

/** Four integers that are read or written at once. */
typedef struct alignas(16) dg_four_integers {
    int32_t k[4];
} dg_four_integers;

/**
 * The same, four candidates a lane; i itself and the padding of the row are barred.
 *
 * @return the least of the lane's costs
 */
DG_DEVICE float dg_plain_costs(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                               int32_t belief)
{
    const int32_t agents = v.s->agents, row = v.s->row;
    const dg_four *fixed = reinterpret_cast<const dg_four *>(a.static_cost);
    const dg_four_integers *message =
        reinterpret_cast<const dg_four_integers *>(DG_MINE(v, int32_t, message) + dg_half(v, step));
    dg_four *cost = reinterpret_cast<dg_four *>(a.row);
    const float factor = v.p->belief_factor;
    float least = DG_OBSERVE_NEVER;
    for (int32_t q = dg_lane(); 4 * q < row; q += DG_LANES) {
        const dg_four_integers offered = message[q];
        dg_four open = fixed[q];
#pragma unroll
        for (int32_t k = 0; k < 4; k++)
            open.k[k] = dg_observe_cost(open.k[k], factor, dg_observe_gap(belief, offered.k[k]));
        if (q == a.i / 4 || 4 * q + 3 >= agents) /* few lanes */
#pragma unroll
            for (int32_t k = 0; k < 4; k++)
                if (4 * q + k == a.i || 4 * q + k >= agents) open.k[k] = DG_OBSERVE_NEVER;
#pragma unroll
        for (int32_t k = 0; k < 4; k++) least = fminf(least, open.k[k]);
        cost[q] = open;
    }
    return least;
}

DG_DEVICE int32_t dg_observe_by_sums(const dg_block_view<false> &v, const dg_agent_view &a,
                                     int32_t step, int32_t capacity, dg_draws *draws)
{
    const int32_t belief = dg_belief_of(v, step, a.i);
    if (dg_costs_plain(v))
        dg_plain_costs(v, a, step, belief);
    else
        dg_row_costs(v, a, step, belief);
    dg_probe_row(v, a, DG_PROBE_COST, step, a.row, v.s->agents);
    int32_t mine = 0;
    const int32_t count = dg_draw_row(v, a, step, capacity, draws, &mine);
    if (count <= DG_LANES)
        dg_see_lanes(v, a, step, count, mine);
    else
        dg_see_row(v, a, step, [](uint32_t cost, int32_t) { return dg_cost_drawn(cost); });
    return count;
}

/* ---- any number: by a race ------------------------------------------------------------------- */

/** log E of all candidates into the warp's row: four of a block of philox a lane. */
template <bool Packed>
DG_DEVICE void dg_candidate_draws(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                  int32_t step)
{
    const dg_draw draw = dg_draw_at(v, DG_STREAM_RACE, step);
    for (int32_t q = dg_lane(); 4 * q < v.s->agents; q += DG_LANES) {
        const dg_philox_block block =
            dg_philox(draw, static_cast<uint32_t>(q), static_cast<uint32_t>(a.i));
        for (int32_t k = 0; k < 4; k++)
            a.row[4 * q + k] = dg_bits_of(dg_log_exponential(block.word[k]));
    }
    dg_warp_barrier();
}

/** Keys of all clocks, in the place of the draws. */
template <bool Packed>
DG_DEVICE void dg_candidate_keys(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                 int32_t step)
{
    const int32_t belief = dg_belief_of(v, step, a.i);
    const dg_bound dropped = dg_dropped_of(v, a, step, belief);
    dg_candidate_draws(v, a, step);
    for (int32_t j = dg_lane(); j < v.s->agents; j += DG_LANES) {
        const float cost = dg_open_cost(v, a, step, belief, dropped, j);
        const float clock = dg_observe_clock(cost, dg_float_of(a.row[j]));
        dg_probe_float(v, a, DG_PROBE_COST, step, j, cost, true);
        a.row[j] = cost < DG_OBSERVE_NEVER ? dg_clock_key(clock) : DG_KEY_NEVER;
    }
}

DG_DEVICE int32_t dg_observe_by_race(const dg_block_view<false> &v, const dg_agent_view &a,
                                     int32_t step, int32_t capacity)
{
    dg_candidate_keys(v, a, step);
    const dg_bound bound = dg_bound_of(a.row, v.s->agents, capacity);
    return dg_see_row(v, a, step, [bound](uint32_t key, int32_t j) {
        return key != DG_KEY_NEVER && dg_within(bound, key, j);
    });
}

/* ---- the phase ------------------------------------------------------------------------------- */

DG_DEVICE void dg_observe(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                          int32_t capacity, dg_draws *draws)
{
    dg_observe_lanes(v, a, step, capacity, *draws);
}

DG_DEVICE void dg_observe(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                          int32_t capacity, dg_draws *draws)
{
    dg_see_nobody(v, a,
                  dg_observe_sums(v.s->agents) ? dg_observe_by_sums(v, a, step, capacity, draws)
                                               : dg_observe_by_race(v, a, step, capacity));
}

template <bool Packed>
DG_DEVICE void dg_observation_phase(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                    int32_t step, dg_draws *draws)
{
    dg_observe(v, a, step, v.s->group[a.group].capacity, draws);
    dg_clear_next_views(v, a, step);
    dg_warp_barrier();
}

#endif
