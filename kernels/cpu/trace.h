/** The trace of single agents on the CPU (measures.h, dg_trace_field). */
#ifndef DG_TRACE_CPU_H
#define DG_TRACE_CPU_H

#include "kernels/cpu/step.h"
#include "kernels/science/observe.h"

/** Messages of this step that agent i holds in its registers: of all agents, of AI agents. */
static inline void dg_trace_received(const dg_step_view *v, int32_t i, int16_t *all, int16_t *of_ai)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    int32_t sum = 0, sum_ai = 0;
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const int32_t j = observed[slot];
        if (j < 0 || !dg_observe_received(v->st.message[j])) continue;
        sum++;
        sum_ai += dg_kind_is_ai(v->s->group[dg_group_of(v->s, j)].kind);
    }
    *all = (int16_t)sum;
    *of_ai = (int16_t)sum_ai;
}

/** One step of the trace: beliefs after the step, messages, views, messages received. */
DG_PHASE void dg_trace_phase(const dg_step_view *v, int16_t *trace)
{
    const int64_t agents = v->s->agents, page = (int64_t)v->s->steps * agents;
    int16_t *at = trace + v->step * agents;
    for (int32_t i = 0; i < v->s->agents; i++) {
        at[DG_TRACE_BELIEF * page + i] = (int16_t)v->st.belief[i];
        at[DG_TRACE_MESSAGE * page + i] = (int16_t)v->st.message[i];
        at[DG_TRACE_VIEWS * page + i] = (int16_t)v->ws.step_views[i];
        dg_trace_received(v, i, at + DG_TRACE_RECEIVED * page + i,
                          at + DG_TRACE_RECEIVED_AI * page + i);
    }
}

#endif
