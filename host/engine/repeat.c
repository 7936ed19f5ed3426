/** Repeating one run; see repeat.h. */
#include "host/engine/repeat.h"

#include "host/base/error.h"
#include "host/models/model.h"

#include <stdlib.h>

static dg_status repeat_computed(const dg_model *model, const dg_config *config,
                                 const dg_options *options, uint64_t *hash)
{
    const dg_compute_options how = {.vector = dg_backend_cpu_vector(options->vector)};
    dg_computed_run run;
    DG_TRY(model->compute(config, &how, &run));
    *hash = run.hash;
    free(run.packed);
    return DG_OK;
}

static dg_status repeat_in_ensemble(const dg_experiment *experiment, const dg_options *options,
                                    uint64_t *hash)
{
    dg_ensemble *ensemble = NULL;
    dg_status status = dg_ensemble_create(&ensemble, experiment, 0, 1, options);
    if (status == DG_OK) status = dg_ensemble_advance(ensemble, INT32_MAX);
    if (status == DG_OK) status = dg_ensemble_hash(ensemble, 0, hash);
    dg_ensemble_free(&ensemble);
    return status;
}

dg_status dg_run_repeat(const dg_experiment *experiment, const dg_options *options, uint64_t *hash)
{
    const dg_model *model = dg_model_of_experiment(experiment);
    if (dg_model_on_backends(model)) return repeat_in_ensemble(experiment, options, hash);
    const dg_config config = dg_run_config(experiment, 0);
    return repeat_computed(model, &config, options, hash);
}
