/** Batches onto devices. */
#ifndef DG_BATCHES_H
#define DG_BATCHES_H

#include "host/engine/call.h"

/** All runs that are left, cut into `count` batches for the backends */
DG_MUST_CHECK dg_status dg_engine_batches(dg_engine *engine, dg_batch_plan *plans, size_t count);

#endif
