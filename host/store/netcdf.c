/** One line for a failed netCDF call. */
#include "host/store/netcdf.h"

#include <stdbool.h>
#include <string.h>

/** Whether the system itself refused; netCDF leaves others behind from looking around. */
static bool is_of_system(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EIO || reason == EACCES ||
           reason == EROFS;
}

/* of the HDF5 below netCDF; weak, because one inside a static netCDF may not show it */
extern int H5dont_atexit(void) __attribute__((weak));

void dg_netcdf_begin(void)
{
    /* refuses where HDF5 is in use already: then this was not the first call */
    if (H5dont_atexit) (void)H5dont_atexit();
}

dg_status dg_netcdf_check(int code, const char *path, const char *subject)
{
    if (code == NC_NOERR) return DG_OK;
    if (!is_of_system(errno))
        return dg_fail(DG_ERR_IO, "%s: %s: %s", path, subject, nc_strerror(code));
    /* positive codes are meant as errno values, but a full disk is `permission denied' by them */
    if (code > 0) return dg_fail(DG_ERR_IO, "%s: %s: %s", path, subject, strerror(errno));
    return dg_fail(DG_ERR_IO, "%s: %s: %s (%s)", path, subject, nc_strerror(code), strerror(errno));
}
