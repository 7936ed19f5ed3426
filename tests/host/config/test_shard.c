/** host/config/shard.c: the order of computing and its parts, against plain counting. */
#include "host/config/shard.h"

#include "host/base/error.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(shard, of_none_is_all_and_others_are_refused)
{
    static const dg_shard good[] = {{0, 0}, {1, 1}, {1, 2}, {2, 2}, {1000000, 1000000}};
    static const dg_shard bad[] = {{0, 1}, {1, 0}, {2, 1}, {-1, 2}, {1, -1}, {0, -1}, {-1, -1}};
    for (size_t k = 0; k < sizeof good / sizeof *good; k++)
        cr_expect_eq(dg_shard_check(good[k]), DG_OK);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        cr_expect_eq(dg_shard_check(bad[k]), DG_ERR_ARGUMENT, "%d/%d", bad[k].index, bad[k].count);
        cr_expect(strstr(dg_error(), "expected I/N with 1 <= I <= N") != NULL, "%s", dg_error());
    }
}

/** So many seeds of so many conditions, with the seeds as the slowest or the fastest axis. */
static dg_experiment *sweep_of(int conditions, int seeds, bool seeds_first)
{
    char yaml[600], steps[64], seed[64];
    snprintf(steps, sizeof steps, "steps: {from: 1, to: %d, step: 1}", conditions);
    snprintf(seed, sizeof seed, "seed: {from: 1, to: %d}", seeds);
    if (conditions == 1) strcpy(steps, "steps: [1]");
    snprintf(yaml, sizeof yaml, "generations: 1\nsweep:\n  product:\n    %s\n    %s\n",
             seeds_first ? seed : steps, seeds_first ? steps : seed);
    return load_text(yaml, NULL, NULL);
}

typedef struct part {
    size_t *run, count;
} part;

static part part_of(const dg_experiment *experiment, int32_t index, int32_t count)
{
    part p = {NULL, 0};
    cr_assert_eq(dg_shard_runs(&p.run, &p.count, experiment, (dg_shard){index, count}), DG_OK);
    return p;
}

/* how many runs of each condition (steps) every beginning of a part holds: they differ by one at most */
static void expect_balanced(const dg_experiment *e, const part *p, int conditions, const char *what)
{
    int held[64] = {0};
    for (size_t k = 0; k < p->count; k++) {
        int low = 1 << 20, high = 0;
        held[dg_run_config(e, p->run[k]).steps - 1]++;
        for (int c = 0; c < conditions; c++) {
            low = held[c] < low ? held[c] : low;
            high = held[c] > high ? held[c] : high;
        }
        cr_assert(high - low <= 1, "%s: %d and %d of two conditions after %zu runs", what, low,
                  high, k + 1);
    }
}

/** Seeds are the slowest: seed s of every condition comes before seed s + 1 of any. */
Test(shard, order_has_every_condition_with_half_of_its_seeds_half_way)
{
    for (int first = 0; first < 2; first++)
        for (int conditions = 1; conditions <= 6; conditions++)
            for (int seeds = 1; seeds <= 5; seeds++) {
                dg_experiment *e = sweep_of(conditions, seeds, first);
                part all = part_of(e, 0, 0);
                cr_assert_eq(all.count, (size_t)(conditions * seeds));
                for (size_t k = 0; k < all.count; k++) {
                    const dg_config *c = RUN_CONFIG(e, all.run[k]);
                    cr_expect_eq(c->seed, 1 + k / (size_t)conditions);
                    cr_expect_eq((size_t)c->steps, 1 + k % (size_t)conditions);
                }
                free(all.run);
                dg_experiment_free(&e);
            }
}

/** Each run in exactly one shard; sizes that differ by one at most. */
static void check_partition(const dg_experiment *e, int32_t n, const char *what)
{
    int *taken = calloc(e->runs, sizeof *taken);
    size_t least = e->runs, most = 0;
    for (int32_t i = 1; i <= n; i++) {
        part p = part_of(e, i, n);
        for (size_t k = 0; k < p.count; k++) taken[p.run[k]]++;
        least = p.count < least ? p.count : least;
        most = p.count > most ? p.count : most;
        free(p.run);
    }
    for (size_t r = 0; r < e->runs; r++) cr_assert_eq(taken[r], 1, "%s: run %zu", what, r);
    cr_assert_leq(most - least, 1, "%s: %zu and %zu runs", what, least, most);
    free(taken);
}

Test(shard, takes_each_run_once_and_as_many_as_others)
{
    char what[64];
    for (int first = 0; first < 2; first++)
        for (int conditions = 1; conditions <= 8; conditions++)
            for (int seeds = 1; seeds <= 7; seeds++) {
                dg_experiment *e = sweep_of(conditions, seeds, first);
                for (int32_t n = 1; n <= 12; n++) {
                    snprintf(what, sizeof what, "%d conditions, %d seeds, %d shards", conditions,
                             seeds, n);
                    check_partition(e, n, what);
                }
                dg_experiment_free(&e);
            }
}

Test(shard, cut_off_anywhere_has_met_all_conditions_alike)
{
    char what[64];
    for (int conditions = 2; conditions <= 12; conditions++) {
        dg_experiment *e = sweep_of(conditions, 24, conditions % 2);
        for (int32_t n = 1; n <= 13; n++)
            for (int32_t i = 1; i <= n; i++) {
                part p = part_of(e, i, n);
                snprintf(what, sizeof what, "%d conditions, shard %d of %d", conditions, i, n);
                expect_balanced(e, &p, conditions, what);
                free(p.run);
            }
        part all = part_of(e, 0, 0);
        expect_balanced(e, &all, conditions, "all");
        free(all.run);
        dg_experiment_free(&e);
    }
}

Test(shard, goes_by_what_runs_are_not_by_where_they_stand)
{
    /* conditions of a zip and of names: still seeds last */
    dg_experiment *e = load_text("generations: 1\nsweep:\n"
                                 "  conditions: [{name: a, set: {steps: 3}}, {name: b}]\n"
                                 "  zip: {seed: [7, 8, 7], values: [5, 5, 6]}\n",
                                 NULL, NULL);
    static const size_t expected[] = {0, 2, 3, 5, 1, 4}; /* the second seed of `values: 5` last */
    part all = part_of(e, 0, 0);
    cr_assert_eq(all.count, 6);
    cr_expect_arr_eq(all.run, expected, sizeof expected);
    free(all.run);
    dg_experiment_free(&e);
}

Test(shard, beyond_the_runs_has_none)
{
    dg_experiment *e = sweep_of(2, 1, false);
    part p = part_of(e, 3, 3);
    cr_expect_eq(p.count, 0);
    free(p.run);
    dg_experiment_free(&e);
}
