/**
 * Disk space is claimed before HDF5 writes into it.
 *
 * HDF5 1.10 and 1.12 cannot let go of a file that it can no longer write: a close that meets a full
 * disk fails and says little of why, and the exit would crash (see netcdf.h). So space beyond the end of the file is allocated
 * for all that HDF5 may still hold back; a full disk or quota shows here, where it does no harm.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fallocate() */
#endif
#include "host/store/writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What HDF5 may hold back before it is told to write. */
#define PENDING_MOST ((int64_t)32 << 20)
/* Its own bookkeeping, and that of the file system. */
#define SLACK ((int64_t)1 << 20)

/** Where a file system cannot allocate ahead, writing has to find out. */
static bool is_full(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

static dg_status fail_full(const dg_store *store, int64_t bytes, const char *reason)
{
    return dg_fail(DG_ERR_IO, "%s: no room for %.1f MB more: %s", store->part, (double)bytes / 1e6,
                   reason);
}

dg_status dg_store_claim(dg_store *store, int64_t bytes)
{
    struct stat now;
    if (store->pending > PENDING_MOST) {
        DG_NETCDF_TRY(nc_sync(store->file), store->part, "write");
        store->pending = 0;
    }
    if (fstat(store->room, &now) != 0) {
        return dg_fail(DG_ERR_IO, "%s: %s", store->part, strerror(errno));
    }
    /* deflate never adds much; chunks are listed in trees of their own */
    const int64_t wanted = store->pending + bytes + bytes / 4;
    if (fallocate(store->room, FALLOC_FL_KEEP_SIZE, 0, now.st_size + wanted + SLACK) != 0 &&
        is_full(errno)) {
        return fail_full(store, wanted + SLACK, strerror(errno));
    }
    store->pending = wanted;
    return DG_OK;
}
