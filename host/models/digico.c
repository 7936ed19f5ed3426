/** The model `digico`, "The Digital Ecosystem of Beliefs" (MODEL.md, sections 1 to 9). */
#include "host/models/batch_shape.h"
#include "host/models/digico_file.h"
#include "host/models/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- work ------------------------------------------------------------------------------------ */

static int64_t generations(const dg_config *c)
{
    return c->generations;
}

static int64_t agent_steps(const dg_config *c, int64_t done)
{
    return c->agents * c->steps * done;
}

/** Compares the sizes that decide memory and time; the names of groups do not matter. */
static bool same_shape(const dg_config *a, const dg_config *b)
{
    dg_shape left, right;
    dg_config_shape(a, &left);
    dg_config_shape(b, &right);
    return memcmp(&left, &right, sizeof left) == 0;
}

static const char *describe(const dg_config *c, char *text, size_t size)
{
    snprintf(text, size,
             "%" PRId64 " agents, %d groups, %" PRId64 " values, %" PRId64 " generations x %" PRId64
             " steps",
             c->agents, c->group_count, c->values, c->generations, c->steps);
    return text;
}

/* ---- memory and disk ------------------------------------------------------------------------- */

static int64_t recorded_generations(const dg_config *c)
{
    if (!c->output_agents || c->output_every < 1 || c->output_last < c->output_first) return 0;
    return (c->output_last - c->output_first) / c->output_every + 1;
}

/** Per-agent output; group and niche of each agent, influence of each niche. */
static int64_t agent_bytes(const dg_config *c)
{
    const int64_t recorded = recorded_generations(c);
    if (recorded == 0) return 0;
    return 2 * recorded * DG_TRACES * c->steps * c->agents + 6 * c->agents + 8 * c->niche_centroids;
}

#define COUNT_SCOPE(code, word) +1
enum { SCOPES = 0 DG_SCOPE_LIST(COUNT_SCOPE) };
#undef COUNT_SCOPE

/**
 * The lists of statistics.h: rates, their last and mean values; last appearances of beliefs. Of
 * negative fitness only the last and mean value.
 */
static int64_t rate_bytes(const dg_config *c)
{
    const int64_t groups = c->group_count;
    const int64_t rates = DG_DOMINANCE_QUANTITIES + SCOPES * DG_HEALTH_QUANTITIES;
    return 4 * c->generations * (rates + groups * (DG_GROUP_QUANTITIES + c->values)) +
           16 * (DG_DOMINANCE_QUANTITIES + 1) + 4 * SCOPES * c->values;
}

/* size and kind of a group */
#define GROUP_BYTES 48

static int64_t file_bytes(const dg_config *c)
{
    const int64_t groups = c->group_count;
    const int64_t measured = c->diversity_every > 0 ? c->generations / c->diversity_every + 1 : 0;
    return rate_bytes(c) + 4 * measured * groups * groups + agent_bytes(c) + GROUP_BYTES * groups;
}

static int64_t part_bytes(const dg_config *config, dg_part part, int32_t done)
{
    static const dg_options plain;
    dg_shape shape;
    dg_batch_options options;
    dg_batch_describe(config, &plain, &shape, &options);
    return dg_batch_part_bytes(part, &shape, &options, done);
}

/* ---- results --------------------------------------------------------------------------------- */

static bool same_everywhere(const dg_config *config)
{
    return config->policy_forward != DG_FORWARD_CUBLAS;
}

static const char *differs(const dg_experiment *experiment)
{
    for (size_t c = 0; c < experiment->conditions; c++)
        if (!same_everywhere(&experiment->condition[c]))
            return "all runs but those with policy.forward: cublas, whose hashes hold for this "
                   "device and its libraries alone";
    return NULL;
}

const dg_store_layout dg_digico_layout = {
    .model = "digico",
    .title = "The Digital Ecosystem of Beliefs",
    .measure = dg_digico_measure,
    .define = dg_digico_define,
    .finish = dg_digico_finish_negative,
    .release = dg_digico_release,
    .differs = differs,
};

/** Read a statistic of each run: the variable NAME_last or NAME_mean. */
static dg_status read_statistic(const dg_results *results, const char *name, dg_statistic statistic,
                                double **value)
{
    char variable[64];
    size_t length;
    snprintf(variable, sizeof variable, "%s_%s", name,
             statistic == DG_STATISTIC_LAST ? "last" : "mean");
    DG_TRY(dg_results_numbers(results, variable, value, &length));
    return length == results->runs
               ? DG_OK
               : dg_fail(DG_ERR_IO, "%s: %s: expected one number per run", results->path, variable);
}

/** Find the runs whose AI fitness is no share. */
static dg_status find_negative(const dg_results *results, dg_statistic statistic, dg_metric *metric)
{
    metric->why = statistic == DG_STATISTIC_LAST
                      ? "it is no share where fitness is negative in sum over AI or over human "
                        "agents; compare fitness_mean of the groups"
                      : "it is no share where fitness is negative in sum over AI or over human "
                        "agents in any generation; compare fitness_mean of the groups";
    if (dg_results_has(results, "negative_fitness_last"))
        return read_statistic(results, "negative_fitness", statistic, &metric->left_out);
    /* of an older version, as the report has it (negative_fitness.py) */
    metric->left_out = calloc(results->runs, sizeof *metric->left_out);
    if (metric->left_out == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the summary");
    if (dg_results_has(results, "fitness_mean"))
        return dg_digico_find_older_negative(results, statistic, metric->left_out);
    /* what lies outside 0 ... 1 is certainly none */
    for (size_t r = 0; r < results->runs; r++)
        metric->left_out[r] = metric->value[r] < 0.0 || metric->value[r] > 1.0;
    metric->why = "outside 0 ... 1 it is no share; this file is of an older version, which does "
                  "not tell shares of a loss; compare fitness_mean of the groups";
    return DG_OK;
}

static dg_status summarise(const dg_results *results, dg_statistic statistic,
                           dg_metric metric[DG_SUMMARY_METRICS])
{
    static const char *const label[] = {"AI views", "AI fitness", "human belief 0"};
    _Static_assert(DG_DOMINANCE_QUANTITIES == DG_SUMMARY_METRICS, "a label for each");
    _Static_assert(sizeof label / sizeof *label == DG_SUMMARY_METRICS, "a label for each");
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        metric[m].name = dg_dominance_quantities[m].name;
        metric[m].label = label[m];
        DG_TRY(read_statistic(results, metric[m].name, statistic, &metric[m].value));
    }
    return find_negative(results, statistic, &metric[DG_AI_FITNESS]);
}

static const char *heading(dg_statistic statistic)
{
    switch (statistic) {
    case DG_STATISTIC_LAST: return "last generation";
    case DG_STATISTIC_MEAN: break;
    }
    return "mean over generations";
}

const dg_model dg_model_digico = {
    .word = "digico",
    .generations = generations,
    .agent_steps = agent_steps,
    .same_shape = same_shape,
    .describe = describe,
    .file_bytes = file_bytes,
    .file_fixed = 120000, /* measured: 114 ... 122 kB */
    .part_bytes = part_bytes,
    .same_everywhere = same_everywhere,
    .layout = &dg_digico_layout,
    .store = dg_digico_store,
    .summarise = summarise,
    .heading = heading,
    .published = true,
};
