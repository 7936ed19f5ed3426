/** Timing batches on a device. */
#include "bench/gpu/gpu.h"

#include "host/engine/batch_plan.h"
#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/engine/starts.h"
#include "host/base/hash.h"
#include "host/models/batch_shape.h"

#include <stdlib.h>

/** A case made ready: its experiment, and all its runs as one batch. */
typedef struct stage {
    dg_experiment *experiment;
    dg_batch_plan plan;
    dg_batch *batch;
    double seconds[GPU_REPEATS_MOST];
    int repeats;
} stage;

static void stage_close(stage *s, const dg_backend *backend)
{
    if (s->batch) backend->destroy(&s->batch);
    free(s->plan.run);
    dg_experiment_free(&s->experiment);
}

/** Experiment and plan of a case, with room for `generations` generations. */
static dg_status stage_open(stage *s, const gpu_bench *b, const gpu_case *c, int generations)
{
    char seeds[64], length[40];
    const char *set[GPU_WORDS + 1] = {length};
    size_t count = 1;
    snprintf(seeds, sizeof seeds, "sweep: {product: {seed: {from: 1, to: %d}}}\n", c->seeds);
    snprintf(length, sizeof length, "generations=%d", generations);
    for (int k = 0; k < GPU_WORDS && c->set[k]; k++) set[count++] = c->set[k];
    DG_TRY(dg_experiment_parse(&s->experiment, "bench", seeds, strlen(seeds), set, count));
    dg_batch_describe(&s->experiment->condition[0], &(dg_options){0}, &s->plan.shape,
                      &s->plan.options);
    s->plan.options.runs = (int32_t)s->experiment->runs;
    s->plan.options.device = b->device;
    s->plan.options.blocks = c->blocks;
    s->plan.options.warps = c->warps;
    s->plan.options.cublas = s->experiment->condition[0].policy_forward == DG_FORWARD_CUBLAS;
    s->plan.run = calloc(s->experiment->runs, sizeof *s->plan.run);
    if (!s->plan.run) return dg_fail(DG_ERR_MEMORY, "no memory for %d runs", s->plan.options.runs);
    for (size_t r = 0; r < s->experiment->runs; r++) s->plan.run[r] = r;
    return DG_OK;
}

/** Does it fit the free memory of the device, with a tenth to spare? */
static int stage_fits(const stage *s, const gpu_bench *b)
{
    dg_device_info now = b->info;
    if (b->backend->open(b->device, &now) != DG_OK || now.memory_free == 0) return 1;
    const int64_t each = b->backend->bytes_per_run(&s->plan.shape, &s->plan.options);
    return each * s->plan.options.runs <= now.memory_free / 10 * 9;
}

/* ---- repeats --------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void figure_of(gpu_figure *f, stage *s, const gpu_bench *b)
{
    const int n = s->repeats;
    f->missing = n == 0;
    if (n == 0) return;
    qsort(s->seconds, (size_t)n, sizeof *s->seconds, by_size);
    f->seconds = (s->seconds[n / 2] + s->seconds[(n - 1) / 2]) / 2;
    f->spread = (s->seconds[n - 1] - s->seconds[0]) / f->seconds;
    f->runs = s->plan.options.runs;
    f->agents = s->plan.shape.agents;
    f->steps = (double)s->plan.shape.steps * f->generations;
    f->agent_steps = f->steps * s->plan.shape.agents * f->runs;
    if (s->batch) b->backend->traffic(s->batch, &f->traffic);
}

/** A few generations untimed: first launches, caches, clocks. */
static dg_status warm_up(stage *s, gpu_figure *f, const gpu_bench *b, const gpu_case *c)
{
    f->generations = c->generations;
    const int warm = c->generations < 5 ? c->generations : 5;
    if (dg_clock() > b->limit) return DG_OK;
    DG_TRY(stage_open(s, b, c, warm + b->repeats * c->generations));
    if (!stage_fits(s, b)) return DG_OK;
    const dg_status status = dg_starts_make(&s->batch, NULL, b->backend, s->experiment, &s->plan,
                                            NULL, &f->start_seconds);
    /* a layout that this device refuses has no figure; the others go on */
    if (status == DG_ERR_UNSUPPORTED || status == DG_ERR_MEMORY) return DG_OK;
    DG_TRY(status);
    return b->backend->advance(s->batch, warm, NULL);
}

static dg_status repeat(stage *s, const gpu_bench *b, const gpu_case *c)
{
    if (!s->batch || dg_clock() > b->limit) return DG_OK;
    const double begin = dg_clock();
    DG_TRY(b->backend->advance(s->batch, c->generations, NULL));
    s->seconds[s->repeats++] = dg_clock() - begin;
    return DG_OK;
}

dg_status gpu_measure(gpu_figure *figure, const gpu_bench *b, const gpu_case *cases, int count)
{
    stage *s = calloc((size_t)count, sizeof *s);
    dg_status status = DG_OK;
    if (!s) return dg_fail(DG_ERR_MEMORY, "no memory for %d cases", count);
    memset(figure, 0, (size_t)count * sizeof *figure);
    for (int c = 0; c < count; c++) DG_TRY_GOTO(warm_up(&s[c], &figure[c], b, &cases[c]), end);
    for (int r = 0; r < b->repeats; r++)
        for (int c = 0; c < count; c++) DG_TRY_GOTO(repeat(&s[c], b, &cases[c]), end);
    for (int c = 0; c < count; c++) figure_of(&figure[c], &s[c], b);
end:
    for (int c = 0; c < count; c++) stage_close(&s[c], b->backend);
    free(s);
    return status;
}

/* ---- whole runs ------------------------------------------------------------------------------ */

dg_status gpu_measure_whole(gpu_figure *figure, const gpu_bench *b, const gpu_case *c)
{
    stage s = {0};
    dg_status status = DG_OK;
    memset(figure, 0, sizeof *figure);
    figure->generations = c->generations;
    DG_TRY_GOTO(stage_open(&s, b, c, c->generations), end);
    while (stage_fits(&s, b) && s.repeats < b->repeats && dg_clock() < b->limit) {
        double start = 0;
        DG_TRY_GOTO(dg_starts_make(&s.batch, NULL, b->backend, s.experiment, &s.plan, NULL, &start),
                    end);
        DG_TRY_GOTO(repeat(&s, b, c), end);
        if (figure->start_seconds == 0 || start < figure->start_seconds)
            figure->start_seconds = start;
        figure_of(figure, &s, b);
        b->backend->destroy(&s.batch);
    }
    figure_of(figure, &s, b);
end:
    stage_close(&s, b->backend);
    return status;
}

/* ---- comparison ------------------------------------------------------------------------------ */

/** Hash of all final states, order included. */
static dg_status hash_all(uint64_t *hash, const dg_backend *backend, const stage *s)
{
    uint64_t pair[2] = {0, 0};
    for (int32_t r = 0; r < s->plan.options.runs; r++) {
        DG_TRY(dg_hash_run(&pair[1], backend, s->batch, &s->plan.shape, r));
        pair[0] = dg_hash_bytes(pair, sizeof pair);
    }
    *hash = pair[0];
    return DG_OK;
}

static dg_status hash_of_case(uint64_t *hash, const gpu_bench *b, const gpu_case *c)
{
    stage s = {0};
    dg_status status = DG_OK;
    DG_TRY_GOTO(stage_open(&s, b, c, c->generations), end);
    DG_TRY_GOTO(dg_starts_make(&s.batch, NULL, b->backend, s.experiment, &s.plan, NULL, NULL), end);
    DG_TRY_GOTO(b->backend->advance(s.batch, c->generations, NULL), end);
    status = hash_all(hash, b->backend, &s);
end:
    stage_close(&s, b->backend);
    return status;
}

dg_status gpu_compare(const gpu_bench *b, const gpu_case *c)
{
    gpu_bench cpu = *b;
    uint64_t expected = 0, found = 0;
    cpu.backend = dg_backend_cpu();
    cpu.device = 0;
    DG_TRY(hash_of_case(&expected, &cpu, c));
    DG_TRY(hash_of_case(&found, b, c));
    return expected == found
               ? DG_OK
               : dg_fail(DG_ERR_MISMATCH, "%s: the CPU and %s end in different states", c->name,
                         b->info.name);
}
