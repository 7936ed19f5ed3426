/** The calls of a sweep, by their status files and locks. */
#ifndef DG_STANDING_CALLS_H
#define DG_STANDING_CALLS_H

#include "host/directory/standing.h"

/** Fill `call` and mark the runs of those that run */
DG_MUST_CHECK dg_status dg_sweep_calls_read(dg_standing *status);

#endif
