/** netCDF calls that become a dg_status with one line naming file and subject. */
#ifndef DG_NETCDF_H
#define DG_NETCDF_H

#include "host/base/error.h"

#include <errno.h>
#include <netcdf.h>

/**
 * Call before any file is opened or created.
 *
 * Keeps HDF5 from closing once more, at exit, what it could not close before: where the disk refuses the
 * last bytes of a file, HDF5 1.10 frees what it holds of it all the same, and crashes there. Every file is
 * closed by its owner, so that nothing is left to be done.
 */
void dg_netcdf_begin(void);

/** DG_OK, or DG_ERR_IO with "path: subject: what netCDF says (what the system says)". */
DG_MUST_CHECK dg_status dg_netcdf_check(int code, const char *path, const char *subject);

/** Pass a failed call on. errno is cleared first: netCDF hides `disk full` behind "HDF error". */
#define DG_NETCDF_TRY(call, path, subject)                                                         \
    do {                                                                                           \
        errno = 0;                                                                                 \
        const int dg_netcdf_code_ = (call);                                                        \
        if (dg_netcdf_code_ != NC_NOERR) return dg_netcdf_check(dg_netcdf_code_, path, subject);   \
    } while (0)

#endif
