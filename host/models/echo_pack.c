/** Echo-chamber runs as bytes; see echo_pack.h. */
#include "host/models/echo_pack.h"

#include "host/base/error.h"

#include <stdlib.h>
#include <string.h>

/* arrays of eight bytes first, so that all stay aligned; S snapshots, A agents */
#define ECHO_ARRAYS(X)                                                                             \
    X(int64_t, step, S)                                                                            \
    X(double, utility, S)                                                                          \
    X(double, deviation, S) X(float, belief, S *A) X(float, evidence, A) X(float, initial, A)

typedef struct sizes {
    int32_t agents, snapshots;
} sizes;

int64_t dg_echo_packed_bytes(int32_t agents, int32_t snapshots)
{
    const int64_t A = agents, S = snapshots;
    int64_t bytes = sizeof(sizes);
#define ADD(type, name, count) bytes += (int64_t)sizeof(type) * (count);
    ECHO_ARRAYS(ADD)
#undef ADD
    return bytes;
}

void *dg_echo_pack(const dg_echo_result *result)
{
    const size_t A = (size_t)result->agents, S = (size_t)result->snapshots;
    const sizes size = {result->agents, result->snapshots};
    char *packed = malloc((size_t)dg_echo_packed_bytes(size.agents, size.snapshots)), *at = packed;
    if (!packed) return NULL;
    memcpy(at, &size, sizeof size);
    at += sizeof size;
#define COPY(type, name, count)                                                                    \
    memcpy(at, result->name, sizeof(type) * (count));                                              \
    at += sizeof(type) * (count);
    ECHO_ARRAYS(COPY)
#undef COPY
    return packed;
}

dg_status dg_echo_unpack(dg_echo_result *out, const void *packed, int64_t bytes)
{
    sizes size = {0};
    const char *at = packed;
    if (bytes >= (int64_t)sizeof size) memcpy(&size, packed, sizeof size);
    if (size.agents < 1 || size.snapshots < 1 ||
        bytes != dg_echo_packed_bytes(size.agents, size.snapshots))
        return dg_fail(DG_ERR_IO, "an echo-chamber run of %lld bytes is none", (long long)bytes);
    const size_t A = (size_t)size.agents, S = (size_t)size.snapshots;
    memset(out, 0, sizeof *out);
    out->agents = size.agents;
    out->snapshots = size.snapshots;
    at += sizeof size;
#define POINT(type, name, count)                                                                   \
    out->name = (const type *)(const void *)at;                                                    \
    at += sizeof(type) * (count);
    ECHO_ARRAYS(POINT)
#undef POINT
    return DG_OK;
}
