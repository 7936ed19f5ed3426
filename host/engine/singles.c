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
    size_t *of_experiment; /* [runs] indices in the experiment; in the end, the ended ones first */
    dg_computed_run *run;  /* [runs], in the same order */
    int32_t runs, ended;
    bool too_many; /* there was no memory for all of them at once */
    int threads;
    const char *vector;
} group;

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
        const dg_config config = dg_run_config(engine->experiment, g->of_experiment[r]);
        const dg_status one = model->compute(&config, &options, &g->run[r]);
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

/** Move the runs that have ended to the front, and count them. */
static void ended_first(group *g)
{
    for (int32_t r = 0; r < g->runs; r++) {
        const dg_computed_run run = g->run[r];
        const size_t index = g->of_experiment[r];
        if (run.status == DG_RUN_PLANNED) continue;
        g->run[r] = g->run[g->ended];
        g->run[g->ended] = run;
        g->of_experiment[r] = g->of_experiment[g->ended];
        g->of_experiment[g->ended++] = index;
    }
}

/** Store the runs that have ended in a batch file. */
static dg_status store(const group *g, const dg_provenance *provenance)
{
    const dg_session *s = g->engine->session;
    dg_archive_writer *writer = NULL;
    const double begin = dg_clock();
    char *path = dg_session_batch_path(s, g->of_experiment, (size_t)g->ended);
    dg_status status = path ? dg_session_archive_create(&writer, s, path, DG_ARCHIVE_BATCH)
                            : dg_fail(DG_ERR_MEMORY, "no memory for a batch");
    if (status == DG_OK) status = dg_provenance_add(writer, provenance);
    for (int32_t r = 0; r < g->ended && status == DG_OK; r++) status = add_run(g, writer, r);
    if (status == DG_OK) status = dg_session_archive_commit(&writer, s);
    dg_archive_discard(&writer);
    free(path);
    g->engine->outcome.seconds_store += dg_clock() - begin;
    return status;
}

/** Give the last of the runs that have ended back to those that are left to compute. */
static void drop_last(group *g)
{
    dg_computed_run *run = &g->run[--g->ended];
    const dg_watch watch = dg_ticker_watch(&g->engine->ticker);
    dg_watch_add(&watch, -run->generations, -run->agent_steps, 0);
    g->engine->ticker.runs_done--;
    free(run->packed);
    *run = (dg_computed_run){.status = DG_RUN_PLANNED};
}

/** Storing takes memory, too: where runs have filled all of it, some of them make room. */
static dg_status store_as_memory_allows(group *g, const dg_provenance *provenance)
{
    dg_status status = g->ended > 0 ? store(g, provenance) : DG_OK;
    for (; status == DG_ERR_MEMORY && g->ended > 1; status = store(g, provenance)) {
        drop_last(g);
        g->too_many = true;
    }
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

/** Compute a group and store what has ended of it, also where there was no memory for the others. */
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
    g->too_many = status == DG_ERR_MEMORY && g->runs > 1;
    ended_first(g);
    if (status == DG_OK || g->too_many) status = store_as_memory_allows(g, &provenance);
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
        const dg_config config = dg_run_config(experiment, run ? run[count] : first + count);
        room -= model->memory_bytes(&config);
        if (room < 0 && count > 0) break;
        count++;
    }
    return count;
}

/** The next runs from `first` on, at most `most`. */
static group next_group(dg_engine *engine, size_t first, size_t most, int32_t sharing)
{
    const dg_session *s = engine->session;
    const size_t left = s->left - first < most ? s->left - first : most;
    const size_t runs =
        dg_singles_together(engine->experiment, s->todo + first, 0, left, engine->options, sharing);
    return (group){.engine = engine,
                   .of_experiment = s->todo + first,
                   .runs = (int32_t)runs,
                   .threads = dg_thread_count(engine->options->threads),
                   .vector = dg_backend_cpu_vector(engine->options->vector)};
}

dg_status dg_engine_singles(dg_engine *engine)
{
    const dg_session *s = engine->session;
    const int32_t sharing = dg_shards_here(s->directory, s->shard);
    size_t most = DG_SINGLES_TOGETHER;
    bool said = false;
    assert(s->todo || s->left == 0);
    for (size_t first = 0; first < s->left && !dg_engine_stopped(engine);) {
        group g = next_group(engine, first, most, sharing);
        DG_TRY(run_group(&g));
        first += (size_t)g.ended;
        if (g.too_many && !said)
            dg_engine_log(engine, "no memory for %d runs at once: it goes on with fewer", g.runs);
        said = said || g.too_many;
        /* fewer until those are done; the next may be smaller */
        most = g.too_many ? (size_t)g.runs / 2 : most < DG_SINGLES_TOGETHER ? 2 * most : most;
    }
    return DG_OK;
}
