/** Opening netCDF files, and messages of failed netCDF calls; see netcdf.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH */
#endif
#include "host/store/netcdf.h"

#include "host/base/files.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* of HDF5; weak, because a netCDF that is linked statically with HDF5 may not export it */
extern int H5dont_atexit(void) __attribute__((weak));

static void begin(void)
{
    (void)setenv("HDF5_USE_FILE_LOCKING", "FALSE", false); /* false: the user's value stays */
    /* fails if HDF5 is in use already: then it was called before */
    if (H5dont_atexit) (void)H5dont_atexit();
}

void dg_netcdf_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, begin);
}

/* ---- files ----------------------------------------------------------------------------------- */

/** nc_open() or nc_create(). */
typedef int opening(const char *path, int mode, int *file);

/**
 * Are there as many file descriptors as netCDF needs to open a file? HDF5 reports their want as another
 * error. Leaves errno as it is.
 */
static bool has_descriptors(void)
{
    enum { NEEDED = 2 };
    int opened[NEEDED], count = 0;
    const int reason = errno;
    while (count < NEEDED && (opened[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        count++;
    const bool none = count < NEEDED && (errno == EMFILE || errno == ENFILE);
    for (int k = 0; k < count; k++) close(opened[k]);
    errno = reason;
    return !none;
}

/**
 * The folder is handed on by its descriptor, as a path of /proc that netCDF has nothing to rewrite
 * in. Where /proc is not mounted it gets the path as it is.
 */
static int open_in(opening *how, int mode, int *file, const char *directory, const char *name)
{
    const int folder = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    char *path = dg_text("/proc/self/fd/%d", folder);
    const bool mounted = path && dg_file_exists(path);
    free(path);
    path =
        mounted ? dg_text("/proc/self/fd/%d/%s", folder, name) : dg_text("%s/%s", directory, name);
    errno = path ? 0 : ENOMEM;
    const int code = path ? how(path, mode, file) : NC_ENOMEM;
    const int reason = code != NC_NOERR && !has_descriptors() ? EMFILE : errno;
    free(path);
    close(folder); /* the file itself stays open */
    errno = reason;
    return code;
}

static dg_status open_or_fail(opening *how, int mode, const char *word, int *file,
                              const char *directory, const char *name)
{
    char *path = dg_text("%s/%s", directory, name);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory to %s a file", word);
    dg_netcdf_begin();
    const int code = open_in(how, mode, file, directory, name);
    const dg_status status = dg_netcdf_check(code, path, word);
    free(path);
    return status;
}

dg_status dg_netcdf_open(int *file, const char *directory, const char *name)
{
    return open_or_fail(nc_open, NC_NOWRITE, "open", file, directory, name);
}

dg_status dg_netcdf_create(int *file, const char *directory, const char *name)
{
    return open_or_fail(nc_create, NC_CLOBBER | NC_NETCDF4, "create", file, directory, name);
}

/* ---- failures -------------------------------------------------------------------------------- */

/** Does errno tell the cause? netCDF may leave other values in it, unrelated to the failure. */
static bool is_of_system(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG || reason == EIO ||
           reason == EACCES || reason == EROFS || reason == EMFILE || reason == ENFILE;
}

dg_status dg_netcdf_check(int code, const char *path, const char *subject)
{
    if (code == NC_NOERR) return DG_OK;
    /* HDF5 has no code for it, but malloc() leaves it in errno */
    if (code == NC_ENOMEM || errno == ENOMEM)
        return dg_fail(DG_ERR_MEMORY, "%s: %s: no memory", path, subject);
    const int reason = errno;
    if (!is_of_system(reason))
        return dg_fail(DG_ERR_IO, "%s: %s: %s", path, subject, nc_strerror(code));
    /* positive codes are errno values, but wrong ones: a full disk is reported as EACCES */
    const dg_status status = dg_status_of_errno(reason);
    if (code > 0 || status == DG_ERR_MEMORY)
        return dg_fail(status, "%s: %s: %s", path, subject, dg_errno_text(reason));
    return dg_fail(status, "%s: %s: %s (%s)", path, subject, nc_strerror(code),
                   dg_errno_text(reason));
}
