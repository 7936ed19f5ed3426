/** Computing the runs of models that compute one run at a time. */
#ifndef DG_SINGLES_H
#define DG_SINGLES_H

#include "host/engine/call.h"

/** Number of runs that are computed before they are stored. */
#define DG_SINGLES_TOGETHER 1024

/** Compute all runs that are left with dg_model.compute, and store them. */
DG_MUST_CHECK dg_status dg_engine_singles(dg_engine *engine);

#endif
