/** Version of the software. The version of the science is DG_MODEL_VERSION in digico.h. */
#include "digico/digico.h"

const char *dg_version(void)
{
    return "0.1.0";
}
