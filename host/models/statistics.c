/** Rates, means and standard deviations of a generation, computed from its record; statistics.h. */
#include "host/models/statistics.h"

#include "kernels/science/fmath.h"

#include <math.h>

#define QUANTITY(name, unit, meaning) {#name, unit, meaning},
const dg_quantity dg_dominance_quantities[] = {DG_DOMINANCE_LIST(QUANTITY)};
const dg_quantity dg_health_quantities[] = {DG_HEALTH_LIST(QUANTITY)};
const dg_quantity dg_group_quantities[] = {DG_GROUP_LIST(QUANTITY)};
#undef QUANTITY

_Static_assert(sizeof(dg_generation_summary) == DG_DOMINANCE_QUANTITIES * sizeof(double),
               "DG_DOMINANCE_LIST is dg_generation_summary, field by field");

/* ---- counts ---------------------------------------------------------------------------------- */

static const int64_t *counts_of(const dg_record *record, int32_t group)
{
    return record->words + dg_record_group(record->shape, group);
}

const int64_t *dg_record_histogram(const dg_record *record, int32_t group)
{
    return counts_of(record, group) + DG_COUNTS;
}

/** (agent, step) pairs of a scope that hold a value. */
static int64_t holders(const dg_record *record, dg_scope scope, int32_t value)
{
    return dg_record_holders(record->shape, record->words, scope, value);
}

int dg_record_holds(const dg_record *record, dg_scope scope, int32_t value)
{
    return holders(record, scope, value) > 0;
}

static int64_t holders_of_any(const dg_record *record, dg_scope scope)
{
    int64_t sum = 0;
    for (int32_t v = 0; v < record->shape->values; v++) sum += holders(record, scope, v);
    return sum;
}

/** a / b, nan where b is 0. */
static double ratio(double a, double b)
{
    return b != 0.0 ? a / b : (double)NAN;
}

/* ---- dominance ------------------------------------------------------------------------------- */

/** Sum of fitness over a group: sum f = V - lambda P (Eq. 6, 8). */
static double fitness_sum(const dg_record *record, int32_t group)
{
    const int64_t *c = counts_of(record, group);
    return (double)c[DG_COUNT_VIEWS] - (double)record->truthfulness * (double)c[DG_COUNT_PENALTY];
}

void dg_record_dominance(const dg_record *record, dg_generation_summary *out)
{
    double views[2] = {0.0, 0.0}, fitness[2] = {0.0, 0.0}; /* of AI groups, of all */
    for (int32_t g = 0; g < record->shape->groups; g++) {
        const double v = (double)counts_of(record, g)[DG_COUNT_VIEWS];
        const double f = fitness_sum(record, g);
        if (record->shape->group[g].kind == DG_KIND_AI) {
            views[0] += v;
            fitness[0] += f;
        }
        views[1] += v;
        fitness[1] += f;
    }
    out->ai_views = ratio(views[0], views[1]);
    out->ai_fitness = ratio(fitness[0], fitness[1]);
    out->human_belief_0 = ratio((double)holders(record, DG_SCOPE_HUMANS, 0),
                                (double)holders_of_any(record, DG_SCOPE_HUMANS));
}

bool dg_record_negative_fitness(const dg_record *record)
{
    double ai = 0.0, human = 0.0;
    for (int32_t g = 0; g < record->shape->groups; g++) {
        *(record->shape->group[g].kind == DG_KIND_AI ? &ai : &human) += fitness_sum(record, g);
    }
    return ai < 0.0 || human < 0.0;
}

/* ---- groups ---------------------------------------------------------------------------------- */

/** For products of 64-bit sums; gcc and clang have this type, ISO C does not. */
__extension__ typedef __int128 wide;

/**
 * Standard deviation of fitness over s agents, s^2 var f = c_vv - 2 lambda c_vp + lambda^2 c_pp
 * with the integers c_xy = s sum xy - sum x sum y: these are exact, so that cancellation happens
 * before any rounding.
 */
static double fitness_spread(const int64_t *c, int64_t s, double lambda)
{
    const wide v = c[DG_COUNT_VIEWS], p = c[DG_COUNT_PENALTY];
    const wide vv = s * (wide)c[DG_COUNT_VIEWS_SQUARED] - v * v;
    const wide vp = s * (wide)c[DG_COUNT_VIEWS_PENALTY] - v * p;
    const wide pp = s * (wide)c[DG_COUNT_PENALTY_SQUARED] - p * p;
    const double sum = (double)vv - 2.0 * lambda * (double)vp + lambda * lambda * (double)pp;
    return sqrt(sum > 0.0 ? sum : 0.0) / (double)s;
}

void dg_record_group_statistics(const dg_record *record, int32_t group, dg_group_statistics *out)
{
    const int64_t *c = counts_of(record, group);
    const int64_t size = record->shape->group[group].size;
    const double pairs = (double)size * (double)record->shape->steps;
    out->views = (double)c[DG_COUNT_VIEWS];
    out->fitness_mean = ratio(fitness_sum(record, group), (double)size);
    out->fitness_spread = fitness_spread(c, size, (double)record->truthfulness);
    out->belief_penalty_mean = ratio((double)c[DG_COUNT_PENALTY], pairs);
    out->messages = (double)c[DG_COUNT_MESSAGES];
    out->sigma = (double)dg_float_of((uint32_t)c[DG_COUNT_SIGMA]);
}

double dg_record_distance_mean(const dg_record *record, int32_t a, int32_t b)
{
    const dg_shape *shape = record->shape;
    const int64_t sum = record->words[dg_record_distance(shape, a, b)];
    if (sum == DG_DISTANCE_ABSENT) return (double)NAN;
    const double size_a = shape->group[a].size, size_b = shape->group[b].size;
    const double pairs = a == b ? size_a * (size_a - 1.0) / 2.0 : size_a * size_b;
    const double total = (double)sum / (double)DG_DISTANCE_SCALE;
    return ratio(total, pairs * sqrt((double)shape->group[a].parameters));
}

/* ---- health ---------------------------------------------------------------------------------- */

/** Entropy of the histogram / ln V: 0 for a single belief, 1 for a uniform histogram. */
static double belief_entropy(const dg_record *record, dg_scope scope, double all)
{
    const int32_t values = record->shape->values;
    double entropy = 0.0;
    for (int32_t v = 0; v < values; v++) {
        const double share = (double)holders(record, scope, v) / all;
        if (share > 0.0) entropy -= share * (double)dg_log((float)share);
    }
    return ratio(entropy, (double)dg_log((float)values));
}

/** Variance / ((V - 1) / 2)^2, the variance if half of the pairs hold each extreme value. */
static double polarisation_variance(const dg_record *record, dg_scope scope, double all)
{
    const int32_t values = record->shape->values;
    double sum = 0.0, squares = 0.0; /* of integers below 2^53 for any record that fits memory */
    for (int32_t v = 0; v < values; v++) {
        const double n = (double)holders(record, scope, v);
        sum += n * v;
        squares += n * v * v;
    }
    const double half = (values - 1) / 2.0;
    const double variance = (all * squares - sum * sum) / (all * all);
    return ratio(variance > 0.0 ? variance : 0.0, half * half);
}

/**
 * Share of the outer thirds of the scale. Value v covers [v / V, (v + 1) / V); values that are
 * completely in the lowest or highest third count: v < floor(V / 3) or v >= V - floor(V / 3). With
 * v < V / 3 the two sides would differ: 4 values of 10 at one end, 3 at the other.
 */
static double polarisation_extremes(const dg_record *record, dg_scope scope, double all)
{
    const int32_t values = record->shape->values, third = values / 3;
    int64_t sum = 0;
    for (int32_t v = 0; v < third; v++) {
        sum += holders(record, scope, v) + holders(record, scope, values - 1 - v);
    }
    return third > 0 ? (double)sum / all : (double)NAN;
}

void dg_record_health(const dg_record *record, dg_scope scope, dg_health *out)
{
    const int64_t all = holders_of_any(record, scope);
    if (all == 0) {
#define ABSENT(name, unit, meaning) .name = NAN,
        *out = (dg_health){DG_HEALTH_LIST(ABSENT)};
#undef ABSENT
        return;
    }
    int64_t largest = 0;
    int32_t cliques = 0, extinct = 0, held_before = 0;
    for (int32_t v = 0; v < record->shape->values; v++) {
        const int64_t n = holders(record, scope, v);
        largest = n > largest ? n : largest;
        cliques += n > 0 && !held_before;
        extinct += n == 0;
        held_before = n > 0;
    }
    out->bottleneck = (double)largest / (double)all;
    out->belief_entropy = belief_entropy(record, scope, (double)all);
    out->polarisation_variance = polarisation_variance(record, scope, (double)all);
    out->polarisation_extremes = polarisation_extremes(record, scope, (double)all);
    out->cliques = cliques;
    out->extinct_values = extinct;
}
