/** One line for a failed netCDF call. */
#include "host/nc.h"

#include <stdbool.h>
#include <string.h>

/** Whether the system itself refused; netCDF leaves others behind from looking around. */
static bool is_of_system(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EIO || reason == EACCES ||
           reason == EROFS;
}

dg_status dg_nc_check(int code, const char *path, const char *subject)
{
    if (code == NC_NOERR) return DG_OK;
    /* positive codes are errno values, which nc_strerror already spells out */
    if (!is_of_system(errno) || code > 0) {
        return dg_fail(DG_ERR_IO, "%s: %s: %s", path, subject, nc_strerror(code));
    }
    return dg_fail(DG_ERR_IO, "%s: %s: %s (%s)", path, subject, nc_strerror(code), strerror(errno));
}
