/**
 * The result file's life: locked directory, temporary name, sync, rename.
 *
 * Only a whole file ever bears the name results.nc; a .part that a crash left behind is replaced.
 */
#include "host/store_internal.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that labels and configuration of a run may take, compressed. */
#define RUN_LABELS 1024

static dg_status fail_errno(const char *path, const char *what)
{
    return dg_fail(DG_ERR_IO, "%s: %s: %s", path, what, strerror(errno));
}

/** Create a directory and those above it. */
static dg_status make_directory(const char *path)
{
    char part[PATH_MAX];
    const size_t length = strlen(path);
    if (length == 0 || length >= sizeof part) {
        return dg_fail(DG_ERR_IO, "%s: expected a directory name of 1 to %zu bytes", path,
                       sizeof part - 1);
    }
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) return fail_errno(part, "cannot create");
    }
    return DG_OK;
}

/**
 * Open and lock the directory itself, so that no lock file is left behind; the kernel drops the
 * lock with the process. File systems that cannot lock a directory (some NFS) go without.
 */
static dg_status lock_directory(const char *path, int *descriptor)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail_errno(path, "cannot open directory");
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(fd);
        return dg_fail(DG_ERR_IO, "%s: another digico process is writing here", path);
    }
    *descriptor = fd;
    return DG_OK;
}

static char *join(const char *directory, const char *name)
{
    const size_t size = strlen(directory) + strlen(name) + 2;
    char *path = malloc(size);
    if (path != NULL) snprintf(path, size, "%s/%s", directory, name);
    return path;
}

/** Everything but the file itself. */
static void store_free(dg_store **store)
{
    dg_store *s = *store;
    if (s->directory >= 0) close(s->directory);
    if (s->room >= 0) close(s->room);
    free(s->path);
    free(s->part);
    free(s->diversity_slot);
    free(s->recorded_slot);
    free(s->coordinates);
    free(s->column);
    free(s->count);
    free(s->trace);
    free(s);
    *store = NULL;
}

/** Make the temporary file, with the directory locked and no result in the way. */
static dg_status open_part(dg_store *store, const char *directory, int overwrite)
{
    DG_TRY(make_directory(directory));
    DG_TRY(lock_directory(directory, &store->directory));
    struct stat there;
    if (stat(store->path, &there) == 0 && S_ISDIR(there.st_mode)) {
        return dg_fail(DG_ERR_IO, "%s: is a directory, expected a file or none", store->path);
    }
    if (!overwrite && access(store->path, F_OK) == 0) {
        return dg_fail(DG_ERR_IO, "%s: a result exists; --overwrite replaces it", store->path);
    }
    store->made = true;
    DG_NC_TRY(nc_create(store->part, NC_CLOBBER | NC_NETCDF4, &store->file), store->part, "create");
    store->room = open(store->part, O_RDWR | O_CLOEXEC);
    if (store->room < 0) return fail_errno(store->part, "cannot open");
    return dg_store_claim(store, (int64_t)store->experiment->runs * RUN_LABELS);
}

dg_status dg_store_begin(dg_store **out, const dg_experiment *experiment, const char *directory,
                         int overwrite, const dg_provenance *provenance)
{
    dg_store *store = calloc(1, sizeof *store);
    if (store == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    dg_status status = DG_OK;
    store->experiment = experiment;
    store->directory = -1;
    store->file = -1;
    store->room = -1;
    store->path = join(directory, DG_RESULT_NAME);
    store->part = join(directory, DG_RESULT_NAME ".part");
    if (store->path == NULL || store->part == NULL) {
        status = dg_fail(DG_ERR_MEMORY, "no memory for the result file");
        goto failed;
    }
    DG_TRY_GOTO(dg_store_measure(store), failed);
    DG_TRY_GOTO(open_part(store, directory, overwrite), failed);
    DG_TRY_GOTO(dg_store_provenance(store, provenance), failed);
    DG_TRY_GOTO(dg_store_define_all(store), failed);
    *out = store;
    return DG_OK;
failed:
    dg_store_abandon(&store);
    return status;
}

/** Give back the space claimed beyond the end, and have the bytes on disk before the rename. */
static dg_status sync_file(const dg_store *store)
{
    struct stat now;
    if (fstat(store->room, &now) != 0 || ftruncate(store->room, now.st_size) != 0 ||
        fsync(store->room) != 0) {
        return fail_errno(store->part, "cannot sync to disk");
    }
    return DG_OK;
}

static dg_status close_and_rename(dg_store *store)
{
    char now[32];
    DG_TRY(dg_store_attribute(store, "finished", dg_store_now(now, sizeof now)));
    errno = 0;
    const int code = nc_close(store->file);
    store->file = -1;
    DG_TRY(dg_nc_check(code, store->part, "close"));
    DG_TRY(sync_file(store));
    if (rename(store->part, store->path) != 0) {
        store->made = false; /* whole, under its other name */
        return dg_fail(DG_ERR_IO, "%s: cannot rename to it: %s; %s keeps the result", store->path,
                       strerror(errno), store->part);
    }
    /* a file system that cannot sync a directory has nothing more to offer: not an error */
    (void)fsync(store->directory);
    return DG_OK;
}

dg_status dg_store_finish(dg_store **store)
{
    const dg_status status = close_and_rename(*store);
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
    const bool closed = s->file < 0 || nc_close(s->file) == NC_NOERR;
    const bool kept = s->full && s->stored > 0 && closed && sync_file(s) == DG_OK;
    if (s->made && !kept) unlink(s->part); /* one that is not ours may be another process's */
    store_free(store);
}
