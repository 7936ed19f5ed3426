/** An echo-chamber run as one block of memory: the model fills it, archives store it. */
#ifndef DG_ECHO_PACK_H
#define DG_ECHO_PACK_H

#include "host/base/error.h"
#include "host/config/config.h"

/** The arrays of a run: pointers into the block. */
typedef struct dg_echo_arrays {
    int32_t agents;
    int32_t snapshots;
    int64_t *step;     /* [snapshots] steps done */
    double *utility;   /* [snapshots] mean over agents, taken before the step's update */
    double *deviation; /* [snapshots] largest |belief - closed form|; nan: no closed form */
    float *belief;     /* [snapshots][agents] */
    float *evidence;   /* [agents] */
    float *initial;    /* [agents] b_i(0) */
} dg_echo_arrays;

/** Number of snapshots of a run: one every echo.snapshot_every steps, and one at the end. */
int64_t dg_echo_snapshots(const dg_config *config);

/** Bytes of a block. */
int64_t dg_echo_packed_bytes(int32_t agents, int32_t snapshots);

/**
 * Set the sizes in a new block and find its arrays, which the caller fills.
 *
 * @param out    receives the arrays, valid as long as the block
 * @param block  dg_echo_packed_bytes() long, 8-byte aligned
 */
void dg_echo_pack(dg_echo_arrays *out, void *block, int32_t agents, int32_t snapshots);

/** Find the arrays of a filled block, for reading. DG_ERR_IO: `bytes` does not fit its sizes. */
DG_MUST_CHECK dg_status dg_echo_unpack(dg_echo_arrays *out, const void *block, int64_t bytes);

#endif
