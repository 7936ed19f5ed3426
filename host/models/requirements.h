/** Which devices an experiment can be computed on. */
#ifndef DG_REQUIREMENTS_H
#define DG_REQUIREMENTS_H

#include "host/backends/devices.h"
#include "host/config/config.h"

/** The devices that an experiment is computed on, checked with dg_devices_check(). */
DG_MUST_CHECK dg_status dg_devices_for(dg_devices *out, const dg_experiment *experiment,
                                       const dg_options *options);

/**
 * Can these devices compute every run: its model, its policy.forward, and on a CPU options->vector?
 *
 * @return DG_OK, DG_ERR_ARGUMENT (vector), DG_ERR_UNSUPPORTED
 */
DG_MUST_CHECK dg_status dg_devices_check(const dg_devices *devices, const dg_experiment *experiment,
                                         const dg_options *options);

#endif
