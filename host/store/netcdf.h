/** Calling netCDF: failures become a dg_status with a message that names file and subject. */
#ifndef DG_NETCDF_H
#define DG_NETCDF_H

#include "host/base/error.h"

#include <errno.h>
#include <netcdf.h>

/**
 * Call before any file is opened or created.
 *
 * Keeps HDF5 from closing files at exit. If a file cannot be closed because the disk refuses its
 * last bytes, HDF5 1.10 frees its memory of the file nevertheless, and a second close at exit
 * crashes. It is not needed: every file is closed by its owner.
 */
void dg_netcdf_begin(void);

/** DG_OK for NC_NOERR; else DG_ERR_IO with "path: subject: netCDF's text (the system's text)". */
DG_MUST_CHECK dg_status dg_netcdf_check(int code, const char *path, const char *subject);

/** Return if a call fails. errno is cleared before it: for a full disk netCDF says "HDF error". */
#define DG_NETCDF_TRY(call, path, subject)                                                         \
    do {                                                                                           \
        errno = 0;                                                                                 \
        const int dg_netcdf_code_ = (call);                                                        \
        if (dg_netcdf_code_ != NC_NOERR) return dg_netcdf_check(dg_netcdf_code_, path, subject);   \
    } while (0)

#endif
