/** The trace of single agents on the GPU (measures.h, dg_trace_field). */
#ifndef DG_TRACE_CUDA_H
#define DG_TRACE_CUDA_H

#include "kernels/cuda/block.h"
#include "kernels/science/observe.h"

/** Messages of this step that agent i holds in its registers: of all agents, of AI agents. */
template <bool Packed>
DG_DEVICE void dg_trace_received(const dg_block_view<Packed> &v, int32_t i, int32_t step,
                                 int16_t *all, int16_t *of_ai)
{
    const int32_t *observed = DG_ROW_OF(v, int32_t, observed, i, v.s->capacity);
    int32_t sum = 0, sum_ai = 0;
    for (int32_t slot = 0; slot < v.s->capacity; slot++) {
        const int32_t j = observed[slot];
        if (j < 0 || !dg_observe_received(dg_message_of(v, step, j))) continue;
        sum++;
        sum_ai += dg_kind_is_ai(v.s->group[dg_group_of(v.s, j)].kind);
    }
    *all = static_cast<int16_t>(sum);
    *of_ai = static_cast<int16_t>(sum_ai);
}

/**
 * One step of the trace, by the lane that owns the agent. The values are read again from memory: kept since
 * they were computed, they would take registers also where nothing is traced.
 */
template <bool Packed>
DG_DEVICE void dg_trace_phase(const dg_block_view<Packed> &v, int32_t i, int32_t step)
{
    int16_t *trace = DG_MINE(v, dg_pages, pages)->trace;
    if (!trace || dg_lane() != 0) return;
    const int64_t page = (int64_t)v.s->steps * v.s->agents;
    int16_t *at = trace + (int64_t)step * v.s->agents + i;
    at[DG_TRACE_BELIEF * page] =
        static_cast<int16_t>(dg_shared_belief(v)[dg_half(v, step + 1) + i]);
    at[DG_TRACE_MESSAGE * page] = static_cast<int16_t>(dg_message_of(v, step, i));
    at[DG_TRACE_VIEWS * page] = static_cast<int16_t>(dg_views_of(v, step, i));
    dg_trace_received(v, i, step, at + DG_TRACE_RECEIVED * page, at + DG_TRACE_RECEIVED_AI * page);
}

#endif
