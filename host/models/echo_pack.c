/** Packing an echo-chamber run; see echo_pack.h. */
#include "host/models/echo_pack.h"

#include <string.h>

/* arrays of 8-byte elements first, so that all are aligned; S snapshots, A agents */
#define ECHO_ARRAYS(X)                                                                             \
    X(int64_t, step, S)                                                                            \
    X(double, utility, S)                                                                          \
    X(double, deviation, S) X(float, belief, S *A) X(float, evidence, A) X(float, initial, A)

typedef struct sizes {
    int32_t agents, snapshots;
} sizes;

int64_t dg_echo_snapshots(const dg_config *config)
{
    const int64_t every = config->echo_snapshot_every;
    return (config->echo_steps + every - 1) / every;
}

int64_t dg_echo_packed_bytes(int32_t agents, int32_t snapshots)
{
    const int64_t A = agents, S = snapshots;
    int64_t bytes = sizeof(sizes);
#define ADD(type, name, count) bytes += (int64_t)sizeof(type) * (count);
    ECHO_ARRAYS(ADD)
#undef ADD
    return bytes;
}

/** Set the pointers to the arrays in a block. */
static void point(dg_echo_arrays *out, char *block, sizes size)
{
    const size_t A = (size_t)size.agents, S = (size_t)size.snapshots;
    out->agents = size.agents;
    out->snapshots = size.snapshots;
    char *at = block + sizeof size;
#define POINT(type, name, count)                                                                   \
    out->name = (type *)(void *)at;                                                                \
    at += sizeof(type) * (count);
    ECHO_ARRAYS(POINT)
#undef POINT
}

void dg_echo_pack(dg_echo_arrays *out, void *block, int32_t agents, int32_t snapshots)
{
    const sizes size = {agents, snapshots};
    memcpy(block, &size, sizeof size);
    point(out, block, size);
}

dg_status dg_echo_unpack(dg_echo_arrays *out, const void *block, int64_t bytes)
{
    sizes size = {0};
    if (bytes >= (int64_t)sizeof size) memcpy(&size, block, sizeof size);
    if (size.agents < 1 || size.snapshots < 1 ||
        bytes != dg_echo_packed_bytes(size.agents, size.snapshots))
        return dg_fail(DG_ERR_IO,
                       "echo-chamber run: damaged: %lld bytes do not fit %d snapshots of %d agents",
                       (long long)bytes, size.snapshots, size.agents);
    point(out, (char *)(uintptr_t)block, size);
    return DG_OK;
}
