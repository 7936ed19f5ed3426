/** Ensembles: runs in memory, the public interface to a batch (digico.h). */
#include "host/engine/batch_plan.h"
#include "host/base/error.h"
#include "host/engine/starts.h"
#include "host/base/hash.h"
#include "host/base/run_state.h"
#include "host/models/batch_shape.h"
#include "host/models/requirements.h"
#include "host/models/statistics.h"

#include <stdlib.h>

struct dg_ensemble {
    const dg_backend *backend;
    dg_batch *batch;
    dg_params *params; /* [runs] */
    dg_shape shape;
    dg_watch watch;
    int32_t runs;
};

static dg_status no_run(const dg_ensemble *ensemble, size_t run)
{
    return dg_fail(DG_ERR_ARGUMENT, "run: %zu, expected 0 ... %d", run, ensemble->runs - 1);
}

/** Plan the requested runs; all must have the shape and the use of cuBLAS of the first one. */
static dg_status plan_runs(dg_batch_plan *plan, const dg_experiment *experiment, size_t first,
                           size_t count, const dg_options *options)
{
    for (size_t r = 0; r < count; r++) {
        dg_shape shape;
        dg_batch_options of_run;
        const dg_config config = dg_run_config(experiment, first + r);
        dg_batch_describe(&config, options, &shape, &of_run);
        if (r == 0) {
            plan->shape = shape;
            plan->options = of_run;
        }
        if (memcmp(&shape, &plan->shape, sizeof shape) != 0)
            return dg_fail(DG_ERR_ARGUMENT, "run %zu: expected the same sizes as run %zu",
                           first + r, first);
        if (of_run.cublas != plan->options.cublas)
            return dg_fail(DG_ERR_ARGUMENT, "run %zu: policy.forward: expected that of run %zu",
                           first + r, first);
        plan->run[r] = first + r;
    }
    plan->options.trace_every = 0;
    plan->options.runs = (int32_t)count;
    return DG_OK;
}

static dg_status check_range(const dg_experiment *experiment, size_t first, size_t count)
{
    if (count < 1 || count > INT32_MAX || first >= experiment->runs ||
        count > experiment->runs - first)
        return dg_fail(DG_ERR_ARGUMENT,
                       "first: %zu, count: %zu, expected a range within the experiment's %zu runs",
                       first, count, experiment->runs);
    const dg_model *model = dg_model_of_experiment(experiment);
    if (!dg_model_on_backends(model))
        return dg_fail(DG_ERR_ARGUMENT,
                       "model: %s, expected one that is computed generation by generation",
                       model->word);
    return DG_OK;
}

/** Find devices for these runs only: the other runs of the experiment may need others. */
static dg_status devices_of_runs(dg_devices *out, const dg_experiment *experiment, size_t first,
                                 size_t count, const dg_options *options)
{
    dg_experiment part = *experiment;
    part.run += first;
    part.runs = count;
    return dg_devices_for(out, &part, options);
}

dg_status dg_ensemble_create(dg_ensemble **out, const dg_experiment *experiment, size_t first,
                             size_t count, const dg_options *options)
{
    static const dg_options defaults;
    const dg_options *how = options ? options : &defaults;
    dg_devices devices;
    DG_TRY(check_range(experiment, first, count));
    DG_TRY(devices_of_runs(&devices, experiment, first, count, how));
    dg_status status = DG_OK;
    dg_batch_plan plan = {.run = malloc(count * sizeof *plan.run)};
    dg_ensemble *made = calloc(1, sizeof *made);
    if (!plan.run || !made) {
        status = dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", count);
        goto end;
    }
    made->backend = devices.device[0].backend;
    made->runs = (int32_t)count;
    made->watch.stop = how->stop;
    DG_TRY_GOTO(plan_runs(&plan, experiment, first, count, how), end);
    plan.options.device = devices.device[0].index;
    made->shape = plan.shape;
    DG_TRY_GOTO(
        dg_starts_make(&made->batch, &made->params, made->backend, experiment, &plan, NULL, NULL),
        end);
    *out = made;
    made = NULL;
end:
    free(made);
    free(plan.run);
    return status;
}

void dg_ensemble_free(dg_ensemble **ensemble)
{
    if (!*ensemble) return;
    (*ensemble)->backend->destroy(&(*ensemble)->batch);
    free((*ensemble)->params);
    free(*ensemble);
    *ensemble = NULL;
}

dg_status dg_ensemble_advance(dg_ensemble *ensemble, int32_t generations)
{
    if (generations < 0)
        return dg_fail(DG_ERR_ARGUMENT, "generations: %d, expected 0 or more", generations);
    return ensemble->backend->advance(ensemble->batch, generations, &ensemble->watch);
}

dg_sizes dg_ensemble_sizes(const dg_ensemble *ensemble)
{
    const dg_shape *s = &ensemble->shape;
    const dg_sizes sizes = {s->agents, s->values, s->groups, s->steps, s->generations};
    return sizes;
}

int32_t dg_ensemble_generations(const dg_ensemble *ensemble, size_t run)
{
    return run < (size_t)ensemble->runs
               ? ensemble->backend->generations(ensemble->batch, (int32_t)run)
               : -1;
}

/** Get the record of a finished generation. */
static dg_status record_of(dg_record *out, const dg_ensemble *ensemble, size_t run,
                           int32_t generation)
{
    if (run >= (size_t)ensemble->runs) return no_run(ensemble, run);
    const int32_t finished = dg_ensemble_generations(ensemble, run);
    if (generation < 0 || generation >= finished)
        return dg_fail(DG_ERR_ARGUMENT, "generation: %d, expected one of the %d finished ones",
                       generation, finished);
    out->shape = &ensemble->shape;
    out->words = ensemble->backend->records(ensemble->batch, (int32_t)run) +
                 generation * dg_record_words(&ensemble->shape);
    out->truthfulness = ensemble->params[run].truthfulness;
    return DG_OK;
}

dg_status dg_ensemble_summary(const dg_ensemble *ensemble, size_t run, int32_t generation,
                              dg_generation_summary *out)
{
    dg_record record;
    DG_TRY(record_of(&record, ensemble, run, generation));
    dg_record_dominance(&record, out);
    return DG_OK;
}

dg_status dg_ensemble_histogram(const dg_ensemble *ensemble, size_t run, int32_t generation,
                                int64_t *counts)
{
    dg_record record;
    DG_TRY(record_of(&record, ensemble, run, generation));
    for (int32_t g = 0; g < ensemble->shape.groups; g++)
        memcpy(counts + (int64_t)g * ensemble->shape.values, dg_record_histogram(&record, g),
               (size_t)ensemble->shape.values * sizeof *counts);
    return DG_OK;
}

dg_status dg_ensemble_beliefs(const dg_ensemble *ensemble, size_t run, int32_t *beliefs)
{
    if (run >= (size_t)ensemble->runs) return no_run(ensemble, run);
    void *state = NULL, *copy = NULL;
    const dg_status status = dg_run_state(&state, &copy, ensemble->backend, ensemble->batch,
                                          &ensemble->shape, (int32_t)run);
    if (status == DG_OK)
        memcpy(beliefs, dg_state_at(&ensemble->shape, state).belief,
               (size_t)ensemble->shape.agents * sizeof *beliefs);
    free(copy);
    return status;
}

dg_status dg_ensemble_hash(const dg_ensemble *ensemble, size_t run, uint64_t *hash)
{
    if (run >= (size_t)ensemble->runs) return no_run(ensemble, run);
    return dg_hash_run(hash, ensemble->backend, ensemble->batch, &ensemble->shape, (int32_t)run);
}
