/** The state of a run in the host's memory; see run_state.h. */
#include "host/base/run_state.h"

#include "host/base/error.h"

#include <stdlib.h>

dg_status dg_run_state_room(void **state, void **copy, const dg_backend *backend,
                            const dg_batch *batch, const dg_shape *shape, int32_t run)
{
    const int64_t bytes = dg_state_bytes(shape);
    *state = backend->block(batch, run);
    if (*state) return DG_OK;
    if (!*copy) *copy = aligned_alloc(64, (size_t)bytes);
    *state = *copy;
    if (*state) return DG_OK;
    return dg_fail(DG_ERR_MEMORY, "no memory for a copy of a run of %lld bytes", (long long)bytes);
}

dg_status dg_run_state(void **state, void **copy, const dg_backend *backend, const dg_batch *batch,
                       const dg_shape *shape, int32_t run)
{
    DG_TRY(dg_run_state_room(state, copy, backend, batch, shape, run));
    return backend->download(batch, run, *state);
}
