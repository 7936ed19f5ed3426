/** host/config/expand.c: what runs share, and lists that memory does not hold. */
#include "host/config/config.h"
#include "tests/support/sanitizer.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/** Leave so many bytes of address space to this process. */
static void leave(rlim_t bytes)
{
    struct rlimit limit;
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%llu", &pages), 1);
    fclose(file);
    cr_assert_eq(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = (rlim_t)(pages * (unsigned long long)sysconf(_SC_PAGESIZE)) + bytes;
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

static dg_status parse(dg_experiment **out, const char *yaml)
{
    return dg_experiment_parse(out, "a.yaml", yaml, strlen(yaml), NULL, 0);
}

/* a million conditions of some 2 kB; 200 MB are left */
Test(expand, more_conditions_than_memory_holds_are_refused_before_they_are_listed)
{
    dg_experiment *experiment = NULL;
#ifdef SHADOWED
    cr_skip("the sanitizer takes memory of its own");
#endif
    leave(200000000);
    cr_expect_eq(parse(&experiment,
                       "sweep: {product: {contagion.factor: {from: 0, to: 1, count: 1000}, "
                       "steps: {from: 1, to: 1000}}}\n"),
                 DG_ERR_MEMORY);
    cr_expect(strstr(dg_error(), "no memory for a list of ") != NULL, "%s", dg_error());
    cr_expect(strstr(dg_error(), " are available") != NULL, "%s", dg_error());
    cr_expect_null(experiment);
}

/* 16 bytes each, and as much again for the time that they are compared */
Test(expand, a_million_seeds_take_a_few_tens_of_megabytes)
{
    dg_experiment *experiment = NULL;
#ifdef SHADOWED
    cr_skip("the sanitizer takes memory of its own");
#endif
    leave(80000000);
    cr_assert_eq(parse(&experiment, "sweep: {product: {seed: {from: 1, to: 500000}, "
                                    "ai_type: [none, all]}}\n"),
                 DG_OK, "%s", dg_error());
    cr_expect_eq(experiment->runs, 1000000);
    cr_expect_eq(experiment->conditions, 2);
    for (size_t r = 0; r < experiment->runs; r += 99999) {
        const dg_config config = dg_run_config(experiment, r);
        cr_expect_eq(config.seed, 1 + r / 2, "run %zu", r);
        cr_expect_eq(config.ai_type, r % 2 ? DG_AI_ALL : DG_AI_NONE, "run %zu", r);
    }
    dg_experiment_free(&experiment);
}

/* ---- conditions ------------------------------------------------------------------------------ */

/* wherever the seed stands, a run is what it would be alone */
Test(expand, runs_share_a_condition_where_only_the_axis_of_seeds_tells_them_apart)
{
    static const struct {
        const char *yaml;
        size_t runs, conditions;
    } files[] = {
        {"seed: 7\n", 1, 1},
        {"sweep: {product: {seed: [4, 2, 9]}}\n", 3, 1},
        {"sweep: {product: {steps: [3, 5], seed: [4, 2], values: [7, 8]}}\n", 8, 4},
        {"sweep: {zip: {seed: [4, 2], steps: [3, 5]}, product: {values: [7, 8]}}\n", 4, 4},
        {"sweep: {product: {steps: [3, 5], seed: {from: 2, to: 8, step: 3}},\n"
         " exclude: [{steps: 3, seed: [2, 5]}, {seed: 8}]}\n",
         2, 1},
        {"sweep: {conditions: [{name: a, set: {seed: 3}}, {name: b, set: {seed: 4}}]}\n", 2, 2},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        dg_experiment *e = NULL;
        cr_assert_eq(parse(&e, files[k].yaml), DG_OK, "%s", dg_error());
        cr_expect_eq(e->runs, files[k].runs, "%s%zu runs", files[k].yaml, e->runs);
        cr_expect_eq(e->conditions, files[k].conditions, "%s%zu", files[k].yaml, e->conditions);
        for (size_t r = 0; r < e->runs; r++) {
            char *text = NULL;
            dg_experiment *alone = NULL;
            const dg_config config = dg_run_config(e, r);
            cr_assert_eq(dg_experiment_print(&text, e, r), DG_OK);
            cr_assert_eq(parse(&alone, text), DG_OK, "%s", dg_error());
            const dg_config same = dg_run_config(alone, 0);
            cr_expect_eq(memcmp(&config, &same, sizeof same), 0, "%srun %zu", files[k].yaml, r);
            dg_experiment_free(&alone);
            free(text);
        }
        dg_experiment_free(&e);
    }
}
