/**
 * Contradictions between keys that are each within their own bounds.
 *
 * Each check names all keys that may be to blame, with the demand on each: the loader picks the one
 * that somebody set last.
 */
#include "host/config/config.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

/* memory of one run: more is a slip of the pen, not an experiment */
#define STATE_MAX  ((int64_t)1 << 36)
#define RECORD_MAX ((int64_t)1 << 30)
#define INDEX_MAX  INT64_C(2147483647)
/* a trace holds views as int16: an agent has at most N - 1 in a step */
#define TRACE_AGENTS_MAX 32768

static void blame(dg_fault *fault, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void blame(dg_fault *fault, const char *key, const char *format, ...)
{
    if (fault->count == sizeof fault->at / sizeof *fault->at) return;
    va_list arguments;
    va_start(arguments, format);
    snprintf(fault->at[fault->count].key, DG_KEY_LENGTH, "%s", key);
    vsnprintf(fault->at[fault->count].why, sizeof fault->at[0].why, format, arguments);
    va_end(arguments);
    fault->count++;
}

static const char *group_key(char *text, const dg_group_config *group, const char *key)
{
    snprintf(text, DG_KEY_LENGTH, "groups.%s.%s", group->name, key);
    return text;
}

/* some groups state no size: the rest must divide among them */
static void blame_share(const dg_config *c, int64_t sum, int64_t open, dg_fault *fault)
{
    char key[DG_KEY_LENGTH], given[64] = "";
    const int64_t share = c->agents > sum ? (c->agents - sum) / open : 0;
    if (sum > 0) snprintf(given, sizeof given, "what the given sizes leave of ");
    if (share > 0)
        blame(fault, "agents",
              "expected a number such as %" PRId64 " or %" PRId64 ": %" PRId64
              " groups without a size share %sit equally",
              sum + share * open, sum + (share + 1) * open, open, given);
    else
        blame(fault, "agents",
              "expected at least %" PRId64 ": %" PRId64 " groups without a size share %sit equally",
              sum + open, open, given);
    for (int32_t g = 0; g < c->group_count; g++)
        if (c->group[g].size > 0)
            blame(fault, group_key(key, &c->group[g], "size"),
                  "expected a size that leaves an equal share of agents (%" PRId64 ") to %" PRId64
                  " groups without one; sizes given sum to %" PRId64,
                  c->agents, open, sum);
}

/* all groups state one: they must sum to `agents` */
static void blame_sum(const dg_config *c, int64_t sum, dg_fault *fault)
{
    char key[DG_KEY_LENGTH];
    blame(fault, "agents", "expected the sum of the group sizes, %" PRId64, sum);
    for (int32_t g = c->group_count - 1; g >= 0; g--)
        blame(fault, group_key(key, &c->group[g], "size"),
              "expected group sizes that sum to agents (%" PRId64 "), not %" PRId64, c->agents,
              sum);
}

static void check_sizes(const dg_config *c, dg_fault *fault)
{
    int64_t sum = 0, open = 0;
    for (int32_t g = 0; g < c->group_count; g++) {
        sum += c->group[g].size;
        open += c->group[g].size == 0;
    }
    if (open > 0)
        blame_share(c, sum, open, fault);
    else if (sum != c->agents)
        blame_sum(c, sum, fault);
}

static void check_kinds(const dg_config *c, dg_fault *fault)
{
    char key[DG_KEY_LENGTH];
    for (int32_t g = 1; g < c->group_count; g++)
        if (c->group[g].kind == DG_KIND_AI && c->group[g - 1].kind == DG_KIND_HUMAN) {
            blame(fault, group_key(key, &c->group[g], "kind"),
                  "expected groups of kind ai before those of kind human");
            blame(fault, group_key(key, &c->group[g - 1], "kind"),
                  "expected groups of kind ai before those of kind human");
            return;
        }
}

static void check_capacity(const dg_config *c, const dg_group_config *group, dg_fault *fault)
{
    char key[DG_KEY_LENGTH];
    const int64_t capacity = group->observation_capacity;
    if (capacity < c->agents) return;
    group_key(key, group, "observation_capacity");
    const char *keys[] = {key, "observation.capacity"};
    for (size_t i = 0; i < 2; i++)
        blame(fault, keys[i], "expected an integer in 1 ... %" PRId64, c->agents - 1);
    blame(fault, "agents", "expected at least %" PRId64 ", one more than the observation capacity",
          capacity + 1);
}

static void check_belief(const dg_config *c, const dg_group_config *group, dg_fault *fault)
{
    char key[DG_KEY_LENGTH];
    if (group->belief < c->values) return;
    blame(fault, group_key(key, group, "belief"), "expected a value in 0 ... %" PRId64,
          c->values - 1);
    blame(fault, "values", "expected at least %" PRId64 ", group %s is fixed at %" PRId64,
          group->belief + 1, group->name, group->belief);
}

static void check_parents(const dg_group_config *group, dg_fault *fault)
{
    static const char why[] = "a group of 1 agent cannot evolve: it has floor(1/2) = 0 parents";
    char key[DG_KEY_LENGTH];
    if (group->size != 1 || group->evolve_period == 0) return;
    blame(fault, group_key(key, group, "evolve_period"), "expected 0 (never): %s", why);
    blame(fault, group_key(key, group, "size"), "expected at least 2 or evolve_period 0: %s", why);
    blame(fault, "agents", "expected at least 2 in group %s: %s", group->name, why);
    blame(fault, "ai_type", "expected groups.%s.evolve_period set to 0: %s", group->name, why);
}

/* n = N H + H + H V + V; its padded form must fit 32 bits (dg_shape_build) */
static void check_parameters(const dg_config *c, const dg_group_config *group, dg_fault *fault)
{
    char key[DG_KEY_LENGTH];
    const int64_t h = group->hidden;
    if (c->agents * h + h + h * c->values + c->values < INDEX_MAX - 128) return;
    group_key(key, group, "hidden");
    const char *keys[] = {key, "policy.hidden", "agents", "values"};
    for (size_t i = 0; i < 4; i++)
        blame(fault, keys[i], "expected N H + H + H V + V below 2^31 in group %s", group->name);
}

static void check_memory(const dg_config *c, dg_fault *fault)
{
    dg_shape shape;
    dg_config_shape(c, &shape);
    if (dg_state_bytes(&shape) <= STATE_MAX) return;
    blame(fault, "agents", "expected a run of at most 64 GiB");
    blame(fault, "policy.hidden", "expected a run of at most 64 GiB");
}

/*
 * Sums over agents of v^2, v p and p^2 are 64-bit: v, an agent's views, is below N T, all views
 * together below N C T (C: largest capacity), and p, an agent's penalty, at most V T.
 */
static void check_moments(const dg_config *c, dg_fault *fault)
{
    const double n = (double)c->agents, t = (double)c->steps, penalty = (double)c->values * t;
    double capacity = 0;
    for (int32_t g = 0; g < c->group_count; g++)
        capacity = fmax(capacity, (double)c->group[g].observation_capacity);
    const double views = n * capacity * t;
    if (n * t * views < 9e18 && penalty * views < 9e18 && n * penalty * penalty < 9e18) return;
    blame(fault, "steps", "expected squares of views and penalties that fit 64 bits: fewer steps");
    blame(fault, "agents", "expected squares of views that fit 64 bits: fewer agents");
    blame(fault, "values", "expected squares of penalties that fit 64 bits: fewer values");
}

/* counts of a generation are 32-bit; records of a run are kept in memory */
static void check_counts(const dg_config *c, dg_fault *fault)
{
    if (c->agents * c->steps > INDEX_MAX || c->values * c->steps > INDEX_MAX) {
        blame(fault, "steps", "expected agents x steps and values x steps below 2^31");
        blame(fault, "agents", "expected agents x steps below 2^31");
        blame(fault, "values", "expected values x steps below 2^31");
    } else if (c->generations * c->group_count * (c->values + 32) > RECORD_MAX) {
        blame(fault, "generations", "expected generations x groups x (values + 32) at most 2^30");
        blame(fault, "values", "expected generations x groups x (values + 32) at most 2^30");
    } else {
        check_moments(c, fault);
    }
}

/* round(s N) smallest weights go; one agent must stay */
static void check_sparsity(const dg_config *c, const char *key, double sparsity, dg_fault *fault)
{
    if (round(sparsity * (double)c->agents) < (double)c->agents) return;
    blame(fault, key, "expected a share s with round(s N) below N = %" PRId64, c->agents);
    blame(fault, "agents", "expected round(%s N) below N", key);
}

/*
 * I_ij = exp(C_i - C_j) with |C_i - C_j| < d + the spread of the bonuses; K_I I_ij must stay finite
 * in float32, whose exp overflows at 88.7.
 */
static void check_influence(const dg_config *c, dg_fault *fault)
{
    double low = 0.0, high = 0.0;
    int32_t widest = 0;
    for (int32_t g = 0; g < c->group_count; g++) {
        const double bonus = c->group[g].influence_bonus;
        low = g == 0 || bonus < low ? bonus : low;
        high = g == 0 || bonus > high ? bonus : high;
        if (fabs(bonus) > fabs(c->group[widest].influence_bonus)) widest = g;
    }
    const double rest = (double)c->niche_dimensions + log(fmax(c->influence_factor, 1.0));
    if (high - low + rest <= 88.0) return;
    char key[DG_KEY_LENGTH];
    group_key(key, &c->group[widest], "influence_bonus");
    const char *keys[] = {key, "niche.dimensions", "observation.influence_factor"};
    for (size_t i = 0; i < 3; i++)
        blame(fault, keys[i],
              "expected spread of bonuses (%g) + niche.dimensions + ln(max(K_I, 1)) at most 88",
              high - low);
}

static void check_choices(const dg_config *c, dg_fault *fault)
{
    if (c->variant == DG_VARIANT_ROS_HANSEN && c->sampling == DG_SAMPLING_ISOTROPIC) {
        blame(fault, "evolution.sampling", "expected diagonal with evolution.variant ros-hansen");
        blame(fault, "evolution.variant", "expected evosax with evolution.sampling isotropic");
    } else if (c->niche_centroids > c->niche_points) {
        blame(fault, "niche.centroids", "expected at most niche.points (%" PRId64 ")",
              c->niche_points);
        blame(fault, "niche.points", "expected at least niche.centroids (%" PRId64 ")",
              c->niche_centroids);
    }
}

/* nobody to count: the run would never end early, which is not what was asked */
static void check_early_stop(const dg_config *c, dg_fault *fault)
{
    if (isnan(c->early_stop_share) || c->early_stop_scope != DG_SCOPE_HUMANS) return;
    for (int32_t g = 0; g < c->group_count; g++)
        if (c->group[g].kind == DG_KIND_HUMAN) return;
    blame(fault, "early_stop.scope", "expected population: no group is of kind human");
    blame(fault, "early_stop.share",
          "expected null, or early_stop.scope population: no group is of kind human");
}

static void check_output(const dg_config *c, dg_fault *fault)
{
    if (c->output_last >= c->generations) {
        blame(fault, "output.last", "expected an integer in 0 ... %" PRId64, c->generations - 1);
        blame(fault, "generations", "expected more than output.last (%" PRId64 ")", c->output_last);
    } else if (c->output_first > c->output_last) {
        blame(fault, "output.first", "expected an integer in 0 ... %" PRId64, c->output_last);
        blame(fault, "output.last", "expected at least output.first (%" PRId64 ")",
              c->output_first);
        blame(fault, "generations", "expected more than output.first (%" PRId64 ")",
              c->output_first);
    } else if (c->output_agents && c->agents > TRACE_AGENTS_MAX) {
        blame(fault, "output.agents", "expected false with more than %d agents: views are 16-bit",
              TRACE_AGENTS_MAX);
        blame(fault, "agents", "expected at most %d with output.agents", TRACE_AGENTS_MAX);
    }
}

static void check_echo(const dg_config *c, dg_fault *fault)
{
    if (c->echo_snapshot_every > c->echo_steps) {
        blame(fault, "echo.snapshot_every", "expected an integer in 1 ... %" PRId64, c->echo_steps);
        blame(fault, "echo.steps", "expected at least echo.snapshot_every (%" PRId64 ")",
              c->echo_snapshot_every);
    } else if (c->echo_steps / c->echo_snapshot_every > RECORD_MAX / c->echo_agents) {
        blame(fault, "echo.snapshot_every", "expected agents x snapshots at most 2^30");
        blame(fault, "echo.steps", "expected agents x snapshots at most 2^30");
        blame(fault, "echo.agents", "expected agents x snapshots at most 2^30");
    }
}

static void check_group(const dg_config *c, const dg_group_config *group, dg_fault *fault)
{
    if (fault->count == 0) check_capacity(c, group, fault);
    if (fault->count == 0) check_belief(c, group, fault);
    if (fault->count == 0) check_parents(group, fault);
    if (fault->count == 0) check_parameters(c, group, fault);
}

static void check_digico(const dg_config *c, dg_fault *fault)
{
    /* later checks lean on the sizes that earlier ones accept */
    static void (*const checks[])(const dg_config *, dg_fault *) = {
        check_memory, check_counts, check_influence, check_choices, check_output, check_early_stop};
    check_kinds(c, fault);
    if (fault->count == 0) check_sizes(c, fault);
    for (int32_t g = 0; g < c->group_count; g++) check_group(c, &c->group[g], fault);
    for (size_t i = 0; i < sizeof checks / sizeof *checks && fault->count == 0; i++)
        checks[i](c, fault);
    if (fault->count == 0)
        check_sparsity(c, "observation.sparsity", c->observation_sparsity, fault);
    if (fault->count == 0) check_sparsity(c, "contagion.sparsity", c->contagion_sparsity, fault);
}

bool dg_config_consistent(const dg_config *config, dg_fault *fault)
{
    fault->count = 0;
    switch ((dg_model_kind)config->model) {
    case DG_MODEL_DIGICO: check_digico(config, fault); break;
    case DG_MODEL_ECHO: check_echo(config, fault); break;
    }
    return fault->count == 0;
}

bool dg_config_check(const dg_config *config, char *key, char *why, size_t size)
{
    dg_fault fault;
    if (dg_config_consistent(config, &fault)) return true;
    snprintf(key, size, "%s", fault.at[0].key);
    snprintf(why, size, "%s", fault.at[0].why);
    return false;
}
