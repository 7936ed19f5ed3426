/** Probes of the CPU schedule (probe.h of science); no code but in a probe build. */
#ifndef DG_PROBE_CPU_H
#define DG_PROBE_CPU_H

#include "kernels/cpu/step.h"
#include "kernels/science/probe.h"

#ifdef DG_PROBE

/** Add element k of agent i to the probe word of its group. */
DG_INLINE void dg_probe_float(const dg_step_view *v, dg_probed what, int32_t i, int32_t k,
                              float number)
{
    int64_t *word = v->run->record + dg_record_group(v->s, dg_group_of(v->s, i)) + DG_COUNT_PROBE;
    const int64_t term = dg_probe_term(what, v->step, i, k, number);
    *word = (int64_t)((uint64_t)*word + (uint64_t)term);
}

/** The first `count` elements of agent i. */
static inline void dg_probe_floats(const dg_step_view *v, dg_probed what, int32_t i,
                                   const float *number, int32_t count)
{
    for (int32_t k = 0; k < count; k++) dg_probe_float(v, what, i, k, number[k]);
}

/** The same in a lane: `apart` numbers from one element to the next. */
static inline void dg_probe_lane(const dg_step_view *v, dg_probed what, int32_t i,
                                 const float *number, int32_t apart, int32_t count)
{
    for (int32_t k = 0; k < count; k++) dg_probe_float(v, what, i, k, number[k * apart]);
}

/** Is what agent i may believe drawn? */
static inline int32_t dg_probe_believes(const dg_step_view *v, int32_t i)
{
    return !v->p->group[dg_group_of(v->s, i)].belief_fixed;
}

#else
#define dg_probe_float(...)  ((void)0)
#define dg_probe_floats(...) ((void)0)
#define dg_probe_lane(...)   ((void)0)
#endif

#endif
