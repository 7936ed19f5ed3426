/** Computing batches on one or several devices. */
#ifndef DG_BATCHES_H
#define DG_BATCHES_H

#include "host/engine/call.h"

/**
 * Compute these batches, saving and storing them. Returns early if a stop is requested or the
 * walltime is nearly over.
 *
 * @param plans  [count] from dg_batch_plans_make()
 * @return DG_OK, also after a stop; else the first failure of a device
 */
DG_MUST_CHECK dg_status dg_engine_batches(dg_engine *engine, dg_batch_plan *plans, size_t count);

#endif
