/** Reading the state of a run, without a copy where it lies in the host's memory. */
#ifndef DG_RUN_STATE_H
#define DG_RUN_STATE_H

#include "kernels/backend.h"

/**
 * The state block of a run, for reading until the batch advances.
 *
 * @param state  receives it: the batch's own memory, or *copy
 * @param copy   memory for a download, NULL at first: allocated where it is needed, used again by the
 *               next call for runs of this shape; the caller frees it with free()
 * @return DG_OK, DG_ERR_MEMORY or the error of the download
 */
DG_MUST_CHECK dg_status dg_run_state(void **state, void **copy, const dg_backend *backend,
                                     const dg_batch *batch, const dg_shape *shape, int32_t run);

/** Where to make the state of a run before it is uploaded: as *state of dg_run_state(), not filled. */
DG_MUST_CHECK dg_status dg_run_state_room(void **state, void **copy, const dg_backend *backend,
                                          const dg_batch *batch, const dg_shape *shape,
                                          int32_t run);

#endif
