/** From a case to what its runs leave. */
#include "outcome.h"

#include "host/base/error.h"
#include "host/engine/starts.h"
#include "host/models/batch_shape.h"

#include <math.h>
#include <stdlib.h>

/** A case on its way: its experiment, and the batch under way. */
typedef struct course {
    const cuda_case *c;
    const processor *on;
    dg_experiment *experiment;
    dg_batch *batch;
    dg_params *params;
    _Atomic int64_t watched[3];
} course;

int64_t outcome_trace_words(const outcome *o)
{
    return (int64_t)dg_trace_count(&o->options) * DG_TRACES * o->shape.steps * o->shape.agents;
}

int64_t outcome_record_words(const outcome *o)
{
    return o->shape.generations * dg_record_words(&o->shape);
}

/* ---- before ---------------------------------------------------------------------------------- */

static dg_status describe(outcome *out, const course *k, int target)
{
    const dg_options how = {.vector = k->on->vector};
    dg_batch_describe(&k->experiment->condition[0], &how, &out->shape, &out->options);
    for (size_t r = 1; r < k->experiment->runs; r++) {
        dg_shape shape;
        dg_batch_options options;
        const dg_config config = dg_run_config(k->experiment, (size_t)r);
        dg_batch_describe(&config, &how, &shape, &options);
        if (memcmp(&shape, &out->shape, sizeof shape) != 0)
            return dg_fail(DG_ERR_ARGUMENT, "run %zu has a shape of its own", r);
    }
    out->runs = (int32_t)k->experiment->runs;
    out->options.device = k->on->device;
    out->options.blocks = target ? k->c->blocks : 0;
    out->options.warps = target ? k->c->warps : 0;
    return DG_OK;
}

static void *room(int64_t count, int64_t bytes)
{
    /* never empty, and whole multiples of the alignment */
    const size_t size = (size_t)dg_round_up(count * bytes + 1, 64);
    void *memory = aligned_alloc(64, size);
    if (memory) memset(memory, 0, size);
    return memory;
}

static dg_status make_room(outcome *out)
{
    out->block = room(out->runs, dg_state_bytes(&out->shape));
    out->records = room(out->runs * outcome_record_words(out), sizeof *out->records);
    out->trace = room(out->runs * outcome_trace_words(out), sizeof *out->trace);
    out->generations = room(out->runs, sizeof *out->generations);
    if (out->block && out->records && out->trace && out->generations) return DG_OK;
    return dg_fail(DG_ERR_MEMORY, "no memory for what %d runs leave", out->runs);
}

/** Put the number that ends a run into its start. */
static dg_status disturb(const course *k, outcome *out, int32_t run, int32_t of_batch)
{
    char *block = out->block + run * dg_state_bytes(&out->shape);
    const dg_state state = dg_state_at(&out->shape, block);
    DG_TRY(k->on->backend->download(k->batch, of_batch, block));
    if (k->c->trouble == TROUBLE_WEIGHT) state.weight[1] = 0x1p90f;
    if (k->c->trouble == TROUBLE_TINY) state.sigma[0] = 0x1p-120f;
    if (k->c->trouble == TROUBLE_HUGE) state.sigma[out->shape.groups - 1] = 0x1p95f;
    return k->on->backend->upload(k->batch, of_batch, &k->params[of_batch], block);
}

/* ---- under way ------------------------------------------------------------------------------- */

/** By 1, by 2 and by the rest, or at once. */
static dg_status advance(course *k, outcome *out, int32_t first)
{
    const dg_backend *backend = k->on->backend;
    const dg_watch watch = {.generations_done = &k->watched[0],
                            .agent_steps_done = &k->watched[1],
                            .runs_done = &k->watched[2]};
    if (k->c->pieces) {
        char *block = out->block + first * dg_state_bytes(&out->shape);
        DG_TRY(backend->advance(k->batch, 1, &watch));
        DG_TRY(backend->download(k->batch, 0, block));
        DG_TRY(backend->advance(k->batch, 2, &watch));
    }
    return backend->advance(k->batch, out->shape.generations, &watch);
}

static dg_status keep(const course *k, outcome *out, int32_t run, int32_t of_batch)
{
    const dg_backend *backend = k->on->backend;
    const int64_t words = outcome_record_words(out), page = outcome_trace_words(out);
    const int32_t finished = backend->generations(k->batch, of_batch);
    DG_TRY(backend->download(k->batch, of_batch, out->block + run * dg_state_bytes(&out->shape)));
    out->generations[run] = finished;
    memcpy(out->records + run * words, backend->records(k->batch, of_batch),
           (size_t)(finished * dg_record_words(&out->shape)) * sizeof *out->records);
    if (page > 0)
        memcpy(out->trace + run * page, backend->trace(k->batch, of_batch),
               (size_t)page * sizeof *out->trace);
    return DG_OK;
}

/* ---- before: at generation 0, or where a CPU left it ----------------------------------------- */

/** A batch at generation 0, half of its runs in trouble where the case says so. */
static dg_status begin(course *k, outcome *out, const dg_batch_plan *plan, int32_t first)
{
    DG_TRY(dg_starts_make(&k->batch, &k->params, k->on->backend, k->experiment, plan, NULL, NULL));
    for (int32_t r = 0; r < plan->options.runs; r++)
        if (k->c->trouble != TROUBLE_NONE && (first + r) % 2 == 1)
            DG_TRY(disturb(k, out, first + r, r));
    return DG_OK;
}

/** The same brought some generations further on the CPU, and kept as in a checkpoint. */
static dg_status begin_on_cpu(course *k, outcome *out, const dg_batch_plan *plan, int32_t first)
{
    const processor cpu = {dg_backend_cpu(), 0, NULL, "cpu"}, *target = k->on;
    const dg_watch watch = {.generations_done = &k->watched[0],
                            .agent_steps_done = &k->watched[1],
                            .runs_done = &k->watched[2]};
    k->on = &cpu;
    dg_status status = begin(k, out, plan, first);
    if (status == DG_OK) status = cpu.backend->advance(k->batch, k->c->resume, &watch);
    for (int32_t r = 0; r < plan->options.runs && status == DG_OK; r++)
        status = keep(k, out, first + r, r);
    cpu.backend->destroy(&k->batch);
    k->on = target;
    return status;
}

/** A batch that stands where begin_on_cpu() left it. */
static dg_status go_on(course *k, outcome *out, const dg_batch_plan *plan, int32_t first)
{
    const dg_backend *backend = k->on->backend;
    const int64_t words = outcome_record_words(out), page = outcome_trace_words(out);
    DG_TRY(begin_on_cpu(k, out, plan, first));
    DG_TRY(backend->create(&k->batch, &plan->shape, &plan->options));
    for (int32_t r = 0; r < plan->options.runs; r++) {
        const int64_t run = first + r;
        DG_TRY(backend->upload(k->batch, r, &k->params[r],
                               out->block + run * dg_state_bytes(&out->shape)));
        DG_TRY(backend->restore(k->batch, r, out->generations[run], out->records + run * words,
                                page > 0 ? out->trace + run * page : NULL));
    }
    return DG_OK;
}

/** Runs first ... first+count-1 as one batch. */
static dg_status run_batch(course *k, outcome *out, int32_t first, int32_t count, int target)
{
    dg_batch_plan plan = {.shape = out->shape, .options = out->options};
    dg_status status = DG_OK;
    plan.options.runs = count;
    plan.run = calloc((size_t)count, sizeof *plan.run);
    if (!plan.run) return dg_fail(DG_ERR_MEMORY, "no memory for %d runs", count);
    for (int32_t r = 0; r < count; r++) plan.run[r] = (size_t)(first + r);
    if (target && k->c->resume > 0)
        DG_TRY_GOTO(go_on(k, out, &plan, first), end);
    else
        DG_TRY_GOTO(begin(k, out, &plan, first), end);
    DG_TRY_GOTO(advance(k, out, first), end);
    for (int32_t r = 0; r < count; r++) DG_TRY_GOTO(keep(k, out, first + r, r), end);
end:
    k->on->backend->destroy(&k->batch);
    free(k->params);
    k->params = NULL;
    free(plan.run);
    return status;
}

dg_status outcome_make(outcome *out, const cuda_case *c, const processor *on, int target)
{
    char yaml[4096];
    course k = {.c = c, .on = on};
    dg_status status = DG_OK;
    memset(out, 0, sizeof *out);
    case_yaml(c, yaml, sizeof yaml);
    DG_TRY(dg_experiment_parse(&k.experiment, "case", yaml, strlen(yaml), c->set, (size_t)c->sets));
    DG_TRY_GOTO(describe(out, &k, target), end);
    DG_TRY_GOTO(make_room(out), end);
    const int32_t each = target && c->alone ? 1 : out->runs;
    for (int32_t first = 0; first < out->runs; first += each)
        DG_TRY_GOTO(run_batch(&k, out, first, each, target), end);
    for (int i = 0; i < 3; i++) out->watched[i] = k.watched[i];
end:
    dg_experiment_free(&k.experiment);
    return status;
}

void outcome_free(outcome *o)
{
    free(o->block);
    free(o->records);
    free(o->trace);
    free(o->generations);
    memset(o, 0, sizeof *o);
}
