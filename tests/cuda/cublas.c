/**
 * cublas: policy.forward: cublas against the policy in double precision, step by step, and against the
 * gather in distribution over whole runs. Its bits are the library's own, so no bytes are compared.
 *
 *   cublas               both; needs a GPU for it to be quick
 *   cublas --steps       step by step alone, for the emulator
 *   cublas --small       step by step alone, of populations up to 99, for PTX on the CPU
 *   cublas --self        the CPU in place of CUDA, to check the check
 *   cublas --device K    CUDA device K
 *
 * Exit code: 0 within the bounds, 1 beyond or an error, 2 usage, 77 no CUDA device or no cuBLAS.
 */
#include "logits.h"
#include "outcome.h"

#include "host/base/error.h"
#include "host/engine/starts.h"
#include "host/models/batch_shape.h"
#include "host/models/statistics.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/**
 * Logits [agents][values] that cuBLAS computes for a run's present state (host/backends/cuda.h). Weak: a
 * build without CUDA has none.
 */
dg_status dg_cuda_logits(dg_batch *batch, int32_t run, float *logits) __attribute__((weak));

/** Where the two sides are computed. */
typedef struct side {
    const dg_backend *backend;
    int32_t device, self, steps_only, small;
} side;

/* ---- step by step ---------------------------------------------------------------------------- */

/** Logits of a run, by cuBLAS or, to check the check, in plain float32. */
static dg_status found_logits(const side *on, dg_batch *batch, int32_t run, float *out,
                              const dg_shape *s, const dg_state *state)
{
    if (!on->self) return dg_cuda_logits(batch, run, out);
    float *scratch = calloc((size_t)s->hidden, sizeof *scratch);
    if (!scratch) return dg_fail(DG_ERR_MEMORY, "no memory for a hidden layer");
    for (int32_t i = 0; i < s->agents; i++)
        logits_single(out + (int64_t)i * s->values, scratch, s, state, i);
    free(scratch);
    return DG_OK;
}

/** Largest |difference| / bound over all logits of a run; > 1 (or nan) is too much. */
static dg_status worst_ratio(double *worst, const side *on, dg_batch *batch, int32_t run,
                             const dg_shape *s)
{
    void *block = aligned_alloc(64, (size_t)dg_state_bytes(s));
    float *found = calloc((size_t)s->agents * (size_t)s->values, sizeof *found);
    logit_reference *expected = calloc((size_t)s->values, sizeof *expected);
    double *scratch = calloc((size_t)(s->agents + 2 * s->hidden), sizeof *scratch);
    dg_status status = DG_ERR_MEMORY;
    if (!block || !found || !expected || !scratch) goto end;
    DG_TRY_GOTO(on->backend->download(batch, run, block), end);
    const dg_state state = dg_state_at(s, block);
    DG_TRY_GOTO(found_logits(on, batch, run, found, s, &state), end);
    for (int32_t i = 0; i < s->agents; i++) {
        logits_reference(expected, scratch, s, &state, i);
        for (int32_t v = 0; v < s->values; v++) {
            const double off = fabs((double)found[i * s->values + v] - expected[v].value);
            if (!(off / expected[v].bound <= *worst)) *worst = off / expected[v].bound;
        }
    }
end:
    free(block);
    free(found);
    free(expected);
    free(scratch);
    return status;
}

/** A batch of seeds first ... first+runs-1 with some words laid over the default experiment. */
static dg_status open_batch(dg_batch **batch, dg_shape *shape, const side *on, int first, int runs,
                            const char *const *set, size_t sets)
{
    char yaml[96];
    dg_experiment *experiment = NULL;
    dg_batch_plan plan = {0};
    dg_status status = DG_OK;
    snprintf(yaml, sizeof yaml, "sweep: {product: {seed: {from: %d, to: %d}}}\n", first,
             first + runs - 1);
    DG_TRY(dg_experiment_parse(&experiment, "cublas", yaml, strlen(yaml), set, sets));
    dg_batch_describe(&experiment->condition[0], &(dg_options){0}, &plan.shape, &plan.options);
    plan.options.runs = runs;
    plan.options.device = on->device;
    plan.options.cublas = experiment->condition[0].policy_forward == DG_FORWARD_CUBLAS;
    plan.run = calloc((size_t)runs, sizeof *plan.run);
    for (int r = 0; plan.run && r < runs; r++) plan.run[r] = (size_t)r;
    if (plan.run) status = dg_starts_make(batch, NULL, on->backend, experiment, &plan, NULL, NULL);
    *shape = plan.shape;
    free(plan.run);
    dg_experiment_free(&experiment);
    return status;
}

static int steps_hold(const side *on)
{
    static const char *const cases[][5] = {
        {"agents=30", "observation.capacity=4", "values=10", "policy.hidden=64"},
        {"agents=33", "observation.capacity=10", "values=17", "groups.ai.hidden=33"},
        {"agents=99", "observation.capacity=32", "values=40", "groups.human2.hidden=100"},
        {"agents=300", "observation.capacity=100", "values=10", "policy.hidden=64"},
    };
    int good = 1;
    for (int k = 0; k < (on->small ? 3 : 4); k++) {
        const char *set[] = {on->self ? "policy.forward=dense" : "policy.forward=cublas",
                             "generations=2",
                             "steps=10",
                             cases[k][0],
                             cases[k][1],
                             cases[k][2],
                             cases[k][3]};
        dg_batch *batch = NULL;
        dg_shape shape;
        double worst = 0;
        dg_status status = open_batch(&batch, &shape, on, 1, 3, set, 7);
        if (status == DG_OK) status = on->backend->advance(batch, 2, NULL);
        for (int r = 0; r < 3 && status == DG_OK; r++)
            status = worst_ratio(&worst, on, batch, r, &shape);
        if (batch) on->backend->destroy(&batch);
        good = good && status == DG_OK && worst <= 1;
        printf("logits, %s %s %s %s: largest |difference| / bound %.3g%s%s\n", cases[k][0],
               cases[k][1], cases[k][2], cases[k][3], worst, status == DG_OK ? "" : "; ",
               status == DG_OK ? "" : dg_error());
    }
    return good;
}

/* ---- over whole runs ------------------------------------------------------------------------- */

enum { SEEDS = 40, GENERATIONS = 60, LAST = 20, MEASURES = 2 };

/** Means over the last generations of each run: human belief 0 and AI views. */
static dg_status run_means(double (*mean)[SEEDS], const side *on, int first, const char *forward)
{
    const char *set[] = {forward,
                         "generations=60",
                         "ai_type=all_zero",
                         "reading=tables",
                         "observation.belief_factor=0",
                         "belief_weights.update=reward"};
    dg_batch *batch = NULL;
    dg_shape shape;
    DG_TRY(open_batch(&batch, &shape, on, first, SEEDS, set, 6));
    const dg_status status = on->backend->advance(batch, GENERATIONS, NULL);
    for (int r = 0; r < SEEDS && status == DG_OK; r++) {
        const int64_t *records = on->backend->records(batch, r);
        mean[0][r] = mean[1][r] = 0;
        for (int g = GENERATIONS - LAST; g < GENERATIONS; g++) {
            const dg_record record = {.shape = &shape,
                                      .words = records + g * dg_record_words(&shape)};
            dg_generation_summary summary;
            dg_record_dominance(&record, &summary);
            mean[0][r] += summary.human_belief_0 / LAST;
            mean[1][r] += summary.ai_views / LAST;
        }
    }
    on->backend->destroy(&batch);
    return status;
}

static void moments(const double *x, double *mean, double *variance)
{
    *mean = *variance = 0;
    for (int k = 0; k < SEEDS; k++) *mean += x[k] / SEEDS;
    for (int k = 0; k < SEEDS; k++) *variance += (x[k] - *mean) * (x[k] - *mean) / (SEEDS - 1);
}

/**
 * Welch's t of 40 against 40 seeds, 39 to 78 degrees of freedom: beyond 5.8 with a chance of less than
 * 1e-6. The seeds are fixed, so the answer never changes by chance.
 */
static int runs_agree(const side *on)
{
    static const char *const names[] = {"human belief 0", "AI views"};
    const double limit = 5.8;
    double gather[MEASURES][SEEDS], library[MEASURES][SEEDS];
    int good = 1;
    if (run_means(gather, on, 1, "policy.forward=gather") != DG_OK ||
        run_means(library, on, 1001, on->self ? "policy.forward=dense" : "policy.forward=cublas") !=
            DG_OK) {
        printf("whole runs: %s\n", dg_error());
        return 0;
    }
    for (int k = 0; k < MEASURES; k++) {
        double mean[2], variance[2];
        moments(gather[k], &mean[0], &variance[0]);
        moments(library[k], &mean[1], &variance[1]);
        const double t = (mean[1] - mean[0]) / sqrt((variance[0] + variance[1]) / SEEDS);
        good = good && fabs(t) < limit;
        printf("whole runs, %s: gather %.4f +- %.4f, %s %.4f +- %.4f, t = %.2f (limit %.1f)\n",
               names[k], mean[0], sqrt(variance[0]), on->self ? "dense" : "cublas", mean[1],
               sqrt(variance[1]), t, limit);
    }
    return good;
}

/* ---- the command line ------------------------------------------------------------------------ */

static int not_here(const char *why)
{
    printf("cublas: not run: %s\n", why);
    return 77;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"self", no_argument, NULL, 'S'},
        {"steps", no_argument, NULL, 's'},
        {"small", no_argument, NULL, 'm'},
        {"device", required_argument, NULL, 'd'},
        {0},
    };
    side on = {.backend = dg_backend_cuda()};
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'S')
            on.self = 1;
        else if (o == 's')
            on.steps_only = 1;
        else if (o == 'm')
            on.steps_only = on.small = 1;
        else if (o == 'd')
            on.device = atoi(optarg);
        else
            return 2;
    }
    if (on.self) on.backend = dg_backend_cpu();
    if (!on.backend) return not_here("this build has no CUDA backend");
    const int32_t devices = on.backend->devices();
    if (devices == 0) return not_here(dg_error());
    if (devices <= on.device) return not_here("no such CUDA device answers");
    if (!on.self && !dg_cuda_logits) return not_here("this build has no cuBLAS");
    if (!on.self && on.backend->accepts(DG_FORWARD_CUBLAS) != DG_OK) return not_here(dg_error());
    const int steps = steps_hold(&on), runs = on.steps_only || runs_agree(&on);
    printf("cublas: %s\n", steps && runs ? "within the bounds" : "beyond the bounds");
    return steps && runs ? 0 : 1;
}
