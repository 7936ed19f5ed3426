/** Hashing the state of a run; see hash.h. */
#include "host/base/hash.h"

#include "host/base/error.h"

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
    const int64_t bytes = dg_state_bytes(shape);
    void *block = malloc((size_t)bytes);
    if (!block)
        return dg_fail(DG_ERR_MEMORY, "no memory to hash a run of %lld bytes", (long long)bytes);
    const dg_status status = backend->download(batch, run, block);
    if (status == DG_OK) *hash = dg_hash_bytes(block, bytes);
    free(block);
    return status;
}
