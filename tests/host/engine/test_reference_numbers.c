/**
 * Compares whole runs with MODEL.md, section 8: numbers of an independent double-precision program
 * with its own random numbers (reading `tables`, K_b = 0, N = 30, 1,000 generations, 4 seeds).
 *
 * Agreement is statistical: means within 3 standard errors of their difference. With update
 * `reward` beliefs are not bistable over seeds, so means may be compared. Views do not depend on
 * the update (K_b = 0), so the 16 runs behind a row of section 8 count as their 4 seeds. We take 20:
 * belief 0 under `all_zero` lies more than 2 standard errors below the reference, whose standard
 * deviation is one of 4 values, and with 10 seeds more than 3 would come about by chance.
 */
#include "digico/digico.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define TOO_SLOW 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TOO_SLOW 1
#endif
#endif

enum { SEEDS = 20, REFERENCE_SEEDS = 4, TYPES = 4, METRICS = 3 };

typedef struct published {
    double mean, spread; /* standard deviation over the reference's runs; 0: not given */
} published;

static const char *const metric[METRICS] = {"AI views", "AI fitness", "human belief 0"};

/* section 8: rows over the four updates for views and fitness, column `reward` for belief 0 */
static const struct {
    const char *type;
    published of[METRICS];
} reference[TYPES] = {{"none", {{.332, .041}, {.331, .044}, {.100, .014}}},
                      {"influence", {{.680, .013}, {.710, .016}, {0, 0}}},
                      {"all", {{.806, .013}, {.876, .013}, {.102, .010}}},
                      {"all_zero", {{.806, .013}, {.863, .020}, {.150, .007}}}};

static const char yaml[] = "reading: tables\nobservation.belief_factor: 0\n"
                           "belief_weights.update: reward\nmeasures.diversity_every: 0\n"
                           "sweep:\n  product:\n"
                           "    ai_type: [none, influence, all, all_zero]\n"
                           "    seed: {from: 1, to: 20}\n";

static void expect_near(int type, int m, const double *value)
{
    const published *p = &reference[type].of[m];
    double mean = 0, square = 0;
    if (p->spread == 0) return;
    for (int s = 0; s < SEEDS; s++) mean += value[s] / SEEDS;
    for (int s = 0; s < SEEDS; s++) square += (value[s] - mean) * (value[s] - mean);
    const double error =
        sqrt(square / (SEEDS - 1) / SEEDS + p->spread * p->spread / REFERENCE_SEEDS);
    cr_expect_leq(fabs(mean - p->mean), 3 * error,
                  "%s, %s: %.4f, reference %.3f, standard error %.4f", reference[type].type,
                  metric[m], mean, p->mean, error);
}

Test(reference_numbers, last_generations_agree_within_three_standard_errors, .timeout = 300)
{
    dg_experiment *experiment = NULL;
    dg_ensemble *ensemble = NULL;
#ifdef TOO_SLOW
    cr_skip("60 million agent-steps: for optimised builds");
#endif
    cr_assert_eq(dg_experiment_parse(&experiment, "reference", yaml, strlen(yaml), NULL, 0), DG_OK,
                 "%s", dg_error());
    cr_assert_eq(dg_ensemble_create(&ensemble, experiment, 0, TYPES * SEEDS, NULL), DG_OK);
    cr_assert_eq(dg_ensemble_advance(ensemble, 1000), DG_OK);
    for (int type = 0; type < TYPES; type++) {
        double value[METRICS][SEEDS];
        for (int s = 0; s < SEEDS; s++) {
            dg_generation_summary summary;
            cr_assert_eq(dg_ensemble_summary(ensemble, (size_t)(type * SEEDS + s), 999, &summary),
                         DG_OK);
            value[0][s] = summary.ai_views;
            value[1][s] = summary.ai_fitness;
            value[2][s] = summary.human_belief_0;
        }
        for (int m = 0; m < METRICS; m++) expect_near(type, m, value[m]);
    }
    dg_ensemble_free(&ensemble);
    dg_experiment_free(&experiment);
}
