/** Files of other model versions: one rule and one line for all that read them. */
#ifndef DG_VERSION_H
#define DG_VERSION_H

#include "host/base/error.h"

/**
 * Are the runs of a file of this program's model version? Those of another are not gone on with, and not
 * repeated: they would end in another state.
 *
 * @param path     of the file, for the message
 * @param version  model version of the program that wrote it
 * @return DG_OK or DG_ERR_ARGUMENT
 */
DG_MUST_CHECK dg_status dg_model_version_check(const char *path, long version);

#endif
