/** The 64-bit hash of a run's final state: XXH3 (xxHash), the same on every machine and backend. */
#ifndef DG_HASH_H
#define DG_HASH_H

#include "kernels/backend.h"

/** Hash `bytes` bytes. */
uint64_t dg_hash_bytes(const void *data, int64_t bytes);

/** Hash a run's whole state block, padding (always 0) included. */
DG_MUST_CHECK dg_status dg_hash_run(uint64_t *hash, const dg_backend *backend,
                                    const dg_batch *batch, const dg_shape *shape, int32_t run);

#endif
