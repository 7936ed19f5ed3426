/** What a generation counts on the GPU into its record of measures (measures.h). */
#ifndef DG_COUNTS_CUDA_H
#define DG_COUNTS_CUDA_H

#include "kernels/cuda/reward.h"

/**
 * What an agent's steps add up to; packed only, where they wait in registers for the end of the launch.
 * Lane l counts the steps after which the agent believed value l; the others are the same in all lanes.
 */
typedef struct dg_tally {
    int32_t believed, views, penalty, messages;
} dg_tally;

/** Add the step to the agent's sums of the generation. */
DG_DEVICE void dg_count_reward(const dg_block_view<true> &v, const dg_agent_view &a, int32_t step,
                               dg_tally *tally)
{
    tally->views += dg_views_of(v, step, a.i);
    tally->penalty += dg_penalty_of(v, step, a.i);
    tally->messages += dg_message_of(v, step, a.i) >= 0;
}

DG_DEVICE void dg_count_reward(const dg_block_view<false> &v, const dg_agent_view &a, int32_t step,
                               dg_tally *tally)
{
    (void)tally;
    if (dg_lane() != 0) return;
    int64_t *count = DG_MINE(v, dg_pages, pages)->record + dg_record_group(v.s, a.group);
    const int32_t message = dg_message_of(v, step, a.i);
    dg_add(DG_HELD(v, views) + a.i, dg_views_of(v, step, a.i));
    dg_add(DG_HELD(v, penalty) + a.i,
           dg_reward_penalty(dg_belief_of(v, step, a.i), message, v.p->penalise_silence));
    dg_add_long(count + DG_COUNT_MESSAGES, message >= 0);
}

/** Count the belief after the step. */
DG_DEVICE void dg_count_belief(const dg_block_view<true> &v, const dg_agent_view &a, int32_t belief,
                               dg_tally *tally)
{
    (void)v;
    (void)a;
    tally->believed += dg_lane() == belief;
}

DG_DEVICE void dg_count_belief(const dg_block_view<false> &v, const dg_agent_view &a,
                               int32_t belief, dg_tally *tally)
{
    (void)tally;
    if (dg_lane() != 0) return;
    int64_t *count = DG_MINE(v, dg_pages, pages)->record + dg_record_group(v.s, a.group);
    dg_add_long(count + DG_COUNTS + belief, 1);
}

/* ---- the end of a launch --------------------------------------------------------------------- */

/** What waited in registers: an agent's beliefs and messages into the record, its sums into the state. */
DG_DEVICE void dg_count_tally(const dg_block_view<true> &v, const dg_agent_view &a,
                              const dg_tally &tally)
{
    int64_t *count = DG_MINE(v, dg_pages, pages)->record + dg_record_group(v.s, a.group);
    if (dg_lane() < v.s->values) dg_add_long(count + DG_COUNTS + dg_lane(), tally.believed);
    if (dg_lane() != 0) return;
    dg_add_long(count + DG_COUNT_MESSAGES, tally.messages);
    dg_add(DG_HELD(v, views) + a.i, tally.views);
    dg_add(DG_HELD(v, penalty) + a.i, tally.penalty);
}

/** Moments of views and penalties: an agent's share of its group's. */
template <bool Packed>
DG_DEVICE void dg_count_agent(const dg_block_view<Packed> &v, const dg_agent_view &a)
{
    const int64_t views = dg_read_fresh_int(DG_HELD(v, views) + a.i);
    const int64_t penalty = dg_read_fresh_int(DG_HELD(v, penalty) + a.i);
    int64_t *count = DG_MINE(v, dg_pages, pages)->record + dg_record_group(v.s, a.group);
    dg_add_long(count + DG_COUNT_VIEWS, views);
    dg_add_long(count + DG_COUNT_PENALTY, penalty);
    dg_add_long(count + DG_COUNT_VIEWS_SQUARED, views * views);
    dg_add_long(count + DG_COUNT_VIEWS_PENALTY, views * penalty);
    dg_add_long(count + DG_COUNT_PENALTY_SQUARED, penalty * penalty);
    if (a.i == v.s->group[a.group].first)
        count[DG_COUNT_SIGMA] = dg_bits_of(DG_HELD(v, sigma)[a.group]);
}

#endif
