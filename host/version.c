/** The version of the software; that of the model's science is DG_MODEL_VERSION. */
#include "digico/digico.h"

const char *dg_version(void)
{
    return "0.1.0";
}
