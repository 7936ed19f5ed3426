/** Error messages of failed netCDF calls; see netcdf.h. */
#include "host/store/netcdf.h"

#include <stdbool.h>
#include <string.h>

/** Does errno tell the cause? netCDF may leave other values in it, unrelated to the failure. */
static bool is_of_system(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EIO || reason == EACCES ||
           reason == EROFS;
}

/* of HDF5; weak, because a netCDF that is linked statically with HDF5 may not export it */
extern int H5dont_atexit(void) __attribute__((weak));

void dg_netcdf_begin(void)
{
    /* fails if HDF5 is in use already: then it was called before */
    if (H5dont_atexit) (void)H5dont_atexit();
}

dg_status dg_netcdf_check(int code, const char *path, const char *subject)
{
    if (code == NC_NOERR) return DG_OK;
    if (!is_of_system(errno))
        return dg_fail(DG_ERR_IO, "%s: %s: %s", path, subject, nc_strerror(code));
    /* positive codes are errno values, but wrong ones: a full disk is reported as EACCES */
    if (code > 0) return dg_fail(DG_ERR_IO, "%s: %s: %s", path, subject, strerror(errno));
    return dg_fail(DG_ERR_IO, "%s: %s: %s (%s)", path, subject, nc_strerror(code), strerror(errno));
}
