/** host/config/sweep.c, sweep_values.c, override.c, expand.c, axes.c: from a sweep to runs. */
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <string.h>

/* ---- order and values ------------------------------------------------------------------------ */

Test(sweep, products_vary_the_last_key_fastest)
{
    dg_experiment *experiment =
        load_text("sweep: {product: {reading: [text, tables], seed: [5, 6, 7]}}", NULL, NULL);
    cr_assert_eq(dg_experiment_runs(experiment), 6);
    cr_assert_str_eq(load_values(experiment, "reading"), "text text text tables tables tables");
    cr_assert_str_eq(load_values(experiment, "seed"), "5 6 7 5 6 7");
    cr_assert_str_eq(load_value(experiment, 3, "contagion.sources"), "all");
    dg_experiment_free(&experiment);
}

Test(sweep, conditions_are_slower_than_zips_and_zips_than_products)
{
    static const char yaml[] = "sweep:\n"
                               "  product: {seed: [1, 2]}\n"
                               "  zip: {values: [5, 6], steps: [7, 8]}\n"
                               "  conditions:\n"
                               "    - {name: base}\n"
                               "    - {name: far, set: {observation: {coordinate_factor: 3}}}\n";
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    cr_assert_eq(dg_experiment_runs(experiment), 8);
    cr_assert_str_eq(load_values(experiment, "condition"), "base base base base far far far far");
    cr_assert_str_eq(load_values(experiment, "observation.coordinate_factor"), "1 1 1 1 3 3 3 3");
    cr_assert_str_eq(load_values(experiment, "values"), "5 5 6 6 5 5 6 6");
    cr_assert_str_eq(load_values(experiment, "steps"), "7 7 8 8 7 7 8 8");
    cr_assert_str_eq(load_values(experiment, "seed"), "1 2 1 2 1 2 1 2");
    dg_experiment_free(&experiment);
}

Test(sweep, axes_carry_their_distinct_values)
{
    static const struct {
        const char *key;
        size_t size;
    } axes[] = {{"condition", 2}, {"values", 2}, {"steps", 3}, {"groups.ai.size", 1}, {"seed", 4}};
    dg_experiment *experiment =
        load_text("sweep:\n"
                  "  conditions: [{name: a}, {name: b, set: {agents: 60}}]\n"
                  "  zip: {values: [5, 5, 6], steps: [1, 2, 3]}\n"
                  "  product: {groups.ai.size: [10], seed: [4, 3, 2, 1]}\n",
                  NULL, NULL);
    cr_assert_eq(experiment->axes, sizeof axes / sizeof *axes);
    for (size_t a = 0; a < experiment->axes; a++) {
        cr_assert_str_eq(experiment->axis[a].key, axes[a].key);
        cr_assert_eq(experiment->axis[a].size, axes[a].size, "%s", axes[a].key);
    }
    dg_experiment_free(&experiment);
}

Test(sweep, several_zips_multiply)
{
    dg_experiment *experiment = load_text("sweep: {zip: [{values: [5, 6], steps: [7, 8]},\n"
                                          "              {agents: [30, 60], seed: [1, 2]}]}",
                                          NULL, NULL);
    cr_assert_str_eq(load_values(experiment, "values"), "5 5 6 6");
    cr_assert_str_eq(load_values(experiment, "agents"), "30 60 30 60");
    dg_experiment_free(&experiment);
}

Test(sweep, ranges_count_as_written)
{
    static const struct {
        const char *key, *range, *values;
    } cases[] = {
        {"seed", "{from: 1, to: 4}", "1 2 3 4"},
        {"seed", "{from: 1, to: 10, step: 4}", "1 5 9"},
        {"seed", "{from: 18446744073709551614, to: 18446744073709551615}",
         "18446744073709551614 18446744073709551615"},
        {"seed", "{from: 0, to: 18446744073709551615, count: 2}", "0 18446744073709551615"},
        {"agents", "{from: 30, to: 90, count: 3}", "30 60 90"},
        {"contagion.factor", "{from: 0, to: 0.3, step: 0.1}", "0 0.1 0.2 0.3"},
        {"contagion.factor", "{from: -1, to: 1, step: 0.75}", "-1 -0.25 0.5"},
        {"contagion.factor", "{from: 0, to: 1, count: 4}",
         "0 0.333333333333333 0.666666666666667 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[256];
        snprintf(yaml, sizeof yaml, "sweep: {product: {%s: %s}}", cases[i].key, cases[i].range);
        dg_experiment *experiment = load_text(yaml, NULL, NULL);
        cr_assert_str_eq(load_values(experiment, cases[i].key), cases[i].values);
        dg_experiment_free(&experiment);
    }
}

Test(sweep, keys_of_groups_and_structured_values_are_axes)
{
    dg_experiment *experiment =
        load_text("sweep: {product: {groups: {ai: {belief: [free, fixed, {fixed_at: 3}]}},\n"
                  "                  belief_weights.clip: [none, [0, 1]]}}",
                  NULL, NULL);
    cr_assert_eq(dg_experiment_runs(experiment), 6);
    cr_assert_str_eq(load_value(experiment, 5, "groups.ai.belief"), "{fixed_at: 3}");
    cr_assert_str_eq(load_value(experiment, 5, "belief_weights.clip"), "[0, 1]");
    cr_assert_str_eq(experiment->axis[0].key, "groups.ai.belief");
    dg_experiment_free(&experiment);
}

Test(sweep, the_sweep_stands_over_the_base)
{
    dg_experiment *experiment = load_text(
        "seed: 9\nreading: text\nsweep: {product: {seed: [1, 2], reading: [tables]}}", NULL, NULL);
    cr_assert_str_eq(load_values(experiment, "seed"), "1 2");
    cr_assert_str_eq(load_values(experiment, "contagion.content"), "belief belief");
    dg_experiment_free(&experiment);
}

/* ---- exclusions ------------------------------------------------------------------------------ */

Test(sweep, exclusions_leave_out_what_matches_all_their_keys)
{
    static const char yaml[] = "sweep:\n"
                               "  conditions: [{name: a}, {name: b, set: {values: 7}}]\n"
                               "  product: {steps: [1, 2], seed: [1, 2, 3]}\n"
                               "  exclude:\n"
                               "    - {condition: a, seed: [2, 3]}\n"
                               "    - {steps: 2, seed: 1}\n";
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    cr_assert_str_eq(load_values(experiment, "condition"), "a b b b b b");
    cr_assert_str_eq(load_values(experiment, "seed"), "1 1 2 3 2 3");
    dg_experiment_free(&experiment);
}

Test(sweep, contradictions_that_are_excluded_do_not_count)
{
    dg_experiment *experiment =
        load_text("sweep: {product: {agents: [6, 30], observation.capacity: [4, 8]},\n"
                  "        exclude: [{agents: 6, observation.capacity: 8}]}",
                  NULL, NULL);
    cr_assert_str_eq(load_values(experiment, "agents"), "6 30 30");
    dg_experiment_free(&experiment);
}

Test(sweep, a_clip_interval_in_an_exclusion_is_one_value)
{
    dg_experiment *experiment =
        load_text("sweep: {product: {belief_weights.clip: [none, [0, 1], [0, 2]]},\n"
                  "        exclude: [{belief_weights.clip: [0, 1]}]}",
                  NULL, NULL);
    cr_assert_str_eq(load_values(experiment, "belief_weights.clip"), "none [0, 2]");
    dg_experiment_free(&experiment);
}

/* ---- overrides ------------------------------------------------------------------------------- */

static const char swept[] = "sweep:\n"
                            "  conditions:\n"
                            "    - {name: a, set: {values: 5}}\n"
                            "    - {name: b, set: {values: 6}}\n"
                            "  zip: {reading: [text, tables], observation.belief_factor: [1, 0]}\n"
                            "  product: {steps: [1, 2], seed: [1, 2, 3]}\n";

static void check_override(const char *set, size_t runs, const char *axes)
{
    char keys[256] = "";
    dg_experiment *experiment = load_text(swept, set, NULL);
    for (size_t a = 0; a < experiment->axes; a++) {
        if (a > 0) strcat(keys, " ");
        strcat(keys, experiment->axis[a].key);
    }
    cr_assert_str_eq(keys, axes, "%s: %s", set, keys);
    cr_assert_eq(dg_experiment_runs(experiment), runs, "%s", set);
    dg_experiment_free(&experiment);
}

Test(sweep, an_override_fixes_replaces_or_adds_an_axis)
{
    check_override("seed=7", 8, "condition reading observation.belief_factor steps");
    check_override("steps=[5, 6, 7, 8]", 48,
                   "condition reading observation.belief_factor steps seed");
    check_override("seed={from: 1, to: 2}", 16,
                   "condition reading observation.belief_factor steps seed");
    check_override("agents=[30, 60]", 48,
                   "condition reading observation.belief_factor steps seed agents");
    check_override("reading=tables", 24, "condition observation.belief_factor steps seed");
    check_override("observation.belief_factor=[3, 4]", 48,
                   "condition reading steps seed observation.belief_factor");
    check_override("condition=b", 12, "condition reading observation.belief_factor steps seed");
    check_override("condition=[b]", 12, "condition reading observation.belief_factor steps seed");
    check_override("belief_weights.clip=[0, 1]", 24,
                   "condition reading observation.belief_factor steps seed");
    check_override("belief_weights.clip=[none, [0, 1]]", 48,
                   "condition reading observation.belief_factor steps seed belief_weights.clip");
}

Test(sweep, an_override_of_the_condition_picks_by_name)
{
    dg_experiment *experiment = load_text(swept, "condition=b", "seed=1");
    cr_assert_str_eq(load_value(experiment, 0, "condition"), "b");
    cr_assert_str_eq(load_value(experiment, 0, "values"), "6");
    dg_experiment_free(&experiment);
}

Test(sweep, an_override_stands_over_conditions)
{
    dg_experiment *experiment = load_text(swept, "values=9", "condition=b");
    cr_assert_str_eq(load_value(experiment, 0, "condition"), "b");
    cr_assert_str_eq(load_value(experiment, 0, "values"), "9");
    dg_experiment_free(&experiment);
}

Test(sweep, exclusions_may_match_nothing_once_an_override_took_an_axis)
{
    static const char yaml[] = "sweep: {product: {reading: [text, tables], seed: [1, 2]},\n"
                               "        exclude: [{reading: tables, seed: 2}]}";
    dg_experiment *experiment = load_text(yaml, "reading=text", NULL);
    cr_assert_eq(dg_experiment_runs(experiment), 2);
    dg_experiment_free(&experiment);
    experiment = load_text(yaml, "reading=tables", NULL);
    cr_assert_eq(dg_experiment_runs(experiment), 1);
    dg_experiment_free(&experiment);
}

/* ---- refusals -------------------------------------------------------------------------------- */

typedef struct refusal {
    const char *sweep, *set, *message;
} refusal;

static void check_refusals(const refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char yaml[1024];
        snprintf(yaml, sizeof yaml, "sweep:\n  %s", cases[i].sweep);
        cr_assert_str_eq(load_refusal(yaml, cases[i].set, NULL), cases[i].message,
                         "\nexpected: %s\ngot:      %s", cases[i].message, dg_error());
    }
}

#define CHECK_REFUSALS(cases) check_refusals(cases, sizeof(cases) / sizeof *(cases))

Test(sweep, malformed_sweeps_are_refused)
{
    static const refusal cases[] = {
        {"products: {seed: [1]}", NULL,
         "a.yaml:2: products: a mapping, expected conditions, zip, product or exclude in sweep"},
        {"product: [seed]", NULL, "a.yaml:2: sweep.product: a list, expected a mapping of keys"},
        {"product: {sede: [1]}", NULL,
         "a.yaml:2: sede: a list, expected a known key, perhaps seed"},
        {"product: {seed: 1}", NULL,
         "a.yaml:2: seed: 1, expected a list of values or a range {from, to, step}"},
        {"product: {seed: []}", NULL,
         "a.yaml:2: seed: an empty list, expected a list of values or a range {from, to, step}"},
        {"product: {reading: text}", NULL, "a.yaml:2: reading: text, expected a list of values"},
        {"product: {agents: [30, 1]}", NULL,
         "a.yaml:2: agents: 1, expected an integer in 2 ... 100000"},
        {"product: {seed: [1], seed: [2]}", NULL,
         "a.yaml:2: seed: a list, expected each key once, it stands in line 2"},
        {"zip: {seed: [1, 2], steps: [1, 2, 3]}", NULL,
         "a.yaml:2: steps: a list, expected 2 values, as many as seed, not 3"},
        {"zip: [{seed: [1, 2]}, {}]", NULL,
         "a.yaml:2: sweep.zip: an empty mapping, expected at least one key"},
        {"zip: {seed: [1, 2], niche: {points: [50]}, niche.points: [50]}", NULL,
         "a.yaml:2: niche.points: a list, expected 2 values, as many as seed, not 1"},
        {"zip: {niche: {points: [50]}, niche.points: [50]}", NULL,
         "a.yaml:2: niche.points: a list, expected each key once in a zip"},
        {"conditions: {name: a}", NULL,
         "a.yaml:2: sweep.conditions: a mapping, expected a list of {name: ..., set: {...}}"},
        {"conditions: [a]", NULL,
         "a.yaml:2: sweep.conditions: a, expected {name: ..., set: {...}}"},
        {"conditions: [{set: {seed: 1}}]", NULL,
         "a.yaml:2: sweep.conditions: a mapping, expected a name in each"},
        {"conditions: [{name: a, seed: 1}]", NULL,
         "a.yaml:2: seed: 1, expected {name: ..., set: {...}}"},
        {"conditions: [{name: a}, {name: a}]", NULL,
         "a.yaml:2: sweep.conditions.name: a, expected each name once"},
        {"conditions: [{name: null}]", NULL,
         "a.yaml:2: sweep.conditions.name: null, expected a name"},
        {"exclude: {seed: 1}", NULL,
         "a.yaml:2: sweep.exclude: a mapping, expected a list of mappings key: value"},
    };
    CHECK_REFUSALS(cases);
}

Test(sweep, malformed_ranges_are_refused)
{
    static const refusal cases[] = {
        {"product: {seed: {from: 1}}", NULL,
         "a.yaml:2: seed: a mapping, expected a range {from, to, step} or {from, to, count}"},
        {"product: {seed: {from: 1, to: 2, step: 1, count: 2}}", NULL,
         "a.yaml:2: seed: a mapping, expected a range {from, to, step} or {from, to, count}"},
        {"product: {seed: {from: 1, until: 2}}", NULL,
         "a.yaml:2: seed: 2, expected a range {from, to, step} or {from, to, count}"},
        {"product: {seed: {from: 2, to: 1}}", NULL,
         "a.yaml:2: seed: a mapping, expected a range with from <= to"},
        {"product: {seed: {from: 1, to: 2, step: 0}}", NULL,
         "a.yaml:2: seed: 0, expected a step, an integer of at least 1"},
        {"product: {seed: {from: 1, to: 9, count: 4}}", NULL,
         "a.yaml:2: seed: a mapping, expected a count that makes whole steps"},
        {"product: {seed: {from: 1, to: 9, count: 1}}", NULL,
         "a.yaml:2: seed: 1, expected a count, an integer of at least 2"},
        {"product: {agents: {from: 1, to: 9}}", NULL,
         "a.yaml:2: agents: 1, expected an integer in 2 ... 100000"},
        {"product: {contagion.factor: {from: 0, to: 1}}", NULL,
         "a.yaml:2: contagion.factor: a mapping, expected a range with a step or a count"},
        {"product: {contagion.factor: {from: 0, to: 1, step: -1}}", NULL,
         "a.yaml:2: contagion.factor: -1, expected a step above 0"},
        {"product: {contagion.factor: {from: 1, to: 1, step: 1}}", NULL,
         "a.yaml:2: contagion.factor: a mapping, expected a range with from < to"},
        {"product: {contagion.factor: {from: 0, to: 1, step: 1e-300}}", NULL,
         "a.yaml:2: contagion.factor: a mapping, expected a range of at most 1000000 values"},
        {"product: {seed: {from: 0, to: 18446744073709551615}}", NULL,
         "a.yaml:2: seed: a mapping, expected a range of at most 1000000 values"},
        {"product: {reading: {from: 0, to: 1}}", NULL,
         "a.yaml:2: reading: a mapping, expected a list of values"},
    };
    CHECK_REFUSALS(cases);
}

Test(sweep, keys_that_cannot_vary_are_refused)
{
    static const refusal cases[] = {
        {"product: {model: [digico]}", NULL,
         "a.yaml:2: model: a list, expected outside the sweep, it is the same in all runs"},
        {"product: {groups.ai.kind: [ai]}", NULL,
         "a.yaml:2: groups.ai.kind: a list, expected outside the sweep, it is the same in all "
         "runs"},
        {"conditions: [{name: a, set: {output.agents: true}}]", NULL,
         "a.yaml:2: output.agents: true, expected outside the sweep, it is the same in all runs"},
        {"product: {condition: [a, b]}", NULL,
         "a.yaml:2: condition: a list, expected names in sweep.conditions"},
        {"", "model=[digico, echo-chamber]",
         "--set:1: model: a list, expected outside the sweep, it is the same in all runs"},
        {"product: {groups.more.size: [1]}", NULL,
         "a.yaml:2: groups.more.size: a list, expected a known key, perhaps groups.ai.size"},
    };
    CHECK_REFUSALS(cases);
}

Test(sweep, a_key_on_two_axes_is_refused)
{
    static const refusal cases[] = {
        {"product: {seed: [1]}\n  zip: {seed: [2]}", NULL,
         "a.yaml:2: seed: a list, expected on one axis of the sweep alone"},
        {"zip: [{seed: [1]}, {seed: [2]}]", NULL,
         "a.yaml:2: seed: a list, expected on one axis of the sweep alone"},
        {"product: {seed: [1]}\n  conditions: [{name: a}, {name: b, set: {seed: 2}}]", NULL,
         "a.yaml:2: seed: a list, expected on one axis of the sweep alone"},
    };
    CHECK_REFUSALS(cases);
}

Test(sweep, exclusions_that_say_nothing_are_refused)
{
    static const refusal cases[] = {
        {"product: {seed: [1, 2]}\n  exclude: [{steps: 50}]", NULL,
         "a.yaml:3: steps: 50, expected a key that is an axis of the sweep"},
        {"product: {seed: [1, 2]}\n  exclude: [{seed: 3}]", NULL,
         "a.yaml:3: sweep.exclude: a mapping, expected to match at least one run"},
        {"product: {seed: [1, 2]}\n  exclude: [{seed: [1, 2]}]", NULL,
         "a.yaml:3: sweep.exclude: a mapping, expected to leave at least one run"},
        {"product: {seed: [1, 2]}\n  exclude: [{}]", NULL,
         "a.yaml:3: sweep.exclude: an empty mapping, expected at least one key"},
        {"product: {seed: [1, 2]}\n  exclude: [{condition: a}]", NULL,
         "a.yaml:3: condition: a, expected a key that is an axis of the sweep"},
    };
    CHECK_REFUSALS(cases);
}

Test(sweep, contradictions_name_their_point)
{
    static const refusal cases[] = {
        {"product:\n    seed: [1, 2]\n    observation.capacity: [4, 30]", NULL,
         "a.yaml:4: observation.capacity: 30, expected an integer in 1 ... 29 (at seed 1, "
         "observation.capacity 30)"},
        {"conditions:\n    - {name: a}\n    - {name: b, set: {values: 5}}",
         "groups.ai.belief={fixed_at: 7}",
         "--set:1: groups.ai.belief: {fixed_at: 7}, expected a value in 0 ... 4 (at condition b, "
         "values 5)"},
    };
    CHECK_REFUSALS(cases);
}

Test(sweep, runs_that_are_the_same_are_refused)
{
    static const refusal cases[] = {
        {"product:\n    steps: [1, 2]\n    seed: [3,\n     4, 3]", NULL,
         "a.yaml:5: seed: 3, expected runs that differ, runs 0 and 2 do not"},
        {"product: {reward.truthfulness: [0.1, 1e-1]}", NULL,
         "a.yaml:2: reward.truthfulness: 0.1, expected runs that differ, runs 0 and 1 do not"},
        {"product: {reward.truthfulness: [0, -0]}", NULL,
         "a.yaml:2: reward.truthfulness: 0, expected runs that differ, runs 0 and 1 do not"},
        {"zip: {seed: [1, 1], steps: [2, 2]}", NULL,
         "a.yaml:2: seed: 1, expected runs that differ, runs 0 and 1 do not"},
        {"product: {seed: [1, 2]}", "seed=[1, 1]",
         "--set:1: seed: 1, expected runs that differ, runs 0 and 1 do not"},
    };
    CHECK_REFUSALS(cases);
}

/** 0.1 and its neighbours are one float32; 0.10000001 is the next; sparsity stays a double. */
Test(sweep, values_that_are_equal_in_float32_are_refused)
{
    static const refusal cases[] = {
        {"product: {reward.truthfulness: [0.1, 0.2, 0.10000000001]}", NULL,
         "a.yaml:2: reward.truthfulness: 0.10000000001, expected runs that differ: it equals 0.1 "
         "in "
         "float32, in which runs 0 and 2 are computed"},
        {"zip: {steps: [5, 5], contagion.factor: [1, 1.00000001]}", NULL,
         "a.yaml:2: contagion.factor: 1.00000001, expected runs that differ: it equals 1 in "
         "float32, in which runs 0 and 1 are computed"},
        {"conditions: [{name: a, set: {contagion.factor: 2}},\n    {name: b, set: "
         "{contagion.factor: 2.00000001}}]",
         NULL,
         "a.yaml:3: contagion.factor: 2.00000001, expected runs that differ: it equals 2 in "
         "float32, in which runs 0 and 1 are computed"},
        {"conditions: [{name: a, set: {contagion.factor: 2}}, {name: b, set: "
         "{contagion.factor: 3}}]",
         "contagion.factor=4",
         "--set:1: contagion.factor: 4, expected conditions that differ in more than their names, "
         "runs 0 and 1 do not"},
    };
    CHECK_REFUSALS(cases);
    dg_experiment *experiment =
        load_text("sweep: {product: {reward.truthfulness: [0.1, 0.10000001],"
                  " observation.sparsity: [0.1, 0.1000000001]}}",
                  NULL, NULL);
    cr_expect_eq(dg_experiment_runs(experiment), 4);
    dg_experiment_free(&experiment);
}

Test(sweep, conditions_that_differ_in_name_alone_are_refused)
{
    static const refusal cases[] = {
        {"conditions:\n    - {name: a, set: {values: 5}}\n    - {name: b, set: {values: 6}}",
         "values=9",
         "--set:1: values: 9, expected conditions that differ in more than their names, runs 0 "
         "and 1 do not"},
        {"conditions:\n    - {name: a}\n    - {name: b}\n  product: {seed: [1, 2]}", NULL,
         "a.yaml:4: condition: b, expected conditions that differ in more than their names, "
         "runs 0 and 2 do not"},
    };
    CHECK_REFUSALS(cases);
    /* one without keys of its own is the base */
    dg_experiment *experiment =
        load_text("sweep: {conditions: [{name: a}, {name: b, set: {values: 6}}]}", NULL, NULL);
    cr_assert_eq(dg_experiment_runs(experiment), 2);
    dg_experiment_free(&experiment);
}

Test(sweep, too_many_runs_are_refused_before_any_is_made)
{
    static const refusal cases[] = {
        {"product:\n    seed: {from: 1, to: 1000000}\n    steps: {from: 1, to: 1000000}", NULL,
         "a.yaml:4: sweep: a mapping, expected at most 1000000 runs before exclusions"},
    };
    CHECK_REFUSALS(cases);
    dg_runs_limit = 5;
    cr_assert_str_eq(load_refusal("sweep: {product: {seed: [1, 2, 3], steps: [1, 2]}}", NULL, NULL),
                     "a.yaml:1: sweep: 1, expected at most 5 runs before exclusions");
}

Test(sweep, an_unknown_condition_is_refused_with_the_known_ones)
{
    cr_assert_str_eq(load_refusal(swept, "condition=c", NULL),
                     "--set:1: condition: c, expected one of a, b");
    cr_assert_str_eq(load_refusal(swept, "condition=[a, {}]", NULL),
                     "--set:1: condition: an empty mapping, expected one of a, b");
    cr_assert_str_eq(load_refusal(swept, "condition=[]", NULL),
                     "--set:1: condition: an empty list, expected one of a, b");
}
