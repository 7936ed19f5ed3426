/**
 * Steps of a run that is as the paper's are (dg_usual()): loops of known length, and nothing asked again in each
 * step that is the same in all. Each block asks once whether its run is one; the general steps (messages.h,
 * observation.h, contagion.h beside this file) serve all others, with the same bytes. What packed runs and others
 * make of these parts: usual_packed.h, usual_rows.h.
 *
 * What an agent believes after a step and the message of the next one hang on nothing that others do in between: two
 * draws, made together (dg_draw_two_values()).
 */
#ifndef DG_USUAL_CUDA_H
#define DG_USUAL_CUDA_H

#include "kernels/cuda/contagion.h"
#include "kernels/cuda/messages.h"
#include "kernels/cuda/observation.h"
#include "kernels/cuda/weights.h"

enum { DG_USUAL_SLOTS = 4 };

/** Whom an agent observed, in ascending order, and their messages; silence: -1. The same in all lanes. */
typedef struct dg_usual_slots {
    int32_t observed[DG_USUAL_SLOTS], reg[DG_USUAL_SLOTS];
} dg_usual_slots;

/** Have all groups the paper's sizes? */
template <bool Packed> DG_DEVICE bool dg_usual_sizes(const dg_block_view<Packed> &v)
{
    bool usual = v.s->hidden == DG_PAPER_HIDDEN;
    for (int32_t g = 0; g < v.s->groups; g++)
        usual = usual && v.s->group[g].capacity == DG_USUAL_SLOTS &&
                v.s->group[g].hidden == DG_PAPER_HIDDEN;
    return usual;
}

/** May the steps of this launch be taken so? The same for all threads of a block. */
template <bool Packed> DG_DEVICE bool dg_usual(const dg_block_view<Packed> &v)
{
    const dg_params *p = v.p;
    return dg_usual_sizes(v) && !v.b->cublas && dg_policy_gathers(p->policy_forward) &&
           dg_policy_samples(p->policy_output) && !dg_observe_repeats(p->silent) &&
           !dg_observe_excludes(p->silent) &&
           (dg_contagion_everyone(p->sources, p->content) ||
            !dg_contagion_of_beliefs(p->content)) &&
           p->observation_dropped == 0 && p->contagion_dropped == 0 && !p->clip;
}

/* ---- message --------------------------------------------------------------------------------- */

/**
 * Hidden units of a lane: the base vector and the observed columns, in ascending order; silence weighs 0.
 *
 * @param own  the lane's unit in the genotype's first column, dg_kept()
 */
DG_DEVICE dg_two_units dg_usual_units(const dg_usual_slots &slots, dg_two_units base,
                                      const float *own)
{
    float low[DG_USUAL_SLOTS], high[DG_USUAL_SLOTS];
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) { /* all are asked for before one is used */
        const float *column =
            own + (uint64_t) static_cast<uint32_t>(slots.observed[k]) * DG_PAPER_HIDDEN;
        low[k] = column[0];
        high[k] = column[DG_LANES];
    }
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++) {
        base.low = dg_policy_gather_term(base.low, low[k], slots.reg[k]);
        base.high = dg_policy_gather_term(base.high, high[k], slots.reg[k]);
    }
    const dg_two_units hidden = {dg_policy_hidden(base.low), dg_policy_hidden(base.high)};
    return hidden;
}

/** Cost of this lane's value as agent i's message of a step. */
template <bool Packed>
DG_DEVICE float dg_usual_message(const dg_block_view<Packed> &v, const dg_agent_view &a,
                                 int32_t step, const dg_usual_slots &slots, dg_two_units base,
                                 const float *own)
{
    const float logit = dg_logits_packed(a, dg_usual_units(slots, base, own));
    const bool there = dg_folded_value(0) < v.s->values;
    dg_probe_float(v, a, DG_PROBE_LOGIT, step, dg_folded_value(0), logit,
                   there && (dg_lane() & 1) == 0);
    return dg_value_cost(logit, there);
}

/* ---- belief ---------------------------------------------------------------------------------- */

/**
 * Sum of W_ij over what i received for this lane's value: +0 for the others alters no sum that began at +0. The
 * content is a message, and silence none of the values.
 */
DG_DEVICE float dg_usual_sum(const dg_usual_slots &slots, const float (&weight)[DG_USUAL_SLOTS])
{
    float sum = 0.0f;
#pragma unroll
    for (int32_t k = 0; k < DG_USUAL_SLOTS; k++)
        sum += slots.reg[k] == dg_folded_value(0) ? weight[k] : 0.0f;
    return sum;
}

/* ---- both ------------------------------------------------------------------------------------ */

/** What is drawn at the end of a step: whether and at which costs of this lane's value. */
typedef struct dg_usual_choice {
    bool believes, acts; /* else the belief stays, the message of the next step is silence */
    float belief_cost, message_cost;
} dg_usual_choice;

/** A belief and the message of the step after it. */
typedef struct dg_usual_chosen {
    int32_t belief, message;
} dg_usual_chosen;

/** Draw both; a cost that is not there is 0 for all values. */
DG_DEVICE dg_usual_chosen dg_usual_choose(const dg_usual_choice &choice, int32_t belief,
                                          uint32_t belief_word, uint32_t message_word)
{
    const bool odd = dg_lane() & 1;
    const dg_two_values drawn = dg_draw_two_values(odd ? choice.belief_cost : choice.message_cost,
                                                   odd ? belief_word : message_word);
    const dg_usual_chosen chosen = {choice.believes ? drawn.odd : belief,
                                    choice.acts ? drawn.even : -1};
    return chosen;
}

#endif
