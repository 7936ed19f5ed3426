/** Version of the software, and whether a file has that of the science, DG_MODEL_VERSION in digico.h. */
#include "host/base/version.h"

const char *dg_version(void)
{
    return "0.1.0";
}

dg_status dg_model_version_check(const char *path, long version)
{
    if (version == DG_MODEL_VERSION) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s: model version %ld, expected %d, that of this program: a digico of version "
                   "%ld continues, merges and verifies its runs; `digico summary` and `digico "
                   "report` read a results.nc of any version; new runs need another folder",
                   path, version, DG_MODEL_VERSION, version);
}
