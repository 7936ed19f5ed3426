/** Probes of the CUDA schedule (probe.h of science); no code but in a probe build. */
#ifndef DG_PROBE_CUDA_H
#define DG_PROBE_CUDA_H

#include "kernels/cuda/block.h"
#include "kernels/science/probe.h"

/** Counts come after the first barrier of a step, probes before it: the record must be empty by then. */
template <bool Packed> DG_DEVICE void dg_probe_begin(const dg_block_view<Packed> &v)
{
#ifdef DG_PROBE
    dg_run_barrier(v);
#else
    (void)v;
#endif
}

/** Add an element of the agent to the probe word of its group, by the lanes that hold one. */
template <bool Packed>
DG_DEVICE void dg_probe_float(const dg_block_view<Packed> &v, const dg_agent_view &a,
                              dg_probed what, int32_t step, int32_t element, float number,
                              bool held)
{
#ifdef DG_PROBE
    if (!held) return;
    int64_t *count = DG_MINE(v, dg_pages, pages)->record + dg_record_group(v.s, a.group);
    dg_add_long(count + DG_COUNT_PROBE, dg_probe_term(what, step, a.i, element, number));
#else
    (void)v, (void)a, (void)what, (void)step, (void)element, (void)number, (void)held;
#endif
}

/** The same of a row of floats, as bits, in the order of the lanes. */
template <bool Packed>
DG_DEVICE void dg_probe_row(const dg_block_view<Packed> &v, const dg_agent_view &a, dg_probed what,
                            int32_t step, const uint32_t *row, int32_t count)
{
#ifdef DG_PROBE
    dg_warp_barrier();
    for (int32_t k = dg_lane(); k < count; k += DG_LANES)
        dg_probe_float(v, a, what, step, k, dg_float_of(row[k]), true);
    dg_warp_barrier();
#else
    (void)v, (void)a, (void)what, (void)step, (void)row, (void)count;
#endif
}

#endif
