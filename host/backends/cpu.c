/**
 * The CPU backend. A batch is an array of state blocks, one per run. Each thread takes one run at a
 * time and advances it by all requested generations, so that its state stays in the core's cache.
 */
#include "host/base/build_info.h"
#include "host/base/error.h"
#include "host/machine/memory.h"
#include "host/machine/processors.h"
#include "kernels/backend.h"
#include "kernels/cpu/schedule.h"
#include "kernels/cpu/workspace.h"
#include "kernels/science/policy.h"

#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

/** One instruction set: its name and its versions of the three functions of the schedule. */
typedef struct vector_set {
    const char *name;
    void (*evolve_begin)(const dg_run_cpu *run);
    int32_t (*generation)(const dg_run_cpu *run);
    int (*evolve)(const dg_run_cpu *run);
} vector_set;

static const vector_set vector_sets[] = {
#define VECTOR_SET(set) {#set, dg_evolve_begin_##set, dg_generation_##set, dg_evolve_##set},
    DG_VECTOR_LIST(VECTOR_SET)
#undef VECTOR_SET
};

enum { VECTOR_SETS = sizeof vector_sets / sizeof *vector_sets };

struct dg_batch {
    dg_shape shape;
    dg_batch_options options;
    const vector_set *set;
    int32_t threads;
    dg_params *params;    /* [runs] */
    char *state;          /* [runs][dg_state_bytes] */
    int64_t *records;     /* [runs][generations][dg_record_words] */
    int16_t *trace;       /* [runs][trace page], NULL without a trace */
    int32_t *generations; /* [runs] number of finished generations */
    char *workspace;      /* [threads][dg_workspace_bytes] */
};

/* ---- choosing an instruction set ------------------------------------------------------------- */

/** Does this CPU support the level that a set was compiled for (x86-64-v4, x86-64-v3)? */
static int vector_supported(const char *name)
{
#if defined(__x86_64__)
    if (strcmp(name, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && vector_supported("avx2");
    if (strcmp(name, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
               __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
#endif
    return strcmp(name, vector_sets[VECTOR_SETS - 1].name) == 0;
}

/** The requested set, NULL if this CPU does not support it; for NULL the widest supported. */
static const vector_set *vector_find(const char *request)
{
    if (request && strcmp(request, "generic") == 0) return &vector_sets[VECTOR_SETS - 1];
    for (int k = 0; k < VECTOR_SETS; k++)
        if ((!request || strcmp(request, vector_sets[k].name) == 0) &&
            vector_supported(vector_sets[k].name))
            return &vector_sets[k];
    return NULL;
}

const char *dg_backend_cpu_vector(const char *request)
{
    const vector_set *set = vector_find(request);
    return set ? set->name : NULL;
}

const char *dg_backend_cpu_vector_at(int32_t index)
{
    return index < VECTOR_SETS ? vector_sets[index].name : NULL;
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static int64_t record_bytes(const dg_shape *s)
{
    return (int64_t)s->generations * dg_record_words(s) * (int64_t)sizeof(int64_t);
}

static int64_t bytes_per_run_cpu(const dg_shape *shape, const dg_batch_options *options)
{
    return dg_state_bytes(shape) + record_bytes(shape) +
           dg_trace_words(shape, options) * (int64_t)sizeof(int16_t) + (int64_t)sizeof(dg_params);
}

/** Threads that compute a batch: a run is computed by one, so no more than runs. */
static int32_t threads_of(const dg_batch_options *options)
{
    const int32_t threads = dg_thread_count(options->threads);
    return options->runs < threads ? options->runs : threads;
}

static int64_t bytes_beside_cpu(const dg_shape *shape, const dg_batch_options *options)
{
    return threads_of(options) * dg_round_up(dg_workspace_bytes(shape), 64);
}

/* ---- create and destroy ---------------------------------------------------------------------- */

static void destroy_cpu(dg_batch **batch)
{
    if (!*batch) return;
    free((*batch)->params);
    free((*batch)->state);
    free((*batch)->records);
    free((*batch)->trace);
    free((*batch)->generations);
    free((*batch)->workspace);
    free(*batch);
    *batch = NULL;
}

/**
 * Ask for large pages: a step gathers columns all over the genotypes, each on a small page of its own. A hint, and
 * pages of any size will do.
 */
static void hint_large_pages(void *memory, int64_t bytes)
{
#ifdef MADV_HUGEPAGE
    enum { PAGE = 4096, LARGE_PAGE = 2 << 20 };
    const uintptr_t first = ((uintptr_t)memory + PAGE - 1) / PAGE * PAGE;
    const uintptr_t end = ((uintptr_t)memory + (uintptr_t)bytes) / PAGE * PAGE;
    if (memory && bytes >= LARGE_PAGE) (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}

/** Memory for `count` blocks, each 64-byte aligned: `bytes` is rounded up to a multiple of 64. */
static void *allocate_blocks(int64_t count, int64_t bytes)
{
    const int64_t size = count * dg_round_up(bytes, 64);
    void *blocks = aligned_alloc(64, (size_t)size);
    hint_large_pages(blocks, size);
    return blocks;
}

static dg_status create_cpu(dg_batch **out, const dg_shape *shape, const dg_batch_options *options)
{
    const vector_set *set = vector_find(options->vector);
    if (!set)
        return dg_fail(DG_ERR_UNSUPPORTED, "vector: %s, expected a set that this CPU supports: %s",
                       options->vector, dg_backend_cpu_vector(NULL));
    dg_batch *b = calloc(1, sizeof *b);
    if (!b) return dg_fail(DG_ERR_MEMORY, "no memory for a batch");
    const int64_t runs = options->runs;
    b->shape = *shape;
    b->options = *options;
    b->set = set;
    b->threads = threads_of(options);
    b->params = calloc((size_t)runs, sizeof *b->params);
    b->state = allocate_blocks(runs, dg_state_bytes(shape));
    b->records = allocate_blocks(runs, record_bytes(shape));
    b->trace = calloc((size_t)(runs * dg_trace_words(shape, options)) + 1, sizeof *b->trace);
    b->generations = calloc((size_t)runs, sizeof *b->generations);
    b->workspace = allocate_blocks(b->threads, dg_workspace_bytes(shape));
    if (!b->params || !b->state || !b->records || !b->trace || !b->generations || !b->workspace) {
        destroy_cpu(&b);
        return dg_fail(DG_ERR_MEMORY, "no memory for a batch of %d runs of %lld bytes",
                       options->runs, (long long)bytes_per_run_cpu(shape, options));
    }
    *out = b;
    return DG_OK;
}

/* ---- runs ------------------------------------------------------------------------------------ */

/** A run's state, which lies in the host's memory. */
static void *block_of(const dg_batch *b, int32_t run)
{
    return b->state + run * dg_state_bytes(&b->shape);
}

/** The arguments of the schedule for one run, with the workspace of thread `thread`. */
static dg_run_cpu run_of(dg_batch *b, int32_t run, int32_t thread, const dg_watch *watch)
{
    const dg_run_cpu view = {.shape = &b->shape,
                             .params = &b->params[run],
                             .state = dg_state_at(&b->shape, block_of(b, run)),
                             .workspace = b->workspace + thread * dg_workspace_bytes(&b->shape),
                             .stage_seconds = b->options.stage_seconds,
                             .watch = watch};
    return view;
}

static int32_t devices_cpu(void)
{
    return 1;
}

static dg_status describe_cpu(int32_t device, dg_device_info *out)
{
    (void)device;
    memset(out, 0, sizeof *out);
    dg_host_cpu(out->name, sizeof out->name);
    out->multiprocessors = dg_processors();
    return DG_OK;
}

static dg_status open_cpu(int32_t device, dg_device_info *info)
{
    (void)device;
    info->memory_free = dg_memory_available(1);
    return DG_OK;
}

static dg_status accepts_cpu(int32_t forward)
{
    if (!dg_policy_by_library(forward)) return DG_OK;
    return dg_fail(DG_ERR_UNSUPPORTED, "policy.forward: cublas, expected gather or dense on a CPU");
}

static dg_status fits_cpu(const dg_shape *shape, const dg_batch_options *options)
{
    (void)shape;
    (void)options;
    return DG_OK;
}

static void traffic_cpu(const dg_batch *batch, dg_traffic *out)
{
    (void)batch;
    memset(out, 0, sizeof *out);
}

static dg_status upload_cpu(dg_batch *b, int32_t run, const dg_params *params, const void *block)
{
    if (b->generations[run] > 0)
        return dg_fail(DG_ERR_ARGUMENT, "upload of run %d after it has advanced", run);
    b->params[run] = *params;
    b->generations[run] = 0;
    if (block != block_of(b, run))
        memcpy(block_of(b, run), block, (size_t)dg_state_bytes(&b->shape));
    return DG_OK;
}

static dg_status download_cpu(const dg_batch *b, int32_t run, void *block)
{
    if (block != block_of(b, run))
        memcpy(block, block_of(b, run), (size_t)dg_state_bytes(&b->shape));
    return DG_OK;
}

static int32_t generations_cpu(const dg_batch *b, int32_t run)
{
    return b->generations[run];
}

static const int64_t *records_cpu(const dg_batch *b, int32_t run)
{
    return b->records + run * (record_bytes(&b->shape) / (int64_t)sizeof(int64_t));
}

static const int16_t *trace_cpu(const dg_batch *b, int32_t run)
{
    const int64_t page = dg_trace_words(&b->shape, &b->options);
    return page > 0 ? b->trace + run * page : NULL;
}

static dg_status restore_cpu(dg_batch *b, int32_t run, int32_t generation, const int64_t *records,
                             const int16_t *trace)
{
    const size_t words = (size_t)dg_record_words(&b->shape);
    const size_t page = (size_t)dg_trace_words(&b->shape, &b->options);
    if (!dg_may_restore(&b->shape, b->generations[run], generation))
        return dg_fail(DG_ERR_ARGUMENT,
                       "restore of run %d to generation %d, expected a new run and "
                       "0 ... %d",
                       run, generation, b->shape.generations);
    memcpy((int64_t *)records_cpu(b, run), records, (size_t)generation * words * sizeof *records);
    if (page > 0) memcpy((int16_t *)trace_cpu(b, run), trace, page * sizeof *trace);
    b->generations[run] = generation;
    return DG_OK;
}

/* ---- advance --------------------------------------------------------------------------------- */

/** Advance one run by one generation. False: it was left, and the run stands where it stood. */
static bool advance_once(dg_batch *b, dg_run_cpu *view, int32_t run)
{
    const dg_shape *s = &b->shape;
    const int32_t g = b->generations[run], last = s->generations;
    const int32_t slot = dg_trace_slot(&b->options, g);
    view->generation = g;
    view->record = (int64_t *)records_cpu(b, run) + g * dg_record_words(s);
    view->trace =
        slot < 0 ? NULL : (int16_t *)trace_cpu(b, run) + slot * dg_trace_page(s, &b->options);
    if (g == 0) b->set->evolve_begin(view);
    const int32_t steps = b->set->generation(view);
    if (steps < s->steps || !b->set->evolve(view)) {
        dg_watch_add(view->watch, 0, -dg_watch_told(s, steps), 0);
        return false;
    }
    b->generations[run] = g + 1;
    dg_watch_report(view->watch, s, g, g + 1, g + 1 == last || dg_ended_after(view->state.ended),
                    dg_watch_told(s, steps));
    return true;
}

/** Advance one run by up to `generations`; stops at its last one, at its end, or on request. */
static void advance_run(dg_batch *b, int32_t run, int32_t generations, const dg_watch *watch)
{
    dg_run_cpu view = run_of(b, run, omp_get_thread_num(), watch);
    for (int32_t k = 0; k < generations && b->generations[run] < b->shape.generations; k++) {
        if (dg_watch_stopped(watch) || dg_ended_after(view.state.ended)) return;
        if (!advance_once(b, &view, run)) return;
    }
}

static dg_status advance_cpu(dg_batch *b, int32_t generations, const dg_watch *watch)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads)
    for (int32_t run = 0; run < b->options.runs; run++) advance_run(b, run, generations, watch);
    return DG_OK;
}

const dg_backend *dg_backend_cpu(void)
{
    static const dg_backend backend = {
        "cpu",        devices_cpu,       describe_cpu,    open_cpu,         accepts_cpu,
        fits_cpu,     bytes_per_run_cpu, create_cpu,      destroy_cpu,      upload_cpu,
        restore_cpu,  advance_cpu,       generations_cpu, records_cpu,      trace_cpu,
        download_cpu, traffic_cpu,       block_of,        bytes_beside_cpu,
    };
    return &backend;
}
