/** Running a whole experiment. */
#ifndef DG_ENGINE_H
#define DG_ENGINE_H

#include "host/backends/devices.h"
#include "host/config/config.h"

/** Most CPU threads that a call may be asked for: beyond, OpenMP has no memory for their stacks. */
#define DG_MAX_THREADS 4096

/** dg_experiment_run() on given devices; options->device is ignored. */
DG_MUST_CHECK dg_status dg_engine_run(const dg_experiment *experiment, const char *directory,
                                      const dg_options *options, const dg_devices *devices,
                                      dg_outcome *outcome);

#endif
