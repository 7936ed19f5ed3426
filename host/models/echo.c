/**
 * The model `echo-chamber` (MODEL.md, section 10). A run takes some milliseconds: it is computed
 * from start to end on one thread, without checkpoints.
 */
#include "host/base/hash.h"
#include "host/models/echo_file.h"
#include "host/models/echo_pack.h"
#include "kernels/cpu/echo.h"
#include "kernels/science/echo.h"
#include "kernels/science/rng.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* steps between two looks at a request to stop: together some milliseconds */
#define PORTION_AGENT_STEPS 2000000

/* an agent-step is one multiply-add, limited by its latency: estimated, not measured */
#define SECONDS_PER_AGENT_STEP 2e-9

/* ---- work ------------------------------------------------------------------------------------ */

/** Steps done after this many snapshots; the last interval may be shorter than the others. */
static int64_t steps_after(const dg_config *c, int64_t snapshots)
{
    const int64_t steps = snapshots * c->echo_snapshot_every;
    return steps < c->echo_steps ? steps : c->echo_steps;
}

static int64_t agent_steps(const dg_config *c, int64_t snapshots)
{
    return c->echo_agents * steps_after(c, snapshots);
}

static bool same_shape(const dg_config *a, const dg_config *b)
{
    return a->echo_agents == b->echo_agents && a->echo_steps == b->echo_steps &&
           a->echo_snapshot_every == b->echo_snapshot_every;
}

static const char *describe(const dg_config *c, char *text, size_t size)
{
    snprintf(text, size, "echo-chamber, %" PRId64 " agents x %" PRId64 " steps", c->echo_agents,
             c->echo_steps);
    return text;
}

/* ---- memory and disk ------------------------------------------------------------------------- */

/** Per agent and snapshot belief and radicalisation; per snapshot four numbers; per agent two. */
static int64_t file_bytes(const dg_config *c)
{
    const int64_t snapshots = dg_echo_snapshots(c);
    return 8 * c->echo_agents * (snapshots + 1) + 28 * snapshots;
}

static int64_t part_bytes(const dg_config *c, dg_part part, int32_t snapshots)
{
    return part == DG_PART_PACKED ? dg_echo_packed_bytes((int32_t)c->echo_agents, snapshots) : 0;
}

/** The packed run and three temporary rows of agents. */
static int64_t memory_bytes(const dg_config *c)
{
    return part_bytes(c, DG_PART_PACKED, (int32_t)dg_echo_snapshots(c)) +
           3 * c->echo_agents * (int64_t)sizeof(float);
}

/* ---- computing ------------------------------------------------------------------------------- */

typedef struct vector_echo {
    const char *name;
    void (*steps)(const dg_echo_run *run);
} vector_echo;

static const vector_echo vector_echoes[] = {
#define VECTOR_ECHO(set) {#set, dg_echo_##set},
    DG_VECTOR_LIST(VECTOR_ECHO)
#undef VECTOR_ECHO
};

/** A run that is being computed. */
typedef struct echo_run {
    const dg_config *config;
    const vector_echo *set;
    dg_echo_arrays kept; /* the packed run */
    float *belief;       /* [agents] current b_i */
    float *evidence;     /* [agents] directly after `belief`: both are hashed as the final state */
    float *other;        /* [agents] scratch of the schedule */
    int64_t told;        /* agent-steps that the watch has counted */
} echo_run;

/** b_i(0) and e_i: N(0, 1) times `echo.scale`. */
static void begin(echo_run *run)
{
    const dg_draw belief = dg_draw_of(run->config->seed, DG_STREAM_ECHO_BELIEF, 0, 0);
    const dg_draw evidence = dg_draw_of(run->config->seed, DG_STREAM_ECHO_EVIDENCE, 0, 0);
    const float scale = (float)run->config->echo_scale;
    for (int32_t i = 0; i < run->kept.agents; i++) {
        run->belief[i] = run->kept.initial[i] = scale * dg_normal(belief, (uint32_t)i, 0);
        run->evidence[i] = run->kept.evidence[i] = scale * dg_normal(evidence, (uint32_t)i, 0);
    }
}

/** Largest |b_i(t) - (b_i(0) + eta t e_i)|; nan for a utility without a closed form. */
static double deviation(const echo_run *run, int64_t step)
{
    if (run->config->echo_utility != DG_ECHO_PRODUCT) return (double)NAN;
    double largest = 0;
    for (int32_t i = 0; i < run->kept.agents; i++) {
        const double exact = (double)run->kept.initial[i] +
                             run->config->echo_rate * (double)step * (double)run->evidence[i];
        const double off = fabs((double)run->belief[i] - exact);
        largest = off > largest ? off : largest;
    }
    return largest;
}

/** Steps of one call of the schedule. */
static int64_t portion_of(const echo_run *run)
{
    return PORTION_AGENT_STEPS / run->kept.agents + 1;
}

/** Advance from the end of snapshot k-1 to that of snapshot k; false: a stop was requested. */
static bool advance_steps(echo_run *run, int32_t k, const dg_compute_options *options)
{
    const dg_config *c = run->config;
    const int64_t end = steps_after(c, k + 1), portion = portion_of(run);
    dg_echo_run steps = {.seed = c->seed,
                         .agents = run->kept.agents,
                         .params = dg_config_echo_params(c),
                         .belief = run->belief,
                         .evidence = run->evidence,
                         .other = run->other,
                         .mean_utility = &run->kept.utility[k]};
    for (int64_t first = steps_after(c, k); first < end; first = steps.last) {
        if (options->stopped && options->stopped(options->user)) return false;
        steps.first = (int32_t)first;
        steps.last = (int32_t)(end - first > portion ? first + portion : end);
        run->set->steps(&steps);
        const int64_t done = c->echo_agents * (steps.last - first);
        run->told += done;
        dg_watch_add(options->watch, 0, done, 0);
    }
    return true;
}

/** What snapshot k keeps. */
static void keep(echo_run *run, int32_t k)
{
    const int64_t last = steps_after(run->config, k + 1);
    const int32_t agents = run->kept.agents;
    run->kept.step[k] = last;
    run->kept.deviation[k] = deviation(run, last);
    memcpy(run->kept.belief + (int64_t)k * agents, run->belief,
           (size_t)agents * sizeof *run->belief);
}

static bool all_finite(const echo_run *run)
{
    for (int32_t i = 0; i < run->kept.agents; i++)
        if (!isfinite(run->belief[i])) return false;
    return true;
}

/** Advance to the end. False: a stop was requested, and what was done counts no more. */
static bool advance_all(echo_run *run, const dg_compute_options *options)
{
    begin(run);
    for (int32_t k = 0; k < run->kept.snapshots; k++) {
        if (!advance_steps(run, k, options)) {
            dg_watch_add(options->watch, -k, -run->told, 0);
            return false;
        }
        keep(run, k);
        dg_watch_add(options->watch, 1, 0, k + 1 == run->kept.snapshots);
    }
    return true;
}

static dg_status compute(const dg_config *config, const dg_compute_options *options,
                         dg_computed_run *out)
{
    const size_t agents = (size_t)config->echo_agents;
    const int32_t snapshots = (int32_t)dg_echo_snapshots(config);
    echo_run run = {.config = config, .set = vector_echoes};
    memset(out, 0, sizeof *out);
    out->packed_bytes = dg_echo_packed_bytes((int32_t)agents, snapshots);
    out->packed = malloc((size_t)out->packed_bytes);
    run.belief = calloc(3 * agents, sizeof *run.belief);
    if (!out->packed || !run.belief) {
        free(out->packed);
        free(run.belief);
        out->packed = NULL;
        return dg_fail(DG_ERR_MEMORY, "no memory for an echo chamber of %zu agents", agents);
    }
    dg_echo_pack(&run.kept, out->packed, (int32_t)agents, snapshots);
    run.evidence = run.belief + agents;
    run.other = run.evidence + agents;
    while (strcmp(run.set->name, options->vector) != 0) run.set++;
    if (advance_all(&run, options)) {
        out->agent_steps = run.told;
        out->status = all_finite(&run) ? DG_RUN_COMPLETED : DG_RUN_NONFINITE;
        out->generations = snapshots;
        out->hash = dg_hash_bytes(run.belief, 2 * (int64_t)(agents * sizeof *run.belief));
    }
    free(run.belief);
    return DG_OK;
}

/* ---- results --------------------------------------------------------------------------------- */

static const char *heading(dg_statistic statistic)
{
    (void)statistic; /* snapshots are not averaged */
    return "last snapshot, radicalisation of the median agent";
}

const dg_model dg_model_echo = {
    .word = "echo-chamber",
    .generations = dg_echo_snapshots,
    .agent_steps = agent_steps,
    .same_shape = same_shape,
    .describe = describe,
    .memory_bytes = memory_bytes,
    .file_bytes = file_bytes,
    .file_fixed = 46000, /* measured: 45 kB */
    .part_bytes = part_bytes,
    .compute = compute,
    .seconds_per_agent_step = SECONDS_PER_AGENT_STEP,
    .layout = &dg_echo_layout,
    .store = dg_echo_store,
    .summarise = dg_echo_summarise,
    .heading = heading,
};
