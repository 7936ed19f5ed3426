/** What the host asks of a device while runs advance, counted. */
#ifndef DG_BENCH_TRACE_H
#define DG_BENCH_TRACE_H

#include "digico/digico.h"

#include <stdio.h>

/**
 * Print kernel launches, graph launches, host synchronisations and bytes in both directions, per
 * generation, for a batch of the default experiment and one of N = 300. A CPU has nothing to count, and
 * is said so.
 *
 * @param device  as dg_options.device
 * @return DG_OK, or what dg_devices_find() or the runs returned
 */
DG_MUST_CHECK dg_status dg_bench_trace(FILE *out, const char *device);

#endif
