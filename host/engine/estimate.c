/** Estimates of memory, time and disk; `digico plan` prints them. */
#include "host/engine/estimate.h"

#include "host/engine/batch_plan.h"
#include "host/config/fingerprint.h"
#include "host/engine/singles.h"
#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/machine/processors.h"
#include "host/models/model.h"
#include "host/models/requirements.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* measuring time of all shapes together */
#define PROBE_SECONDS 0.3

/* a measured generation has at most this many agent-steps, about 0.02 s, so that the clock is read
   often; longer generations are measured with fewer steps, and the time is scaled */
#define PROBE_AGENT_STEPS 30000

/* bounds the memory of records; the measuring time allows fewer generations */
#define PROBE_GENERATIONS 2000

/* on a GPU: measured runs per multiprocessor, so few that they hardly slow each other down
   (DESIGN.md, section 5), and number of generations, which are chained as in a run */
#define PROBE_RUNS_EACH 2
#define PROBE_CHAINED   512

/* bytes of every run: hash, status, seed, compressed configuration. Other swept keys, 8 ... 32
   bytes each, are left out */
#define FILE_RUN 30

/* writing results.nc takes one thread so long for each run, and for each byte before compression at level 1:
   from calls that found all batches there and no result (4,000 runs of 1 kB: 1.5 s of one core of an AMD
   EPYC; 200 runs of 1 MB: 2.4 s; 20 runs of 3 MB with single agents: 0.55 s) */
#define MERGE_SECONDS_RUN  3.5e-4
#define MERGE_SECONDS_BYTE 1.05e-8

/* ---- sizes ----------------------------------------------------------------------------------- */

static void init_shape(dg_estimate_shape *shape, const dg_config *c)
{
    const dg_model *model = dg_model_of(c->model);
    memset(shape, 0, sizeof *shape);
    shape->config = *c;
    shape->run_seconds = NAN;
    shape->agent_steps = model->agent_steps(c, model->generations(c));
    shape->file_bytes = model->file_bytes(c) + FILE_RUN;
    /* 0: set by count_batch() */
    shape->run_bytes = model->memory_bytes ? model->memory_bytes(c) : 0;
}

static bool same_shape(const dg_config *a, const dg_config *b)
{
    return a->model == b->model && dg_model_of(a->model)->same_shape(a, b);
}

/** Find the shape of a configuration, or append it; NULL: no memory. */
static dg_estimate_shape *shape_of(dg_estimate *plan, const dg_config *config)
{
    for (size_t i = 0; i < plan->shapes; i++) {
        if (same_shape(&plan->shape[i].config, config)) return &plan->shape[i];
    }
    dg_estimate_shape *grown = realloc(plan->shape, (plan->shapes + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    plan->shape = grown;
    init_shape(&grown[plan->shapes], config);
    return &grown[plan->shapes++];
}

/* ---- time ------------------------------------------------------------------------------------ */

/** Advance an ensemble of one run for `budget` seconds; *seconds: per generation. */
static dg_status time_generations(dg_ensemble *ensemble, double budget, double *seconds)
{
    int32_t generations = 0;
    DG_TRY(dg_ensemble_advance(ensemble, 1)); /* warms caches and the threads */
    const double begin = dg_clock();
    do {
        DG_TRY(dg_ensemble_advance(ensemble, 1));
        generations++;
    } while (dg_clock() - begin < budget && generations < PROBE_GENERATIONS - 1);
    *seconds = (dg_clock() - begin) / generations;
    return DG_OK;
}

/** A run as configured, but with as few steps per generation as PROBE_AGENT_STEPS allows. */
static dg_config probe_config(const dg_config *config)
{
    dg_config probe = *config;
    const int64_t most = PROBE_AGENT_STEPS / config->agents + 1;
    probe.steps = config->steps < most ? config->steps : most;
    probe.generations = PROBE_GENERATIONS;
    probe.diversity_every = 0;
    probe.output_agents = false;
    return probe;
}

double dg_estimate_run_seconds(const dg_config *config, double start, double generation,
                               int64_t steps)
{
    const double longer = (double)config->steps / (double)steps;
    return start + generation * (double)config->generations * longer;
}

static dg_status time_shape(dg_estimate_shape *shape, const dg_options *options, double budget)
{
    dg_config config = probe_config(&shape->config);
    dg_run run = {config.seed, 0};
    const dg_experiment probe = {.condition = &config, .conditions = 1, .run = &run, .runs = 1};
    dg_options one = *options;
    dg_ensemble *ensemble = NULL;
    double generation = NAN;
    one.threads = 1;
    const double begin = dg_clock();
    dg_status status = dg_ensemble_create(&ensemble, &probe, 0, 1, &one);
    const double start = dg_clock() - begin;
    if (status == DG_OK) status = time_generations(ensemble, budget, &generation);
    dg_ensemble_free(&ensemble);
    if (status != DG_OK) return status;
    shape->probed = 1;
    shape->run_seconds = dg_estimate_run_seconds(&shape->config, start, generation, config.steps);
    return DG_OK;
}

/* ---- time on a GPU --------------------------------------------------------------------------- */

/** Advance in portions that double, for `budget` seconds; *seconds: per generation of the last. */
static dg_status time_chained(dg_ensemble *ensemble, double budget, double *seconds)
{
    int32_t portion = 1, done = 1;
    double spent = 0;
    DG_TRY(dg_ensemble_advance(ensemble, 1)); /* warms up */
    do {
        const double begin = dg_clock();
        DG_TRY(dg_ensemble_advance(ensemble, portion));
        *seconds = (dg_clock() - begin) / portion;
        spent += *seconds * portion;
        done += portion;
        portion *= 2;
    } while (spent < budget && done + portion <= PROBE_CHAINED);
    return DG_OK;
}

/** probe_config() of the first `count` runs of a shape, each a condition; false: no memory. */
static bool probe_runs(dg_experiment *probe, const dg_estimate_shape *shape,
                       const dg_experiment *experiment, size_t count)
{
    *probe = (dg_experiment){.condition = malloc(count * sizeof *probe->condition),
                             .run = malloc(count * sizeof *probe->run)};
    if (!probe->condition || !probe->run) return false;
    for (size_t r = 0; r < experiment->runs && probe->runs < count; r++) {
        const dg_config config = dg_run_config(experiment, r);
        if (!same_shape(&shape->config, &config)) continue;
        dg_config *condition = &probe->condition[probe->conditions];
        *condition = probe_config(&config);
        condition->policy_forward = shape->config.policy_forward;
        condition->generations = PROBE_CHAINED;
        probe->run[probe->runs++] = (dg_run){config.seed, (uint32_t)probe->conditions++};
    }
    assert(probe->runs == count);
    return true;
}

/** Measure a batch like the engine's, with at most PROBE_RUNS_EACH runs per multiprocessor. */
static dg_status time_batch(dg_estimate_shape *shape, const dg_experiment *experiment,
                            const dg_device *device, const dg_options *options, double budget)
{
    const int32_t most = PROBE_RUNS_EACH * device->info.multiprocessors;
    const int32_t runs = shape->in_flight < most || most < 1 ? shape->in_flight : most;
    char name[32];
    dg_options one = *options;
    dg_ensemble *ensemble = NULL;
    double generation = NAN;
    dg_experiment probe;
    dg_status status = probe_runs(&probe, shape, experiment, (size_t)runs)
                           ? DG_OK
                           : dg_fail(DG_ERR_MEMORY, "no memory to time %d runs", runs);
    one.device = dg_device_name(device, name, sizeof name);
    const double begin = dg_clock();
    if (status == DG_OK) status = dg_ensemble_create(&ensemble, &probe, 0, probe.runs, &one);
    const double start = dg_clock() - begin;
    if (status == DG_OK) status = time_chained(ensemble, budget, &generation);
    dg_ensemble_free(&ensemble);
    if (status == DG_OK) {
        shape->probed = runs;
        shape->run_seconds =
            dg_estimate_run_seconds(&shape->config, start, generation, probe.condition[0].steps) /
            runs;
    }
    free(probe.condition);
    free(probe.run);
    return status;
}

/* ---- time of all runs ------------------------------------------------------------------------ */

/* threads or GPUs share the work equally, but no run (on a GPU, no batch) is divided */
double dg_estimate_wall_seconds(const dg_estimate *plan, int cores)
{
    const bool cpu = dg_devices_are_cpu(&plan->devices);
    double work = 0.0;
    double longest = 0.0;
    for (size_t i = 0; i < plan->shapes; i++) {
        const dg_estimate_shape *shape = &plan->shape[i];
        const double least = shape->run_seconds * (cpu ? 1 : shape->in_flight);
        work += shape->run_seconds * (double)shape->runs;
        if (least > longest) longest = least;
    }
    const int threads = plan->threads < cores ? plan->threads : cores;
    const double shared = work / (cpu ? threads : plan->devices.count);
    return shared < longest ? longest : shared; /* nan stays nan: the comparison is false */
}

static dg_status time_one(dg_estimate *plan, dg_estimate_shape *shape,
                          const dg_experiment *experiment, const dg_options *options, double budget)
{
    const bool fits = plan->memory_free == 0 || shape->run_bytes < plan->memory_free / 2;
    const double known = dg_model_of(shape->config.model)->seconds_per_agent_step;
    if (known > 0) {
        shape->run_seconds = known * (double)shape->agent_steps;
        return DG_OK;
    }
    if (!dg_devices_are_cpu(&plan->devices))
        return time_batch(shape, experiment, &plan->devices.device[0], options, budget);
    return fits ? time_shape(shape, options, budget) : DG_OK;
}

static dg_status time_all(dg_estimate *plan, const dg_experiment *experiment,
                          const dg_options *options)
{
    const double budget = PROBE_SECONDS / (double)plan->shapes;
    for (size_t i = 0; i < plan->shapes; i++)
        DG_TRY(time_one(plan, &plan->shape[i], experiment, options, budget));
    plan->seconds = dg_estimate_wall_seconds(plan, dg_processors());
    return DG_OK;
}

/* ---- machine --------------------------------------------------------------------------------- */

static int thread_count(const dg_options *options)
{
    return dg_thread_count(options->threads);
}

/** Free memory of the device that has the least. */
static int64_t memory_free(const dg_devices *devices)
{
    int64_t least = devices->device[0].info.memory_free;
    for (int32_t d = 1; d < devices->count; d++)
        if (devices->device[d].info.memory_free < least)
            least = devices->device[d].info.memory_free;
    return least;
}

/** Add the disk space of a batch: of its batch file, and of its checkpoints. */
static void count_files(dg_estimate *plan, const dg_batch_plan *batch)
{
    const dg_shape *s = &batch->shape;
    const int64_t measures = s->generations * dg_record_words(s) * (int64_t)sizeof(int64_t) +
                             dg_trace_words(s, &batch->options) * (int64_t)sizeof(int16_t);
    const int64_t saved =
        2 * plan->devices.count * batch->options.runs * (measures + dg_state_bytes(s));
    plan->batch_bytes += (double)batch->options.runs * (double)measures;
    if (saved > plan->saved_bytes) plan->saved_bytes = saved;
}

/** Add a batch to the estimates of its shape and of the experiment. */
static void count_batch(dg_estimate *plan, dg_estimate_shape *shape, const dg_batch_plan *batch)
{
    const dg_backend *backend = plan->devices.device[0].backend;
    const int64_t bytes = backend->bytes_per_run(&batch->shape, &batch->options);
    /* not for each of thousands of batches: it asks the system for the memory that is free */
    if (shape->in_flight == 0 || bytes > shape->run_bytes)
        shape->room = dg_batch_room(batch, &plan->devices, 0);
    if (bytes > shape->run_bytes) shape->run_bytes = bytes;
    if (batch->options.runs > shape->in_flight) shape->in_flight = batch->options.runs;
    const int64_t held =
        bytes * batch->options.runs + backend->bytes_beside(&batch->shape, &batch->options);
    if (held > plan->held_bytes) plan->held_bytes = held;
    count_files(plan, batch);
}

/** Batches of dg_engine_singles(): held in memory until they are stored, without checkpoints. */
static void count_singles(dg_estimate *plan, const dg_experiment *experiment,
                          const dg_options *options)
{
    const dg_model *model = dg_model_of_experiment(experiment);
    int64_t bytes = 0;
    for (size_t r = 0, end = 0; r < plan->runs; r++) {
        const dg_config c = dg_run_config(experiment, r);
        if (r == end) {
            end += dg_singles_together(experiment, NULL, r, plan->runs - r, options, 0);
            plan->batches++;
            bytes = 0;
        }
        bytes += model->memory_bytes(&c);
        if (bytes > plan->held_bytes) plan->held_bytes = bytes;
        plan->batch_bytes +=
            (double)model->part_bytes(&c, DG_PART_PACKED, (int32_t)model->generations(&c));
    }
}

/** Add all batches, divided as the engine does. */
static dg_status count_batches(dg_estimate *plan, const dg_experiment *experiment,
                               const dg_options *options)
{
    dg_batch_plan *batch = NULL;
    size_t count = 0;
    assert(plan->shapes > 0); /* an experiment has a run */
    if (!dg_model_on_backends(dg_model_of_experiment(experiment))) {
        count_singles(plan, experiment, options);
        return DG_OK;
    }
    DG_TRY(dg_batch_plans_make(&batch, &count, experiment, NULL, options, &plan->devices));
    plan->batches = count;
    for (size_t i = 0; i < count; i++) {
        const dg_config first = dg_run_config(experiment, batch[i].run[0]);
        count_batch(plan, shape_of(plan, &first), &batch[i]);
    }
    dg_batch_plans_free(&batch, count);
    return DG_OK;
}

/* ---- plan ------------------------------------------------------------------------------------ */

/** Find the shapes, and add up work and bytes of all runs. */
static dg_status count_runs(dg_estimate *plan, const dg_experiment *experiment)
{
    plan->runs = experiment->runs;
    plan->file_bytes = (double)dg_model_of_experiment(experiment)->file_fixed;
    for (size_t run = 0; run < experiment->runs; run++) {
        const dg_config config = dg_run_config(experiment, run);
        dg_estimate_shape *shape = shape_of(plan, &config);
        if (shape == NULL) return dg_fail(DG_ERR_MEMORY, "no memory to plan %zu runs", plan->runs);
        shape->runs++;
        plan->agent_steps += (double)shape->agent_steps;
        plan->file_bytes += (double)shape->file_bytes;
    }
    return DG_OK;
}

/** What grows with the number of runs alone: the list of runs in memory, and the merge. */
static void count_list(dg_estimate *plan, const dg_experiment *experiment)
{
    /* a call that goes on holds two lists: that of the file, and that of the folder's manifest */
    const size_t list =
        experiment->conditions * sizeof(dg_config) + experiment->runs * sizeof(dg_run);
    /* fingerprints, and places in the order of the sweep or of computing */
    const size_t beside = experiment->runs * (sizeof(dg_fingerprint) + sizeof(size_t));
    plan->list_bytes = (int64_t)(2 * list + beside);
    plan->merge_seconds =
        MERGE_SECONDS_RUN * (double)plan->runs + MERGE_SECONDS_BYTE * (double)plan->file_bytes;
}

dg_status dg_estimate_make(dg_estimate *out, const dg_experiment *experiment,
                           const dg_options *options)
{
    static const dg_options defaults;
    dg_estimate plan = {.seconds = NAN};
    if (options == NULL) options = &defaults;
    DG_TRY(dg_devices_for(&plan.devices, experiment, options));
    plan.memory_free = memory_free(&plan.devices);
    plan.threads = thread_count(options);
    dg_status status = count_runs(&plan, experiment);
    if (status == DG_OK) status = count_batches(&plan, experiment, options);
    count_list(&plan, experiment);
    if (status == DG_OK) status = time_all(&plan, experiment, options);
    if (status == DG_OK) {
        *out = plan;
    } else {
        dg_estimate_free(&plan);
    }
    return status;
}

void dg_estimate_free(dg_estimate *plan)
{
    free(plan->shape);
    plan->shape = NULL;
    plan->shapes = 0;
}
