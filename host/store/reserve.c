/**
 * Reserving disk space before HDF5 writes.
 *
 * HDF5 1.10 and 1.12 do not recover from a full disk: closing the file fails with a vague message,
 * and the program crashes at exit (see netcdf.h). So space is allocated beyond the end of the file
 * for all data that HDF5 may still have in memory; a full disk or quota is detected here, before
 * HDF5 writes.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fallocate() */
#endif
#include "host/store/writer.h"

#include "host/base/quantity.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* HDF5 is made to write its buffers once they may hold this many bytes */
#define PENDING_MOST ((int64_t)32 << 20)
/* metadata of HDF5 and of the file system, bytes */
#define SLACK ((int64_t)256 << 10)

/** Other errors: the file system cannot preallocate, and a full disk shows when writing. */
static bool is_full(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

static dg_status fail_full(const dg_store *store, int64_t bytes, const char *reason)
{
    char size[32];
    return dg_fail(DG_ERR_IO, "%s: cannot reserve %s of disk space: %s", store->part,
                   dg_quantity_bytes((double)bytes, size, sizeof size), reason);
}

/** A limit on file sizes (ulimit -f) is not seen by fallocate(), which leaves the size as it is. */
static dg_status check_limit(const dg_store *store, int64_t size, int64_t bytes)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        (uint64_t)(size + bytes) <= limit.rlim_cur)
        return DG_OK;
    char reason[96], most[32];
    snprintf(reason, sizeof reason, "%s: files may have %s here (ulimit -f)", strerror(EFBIG),
             dg_quantity_bytes((double)limit.rlim_cur, most, sizeof most));
    return fail_full(store, bytes, reason);
}

dg_status dg_store_reserve(dg_store *store, int64_t bytes)
{
    struct stat now;
    if (store->pending > PENDING_MOST) {
        DG_NETCDF_TRY(nc_sync(store->file), store->part, "write");
        store->pending = 0;
    }
    if (fstat(store->descriptor, &now) != 0) {
        return dg_fail_errno(store->part, "cannot read");
    }
    /* a quarter more: deflate may add a little, and HDF5 keeps an index of the chunks */
    const int64_t wanted = store->pending + bytes + bytes / 4;
    DG_TRY(check_limit(store, now.st_size, wanted));
    if (fallocate(store->descriptor, FALLOC_FL_KEEP_SIZE, 0, now.st_size + wanted + SLACK) != 0 &&
        is_full(errno)) {
        return fail_full(store, wanted + SLACK, strerror(errno));
    }
    store->pending = wanted;
    return DG_OK;
}
