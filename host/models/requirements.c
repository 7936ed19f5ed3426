/** Which devices an experiment can be computed on; see requirements.h. */
#include "host/models/requirements.h"

#include "host/base/error.h"
#include "host/models/model.h"

#include <string.h>

static dg_status check_vector(const char *vector)
{
    if (dg_backend_cpu_vector(vector)) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "vector: %s, expected an instruction set of this CPU, at most %s", vector,
                   dg_backend_cpu_vector(NULL));
}

/* all devices have the same backend: it is enough to ask the first one */
static dg_status check_forward(const dg_device *device, const dg_experiment *experiment)
{
    for (size_t r = 0; r < experiment->runs; r++)
        DG_TRY(device->backend->accepts(dg_run_config(experiment, r).policy_forward));
    return DG_OK;
}

dg_status dg_devices_check(const dg_devices *devices, const dg_experiment *experiment,
                           const dg_options *options)
{
    const bool cpu = dg_devices_are_cpu(devices);
    if (cpu) DG_TRY(check_vector(options->vector));
    const dg_model *model = dg_model_of_experiment(experiment);
    if (dg_model_on_backends(model)) return check_forward(&devices->device[0], experiment);
    if (cpu) return DG_OK;
    return dg_fail(DG_ERR_UNSUPPORTED,
                   "device: %s, expected cpu or auto: model %s is computed on CPUs only",
                   options->device ? options->device : "auto", model->word);
}

size_t dg_devices_wanted(const dg_experiment *experiment, const dg_options *options)
{
    const size_t shards = options->shards > 1 ? (size_t)options->shards : 1;
    return (experiment->runs + shards - 1) / shards;
}

dg_status dg_devices_for(dg_devices *out, const dg_experiment *experiment,
                         const dg_options *options)
{
    const bool any = !options->device || strcmp(options->device, "auto") == 0;
    const bool cpu = any && !dg_model_on_backends(dg_model_of_experiment(experiment));
    dg_devices found = {.count = 0};
    DG_TRY(dg_devices_find(&found, cpu ? "cpu" : options->device,
                           dg_devices_wanted(experiment, options)));
    DG_TRY(dg_devices_check(&found, experiment, options));
    *out = found;
    return DG_OK;
}
