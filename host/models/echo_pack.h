/** A finished echo-chamber run as one part of an archive, and back. */
#ifndef DG_ECHO_PACK_H
#define DG_ECHO_PACK_H

#include "host/store/store.h"

/** Bytes of a run. */
int64_t dg_echo_packed_bytes(int32_t agents, int32_t snapshots);

/** All arrays of a result, one after the other; freed by the caller. NULL without memory. */
void *dg_echo_pack(const dg_echo_result *result);

/** Point a result into packed bytes; run, status and hash are the caller's. DG_ERR_IO: not such bytes. */
DG_MUST_CHECK dg_status dg_echo_unpack(dg_echo_result *out, const void *packed, int64_t bytes);

#endif
