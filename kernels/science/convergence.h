/**
 * Early stop: a run ends once its beliefs have converged for long enough. An addition of ours, not of
 * the paper, and off unless early_stop.share is set (DESIGN.md, section 9).
 *
 * A generation has converged when the most common belief of the scope holds at least
 * early_stop_count of the (agent, step) pairs that its histograms count. Integers alone, so that no
 * device can see it otherwise. Schedules own the loop over the values, which has no order.
 */
#ifndef DG_CONVERGENCE_H
#define DG_CONVERGENCE_H

#include "kernels/science/measures.h"
#include "kernels/science/params.h"
#include "kernels/science/state.h"

/** Does a value hold enough pairs of this generation's record? */
DG_HD int32_t dg_convergence_reached(const dg_shape *s, const dg_params *p, const int64_t *record,
                                     int32_t value)
{
    return dg_record_holders(s, record, p->early_stop_scope, value) >= p->early_stop_count;
}

/** Count the generation, converged or not; once enough of them came in a row, it ends the run. */
DG_HD void dg_convergence_follow(int32_t *ended, const dg_params *p, int32_t generation,
                                 int32_t converged)
{
    ended[DG_ENDED_STREAK] = converged ? ended[DG_ENDED_STREAK] + 1 : 0;
    if (ended[DG_ENDED_STREAK] >= p->early_stop_generations)
        ended[DG_ENDED_CONVERGED] = generation + 1;
}

#endif
