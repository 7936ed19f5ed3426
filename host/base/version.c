/** The version of the software; DG_MODEL_VERSION in digico.h is the science's. */
#include "digico/digico.h"

const char *dg_version(void)
{
    return "0.1.0";
}
