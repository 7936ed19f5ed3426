/**
 * Steps of a packed run that is as the paper's are (dg_usual()): loops of known length, and what an agent's
 * warp needs from step to step in registers. Each block asks once whether its run is one; the general steps
 * (messages.h, observation.h, contagion.h beside this file) serve all others, with the same bytes.
 *
 * Lane j holds what agent i keeps of agent j: the static cost, W_ij, Delta_ij. All lanes hold the four slots.
 */
#ifndef DG_USUAL_CUDA_H
#define DG_USUAL_CUDA_H

#include "kernels/cuda/contagion.h"
#include "kernels/cuda/messages.h"
#include "kernels/cuda/observation.h"
#include "kernels/cuda/weights.h"

enum { DG_USUAL_SLOTS = 4 };

/** What agent i's warp keeps. */
typedef struct dg_usual_agent {
    int32_t belief, message, last; /* before the step; of the step; the latest */
    int32_t observed[DG_USUAL_SLOTS], reg[DG_USUAL_SLOTS]; /* in ascending order; silence: -1 */
    uint32_t received;                                     /* whose messages, as a mask of lanes */
    float base_low, base_high;                             /* of units `lane` and `lane` + 32 */
    float static_cost; /* infinite for i itself and where no agent is */
    dg_weight weight;
} dg_usual_agent;

/** May the steps of this launch be taken here? The same for all threads of a block. */
DG_DEVICE bool dg_usual(const dg_block_view<true> &v)
{
    const dg_params *p = v.p;
    bool usual =
        !v.b->cublas && !DG_MINE(v, dg_pages, pages)->trace &&
        dg_policy_gathers(p->policy_forward) && dg_policy_samples(p->policy_output) &&
        !dg_observe_repeats(p->silent) && !dg_observe_excludes(p->silent) &&
        (dg_contagion_everyone(p->sources, p->content) || !dg_contagion_of_beliefs(p->content)) &&
        p->observation_dropped == 0 && p->contagion_dropped == 0 && !p->clip &&
        v.s->hidden == DG_PAPER_HIDDEN;
    for (int32_t g = 0; g < v.s->groups; g++)
        usual = usual && v.s->group[g].capacity == DG_USUAL_SLOTS &&
                v.s->group[g].hidden == DG_PAPER_HIDDEN;
    return usual;
}

/* ---- message --------------------------------------------------------------------------------- */

/** Hidden units of a lane: the base vector and the observed columns, in ascending order; silence weighs 0. */
DG_DEVICE dg_two_units dg_usual_units(const dg_usual_agent &o, const float *genotype)
{
    dg_two_units sum = {o.base_low, o.base_high};
    const float *own = genotype + dg_lane();
    float low[DG_USUAL_SLOTS], high[DG_USUAL_SLOTS];
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) { /* all are asked for before one is used */
        const float *column = own + static_cast<uint32_t>(o.observed[k]) * DG_PAPER_HIDDEN;
        low[k] = column[0];
        high[k] = column[DG_LANES];
    }
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
        sum.low = dg_policy_gather_term(sum.low, low[k], o.reg[k]);
        sum.high = dg_policy_gather_term(sum.high, high[k], o.reg[k]);
    }
    sum.low = dg_policy_hidden(sum.low);
    sum.high = dg_policy_hidden(sum.high);
    return sum;
}

DG_DEVICE void dg_usual_message(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                                const dg_draws &draws, dg_usual_agent *o)
{
    o->message = -1;
    if (dg_policy_acts(step, v.p->group[a.group].act_period)) {
        const float logit = dg_logits_packed(a, dg_usual_units(*o, a.genotype));
        const bool there = dg_folded_value(0) < v.s->values;
        dg_probe_float(v, a, DG_PROBE_LOGIT, step, dg_folded_value(0), logit,
                       there && (dg_lane() & 1) == 0);
        o->message = dg_draw_value(dg_value_cost(logit, there),
                                   dg_choice_of(draws, step, DG_CHOICE_MESSAGE));
        o->last = o->message;
    }
    if (dg_lane() == 0) dg_shared_message(v)[dg_half(v, step) + a.i] = o->message;
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
            dg_weigh_lanes(&sums, left ? cost : DG_OBSERVE_NEVER);
        }
        drawn |= 1u << dg_take_lane(&sums, dg_shuffle(draws.observe.word[k], draws.observer));
    }
    return drawn;
}

/** The slots of the drawn lanes, whose messages are given. All costs are finite: there are four. */
DG_DEVICE void dg_usual_slots(uint32_t drawn, int32_t message, dg_usual_agent *o)
{
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++, drawn &= drawn - 1) {
        o->observed[k] = dg_lowest_bit(drawn);
        o->reg[k] = dg_shuffle_int(message, o->observed[k]);
    }
}

DG_DEVICE void dg_usual_observation(const dg_block_view<true> &v, const dg_agent_view &a,
                                    int32_t step, const dg_draws &draws, dg_usual_agent *o)
{
    const int32_t lane = dg_lane();
    const int32_t message = lane < v.s->agents ? dg_message_of(v, step, lane) : -1;
    const float cost =
        dg_observe_cost(o->static_cost, v.p->belief_factor, dg_observe_gap(o->belief, message));
    dg_probe_float(v, a, DG_PROBE_COST, step, lane, cost, true);
    const uint32_t drawn = dg_usual_lanes(draws, cost);
    const bool sends = dg_observe_received(message) != 0;
    o->received = dg_ballot(sends) & drawn;
    if (o->received >> lane & 1) dg_add(dg_shared_views(v) + dg_half(v, step) + lane, 1);
    /* no warp counts in the other half before the next barrier */
    if (lane == 0) dg_shared_views(v)[dg_half(v, step + 1) + a.i] = 0;
    dg_usual_slots(drawn, message, o);
}

/* ---- what follows it ------------------------------------------------------------------------- */

template <dg_update Rule>
DG_DEVICE dg_weight dg_usual_moved(const dg_block_view<true> &v, const dg_agent_view &a,
                                   int32_t step, const dg_draws &draws, const dg_usual_agent &o)
{
    const bool received = (o.received >> dg_lane() & 1) != 0;
    const dg_weight_inputs in = {
        draws.normal, received,
        received ? dg_reward_of(v, step, dg_lane()) - dg_reward_of(v, step, a.i) : 0.0f};
    return dg_weight_next(v.p, Rule, o.weight, in);
}

DG_DEVICE void dg_usual_weights(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                                const dg_draws &draws, dg_usual_agent *o)
{
    switch (static_cast<dg_update>(v.p->update)) {
#define DG_MOVE(code, word)                                                                        \
    case code: o->weight = dg_usual_moved<code>(v, a, step, draws, *o); break;
        DG_UPDATE_LIST(DG_MOVE)
#undef DG_MOVE
    }
}

/**
 * Sum of W_ij over what i received for this lane's value: +0 for the others alters no sum that began at +0. The
 * content is a message, and silence none of the values.
 */
DG_DEVICE float dg_usual_sum(const dg_usual_agent &o)
{
    float sum = 0.0f;
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
        const float weight = dg_shuffle_float(o.weight.weight, o.observed[k]);
        sum += o.reg[k] == dg_folded_value(0) ? weight : 0.0f;
    }
    return sum;
}

DG_DEVICE int32_t dg_usual_next(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                                const dg_draws &draws, const dg_usual_agent &o)
{
    float sum;
    if (dg_contagion_everyone(v.p->sources, v.p->content)) {
        const bool sender = dg_lane() < v.s->agents;
        sum = dg_everyone_lanes(sender ? o.weight.weight : 0.0f,
                                sender ? dg_belief_of(v, step, dg_lane()) : -1);
    } else {
        sum = dg_usual_sum(o);
    }
    return dg_next_of_sum(v, a, step, o.belief, sum, dg_choice_of(draws, step, DG_CHOICE_BELIEF));
}

DG_DEVICE void dg_usual_spread(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                               const dg_draws &draws, dg_usual_agent *o, dg_tally *tally)
{
    tally->views += dg_views_of(v, step, a.i);
    tally->penalty += dg_reward_penalty(o->belief, o->message, v.p->penalise_silence);
    tally->messages += o->message >= 0;
    if (dg_weight_needs(v.p->update) != 0) dg_usual_weights(v, a, step, draws, o);
    if (!v.p->group[a.group].belief_fixed) o->belief = dg_usual_next(v, a, step, draws, *o);
    dg_count_belief(v, a, o->belief, tally);
    if (dg_lane() == 0) dg_shared_belief(v)[dg_half(v, step + 1) + a.i] = o->belief;
}

/* ---- a launch -------------------------------------------------------------------------------- */

DG_DEVICE void dg_usual_begin(const dg_block_view<true> &v, const dg_agent_view &a,
                              dg_usual_agent *o)
{
    const int32_t j = dg_lane() < v.s->agents ? dg_lane() : 0;
    dg_warp_barrier(); /* one lane wrote the belief */
    o->belief = dg_belief_of(v, v.b->step_first, a.i);
    o->last = dg_last_message_of(v, a.i);
    o->base_low = a.base[dg_lane()];
    o->base_high = a.base[dg_lane() + DG_LANES];
    o->static_cost = dg_lane() < v.s->agents && j != a.i ? a.static_cost[j] : DG_OBSERVE_NEVER;
    o->weight.weight = a.weight[j];
    o->weight.momentum = a.momentum[j];
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
        o->observed[k] = a.observed[k] < 0 ? 0 : a.observed[k];
        o->reg[k] = a.registers[k];
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
            a.observed[k] = o.observed[k];
            a.registers[k] = o.reg[k];
        }
    }
    dg_warp_barrier();
}

/** All steps of this launch, of a warp's agent; a warp without one comes to the barriers alone. */
DG_DEVICE void dg_usual_steps(const dg_block_view<true> &v)
{
    const bool owns = v.owner < v.s->agents;
    const dg_agent_view a = dg_agent_of(v, owns ? v.owner : 0);
    const dg_pass pass = dg_pass_of(v);
    dg_draws draws = {};
    dg_tally tally = {0, 0, 0, 0};
    dg_usual_agent o = {};
    if (owns) dg_usual_begin(v, a, &o);
    for (int32_t t = 0; t < v.b->step_count; t++) {
        const int32_t step = v.b->step_first + t;
        if (owns) dg_draw_step(v, pass, &draws, a.i, step, t);
        if (owns) dg_usual_message(v, a, step, draws, &o);
        dg_block_barrier();
        if (owns) dg_usual_observation(v, a, step, draws, &o);
        dg_block_barrier();
        if (owns) dg_usual_spread(v, a, step, draws, &o, &tally);
    }
    if (!owns) return;
    dg_usual_end(v, a, o);
    dg_count_tally(v, a, tally);
}

#endif
