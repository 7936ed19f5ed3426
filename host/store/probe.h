/** Can a netCDF file be read to its end? HDF5 may crash in a damaged one. */
#ifndef DG_PROBE_H
#define DG_PROBE_H

#include "host/base/error.h"

/**
 * Read all of the file `directory`/`name` in a child process. For files that no hash vouches for: it
 * takes as long as reading them. What netCDF refuses is no fault here: the caller will meet it, too.
 *
 * @return DG_OK; DG_ERR_IO: HDF5 crashed, or takes for ever; DG_ERR_MEMORY: a limit of the system keeps
 *         it from being read so, as no process can be started
 */
DG_MUST_CHECK dg_status dg_probe_read(const char *directory, const char *name);

#endif
