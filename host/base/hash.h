/** 64-bit XXH3 hashes (xxHash): of bytes, and of a run's state; equal on every machine. */
#ifndef DG_HASH_H
#define DG_HASH_H

#include "kernels/backend.h"

/** Hash `bytes` bytes. */
uint64_t dg_hash_bytes(const void *data, int64_t bytes);

/** Hash all of the state of run `run` of a batch; padding is always 0. */
DG_MUST_CHECK dg_status dg_hash_run(uint64_t *hash, const dg_backend *backend,
                                    const dg_batch *batch, const dg_shape *shape, int32_t run);

#endif
