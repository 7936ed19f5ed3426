/**
 * Steps of a packed run as the paper's are (usual.h): what an agent's warp needs from step to step in registers.
 *
 * Lane j holds what agent i keeps of agent j: the static cost, W_ij, Delta_ij. All lanes hold the four slots.
 */
#ifndef DG_USUAL_PACKED_CUDA_H
#define DG_USUAL_PACKED_CUDA_H

#include "kernels/cuda/usual.h"

/** What agent i's warp keeps. */
typedef struct dg_usual_agent {
    int32_t belief, message, last; /* before the step; of the step; the latest */
    dg_usual_slots slots;
    uint32_t received;   /* whose messages, as a mask of lanes */
    dg_two_units base;   /* of units `lane` and `lane` + 32 */
    const float *column; /* of unit `lane`, in the genotype */
    float static_cost;   /* infinite for i itself and where no agent is */
    dg_weight weight;
} dg_usual_agent;

/** May the steps of this launch be taken here? A trace reads the slots in memory. */
DG_DEVICE bool dg_usual_here(const dg_block_view<true> &v)
{
    return !DG_MINE(v, dg_pages, pages)->trace && dg_usual(v);
}

/* ---- observation ----------------------------------------------------------------------------- */

/** Draw four lanes by sums, as a mask. */
DG_DEVICE uint32_t dg_usual_lanes(const dg_draws &draws, float cost)
{
    dg_lane_sums sums = {0, 0, 0};
    uint32_t drawn = 0;
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
        if (sums.total < DG_SUMS_ENOUGH) {
            const bool left = (drawn >> dg_lane() & 1) == 0;
            dg_weigh_open(&sums, left ? cost : DG_OBSERVE_NEVER);
        }
        const uint32_t word = dg_observe_word(draws, k);
        drawn |=
            1u << (k + 1 < DG_USUAL_SLOTS ? dg_take_lane(&sums, word) : dg_find_lane(sums, word));
    }
    return drawn;
}

/** The slots of the drawn lanes, whose messages are given. All costs are finite: there are four. */
DG_DEVICE void dg_usual_see(uint32_t drawn, int32_t message, dg_usual_slots *slots)
{
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++, drawn &= drawn - 1) {
        slots->observed[k] = dg_lowest_bit(drawn);
        slots->reg[k] = dg_shuffle_int(message, slots->observed[k]);
    }
}

DG_DEVICE void dg_usual_observation(const dg_block_view<true> &v, const dg_agent_view &a,
                                    int32_t step, const dg_draws &draws, dg_usual_agent *o)
{
    const int32_t lane = dg_lane();
    const int32_t message = dg_message_of(v, step, lane); /* of nobody: silence */
    const float cost =
        dg_observe_cost(o->static_cost, v.p->belief_factor, dg_observe_gap(o->belief, message));
    dg_probe_float(v, a, DG_PROBE_COST, step, lane, cost, true);
    const uint32_t drawn = dg_usual_lanes(draws, cost);
    const bool sends = dg_observe_received(message) != 0;
    o->received = dg_ballot(sends) & drawn;
    if (o->received >> lane & 1) dg_add(dg_shared_views(v) + dg_half(v, step) + lane, 1);
    dg_clear_next_views(v, a, step);
    dg_usual_see(drawn, message, &o->slots);
}

/* ---- what follows it ------------------------------------------------------------------------- */

DG_DEVICE void dg_usual_weights(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                                const dg_draws &draws, dg_usual_agent *o)
{
    const bool received = (o->received >> dg_lane() & 1) != 0;
    switch (static_cast<dg_update>(v.p->update)) {
#define DG_MOVE(code, word)                                                                        \
    case code:                                                                                     \
        o->weight =                                                                                \
            dg_weight_moved<code>(v, a, step, dg_lane(), o->weight, draws.normal, received);       \
        break;
        DG_UPDATE_LIST(DG_MOVE)
#undef DG_MOVE
    }
}

/** Cost of this lane's value as the belief after the step. */
DG_DEVICE float dg_usual_belief(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                                const dg_usual_agent &o)
{
    if (dg_contagion_everyone(v.p->sources, v.p->content)) {
        const bool sender = dg_lane() < v.s->agents;
        const float sum = dg_everyone_lanes(sender ? o.weight.weight : 0.0f,
                                            sender ? dg_belief_of(v, step, dg_lane()) : -1);
        return dg_belief_cost(v, a, step, o.belief, sum);
    }
    float weight[DG_USUAL_SLOTS];
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++)
        weight[k] = dg_shuffle_float(o.weight.weight, o.slots.observed[k]);
    return dg_belief_cost(v, a, step, o.belief, dg_usual_sum(o.slots, weight));
}

/** The agent posts a message, or is silent. */
DG_DEVICE void dg_usual_post(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                             int32_t message, dg_usual_agent *o)
{
    o->message = message;
    if (message >= 0) o->last = message;
    if (dg_lane() == 0) dg_shared_message(v)[dg_half(v, step) + a.i] = message;
}

/** The message of the first step of a launch, drawn alone. */
DG_DEVICE void dg_usual_first(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                              const dg_draws &draws, dg_usual_agent *o)
{
    const bool acts = dg_policy_acts(step, v.p->group[a.group].act_period);
    const float cost = acts ? dg_usual_message(v, a, step, o->slots, o->base, o->column) : 0.0f;
    const int32_t drawn = dg_draw_value(cost, dg_message_word(draws));
    dg_usual_post(v, a, step, acts ? drawn : -1, o);
}

/** What an agent's steps add up to. */
DG_DEVICE void dg_usual_count(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                              const dg_usual_agent &o, dg_tally *tally)
{
    tally->views += dg_views_of(v, step, a.i);
    tally->penalty += dg_reward_penalty(o.belief, o.message, v.p->penalise_silence);
    tally->messages += o.message >= 0;
}

/**
 * After the observation: weights, the belief after the step, the message of the next one.
 *
 * @param count  steps of this launch up to this one
 */
DG_DEVICE void dg_usual_spread(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                               const dg_pass &pass, int32_t count, dg_draws *draws,
                               dg_usual_agent *o, dg_tally *tally)
{
    const int32_t next = step + 1;
    dg_usual_count(v, a, step, *o, tally);
    if (dg_weight_needs(v.p->update) != 0) dg_usual_weights(v, a, step, *draws, o);
    dg_usual_choice choice = {!v.p->group[a.group].belief_fixed, false, 0.0f, 0.0f};
    if (choice.believes) choice.belief_cost = dg_usual_belief(v, a, step, *o);
    const uint32_t belief_word = dg_belief_word(*draws);
    if (count < v.b->step_count) {
        dg_draw_step(v, pass, draws, a.i, next, count);
        choice.acts = dg_policy_acts(next, v.p->group[a.group].act_period);
        if (choice.acts)
            choice.message_cost = dg_usual_message(v, a, next, o->slots, o->base, o->column);
    }
    const dg_usual_chosen chosen =
        dg_usual_choose(choice, o->belief, belief_word, dg_message_word(*draws));
    o->belief = chosen.belief;
    dg_count_belief(v, a, o->belief, tally);
    if (dg_lane() == 0) dg_shared_belief(v)[dg_half(v, next) + a.i] = o->belief;
    dg_usual_post(v, a, next, chosen.message, o); /* after the last step it is read by nobody */
}

/* ---- a launch -------------------------------------------------------------------------------- */

DG_DEVICE void dg_usual_begin(const dg_block_view<true> &v, const dg_agent_view &a,
                              dg_usual_agent *o)
{
    const int32_t j = dg_lane() < v.s->agents ? dg_lane() : 0;
    dg_warp_barrier(); /* one lane wrote the belief */
    o->belief = dg_belief_of(v, v.b->step_first, a.i);
    o->last = dg_last_message_of(v, a.i);
    o->column = dg_kept(a.genotype + dg_lane());
    o->base.low = a.base[dg_lane()];
    o->base.high = a.base[dg_lane() + DG_LANES];
    o->static_cost = dg_lane() < v.s->agents && j != a.i ? a.static_cost[j] : DG_OBSERVE_NEVER;
    o->weight.weight = a.weight[j];
    o->weight.momentum = a.momentum[j];
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
        o->slots.observed[k] = a.observed[k] < 0 ? 0 : a.observed[k];
        o->slots.reg[k] = a.registers[k];
    }
}

DG_DEVICE void dg_usual_end(const dg_block_view<true> &v, const dg_agent_view &a,
                            const dg_usual_agent &o)
{
    const int32_t j = dg_lane();
    if (j < v.s->agents) {
        a.weight[j] = o.weight.weight;
        a.momentum[j] = o.weight.momentum;
    }
    if (j == 0) {
        dg_shared_last(v)[a.i] = o.last;
        for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
            a.observed[k] = o.slots.observed[k];
            a.registers[k] = o.slots.reg[k];
        }
    }
    dg_warp_barrier();
}

/** A warp without an agent comes to the barriers alone. */
DG_DEVICE void dg_usual_idle(const dg_block_view<true> &v)
{
    for (int32_t t = 0; t < v.b->step_count; t++) {
        dg_block_barrier();
        dg_block_barrier();
    }
}

/** All steps of this launch, of a warp's agent. */
DG_DEVICE void dg_usual_steps(const dg_block_view<true> &v)
{
    if (v.owner >= v.s->agents) {
        dg_usual_idle(v);
        return;
    }
    const dg_agent_view a = dg_agent_of(v, v.owner);
    dg_pass pass = dg_pass_of(v);
    pass.blocks = dg_observe_blocks(DG_USUAL_SLOTS); /* as it is: here a constant */
    dg_draws draws = {};
    dg_tally tally = {0, 0, 0, 0};
    dg_usual_agent o = {};
    dg_usual_begin(v, a, &o);
    dg_draw_step(v, pass, &draws, a.i, v.b->step_first, 0);
    dg_usual_first(v, a, v.b->step_first, draws, &o);
    for (int32_t t = 0; t < v.b->step_count; t++) {
        const int32_t step = v.b->step_first + t;
        dg_block_barrier();
        dg_usual_observation(v, a, step, draws, &o);
        dg_block_barrier();
        dg_usual_spread(v, a, step, pass, t + 1, &draws, &o, &tally);
    }
    dg_usual_end(v, a, o);
    dg_count_tally(v, a, tally);
}

#endif
