/**
 * Rates, means and standard deviations of one generation, in double, from its record of integers.
 *
 * The values are the same bytes on every machine: they are computed from exact integers with + - *
 * /, square root, and the logarithm of kernels/science/fmath.h (that of C libraries differs in the
 * last bit). Each struct is declared by a list, which also names the variables of the result file.
 */
#ifndef DG_STATISTICS_H
#define DG_STATISTICS_H

#include "kernels/science/measures.h"

#include "digico/digico.h"

#include <stdbool.h>
#include <stddef.h>

/** Description of a number, for printing and storing it. */
typedef struct dg_quantity {
    const char *name;
    const char *unit; /* "1": dimensionless */
    const char *meaning;
} dg_quantity;

/* ---- dominance: dg_generation_summary of digico.h, field by field ---------------------------- */

#define DG_DOMINANCE_LIST(X)                                                                       \
    X(ai_views, "1", "views of AI agents / all views")                                             \
    X(ai_fitness, "1", "sum of fitness of AI agents / sum of all fitness")                         \
    X(human_belief_0, "1", "share of (human, step) pairs whose belief is 0")

/* ---- health of the ecosystem, over the population or over humans (MODEL.md, section 6) ------- */

#define DG_HEALTH_LIST(X)                                                                          \
    X(bottleneck, "1", "largest share of one belief")                                              \
    X(belief_entropy, "1", "diversity of beliefs: entropy / ln V")                                 \
    X(polarisation_variance, "1", "variance of belief / largest possible, ((V - 1) / 2)^2")        \
    X(polarisation_extremes, "1", "share of the floor(V / 3) lowest and as many highest values")   \
    X(cliques, "1", "runs of held values separated by values that nobody holds")                   \
    X(extinct_values, "1", "values held by nobody during the generation")

/** A field is nan if the scope has no agents, or if V is too small for it. */
typedef struct dg_health {
#define DG_DOUBLE_FIELD(name, unit, meaning) double name;
    DG_HEALTH_LIST(DG_DOUBLE_FIELD)
} dg_health;

/* ---- one group ------------------------------------------------------------------------------- */

#define DG_GROUP_LIST(X)                                                                           \
    X(views, "1", "views of the group's messages")                                                 \
    X(fitness_mean, "1", "mean over agents of fitness f = views - lambda sum |b - m|")             \
    X(fitness_spread, "1", "standard deviation over agents of fitness (divisor: agents)")          \
    X(belief_penalty_mean, "1", "mean over agents and steps of |b - m|, not scaled by lambda")     \
    X(messages, "1", "messages sent by the group")                                                 \
    X(sigma, "1", "step size of the solver that made the generation's genotypes")

typedef struct dg_group_statistics {
    DG_GROUP_LIST(DG_DOUBLE_FIELD)
#undef DG_DOUBLE_FIELD
} dg_group_statistics;

/** The lists as tables; the fields of each struct are doubles in the same order. */
#define DG_QUANTITY_COUNT(name, unit, meaning) +1
enum {
    DG_DOMINANCE_QUANTITIES = 0 DG_DOMINANCE_LIST(DG_QUANTITY_COUNT),
    DG_HEALTH_QUANTITIES = 0 DG_HEALTH_LIST(DG_QUANTITY_COUNT),
    DG_GROUP_QUANTITIES = 0 DG_GROUP_LIST(DG_QUANTITY_COUNT)
};
#undef DG_QUANTITY_COUNT
extern const dg_quantity dg_dominance_quantities[DG_DOMINANCE_QUANTITIES];
extern const dg_quantity dg_health_quantities[DG_HEALTH_QUANTITIES];
extern const dg_quantity dg_group_quantities[DG_GROUP_QUANTITIES];

/* ---- from a record --------------------------------------------------------------------------- */

/** The record of one generation, borrowed. */
typedef struct dg_record {
    const dg_shape *shape;
    const int64_t *words; /* [dg_record_words] */
    float truthfulness;   /* lambda, as the engine holds it */
} dg_record;

/** Histogram of a group's beliefs over its agents and steps, [values]; part of the record. */
const int64_t *dg_record_histogram(const dg_record *record, int32_t group);

/** Dominance of the AI groups; a rate is nan if its denominator is 0. */
void dg_record_dominance(const dg_record *record, dg_generation_summary *out);

/**
 * Is fitness negative in sum over the AI groups or over the human groups? AI fitness is then not
 * within 0 ... 1, or it is a share of a loss, which grows as AI agents do worse.
 */
bool dg_record_negative_fitness(const dg_record *record);

/** Statistics of one group. */
void dg_record_group_statistics(const dg_record *record, int32_t group, dg_group_statistics *out);

/** Health of the agents in a scope. */
void dg_record_health(const dg_record *record, dg_scope scope, dg_health *out);

/** Does any agent of the scope hold the value at any step of the generation? */
int dg_record_holds(const dg_record *record, dg_scope scope, int32_t value);

/** Mean distance of genotypes of two groups, or within one, / sqrt(n); nan if not measured. */
double dg_record_distance_mean(const dg_record *record, int32_t a, int32_t b);

#endif
