/** Version and commit of the software. The version of the science is DG_MODEL_VERSION in digico.h. */
#include "digico/digico.h"
#include "host/base/build_info.h"

#ifndef DG_GIT_COMMIT
#define DG_GIT_COMMIT "unknown"
#endif

const char *dg_version(void)
{
    return "0.1.0";
}

const char *dg_build_git_commit(void)
{
    return DG_GIT_COMMIT;
}
