/** Hashing the state of a run; see hash.h. */
#include "host/base/hash.h"

#include "host/base/run_state.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t dg_hash_bytes(const void *data, int64_t bytes)
{
    return XXH3_64bits(data, (size_t)bytes);
}

dg_status dg_hash_run(uint64_t *hash, const dg_backend *backend, const dg_batch *batch,
                      const dg_shape *shape, int32_t run)
{
    void *state = NULL, *copy = NULL;
    const dg_status status = dg_run_state(&state, &copy, backend, batch, shape, run);
    if (status == DG_OK) *hash = dg_hash_bytes(state, dg_state_bytes(shape));
    free(copy);
    return status;
}
