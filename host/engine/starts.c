/** Creating a batch with the initial or saved states of its runs; see starts.h. */
#include "host/engine/starts.h"

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/machine/processors.h"
#include "host/base/run_state.h"
#include "host/models/batch_shape.h"
#include "host/models/world.h"

#include <stdio.h>
#include <stdlib.h>

/** The distinct tessellations of a batch, and which of them each run has. */
typedef struct niche_table {
    dg_niche *niche;     /* [niches] */
    dg_niche_keys *keys; /* [niches] */
    int32_t niches;
    int32_t *of_run;            /* [runs] index; -1: the run continues from a checkpoint */
    const dg_run_place **begun; /* [runs] its checkpoint; NULL: it starts at generation 0 */
} niche_table;

static void table_free(niche_table *table)
{
    for (int32_t k = 0; table->niche && k < table->niches; k++) dg_niche_free(&table->niche[k]);
    free(table->niche);
    free(table->keys);
    free(table->of_run);
    free(table->begun);
}

/** Find the distinct tessellations of a batch, without making them. */
static dg_status table_plan(niche_table *table, const dg_experiment *experiment,
                            const dg_batch_plan *plan, const dg_starts_source *source)
{
    const size_t runs = (size_t)plan->options.runs;
    table->niche = calloc(runs, sizeof *table->niche);
    table->keys = calloc(runs, sizeof *table->keys);
    table->of_run = calloc(runs, sizeof *table->of_run);
    table->begun = calloc(runs, sizeof *table->begun);
    if (!table->niche || !table->keys || !table->of_run || !table->begun)
        return dg_fail(DG_ERR_MEMORY, "no memory for the niches of %zu runs", runs);
    for (size_t r = 0; r < runs; r++) {
        const dg_config config = dg_run_config(experiment, plan->run[r]);
        const dg_niche_keys keys = dg_niche_keys_of(&config);
        int32_t k = 0;
        table->of_run[r] = -1;
        if (source)
            table->begun[r] = dg_inventory_begun(source->inventory, &source->id[plan->run[r]]);
        if (table->begun[r]) continue;
        while (k < table->niches && dg_niche_compare(&table->keys[k], &keys) != 0) k++;
        if (k == table->niches) table->keys[table->niches++] = keys;
        table->of_run[r] = k;
    }
    return DG_OK;
}

/** Upload the initial state of a run. `block` is a buffer for it. */
static dg_status start_run(dg_batch *batch, const dg_backend *backend, const dg_config *config,
                           const dg_shape *shape, int32_t run, const dg_niche *niche,
                           dg_params *params, void *block)
{
    DG_TRY(dg_config_params(config, shape, params));
    DG_TRY(dg_world_begin(config, shape, params, niche, block));
    return backend->upload(batch, run, params, block);
}

/** Load a part of a run from a checkpoint; it must have the size that this batch needs. */
static dg_status load_part(const dg_run_place *place, dg_part part, const dg_batch_plan *plan,
                           void **out)
{
    const int64_t bytes =
        dg_batch_part_bytes(part, &plan->shape, &plan->options, place->head.generations);
    return dg_run_part_for(place, part, bytes, out);
}

static bool within(const int32_t *value, int64_t count, int32_t low, int32_t high)
{
    for (int64_t k = 0; k < count; k++)
        if (value[k] < low || value[k] >= high) return false;
    return true;
}

/** What kernels use as an index must be one, whatever a checkpoint says. */
static dg_status check_state(const dg_run_place *place, const dg_shape *s, void *block)
{
    const dg_state state = dg_state_at(s, block);
    const int64_t seen = (int64_t)s->agents * s->capacity;
    if (within(state.belief, s->agents, 0, s->values) &&
        within(state.message, s->agents, -1, s->values) &&
        within(state.last_message, s->agents, -1, s->values) &&
        within(state.observed, seen, -1, s->agents) &&
        within(state.registers, seen, -1, s->values) && dg_ended_after(state.ended) == 0)
        return DG_OK;
    return dg_fail(DG_ERR_IO,
                   "%s: damaged: a state that no run has; remove this file, and the same command "
                   "goes on without it",
                   place->archive->path);
}

/** Upload a run as saved in its checkpoint. `block` is a buffer for its state. */
static dg_status restore_run(dg_batch *batch, const dg_backend *backend, const dg_config *config,
                             const dg_batch_plan *plan, int32_t run, const dg_run_place *place,
                             dg_params *params, void *block)
{
    void *records = NULL, *trace = NULL;
    dg_status status = DG_OK;
    DG_TRY(dg_config_params(config, &plan->shape, params));
    DG_TRY(dg_run_part_into(place, DG_PART_STATE, dg_state_bytes(&plan->shape), block));
    DG_TRY(check_state(place, &plan->shape, block));
    DG_TRY_GOTO(load_part(place, DG_PART_RECORDS, plan, &records), end);
    DG_TRY_GOTO(load_part(place, DG_PART_TRACE, plan, &trace), end);
    DG_TRY_GOTO(backend->upload(batch, run, params, block), end);
    status = backend->restore(batch, run, place->head.generations, records, trace);
end:
    free(records);
    free(trace);
    return status;
}

/** Start a run, in the batch's own memory where it has some; else by way of *copy. */
static dg_status start_one(dg_batch *batch, const dg_backend *backend, const dg_config *config,
                           const dg_batch_plan *plan, int32_t run, const niche_table *table,
                           dg_params *params, void **copy)
{
    void *block = NULL;
    DG_TRY(dg_run_state_room(&block, copy, backend, batch, &plan->shape, run));
    if (table->begun[run])
        return restore_run(batch, backend, config, plan, run, table->begun[run], params, block);
    return start_run(batch, backend, config, &plan->shape, run, &table->niche[table->of_run[run]],
                     params, block);
}

static dg_status start_runs(dg_batch *batch, const dg_backend *backend,
                            const dg_experiment *experiment, const dg_batch_plan *plan,
                            const niche_table *table, dg_params *params, int threads)
{
    dg_status status = DG_OK;
    char message[256] = "";
#pragma omp parallel num_threads(threads)
    {
        void *copy = NULL;
#pragma omp for schedule(dynamic, 1)
        for (int32_t r = 0; r < plan->options.runs; r++) {
            const dg_config config = dg_run_config(experiment, plan->run[r]);
            const dg_status one =
                start_one(batch, backend, &config, plan, r, table, &params[r], &copy);
#pragma omp critical(dg_starts)
            if (one != DG_OK && status == DG_OK) {
                status = one;
                snprintf(message, sizeof message, "%s", dg_error());
            }
        }
        free(copy);
    }
    return status == DG_OK ? DG_OK : dg_fail(status, "%s", message);
}

static dg_status make_niches(niche_table *table, int threads)
{
    int failed = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) reduction(+ : failed)
    for (int32_t k = 0; k < table->niches; k++)
        failed += dg_niche_make(&table->niche[k], &table->keys[k]) != DG_OK;
    return failed ? dg_fail(DG_ERR_MEMORY, "no memory for %d niches", failed) : DG_OK;
}

dg_status dg_starts_make(dg_batch **batch, dg_params **params, const dg_backend *backend,
                         const dg_experiment *experiment, const dg_batch_plan *plan,
                         const dg_starts_source *source, double *seconds)
{
    const double begin = dg_clock();
    const int threads = dg_thread_count(plan->options.threads);
    dg_status status = DG_OK;
    niche_table table = {0};
    dg_batch *made = NULL;
    dg_params *held = calloc((size_t)plan->options.runs, sizeof *held);
    if (!held) return dg_fail(DG_ERR_MEMORY, "no memory for %d runs", plan->options.runs);
    DG_TRY_GOTO(table_plan(&table, experiment, plan, source), end);
    DG_TRY_GOTO(make_niches(&table, threads), end);
    DG_TRY_GOTO(backend->create(&made, &plan->shape, &plan->options), end);
    DG_TRY_GOTO(start_runs(made, backend, experiment, plan, &table, held, threads), end);
    *batch = made;
    made = NULL;
    if (params) {
        *params = held;
        held = NULL;
    }
    if (seconds) *seconds += dg_clock() - begin;
end:
    backend->destroy(&made);
    table_free(&table);
    free(held);
    return status;
}
