/** Dividing an experiment into batches of one shape; see batch_plan.h. */
#include "host/engine/batch_plan.h"

#include "host/base/error.h"
#include "host/machine/memory.h"
#include "host/models/batch_shape.h"

#include <math.h>
#include <stdlib.h>

/* On a CPU larger batches are not faster, and finished runs would reach the disk later. */
#define BATCH_RUNS 256

/** Can a run with these sizes and options be in the batch? */
static bool same_batch(const dg_batch_plan *plan, const dg_shape *shape,
                       const dg_batch_options *options, int32_t first)
{
    return plan->first == first && memcmp(&plan->shape, shape, sizeof *shape) == 0 &&
           plan->options.trace_first == options->trace_first &&
           plan->options.trace_last == options->trace_last &&
           plan->options.trace_every == options->trace_every &&
           plan->options.cublas == options->cublas;
}

double dg_batch_work(const dg_batch_plan *plan)
{
    return (double)plan->options.runs * plan->shape.agents * plan->shape.steps *
           (plan->shape.generations - plan->first);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static int32_t at_most(int64_t runs, int32_t most)
{
    return runs < 0 ? 0 : runs < most ? (int32_t)runs : most;
}

/**
 * Runs of a batch that fit into so many bytes of the host. Each takes `bytes`, and beside them `one`, as
 * long as there are threads without a run; `most` is what many take beside. The greater number is right:
 * with few runs `most` is too much, with many `one` for each is.
 */
static int64_t runs_in(int64_t memory, int64_t bytes, int64_t one, int64_t most)
{
    const int64_t few = memory / (bytes + one), many = (memory - most) / bytes;
    return few > many ? few : many;
}

/** Runs of each of the `holding` batches that this process holds at once on the host; at least 1. */
static int32_t room_on_host(const dg_batch_plan *plan, const dg_backend *backend, int32_t holding,
                            int32_t sharing)
{
    const int64_t memory = dg_memory_available(sharing);
    if (memory == 0) return INT32_MAX; /* unknown */
    dg_batch_options one = plan->options, many = plan->options;
    one.runs = 1;
    many.runs = INT32_MAX;
    /* of a run on a GPU the host holds records and trace, and the state while it is transferred */
    const int64_t bytes = dg_backend_cpu()->bytes_per_run(&plan->shape, &plan->options);
    const int32_t runs =
        at_most(runs_in(memory / 2 / holding, bytes, backend->bytes_beside(&plan->shape, &one),
                        backend->bytes_beside(&plan->shape, &many)),
                INT32_MAX);
    return runs < 1 ? 1 : runs;
}

/* a batch is computed by the next free device, so it must fit the one with the least memory */
static int32_t room_on_devices(const dg_batch_plan *plan, const dg_devices *devices)
{
    int32_t most = INT32_MAX;
    for (int32_t d = 0; d < devices->count; d++) {
        const dg_device *device = &devices->device[d];
        dg_batch_options options = plan->options;
        options.device = device->index;
        const int64_t bytes = device->backend->bytes_per_run(&plan->shape, &options);
        if (device->info.memory_free > 0)
            most = at_most(device->info.memory_free / 10 * 9 / bytes, most);
    }
    return most;
}

int32_t dg_batch_room(const dg_batch_plan *plan, const dg_devices *devices, int32_t sharing)
{
    const bool cpu = dg_devices_are_cpu(devices);
    const int32_t most = cpu ? BATCH_RUNS : room_on_devices(plan, devices);
    const int32_t holding = cpu ? 1 : devices->count;
    return at_most(room_on_host(plan, devices->device[0].backend, holding, sharing), most);
}

static dg_status check_shape(const dg_batch_plan *plan, const dg_devices *devices)
{
    dg_batch_options options = plan->options;
    for (int32_t d = 0; d < devices->count; d++) {
        const dg_device *device = &devices->device[d];
        options.device = device->index;
        DG_TRY(device->backend->fits(&plan->shape, &options));
    }
    return DG_OK;
}

static dg_status fail_room(const dg_batch_plan *plan, const dg_devices *devices)
{
    const dg_device *least = &devices->device[0];
    char name[32];
    for (int32_t d = 1; d < devices->count; d++)
        if (devices->device[d].info.memory_free < least->info.memory_free)
            least = &devices->device[d];
    return dg_fail(
        DG_ERR_MEMORY, "run %zu: needs %.3g GB, expected at most 90 %% of the %.3g GB free on %s",
        plan->run[0], (double)least->backend->bytes_per_run(&plan->shape, &plan->options) / 1e9,
        (double)least->info.memory_free / 1e9, dg_device_name(least, name, sizeof name));
}

/**
 * Runs of this shape that a batch may hold; 0: not even one fits.
 *
 * @param share    work of all runs / number of devices
 * @param sharing  as in dg_run_selection
 */
static int32_t batch_limit(const dg_batch_plan *plan, const dg_devices *devices,
                           const dg_options *how, double share, int32_t sharing)
{
    const bool cpu = dg_devices_are_cpu(devices);
    if (cpu && how->batch > 0) return how->batch;
    int32_t limit = dg_batch_room(plan, devices, sharing);
    if (how->batch > 0) limit = at_most(how->batch, limit);
    if (devices->count == 1) return limit;
    /* rounded, not more batches: a batch of few runs takes nearly as long as one of many */
    const double shares = round(dg_batch_work(plan) / share);
    return shares > 1 ? at_most((int64_t)ceil(plan->options.runs / shares), limit) : limit;
}

/* ---- runs of one shape ----------------------------------------------------------------------- */

/** Append a plan without runs; NULL: no memory. */
static dg_batch_plan *plan_add(dg_batch_plan **plans, size_t *count, const dg_shape *shape,
                               const dg_batch_options *options, int32_t first)
{
    dg_batch_plan *grown = realloc(*plans, (*count + 1) * sizeof *grown);
    if (!grown) return NULL;
    *plans = grown;
    dg_batch_plan *plan = &grown[*count];
    plan->shape = *shape;
    plan->options = *options;
    plan->options.runs = 0;
    plan->first = first;
    plan->order = *count;
    plan->run = NULL;
    ++*count;
    return plan;
}

/** Find the plan for a run with these sizes and options, or append one; NULL: no memory. */
static dg_batch_plan *plan_for(dg_batch_plan **plans, size_t *count, const dg_shape *shape,
                               const dg_batch_options *options, int32_t first)
{
    for (size_t b = 0; b < *count; b++)
        if (same_batch(&(*plans)[b], shape, options, first)) return &(*plans)[b];
    return plan_add(plans, count, shape, options, first);
}

/** Append a run; the capacity doubles at each power of 2. False: no memory. */
static bool plan_add_run(dg_batch_plan *plan, size_t run)
{
    const size_t runs = (size_t)plan->options.runs;
    if ((runs & (runs - 1)) == 0) {
        size_t *grown = realloc(plan->run, (runs ? 2 * runs : 1) * sizeof *grown);
        if (!grown) return false;
        plan->run = grown;
    }
    plan->run[plan->options.runs++] = run;
    return true;
}

static dg_status fail_memory(const dg_experiment *experiment)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for a plan of %zu runs", experiment->runs);
}

/** Group the runs that could be in one batch, ignoring memory. */
static dg_status plans_group(dg_batch_plan **groups, size_t *count, const dg_experiment *experiment,
                             const dg_run_selection *which, const dg_options *how, bool cpu)
{
    const size_t runs = which ? which->count : experiment->runs;
    for (size_t k = 0; k < runs; k++) {
        const size_t r = which ? which->run[k] : k;
        dg_shape shape;
        dg_batch_options options;
        const dg_config config = dg_run_config(experiment, r);
        dg_batch_describe(&config, how, &shape, &options);
        /* a CPU computes runs one by one, so their generations may differ */
        const int32_t first = which && !cpu ? which->begun[k] : 0;
        dg_batch_plan *group = plan_for(groups, count, &shape, &options, first);
        if (!group || !plan_add_run(group, r)) return fail_memory(experiment);
    }
    return DG_OK;
}

/* ---- batches --------------------------------------------------------------------------------- */

/** Divide a group into batches of at most `limit` runs. */
static dg_status group_cut(dg_batch_plan **plans, size_t *count, const dg_batch_plan *group,
                           int32_t limit, const dg_experiment *experiment)
{
    dg_batch_plan *plan = NULL;
    for (int32_t r = 0; r < group->options.runs; r++) {
        if (r % limit == 0)
            plan = plan_add(plans, count, &group->shape, &group->options, group->first);
        if (!plan || !plan_add_run(plan, group->run[r])) return fail_memory(experiment);
    }
    return DG_OK;
}

/** Most work first; equal work in the original order. */
static int compare_work(const void *a, const void *b)
{
    const dg_batch_plan *left = a, *right = b;
    const double difference = dg_batch_work(right) - dg_batch_work(left);
    if (difference != 0) return difference > 0 ? 1 : -1;
    return left->order < right->order ? -1 : left->order > right->order;
}

static dg_status groups_cut(dg_batch_plan **plans, size_t *count, const dg_batch_plan *groups,
                            size_t group_count, const dg_experiment *experiment,
                            const dg_options *how, const dg_devices *devices, int32_t sharing)
{
    double work = 0;
    for (size_t g = 0; g < group_count; g++) work += dg_batch_work(&groups[g]);
    for (size_t g = 0; g < group_count; g++) {
        DG_TRY(check_shape(&groups[g], devices));
        const int32_t limit = batch_limit(&groups[g], devices, how, work / devices->count, sharing);
        if (limit < 1) return fail_room(&groups[g], devices);
        DG_TRY(group_cut(plans, count, &groups[g], limit, experiment));
    }
    if (devices->count > 1 && *plans) qsort(*plans, *count, sizeof **plans, compare_work);
    return DG_OK;
}

dg_status dg_batch_plans_make(dg_batch_plan **out, size_t *count, const dg_experiment *experiment,
                              const dg_run_selection *which, const dg_options *how,
                              const dg_devices *devices)
{
    dg_batch_plan *groups = NULL, *plans = NULL;
    size_t group_count = 0, made = 0;
    dg_status status =
        plans_group(&groups, &group_count, experiment, which, how, dg_devices_are_cpu(devices));
    if (status == DG_OK)
        status = groups_cut(&plans, &made, groups, group_count, experiment, how, devices,
                            which ? which->sharing : 0);
    dg_batch_plans_free(&groups, group_count);
    if (status != DG_OK) {
        dg_batch_plans_free(&plans, made);
        return status;
    }
    *out = plans;
    *count = made;
    return DG_OK;
}

void dg_batch_plans_free(dg_batch_plan **plans, size_t count)
{
    for (size_t b = 0; *plans && b < count; b++) free((*plans)[b].run);
    free(*plans);
    *plans = NULL;
}
