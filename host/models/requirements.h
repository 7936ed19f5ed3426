/** Which devices an experiment can be computed on. */
#ifndef DG_REQUIREMENTS_H
#define DG_REQUIREMENTS_H

#include "host/backends/devices.h"
#include "host/config/config.h"

/** Find the devices for an experiment, and check them with dg_devices_check(). */
DG_MUST_CHECK dg_status dg_devices_for(dg_devices *out, const dg_experiment *experiment,
                                       const dg_options *options);

/** Most devices that a call on this experiment has runs for, or its shard: `wanted` of dg_devices_find(). */
size_t dg_devices_wanted(const dg_experiment *experiment, const dg_options *options);

/**
 * Can these devices compute every run?
 *
 * @return DG_OK; DG_ERR_ARGUMENT: options->vector is no instruction set of this CPU;
 *         DG_ERR_UNSUPPORTED: the devices cannot compute the model or a policy.forward
 */
DG_MUST_CHECK dg_status dg_devices_check(const dg_devices *devices, const dg_experiment *experiment,
                                         const dg_options *options);

#endif
