/** host/models/statistics.c: measures of a record, compared with values worked out by hand. */
#include "host/models/statistics.h"

#include "tests/support/records.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEAR(value, expected)                                                                      \
    cr_assert(fabs((value) - (expected)) < 1e-6, "%s is %.9g, expected %.9g", #value,              \
              (double)(value), (double)(expected))

static dg_shape shape;
static int64_t *words;
static dg_record record;

/** lambda = 0.1; bots: v = 6, 2, p = 10, 30, f = 5, -1; people: 1, 3, 5; 0, 10, 20; 1, 2, 3. */
static void set_up(void)
{
    shape = records_shape(1);
    words = records_make(&shape);
    record = (dg_record){&shape, words, 0.1f};
}

static void tear_down(void)
{
    free(words);
}

TestSuite(statistics, .init = set_up, .fini = tear_down);

Test(statistics, dominance_is_the_share_of_ai_groups)
{
    dg_generation_summary summary;
    dg_record_dominance(&record, &summary);
    NEAR(summary.ai_views, 8.0 / 17.0);
    NEAR(summary.ai_fitness, 4.0 / 10.0);
    NEAR(summary.human_belief_0, 15.0 / 30.0);
}

Test(statistics, group_moments_come_from_integer_sums)
{
    dg_group_statistics group;
    dg_record_group_statistics(&record, 0, &group);
    NEAR(group.views, 8.0);
    NEAR(group.fitness_mean, 2.0);
    NEAR(group.fitness_spread, 3.0);
    NEAR(group.belief_penalty_mean, 40.0 / 20.0);
    NEAR(group.messages, 20.0);
    NEAR(group.sigma, 0.5);
    dg_record_group_statistics(&record, 1, &group);
    NEAR(group.fitness_mean, 2.0);
    NEAR(group.fitness_spread, sqrt(2.0 / 3.0));
    NEAR(group.belief_penalty_mean, 1.0);
}

Test(statistics, equal_agents_have_no_spread_at_all)
{
    /* v = 1234567, p = 7654321 for all three agents: terms of order 1e15 cancel exactly */
    const int64_t v = 1234567, p = 7654321;
    int64_t *c = words + dg_record_group(&shape, 1);
    c[DG_COUNT_VIEWS] = 3 * v;
    c[DG_COUNT_PENALTY] = 3 * p;
    c[DG_COUNT_VIEWS_SQUARED] = 3 * v * v;
    c[DG_COUNT_VIEWS_PENALTY] = 3 * v * p;
    c[DG_COUNT_PENALTY_SQUARED] = 3 * p * p;
    dg_group_statistics group;
    dg_record_group_statistics(&record, 1, &group);
    cr_assert_eq(group.fitness_spread, 0.0);
}

Test(statistics, population_health_worked_out_by_hand)
{
    dg_health health; /* of 20, 0, 15, 15 */
    dg_record_health(&record, DG_SCOPE_POPULATION, &health);
    NEAR(health.bottleneck, 0.4);
    NEAR(health.belief_entropy, -(0.4 * log(0.4) + 0.6 * log(0.3)) / log(4.0));
    NEAR(health.polarisation_variance, (195.0 / 50.0 - 1.5 * 1.5) / 2.25);
    NEAR(health.polarisation_extremes, 35.0 / 50.0);
    cr_assert_eq(health.cliques, 2.0);
    cr_assert_eq(health.extinct_values, 1.0);
}

Test(statistics, two_camps_at_the_ends_are_fully_polarised)
{
    dg_health health; /* people: 15, 0, 0, 15 */
    dg_record_health(&record, DG_SCOPE_HUMANS, &health);
    NEAR(health.bottleneck, 0.5);
    NEAR(health.belief_entropy, 0.5);
    cr_assert_eq(health.polarisation_variance, 1.0);
    cr_assert_eq(health.polarisation_extremes, 1.0);
    cr_assert_eq(health.cliques, 2.0);
    cr_assert_eq(health.extinct_values, 2.0);
}

Test(statistics, one_belief_for_all_is_one_clique_without_entropy)
{
    dg_health health;
    int64_t *histogram = words + dg_record_group(&shape, 1) + DG_COUNTS;
    memcpy(histogram, (const int64_t[]){0, 30, 0, 0}, 4 * sizeof *histogram);
    dg_record_health(&record, DG_SCOPE_HUMANS, &health);
    cr_assert_eq(health.bottleneck, 1.0);
    cr_assert_eq(health.belief_entropy, 0.0);
    cr_assert_eq(health.polarisation_variance, 0.0);
    cr_assert_eq(health.polarisation_extremes, 0.0);
    cr_assert_eq(health.cliques, 1.0);
    cr_assert_eq(health.extinct_values, 3.0);
}

Test(statistics, distances_are_means_over_pairs)
{
    NEAR(dg_record_distance_mean(&record, 0, 0), 4.0 / 1.0 / 8.0);
    NEAR(dg_record_distance_mean(&record, 1, 1), 6.0 / 3.0 / 8.0);
    NEAR(dg_record_distance_mean(&record, 0, 1), 48.0 / 6.0 / 8.0);
    NEAR(dg_record_distance_mean(&record, 1, 0), 48.0 / 6.0 / 8.0);
}

Test(statistics, divisions_by_zero_are_nan)
{
    dg_generation_summary summary;
    dg_health health;
    shape.group[1].kind = DG_KIND_AI;
    words[dg_record_group(&shape, 0) + DG_COUNT_VIEWS] = 0;
    words[dg_record_group(&shape, 1) + DG_COUNT_VIEWS] = 0;
    words[dg_record_distance(&shape, 0, 0)] = DG_DISTANCE_ABSENT;
    dg_record_dominance(&record, &summary);
    dg_record_health(&record, DG_SCOPE_HUMANS, &health);
    cr_assert(isnan(summary.ai_views));
    cr_assert(isnan(summary.human_belief_0));
    cr_assert(isnan(health.bottleneck) && isnan(health.cliques) && isnan(health.extinct_values));
    cr_assert(isnan(dg_record_distance_mean(&record, 0, 0)));
}

Test(statistics, negative_fitness_enters_the_share_as_it_is)
{
    dg_generation_summary summary;
    record.truthfulness = 1.0f; /* bots: 8 - 40 = -32, people: 9 - 30 = -21 */
    dg_record_dominance(&record, &summary);
    NEAR(summary.ai_fitness, 32.0 / 53.0);
}

Test(statistics, fitness_is_negative_if_either_sum_is)
{
    /* lambda: bots 8 - 40 lambda, people 9 - 30 lambda */
    static const struct {
        float lambda;
        bool negative;
    } cases[] = {{0.1f, false}, {0.19f, false}, {0.22f, true},
                 {0.25f, true}, {0.28f, true},  {1.0f, true}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        record.truthfulness = cases[c].lambda;
        cr_assert_eq(dg_record_negative_fitness(&record), cases[c].negative, "%g",
                     (double)cases[c].lambda);
    }
    /* 0.25 with the kinds exchanged: the humans' sum is the negative one */
    record.truthfulness = 0.25f;
    shape.group[0].kind = DG_KIND_HUMAN;
    shape.group[1].kind = DG_KIND_AI;
    cr_assert(dg_record_negative_fitness(&record));
    /* of one kind, 8 + 9 - 70 / 4 = -0.5 in sum; and nobody of the other */
    shape.group[1].kind = DG_KIND_HUMAN;
    cr_assert(dg_record_negative_fitness(&record));
    record.truthfulness =
        0.24f; /* 17 - 16.8: groups may differ in sign, their sum is the share's */
    cr_assert_not(dg_record_negative_fitness(&record));
}

Test(statistics, values_are_held_by_the_agents_of_a_scope)
{
    cr_assert(dg_record_holds(&record, DG_SCOPE_POPULATION, 2));
    cr_assert_not(dg_record_holds(&record, DG_SCOPE_HUMANS, 2));
    cr_assert_not(dg_record_holds(&record, DG_SCOPE_POPULATION, 1));
}
