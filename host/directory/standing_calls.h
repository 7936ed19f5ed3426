/** The calls of a sweep, found by their status files and locks. */
#ifndef DG_STANDING_CALLS_H
#define DG_STANDING_CALLS_H

#include "host/directory/standing.h"

/** Fill status->call, and set the unfinished runs of active calls to DG_STANDING_RUNNING. */
DG_MUST_CHECK dg_status dg_sweep_calls_read(dg_standing *status);

#endif
