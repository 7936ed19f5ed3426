/**
 * Runs of models that compute one run from start to end (dg_model.compute): computed in parallel,
 * many stored in one batch file. There are no checkpoints, however long a run takes: a stopped one
 * starts again.
 */
#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/machine/memory.h"
#include "host/machine/processors.h"
#include "host/directory/neighbours.h"
#include "host/engine/singles.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/** Runs that are stored in one file. */
typedef struct group {
    dg_engine *engine;
    const size_t *of_experiment; /* [runs] indices in the experiment */
    dg_computed_run *run;        /* [runs] */
    int32_t runs;
    int threads;
    const char *vector;
} group;

static const dg_config *config_of(const group *g, int32_t r)
{
    return &g->engine->experiment->run[g->of_experiment[r]];
}

static bool stopped(void *user)
{
    return dg_engine_stopped(user);
}

/** Compute all runs, or until a stop is requested. Returns the first failure. */
static dg_status compute(const group *g)
{
    dg_engine *engine = g->engine;
    const dg_model *model = dg_model_of_experiment(engine->experiment);
    const dg_watch watch = dg_ticker_watch(&engine->ticker);
    const dg_compute_options options = {
        .vector = g->vector, .stopped = stopped, .user = engine, .watch = &watch};
    const double begin = dg_clock();
    dg_status status = DG_OK;
    char message[256] = "";
#pragma omp parallel for schedule(dynamic, 1) num_threads(g->threads)
    for (int32_t r = 0; r < g->runs; r++) {
        if (dg_engine_stopped(engine)) continue;
        const dg_status one = model->compute(config_of(g, r), &options, &g->run[r]);
#pragma omp critical(dg_singles)
        if (one != DG_OK && status == DG_OK) {
            status = one;
            snprintf(message, sizeof message, "%s", dg_error());
        }
    }
    engine->outcome.seconds_advance += dg_clock() - begin;
    return status == DG_OK ? DG_OK : dg_fail(status, "%s", message);
}

static dg_status add_run(const group *g, dg_archive_writer *writer, int32_t r)
{
    const dg_computed_run *run = &g->run[r];
    dg_run_head head = {.id = g->engine->session->id[g->of_experiment[r]],
                        .hash = run->hash,
                        .status = run->status,
                        .generations = run->generations};
    head.bytes[DG_PART_PACKED] = run->packed_bytes;
    const void *part[DG_PARTS] = {[DG_PART_PACKED] = run->packed};
    return dg_run_add(writer, (uint32_t)r, &head, part);
}

/** Path of the batch file of the runs that have ended, freed by the caller; NULL: no memory. */
static char *path_of(const group *g, size_t *ended)
{
    size_t count = 0;
    size_t *index = malloc((size_t)g->runs * sizeof *index);
    if (!index) return NULL;
    for (int32_t r = 0; r < g->runs; r++)
        if (g->run[r].status != DG_RUN_PLANNED) index[count++] = g->of_experiment[r];
    char *path = dg_session_batch_path(g->engine->session, index, count);
    free(index);
    *ended = count;
    return path;
}

/** Store the runs that have ended in a batch file. */
static dg_status store(const group *g, const dg_provenance *provenance)
{
    const dg_session *s = g->engine->session;
    dg_archive_writer *writer = NULL;
    size_t ended = 0;
    const double begin = dg_clock();
    char *path = path_of(g, &ended);
    dg_status status = path ? dg_session_archive_create(&writer, s, path, DG_ARCHIVE_BATCH)
                            : dg_fail(DG_ERR_MEMORY, "no memory for a batch");
    if (status == DG_OK) status = dg_provenance_add(writer, provenance);
    for (int32_t r = 0; r < g->runs && status == DG_OK; r++)
        if (g->run[r].status != DG_RUN_PLANNED) status = add_run(g, writer, r);
    if (status == DG_OK && ended > 0) status = dg_session_archive_commit(&writer, s);
    dg_archive_discard(&writer);
    free(path);
    g->engine->outcome.seconds_store += dg_clock() - begin;
    return status;
}

static void count(const group *g)
{
    dg_run_counts counts = {{0}};
    for (int32_t r = 0; r < g->runs; r++) {
        dg_run_count(&counts, g->run[r].status);
        g->engine->outcome.agent_steps += g->run[r].agent_steps;
    }
    dg_engine_count(g->engine, &counts);
}

static dg_status run_group(group *g)
{
    dg_provenance provenance = {.backend = "cpu",
                                .device = g->engine->status_file.devices,
                                .vector = g->vector,
                                .threads = g->threads};
    g->run = calloc((size_t)g->runs, sizeof *g->run);
    if (!g->run) return dg_fail(DG_ERR_MEMORY, "no memory for %d runs", g->runs);
    dg_now(provenance.started, sizeof provenance.started);
    dg_status status = compute(g);
    if (status == DG_OK) status = store(g, &provenance);
    if (status == DG_OK) count(g);
    for (int32_t r = 0; r < g->runs; r++) free(g->run[r].packed);
    free(g->run);
    return status;
}

size_t dg_singles_together(const dg_experiment *experiment, const size_t *run, size_t first,
                           size_t left, const dg_options *options, int32_t sharing)
{
    const dg_model *model = dg_model_of_experiment(experiment);
    const int64_t available = dg_memory_available(sharing);
    int64_t room = available > 0 ? available / 2 : INT64_MAX;
    size_t most = left < DG_SINGLES_TOGETHER ? left : DG_SINGLES_TOGETHER, count = 0;
    if (options->batch > 0 && (size_t)options->batch < most) most = (size_t)options->batch;
    while (count < most) {
        room -= model->memory_bytes(&experiment->run[run ? run[count] : first + count]);
        if (room < 0 && count > 0) break;
        count++;
    }
    return count;
}

dg_status dg_engine_singles(dg_engine *engine)
{
    const dg_session *s = engine->session;
    const dg_options *options = engine->options;
    const int32_t sharing = dg_shards_here(s->directory, s->shard);
    assert(s->todo || s->left == 0);
    for (size_t first = 0; first < s->left && !dg_engine_stopped(engine);) {
        const size_t runs = dg_singles_together(engine->experiment, s->todo + first, 0,
                                                s->left - first, options, sharing);
        group g = {.engine = engine,
                   .of_experiment = s->todo + first,
                   .runs = (int32_t)runs,
                   .threads = dg_thread_count(options->threads),
                   .vector = dg_backend_cpu_vector(options->vector)};
        DG_TRY(run_group(&g));
        first += runs;
    }
    return DG_OK;
}
