/** host/config/exclude.c: exclusions against a plain loop over all of them. */
#include "host/config/settings.h"

#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* the axes: seed 1 ... 6, steps 1 ... 5, truthfulness 0, 0.5, 1 */
enum { SEEDS = 6, STEPS = 5, TRUTHS = 3, MOST = 12 };
static const char *const key_name[] = {"seed", "steps", "reward.truthfulness"};
static const int values[] = {SEEDS, STEPS, TRUTHS};
static const char *const truth[] = {"0", "0.5", "1"};

/** An exclusion: for each key a set of its values, 0: the key is not named. */
typedef struct exclusion {
    unsigned set[3];
    int order[3];
} exclusion;

static unsigned state = 1;

static unsigned chance(unsigned below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 12) % below;
}

static exclusion make(void)
{
    exclusion e = {{0}, {0, 1, 2}};
    while (!(e.set[0] | e.set[1] | e.set[2]))
        for (int k = 0; k < 3; k++) e.set[k] = chance(2) ? chance(1u << values[k]) : 0;
    const int first = (int)chance(3);
    e.order[0] = first;
    e.order[first] = 0;
    return e;
}

static void put(FILE *file, const exclusion *e)
{
    const char *between = "{";
    for (int o = 0; o < 3; o++) {
        const int k = e->order[o];
        if (!e->set[k]) continue;
        fprintf(file, "%s%s: [", between, key_name[k]);
        const char *comma = "";
        for (int v = 0; v < values[k]; v++) {
            if (!(e->set[k] & 1u << v)) continue;
            if (k == 2)
                fprintf(file, "%s%s", comma, truth[v]);
            else
                fprintf(file, "%s%d", comma, v + 1);
            comma = ", ";
        }
        fputs("]", file);
        between = ", ";
    }
    fputs("}", file);
}

static bool excluded(const exclusion *e, int count, const int at[3])
{
    for (int i = 0; i < count; i++) {
        bool all = true;
        for (int k = 0; k < 3; k++) all = all && (!e[i].set[k] || (e[i].set[k] & 1u << at[k]));
        if (all) return true;
    }
    return false;
}

/** The runs that are left are those that no exclusion matches, in the order of the sweep. */
static void check(const dg_experiment *experiment, const exclusion *e, int count)
{
    size_t r = 0;
    int at[3];
    for (at[0] = 0; at[0] < SEEDS; at[0]++)
        for (at[1] = 0; at[1] < STEPS; at[1]++)
            for (at[2] = 0; at[2] < TRUTHS; at[2]++) {
                if (excluded(e, count, at)) continue;
                cr_assert_lt(r, dg_experiment_runs(experiment));
                const dg_config *c = RUN_CONFIG(experiment, r++);
                cr_assert(c->seed == (uint64_t)at[0] + 1 && c->steps == at[1] + 1 &&
                          c->truthfulness == at[2] / 2.0);
            }
    cr_expect_eq(r, dg_experiment_runs(experiment));
}

Test(exclude, takes_out_what_a_plain_loop_takes_out)
{
    int some = 0;
    for (int trial = 0; trial < 300; trial++) {
        exclusion e[MOST];
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        const int count = 1 + (int)chance(MOST);
        fputs("sweep:\n  product:\n    seed: {from: 1, to: 6}\n    steps: {from: 1, to: 5}\n"
              "    reward.truthfulness: [0, 0.5, 1]\n  exclude: [",
              file);
        for (int i = 0; i < count; i++) {
            e[i] = make();
            if (i > 0) fputs(", ", file);
            put(file, &e[i]);
        }
        fputs("]\n", file);
        fclose(file);
        dg_experiment *experiment = NULL;
        const dg_status status =
            dg_experiment_parse(&experiment, "a.yaml", text, strlen(text), NULL, 0);
        if (status == DG_OK) check(experiment, e, count);
        if (status != DG_OK)
            cr_assert(strstr(dg_error(), "expected to leave at least one run"), "%s", dg_error());
        some += status == DG_OK && dg_experiment_runs(experiment) > 1;
        dg_experiment_free(&experiment);
        free(text);
    }
    cr_expect_gt(some, 100, "most trials leave some runs");
}

static void put_most(FILE *file, const char *key)
{
    fprintf(file, "%s: [", key);
    for (int v = 2; v <= 300; v++) fprintf(file, "%d%s", v, v < 300 ? ", " : "]");
}

/** 299 x 299 combinations are more than are indexed. */
Test(exclude, of_many_combinations_is_the_same)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    fputs("sweep:\n  product: {steps: {from: 1, to: 300}, seed: {from: 1, to: 300}}\n"
          "  exclude: [{",
          file);
    put_most(file, "seed");
    fputs(", ", file);
    put_most(file, "steps");
    fputs("}]\n", file);
    fclose(file);
    dg_experiment *experiment = load_text(text, NULL, NULL);
    cr_assert_eq(dg_experiment_runs(experiment), 599);
    for (size_t r = 0; r < 599; r++)
        cr_assert(experiment->run[r].seed == 1 || dg_run_config(experiment, r).steps == 1);
    dg_experiment_free(&experiment);
    free(text);
}
