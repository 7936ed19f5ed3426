/**
 * What an agent does in the steps of a run as the paper's are (usual.h), where its rows lie in global memory and its
 * warp has others.
 */
#ifndef DG_USUAL_ROWS_CUDA_H
#define DG_USUAL_ROWS_CUDA_H

#include "kernels/cuda/usual.h"

/** Are the steps of this launch taken so? */
DG_DEVICE bool dg_usual_here(const dg_block_view<false> &v)
{
    return v.b->layout.mirrored && dg_observe_sums(v.s->agents) && dg_shape_tiles(v.s) &&
           dg_usual(v);
}

/** An agent's slots, from memory. */
DG_DEVICE dg_usual_slots dg_usual_slots_of(const dg_agent_view &a)
{
    const dg_four_integers observed = *reinterpret_cast<const dg_four_integers *>(a.observed);
    const dg_four_integers registers = *reinterpret_cast<const dg_four_integers *>(a.registers);
    dg_usual_slots slots;
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
        slots.observed[k] = observed.k[k];
        slots.reg[k] = registers.k[k];
    }
    return slots;
}

/* ---- message --------------------------------------------------------------------------------- */

/** Cost of this lane's value as the message of a step. */
DG_DEVICE float dg_usual_message(const dg_block_view<false> &v, const dg_agent_view &a,
                                 int32_t step, const dg_usual_slots &slots)
{
    const dg_two_units base = {a.base[dg_lane()], a.base[dg_lane() + DG_LANES]};
    return dg_usual_message(v, a, step, slots, base, dg_kept(a.genotype + dg_lane()));
}

/** The agent posts a message, or is silent. */
DG_DEVICE void dg_usual_post(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                             int32_t message)
{
    if (dg_lane() != 0) return;
    dg_shared_message(v)[dg_half(v, step) + a.i] = message;
    if (message >= 0) dg_shared_last(v)[a.i] = message;
}

/** The message of the first step of a launch, drawn alone. */
DG_DEVICE void dg_usual_first(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                              const dg_draws &draws)
{
    int32_t message = -1;
    if (dg_policy_acts(step, v.p->group[a.group].act_period)) {
        dg_usual_slots slots = dg_usual_slots_of(a);
#pragma unroll
        for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) /* in a run's first step: nobody, silent */
            slots.observed[k] = slots.observed[k] < 0 ? 0 : slots.observed[k];
        message = dg_draw_value(dg_usual_message(v, a, step, slots), dg_message_word(draws));
    }
    dg_usual_post(v, a, step, message);
}

/* ---- observation ----------------------------------------------------------------------------- */

/** In ascending order. */
DG_DEVICE void dg_usual_sort(int32_t (&place)[DG_USUAL_SLOTS])
{
    static const int32_t pair[5][2] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {1, 2}};
#pragma unroll
    for (int32_t k = 0; k < 5; k++) {
        const int32_t a = place[pair[k][0]], b = place[pair[k][1]];
        place[pair[k][0]] = a < b ? a : b;
        place[pair[k][1]] = a < b ? b : a;
    }
}

/** Draw four agents by sums. All costs but the agent's own are finite. */
DG_DEVICE void dg_usual_places(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                               const dg_draws &draws, int32_t (&place)[DG_USUAL_SLOTS])
{
    const float least = dg_plain_costs(v, a, step, dg_belief_of(v, step, a.i));
    dg_row_sums sums = dg_row_of(a.row, v.s->agents);
    dg_probe_row(v, a, DG_PROBE_COST, step, a.row, v.s->agents);
    dg_warp_barrier();
    dg_sum_row(&sums, dg_least_cost(least));
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
        if (k > 0 && sums.total < DG_SUMS_ENOUGH) dg_weigh_row(&sums);
        const dg_row_place found = dg_find_place(sums, dg_observe_word(draws, k));
        if (k + 1 < DG_USUAL_SLOTS) dg_take_place(&sums, found);
        place[k] = found.at;
    }
    dg_usual_sort(place);
}

/** Lanes 0 ... 3 write a slot each. */
DG_DEVICE void dg_usual_observation(const dg_block_view<false> &v, const dg_agent_view &a,
                                    int32_t step, const dg_draws &draws)
{
    const int32_t lane = dg_lane();
    int32_t place[DG_USUAL_SLOTS];
    dg_usual_places(v, a, step, draws, place);
    const int32_t low = lane & 1 ? place[1] : place[0], high = lane & 1 ? place[3] : place[2];
    const int32_t own = lane & 2 ? high : low;
    if (lane < DG_USUAL_SLOTS) dg_see(v, a, step, lane, own, dg_message_of(v, step, own));
    dg_clear_next_views(v, a, step);
}

/* ---- what follows it ------------------------------------------------------------------------- */

/** Cost of this lane's value as the belief after the step. */
DG_DEVICE float dg_usual_belief(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                                int32_t belief, const dg_usual_slots &slots)
{
    if (dg_contagion_everyone(v.p->sources, v.p->content)) {
        return dg_belief_cost(v, a, step, belief,
                              dg_everyone_sum(v, a, step, dg_nobody_silenced(), 0));
    }
    float weight[DG_USUAL_SLOTS];
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) weight[k] = a.weight[slots.observed[k]];
    return dg_belief_cost(v, a, step, belief, dg_usual_sum(slots, weight));
}

/** The belief after the step, and the message of the next one, if this launch has one. */
DG_DEVICE void dg_usual_spread(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                               bool more, const dg_draws &draws)
{
    const dg_usual_slots slots = dg_usual_slots_of(a);
    const int32_t belief = dg_belief_of(v, step, a.i);
    dg_usual_choice choice = {!v.p->group[a.group].belief_fixed,
                              more && dg_policy_acts(step + 1, v.p->group[a.group].act_period),
                              0.0f, 0.0f};
    if (choice.believes) choice.belief_cost = dg_usual_belief(v, a, step, belief, slots);
    if (choice.acts) choice.message_cost = dg_usual_message(v, a, step + 1, slots);
    const dg_usual_chosen chosen =
        dg_usual_choose(choice, belief, dg_belief_word(draws), dg_message_word(draws));
    dg_count_belief(v, a, chosen.belief, nullptr);
    if (dg_lane() == 0) dg_shared_belief(v)[dg_half(v, step + 1) + a.i] = chosen.belief;
    if (more) dg_usual_post(v, a, step + 1, chosen.message);
}

#endif
