/** Runs that are computed one at a time. */
#ifndef DG_SINGLES_H
#define DG_SINGLES_H

#include "host/engine/call.h"

/** Runs that are computed together before they are stored. */
#define DG_SINGLES_TOGETHER 1024

/** All runs that are left of a model that computes a run at a time (dg_model.compute) */
DG_MUST_CHECK dg_status dg_engine_singles(dg_engine *engine);

#endif
