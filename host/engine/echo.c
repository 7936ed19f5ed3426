/**
 * Running an echo-chamber experiment: runs in parallel, a batch of them stored in one file. They take some
 * milliseconds each, so that none is saved half-way.
 */
#include "host/base/clock.h"
#include "host/models/echo_pack.h"
#include "host/engine/engine.h"
#include "host/base/error.h"
#include "host/base/hash.h"
#include "kernels/cpu/echo.h"
#include "kernels/science/rng.h"

#include <omp.h>
#include <stdlib.h>

/* Runs computed together before they are stored. */
#define ECHO_BATCH 1024

typedef struct vector_echo {
    const char *name;
    void (*steps)(const dg_echo_run *run);
} vector_echo;

static const vector_echo vector_echoes[] = {
#define VECTOR_ECHO(set) {#set, dg_echo_##set},
    DG_VECTOR_LIST(VECTOR_ECHO)
#undef VECTOR_ECHO
};

/** One run's arrays, in one allocation each way. */
typedef struct echo_run {
    const dg_config *config;
    int32_t agents, snapshots, done;            /* done: snapshots taken */
    float *belief, *evidence, *initial, *other; /* [agents] */
    float *snapshot;                            /* [snapshots][agents] */
    int64_t *step;                              /* [snapshots] */
    double *utility, *deviation;                /* [snapshots] */
} echo_run;

static void echo_free(echo_run *run)
{
    free(run->belief);
    free(run->step);
    free(run->utility);
}

static dg_status echo_allocate(echo_run *run, const dg_config *config)
{
    const size_t agents = (size_t)config->echo_agents;
    const size_t snapshots = (size_t)dg_echo_snapshots(config);
    run->config = config;
    run->agents = (int32_t)agents;
    run->snapshots = (int32_t)snapshots;
    run->belief = calloc(agents * (4 + snapshots), sizeof *run->belief);
    run->step = calloc(snapshots, sizeof *run->step);
    run->utility = calloc(2 * snapshots, sizeof *run->utility);
    if (!run->belief || !run->step || !run->utility) {
        echo_free(run);
        return dg_fail(DG_ERR_MEMORY, "no memory for an echo chamber of %zu agents", agents);
    }
    run->evidence = run->belief + agents;
    run->initial = run->evidence + agents;
    run->other = run->initial + agents;
    run->snapshot = run->other + agents;
    run->deviation = run->utility + snapshots;
    return DG_OK;
}

/** b_i(0) and e_i: N(0, 1) times `echo.scale`. */
static void echo_begin(echo_run *run)
{
    const dg_draw belief = dg_draw_of(run->config->seed, DG_STREAM_ECHO_BELIEF, 0, 0);
    const dg_draw evidence = dg_draw_of(run->config->seed, DG_STREAM_ECHO_EVIDENCE, 0, 0);
    const float scale = (float)run->config->echo_scale;
    for (int32_t i = 0; i < run->agents; i++) {
        run->belief[i] = run->initial[i] = scale * dg_normal(belief, (uint32_t)i, 0);
        run->evidence[i] = scale * dg_normal(evidence, (uint32_t)i, 0);
    }
}

/** Largest |b_i(t) - (b_i(0) + eta t e_i)|; nan for a utility without a closed form. */
static double echo_deviation(const echo_run *run, int64_t step)
{
    if (run->config->echo_utility != DG_ECHO_PRODUCT) return (double)NAN;
    double largest = 0;
    for (int32_t i = 0; i < run->agents; i++) {
        const double exact = (double)run->initial[i] +
                             run->config->echo_rate * (double)step * (double)run->evidence[i];
        const double off = fabs((double)run->belief[i] - exact);
        largest = off > largest ? off : largest;
    }
    return largest;
}

/** Advance from one snapshot to the next; returns the steps between them. */
static int64_t echo_snapshot(echo_run *run, const vector_echo *set)
{
    const dg_config *c = run->config;
    const int64_t first = run->done * c->echo_snapshot_every;
    const int64_t next = first + c->echo_snapshot_every;
    const int64_t last = next < c->echo_steps ? next : c->echo_steps;
    const dg_echo_run steps = {.seed = c->seed,
                               .agents = run->agents,
                               .utility = c->echo_utility,
                               .rate = (float)c->echo_rate,
                               .confidence = (float)c->echo_confidence,
                               .first = (int32_t)first,
                               .last = (int32_t)last,
                               .belief = run->belief,
                               .evidence = run->evidence,
                               .other = run->other,
                               .mean_utility = &run->utility[run->done]};
    set->steps(&steps);
    run->step[run->done] = last;
    run->deviation[run->done] = echo_deviation(run, last);
    memcpy(run->snapshot + (int64_t)run->done * run->agents, run->belief,
           (size_t)run->agents * sizeof *run->belief);
    run->done++;
    return last - first;
}

static bool echo_finite(const echo_run *run)
{
    for (int32_t i = 0; i < run->agents; i++)
        if (!isfinite(run->belief[i])) return false;
    return true;
}

/** Append a finished run; one that was stopped half-way starts anew another time. */
static dg_status echo_add(dg_engine *engine, dg_archive_writer *writer, uint32_t index,
                          const echo_run *run, size_t of_experiment)
{
    if (run->done > 0) engine->outcome.agent_steps += run->agents * run->step[run->done - 1];
    if (run->done < run->snapshots) return DG_OK;
    const dg_echo_result result = {.agents = run->agents,
                                   .snapshots = run->snapshots,
                                   .step = run->step,
                                   .belief = run->snapshot,
                                   .evidence = run->evidence,
                                   .initial = run->initial,
                                   .utility = run->utility,
                                   .deviation = run->deviation};
    /* belief and evidence lie side by side */
    dg_run_head head = {.id = engine->session->id[of_experiment],
                        .hash =
                            dg_hash_bytes(run->belief, 2 * run->agents * (int64_t)sizeof(float)),
                        .status = echo_finite(run) ? DG_RUN_COMPLETED : DG_RUN_NONFINITE,
                        .generations = run->snapshots};
    head.bytes[DG_PART_ECHO] = dg_echo_packed_bytes(run->agents, run->snapshots);
    void *packed = dg_echo_pack(&result);
    if (!packed) return dg_fail(DG_ERR_MEMORY, "no memory to store an echo chamber");
    const void *part[DG_PARTS] = {[DG_PART_ECHO] = packed};
    const dg_status status = dg_run_add(writer, index, &head, part);
    free(packed);
    dg_run_counts one = {{0}};
    dg_run_count(&one, head.status);
    dg_engine_count(engine, &one);
    return status;
}

/** Finished runs of a batch into one file. */
static dg_status echo_store(dg_engine *engine, const echo_run *run, const size_t *of_experiment,
                            int32_t runs, const dg_provenance *provenance)
{
    dg_archive_writer *writer = NULL;
    size_t *ended = malloc((size_t)runs * sizeof *ended), count = 0;
    if (!ended) return dg_fail(DG_ERR_MEMORY, "no memory for %d echo chambers", runs);
    for (int32_t r = 0; r < runs; r++)
        if (run[r].done == run[r].snapshots) ended[count++] = of_experiment[r];
    char *path = dg_session_batch_path(engine->session, ended, count);
    dg_status status = path ? dg_archive_create(&writer, path, DG_ARCHIVE_BATCH)
                            : dg_fail(DG_ERR_MEMORY, "no memory for a batch");
    for (int32_t r = 0; r < runs && status == DG_OK; r++)
        status = echo_add(engine, writer, (uint32_t)r, &run[r], of_experiment[r]);
    if (status == DG_OK) status = dg_provenance_add(writer, provenance);
    if (status == DG_OK && count > 0) status = dg_archive_commit(&writer);
    dg_archive_discard(&writer);
    free(path);
    free(ended);
    return status;
}

/** Advance runs to their end, or until a stop is asked for. */
static void echo_advance(dg_engine *engine, echo_run *run, int32_t runs, const vector_echo *set)
{
    const double begin = dg_clock();
    const int threads = engine->options->threads;
#pragma omp parallel for schedule(dynamic, 1)                                                      \
    num_threads(threads > 0 ? threads : omp_get_max_threads())
    for (int32_t r = 0; r < runs; r++) {
        echo_begin(&run[r]);
        while (run[r].done < run[r].snapshots && !dg_engine_stopped(engine)) {
            const int64_t steps = echo_snapshot(&run[r], set);
            ++engine->ticker.generations_done;
            engine->ticker.agent_steps_done += steps * run[r].agents;
        }
        if (run[r].done == run[r].snapshots) ++engine->ticker.runs_done;
    }
    engine->outcome.seconds_advance += dg_clock() - begin;
}

static dg_status echo_batch(dg_engine *engine, const size_t *of_experiment, int32_t runs,
                            const vector_echo *set)
{
    const int threads = engine->options->threads;
    dg_provenance provenance = {.backend = "cpu",
                                .device = engine->status_file.devices,
                                .vector = set->name,
                                .threads = threads ? threads : omp_get_max_threads()};
    dg_status status = DG_OK;
    int32_t made = 0;
    echo_run *run = calloc((size_t)runs, sizeof *run);
    if (!run) return dg_fail(DG_ERR_MEMORY, "no memory for %d echo chambers", runs);
    dg_now(provenance.started, sizeof provenance.started);
    for (; made < runs; made++)
        DG_TRY_GOTO(echo_allocate(&run[made], &engine->experiment->run[of_experiment[made]]), end);
    echo_advance(engine, run, runs, set);
    const double begin = dg_clock();
    DG_TRY_GOTO(echo_store(engine, run, of_experiment, runs, &provenance), end);
    engine->outcome.seconds_store += dg_clock() - begin;
end:
    for (int32_t r = 0; r < made; r++) echo_free(&run[r]);
    free(run);
    return status;
}

dg_status dg_engine_echo(dg_engine *engine)
{
    const char *name = dg_backend_cpu_vector(engine->options->vector);
    const vector_echo *set = vector_echoes;
    while (strcmp(set->name, name) != 0) set++;
    const dg_session *s = engine->session;
    for (size_t first = 0; first < s->left && !dg_engine_stopped(engine); first += ECHO_BATCH) {
        const size_t left = s->left - first;
        DG_TRY(echo_batch(engine, s->todo + first, left < ECHO_BATCH ? (int32_t)left : ECHO_BATCH,
                          set));
    }
    return DG_OK;
}
