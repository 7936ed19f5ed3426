/** Estimates of memory, time and disk; `digico plan` prints them. */
#include "host/plan.h"

#include "host/batch_plan.h"
#include "host/clock.h"
#include "host/error.h"
#include "host/memory.h"

#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* time for measuring, shared by all shapes */
#define PROBE_SECONDS 0.3

/* a probe generation has at most this many agent-steps, about 0.02 s, so that the clock is asked
   often; longer generations are cut short and scaled */
#define PROBE_AGENT_STEPS 30000

/* more generations than the time is enough for; bounds the memory of their records */
#define PROBE_GENERATIONS 2000

/* echo-chamber runs are a multiply-add per agent and step, bound by its latency: not measured */
#define ECHO_SECONDS_PER_AGENT_STEP 2e-9

/* quantities of a run and generation in the result file, each a float: about this many of the whole
   population and of each group (store_define.c) */
#define FILE_RATES       20
#define FILE_GROUP_RATES 8

/* of every run: its configuration text, packed, its coordinates, status and hash; the chunks of the
   variables above grow with it (measured: 480 ... 700) */
#define FILE_RUN 800

/* the file itself: dimensions, attributes, the text of the experiment (measured: 122 kB) */
#define FILE_FIXED 130000

/* ---- sizes ---------------------------------------------------------------------------------- */

static int64_t recorded_generations(const dg_config *c)
{
    if (!c->output_agents || c->output_every < 1 || c->output_last < c->output_first) return 0;
    return (c->output_last - c->output_first) / c->output_every + 1;
}

static int64_t digico_file_bytes(const dg_config *c)
{
    const int64_t groups = c->group_count;
    const int64_t measured = c->diversity_every > 0 ? c->generations / c->diversity_every + 1 : 0;
    return 4 * c->generations * (FILE_RATES + groups * (FILE_GROUP_RATES + c->values)) +
           4 * measured * groups * groups +
           2 * recorded_generations(c) * DG_TRACES * c->steps * c->agents + FILE_RUN;
}

static int64_t echo_file_bytes(const dg_config *c)
{
    const int64_t snapshots = dg_echo_snapshots(c);
    return 4 * c->echo_agents * (snapshots + 2) + 24 * snapshots + FILE_RUN;
}

static int64_t held_bytes(const dg_config *c)
{
    static const dg_options defaults;
    dg_shape shape;
    dg_batch_options options;
    dg_batch_describe(c, &defaults, &shape, &options);
    return dg_backend_cpu()->bytes_per_run(&shape, &options);
}

static void size_up(dg_plan_shape *shape, const dg_config *c)
{
    shape->config = *c;
    shape->runs = 0;
    shape->start_seconds = NAN;
    shape->run_seconds = NAN;
    if (c->model == DG_MODEL_ECHO) {
        shape->agent_steps = c->echo_agents * c->echo_steps;
        shape->run_bytes = 16 * c->echo_agents + echo_file_bytes(c);
        shape->file_bytes = echo_file_bytes(c);
    } else {
        shape->agent_steps = c->agents * c->steps * c->generations;
        shape->run_bytes = held_bytes(c);
        shape->file_bytes = digico_file_bytes(c);
    }
}

/* sizes that decide the shape; the names and order of groups do not matter here */
static bool same_shape(const dg_config *a, const dg_config *b)
{
    if (a->model != b->model) return false;
    if (a->model == DG_MODEL_ECHO) {
        return a->echo_agents == b->echo_agents && a->echo_steps == b->echo_steps &&
               a->echo_snapshot_every == b->echo_snapshot_every;
    }
    dg_shape left, right;
    dg_config_shape(a, &left);
    dg_config_shape(b, &right);
    return memcmp(&left, &right, sizeof left) == 0;
}

static dg_plan_shape *shape_of(dg_plan *plan, const dg_config *config)
{
    for (size_t i = 0; i < plan->shapes; i++) {
        if (same_shape(&plan->shape[i].config, config)) return &plan->shape[i];
    }
    dg_plan_shape *grown = realloc(plan->shape, (plan->shapes + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    plan->shape = grown;
    size_up(&grown[plan->shapes], config);
    return &grown[plan->shapes++];
}

/* ---- time ----------------------------------------------------------------------------------- */

/** Advance an ensemble of one run for `budget` seconds; seconds per generation, or nan. */
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

/** One run as configured, but with generations cut to a length that the budget allows. */
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

static dg_status time_shape(dg_plan_shape *shape, const dg_options *options, double budget)
{
    dg_config config = probe_config(&shape->config);
    const dg_experiment probe = {.run = &config, .runs = 1};
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
    shape->start_seconds = start;
    shape->run_seconds = start + generation * (double)shape->config.generations *
                                     (double)shape->config.steps / (double)config.steps;
    return DG_OK;
}

/* runs are independent: threads share them, and the last ones to finish decide */
static double wall_seconds(const dg_plan *plan)
{
    double work = 0.0;
    double longest = 0.0;
    for (size_t i = 0; i < plan->shapes; i++) {
        const dg_plan_shape *shape = &plan->shape[i];
        work += shape->run_seconds * (double)shape->runs;
        if (shape->run_seconds > longest) longest = shape->run_seconds;
    }
    const int cores = omp_get_num_procs(); /* more threads than these gain nothing */
    const double shared = work / (plan->threads < cores ? plan->threads : cores);
    return shared < longest ? longest : shared; /* nan stays nan: the comparison is false */
}

static dg_status time_all(dg_plan *plan, const dg_options *options)
{
    const double budget = PROBE_SECONDS / (double)plan->shapes;
    for (size_t i = 0; i < plan->shapes; i++) {
        dg_plan_shape *shape = &plan->shape[i];
        const bool fits = plan->memory_free == 0 || shape->run_bytes < plan->memory_free / 2;
        if (shape->config.model == DG_MODEL_ECHO) {
            shape->run_seconds = ECHO_SECONDS_PER_AGENT_STEP * (double)shape->agent_steps;
        } else if (fits) {
            DG_TRY(time_shape(shape, options, budget));
        }
    }
    plan->seconds = wall_seconds(plan);
    return DG_OK;
}

/* ---- machine -------------------------------------------------------------------------------- */

static int thread_count(const dg_options *options)
{
    return options->threads > 0 ? options->threads : omp_get_num_procs();
}

/** Batches as the engine will cut them; an echo-chamber run is held alone. */
static dg_status count_batches(dg_plan *plan, const dg_experiment *experiment,
                               const dg_options *options)
{
    dg_batch_plan *batch = NULL;
    size_t count = 0;
    assert(plan->shapes > 0); /* an experiment has a run */
    plan->batches = plan->runs;
    plan->held_bytes = plan->shape[0].run_bytes;
    if (plan->shape[0].config.model == DG_MODEL_ECHO) return DG_OK;
    DG_TRY(dg_batch_plans_make(&batch, &count, experiment, options, dg_backend_cpu()));
    plan->batches = count;
    for (size_t i = 0; i < count; i++) {
        const int64_t bytes = dg_backend_cpu()->bytes_per_run(&batch[i].shape, &batch[i].options) *
                              batch[i].options.runs;
        if (bytes > plan->held_bytes) plan->held_bytes = bytes;
    }
    dg_batch_plans_free(&batch, count);
    return DG_OK;
}

/* ---- plan ----------------------------------------------------------------------------------- */

/** Runs by shape, and what they add up to. */
static dg_status add_up(dg_plan *plan, const dg_experiment *experiment)
{
    plan->runs = experiment->runs;
    plan->file_bytes = FILE_FIXED;
    for (size_t run = 0; run < experiment->runs; run++) {
        dg_plan_shape *shape = shape_of(plan, &experiment->run[run]);
        if (shape == NULL) return dg_fail(DG_ERR_MEMORY, "no memory to plan %zu runs", plan->runs);
        shape->runs++;
        plan->agent_steps += shape->agent_steps;
        plan->file_bytes += shape->file_bytes;
    }
    return DG_OK;
}

dg_status dg_plan_make(dg_plan *out, const dg_experiment *experiment, const dg_options *options)
{
    static const dg_options defaults;
    dg_plan plan = {.seconds = NAN};
    if (options == NULL) options = &defaults;
    plan.memory_free = dg_memory_available();
    plan.threads = thread_count(options);
    dg_status status = add_up(&plan, experiment);
    if (status == DG_OK) status = count_batches(&plan, experiment, options);
    if (status == DG_OK) status = time_all(&plan, options);
    if (status == DG_OK) {
        *out = plan;
    } else {
        dg_plan_free(&plan);
    }
    return status;
}

void dg_plan_free(dg_plan *plan)
{
    free(plan->shape);
    plan->shape = NULL;
    plan->shapes = 0;
}
