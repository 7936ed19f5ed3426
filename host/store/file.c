/** The result file: creation under a temporary name; once complete, syncing and renaming. */
#include "host/base/file_open.h"
#include "host/base/files.h"
#include "host/store/writer.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* upper bound of the compressed labels and configuration of a run, bytes */
#define RUN_LABELS 1024

/** Free the store; an open netCDF file is not closed (see dg_store_abandon()). */
static void store_free(dg_store **store)
{
    dg_store *s = *store;
    if (s->layout->release) s->layout->release(s);
    if (s->descriptor >= 0) close(s->descriptor);
    free(s->path);
    free(s->part);
    free(s->coordinates);
    free(s);
    *store = NULL;
}

static dg_status open_part(dg_store *store, const char *directory)
{
    store->created = true;
    /* made here, so that netCDF, which follows links, finds a file of ours and empties it */
    DG_TRY(dg_file_create(&store->descriptor, store->part, 0666));
    DG_TRY(dg_netcdf_create(&store->file, directory, DG_RESULT_NAME ".part"));
    return dg_store_reserve(store, (int64_t)store->experiment->runs * RUN_LABELS);
}

dg_status dg_store_begin(dg_store **out, const dg_experiment *experiment,
                         const dg_store_layout *layout, const char *directory)
{
    dg_store *store = calloc(1, sizeof *store);
    if (store == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    dg_status status = DG_OK;
    store->experiment = experiment;
    store->layout = layout;
    store->length[DG_DIMENSION_run] = experiment->runs;
    store->file = -1;
    store->descriptor = -1;
    store->path = dg_text("%s/" DG_RESULT_NAME, directory);
    store->part = dg_text("%s/" DG_RESULT_NAME ".part", directory);
    if (store->path == NULL || store->part == NULL) {
        status = dg_fail(DG_ERR_MEMORY, "no memory for the result file");
        goto failed;
    }
    DG_TRY_GOTO(layout->measure(store), failed);
    DG_TRY_GOTO(open_part(store, directory), failed);
    DG_TRY_GOTO(dg_store_provenance(store), failed);
    DG_TRY_GOTO(dg_store_define_all(store), failed);
    *out = store;
    return DG_OK;
failed:
    dg_store_abandon(&store);
    return status;
}

/** Release the space reserved beyond the end of the file, and sync it before the rename. */
static dg_status sync_file(const dg_store *store)
{
    struct stat now;
    if (fstat(store->descriptor, &now) != 0 || ftruncate(store->descriptor, now.st_size) != 0 ||
        fsync(store->descriptor) != 0) {
        return dg_fail_errno(store->part, "cannot sync to disk");
    }
    return DG_OK;
}

/** Write what is known at the end, then close. */
static dg_status close_file(dg_store *store)
{
    if (store->layout->finish != NULL) DG_TRY(store->layout->finish(store));
    /* disk errors must show up before nc_close(): netCDF 4.9 crashes if the system cannot close the
       file, and NFS reports failed writes at fsync() or close() only */
    const int file = store->file;
    store->file = -1;
    DG_NETCDF_TRY(nc_sync(file), store->part, "write");
    if (fsync(store->descriptor) != 0) return dg_fail_errno(store->part, "cannot sync to disk");
    errno = 0;
    const int code = nc_close(file);
    DG_TRY(dg_netcdf_check(code, store->part, "close"));
    return sync_file(store);
}

dg_status dg_store_seal(dg_store *store, uint64_t *hash, int64_t *bytes)
{
    DG_TRY(close_file(store));
    return dg_file_hash(store->part, hash, bytes);
}

dg_status dg_store_finish(dg_store **store)
{
    dg_status status = (*store)->file >= 0 ? close_file(*store) : DG_OK;
    if (status == DG_OK) status = dg_file_rename((*store)->part, (*store)->path);
    if (status != DG_OK) {
        dg_store_abandon(store);
        return status;
    }
    store_free(store);
    return DG_OK;
}

void dg_store_abandon(dg_store **store)
{
    if (*store == NULL) return;
    const dg_store *s = *store;
    /* the file is removed but not closed: closing a file after a disk error crashes netCDF */
    if (s->created) unlink(s->part);
    store_free(store);
}
