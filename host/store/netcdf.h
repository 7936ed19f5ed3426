/** Calling netCDF: failures become a dg_status with a message that names file and subject. */
#ifndef DG_NETCDF_H
#define DG_NETCDF_H

#include "host/base/error.h"

#include <errno.h>
#include <netcdf.h>

/**
 * Prepare HDF5, which the first file initialises. Sets an environment variable: call it before a
 * thread of this program is started that may read the environment. May be called again.
 *
 * HDF5 does not lock files, unless the user has set HDF5_USE_FILE_LOCKING: file systems without
 * locks, as many NFS and Lustre mounts are, refuse the file otherwise. Its locks are not needed: a
 * directory has a lock of ours (host/directory/lock.h), and a result is written under another name.
 *
 * HDF5 does not close files at exit. If a file cannot be closed because the disk refuses its last
 * bytes, HDF5 1.10 frees its memory of the file nevertheless, and a second close at exit crashes.
 * It is not needed: every file is closed by its owner.
 */
void dg_netcdf_begin(void);

/**
 * Open the file `directory`/`name` for reading, or create it. Any directory name will do: netCDF
 * never sees it. netCDF takes paths for URLs and for paths of other systems: `a\b` becomes `a/b`,
 * `s3:x` is sought in a network, `#mode=...` is cut off.
 *
 * @param file  receives the netCDF id, to be closed with nc_close()
 * @return DG_OK; DG_ERR_IO with a message that names `directory`/`name`; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_netcdf_open(int *file, const char *directory, const char *name);
DG_MUST_CHECK dg_status dg_netcdf_create(int *file, const char *directory, const char *name);

/**
 * DG_OK for NC_NOERR; DG_ERR_MEMORY if netCDF or HDF5 found no memory or file descriptor; else DG_ERR_IO with
 * "path: subject: netCDF's text (the system's text)".
 */
DG_MUST_CHECK dg_status dg_netcdf_check(int code, const char *path, const char *subject);

/** Return if a call fails. errno is cleared before it: for a full disk netCDF says "HDF error". */
#define DG_NETCDF_TRY(call, path, subject)                                                         \
    do {                                                                                           \
        errno = 0;                                                                                 \
        const int dg_netcdf_code_ = (call);                                                        \
        if (dg_netcdf_code_ != NC_NOERR) return dg_netcdf_check(dg_netcdf_code_, path, subject);   \
    } while (0)

#endif
