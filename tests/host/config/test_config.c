/** host/config/experiment.c, groups.c, key_walk.c, check.c, write.c: layers, groups, contradictions, printing. */
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

typedef struct value_case {
    const char *yaml, *key, *value;
} value_case;

static void check_values(const value_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dg_experiment *experiment = load_text(cases[i].yaml, NULL, NULL);
        cr_assert_str_eq(load_value(experiment, 0, cases[i].key), cases[i].value,
                         "%s in\n%s\nis %s, not %s", cases[i].key, cases[i].yaml,
                         load_value(experiment, 0, cases[i].key), cases[i].value);
        dg_experiment_free(&experiment);
    }
}

#define CHECK_VALUES(...)                                                                          \
    check_values((const value_case[]){__VA_ARGS__},                                                \
                 sizeof((const value_case[]){__VA_ARGS__}) / sizeof(value_case))

/* ---- layers ---------------------------------------------------------------------------------- */

Test(config, an_empty_file_is_one_run_of_defaults)
{
    static const char *const files[] = {"", "\n", "# only words\n", "---\n", "~\n", "sweep:\n"};
    dg_config defaults;
    dg_config_default(&defaults);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        dg_experiment *experiment = load_text(files[i], NULL, NULL);
        cr_assert_eq(dg_experiment_runs(experiment), 1);
        cr_assert_eq(experiment->axes, 0);
        cr_assert_arr_eq(RUN_CONFIG(experiment, 0), &defaults, sizeof defaults);
        dg_experiment_free(&experiment);
    }
}

Test(config, keys_may_be_nested_or_dotted)
{
    CHECK_VALUES({"contagion:\n  factor: 2.5\n", "contagion.factor", "2.5"},
                 {"contagion.factor: 2.5\n", "contagion.factor", "2.5"},
                 {"{contagion: {factor: 2.5}}", "contagion.factor", "2.5"},
                 {"groups: {ai.size: 20}", "groups.ai.size", "20"},
                 {"groups.ai: {size: 20}", "groups.ai.size", "20"},
                 {"groups.ai.size: 20", "groups.human1.size", "5"},
                 {"niche:\nagents: 60\n", "agents", "60"});
}

Test(config, readings_set_what_model_md_lists)
{
    CHECK_VALUES({"reading: text", "contagion.sources", "received"},
                 {"reading: text", "contagion.content", "message"},
                 {"reading: text", "contagion.overflow", "exact"},
                 {"reading: text", "belief_weights.carry", "run"},
                 {"reading: tables", "contagion.sources", "all"},
                 {"reading: tables", "contagion.content", "belief"},
                 {"reading: tables", "contagion.overflow", "float32"},
                 {"reading: tables", "contagion.distance", "floor"},
                 {"reading: tables", "belief_weights.carry", "generation"},
                 {"reading: tables", "evolution.sampling", "isotropic"},
                 {"reading: tables", "observation.belief_factor", "1"});
}

Test(config, ai_types_set_what_model_md_lists)
{
    static const struct {
        const char *type, *act, *evolve, *bonus, *belief;
    } rows[] = {{"none", "1", "1", "0", "free"},
                {"act", "2", "1", "0", "free"},
                {"evolve", "1", "5", "0", "free"},
                {"influence", "1", "1", "2", "free"},
                {"fix", "1", "1", "0", "fixed"},
                {"all", "2", "5", "2", "fixed"},
                {"fix_at_zero", "1", "1", "0", "{fixed_at: 0}"},
                {"all_zero", "2", "5", "2", "{fixed_at: 0}"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[64];
        snprintf(yaml, sizeof yaml, "ai_type: %s", rows[i].type);
        CHECK_VALUES({yaml, "groups.human1.act_period", rows[i].act},
                     {yaml, "groups.human2.evolve_period", rows[i].evolve},
                     {yaml, "groups.ai.influence_bonus", rows[i].bonus},
                     {yaml, "groups.ai.belief", rows[i].belief},
                     {yaml, "groups.ai.act_period", "1"}, {yaml, "groups.ai.evolve_period", "1"},
                     {yaml, "groups.human1.influence_bonus", "0"},
                     {yaml, "groups.human1.belief", "free"});
    }
}

Test(config, own_keys_stand_over_reading_and_ai_type_wherever_written)
{
    CHECK_VALUES({"contagion.sources: received\nreading: tables", "contagion.sources", "received"},
                 {"reading: tables\ncontagion.sources: received", "contagion.content", "belief"},
                 {"groups.human1.act_period: 7\nai_type: all", "groups.human1.act_period", "7"},
                 {"groups.human1.act_period: 7\nai_type: all", "groups.human2.act_period", "2"});
}

Test(config, overrides_stand_over_the_file_and_the_last_one_wins)
{
    dg_experiment *experiment = load_text("seed: 3\nsteps: 9", "seed=4", "seed = 5");
    cr_assert_str_eq(load_value(experiment, 0, "seed"), "5");
    cr_assert_str_eq(load_value(experiment, 0, "steps"), "9");
    dg_experiment_free(&experiment);
}

Test(config, a_reading_may_be_overridden_under_explicit_keys)
{
    dg_experiment *experiment = load_text("contagion.content: message", "reading=tables", NULL);
    cr_assert_str_eq(load_value(experiment, 0, "contagion.content"), "message");
    cr_assert_str_eq(load_value(experiment, 0, "contagion.sources"), "all");
    dg_experiment_free(&experiment);
}

/* ---- values that other keys decide ----------------------------------------------------------- */

Test(config, defaults_follow_the_keys_they_hang_on)
{
    CHECK_VALUES({"observation.capacity: 7", "groups.human2.observation_capacity", "7"},
                 {"{observation.capacity: 7, groups.ai.observation_capacity: 3}",
                  "groups.ai.observation_capacity", "3"},
                 {"policy.hidden: 16", "groups.ai.hidden", "16"},
                 {"generations: 20", "output.last", "19"},
                 {"{generations: 20, output.last: null}", "output.last", "19"},
                 {"evolution.variant: ros-hansen", "evolution.sampling", "diagonal"},
                 {"evolution.sampling: diagonal", "evolution.sampling", "diagonal"},
                 {"agents: 300", "groups.human1.size", "100"},
                 {"groups: {ai: {size: 2}, human1: {size: 3}, human2: {size: 4}}", "agents", "9"},
                 {"groups: {ai: {size: 2}}", "groups.human2.size", "14"});
}

Test(config, values_of_every_type_are_read)
{
    CHECK_VALUES({"seed: 18446744073709551615", "seed", "18446744073709551615"},
                 {"reward.penalise_silence: false", "reward.penalise_silence", "false"},
                 {"groups.ai.belief: {fixed_at: 3}", "groups.ai.belief", "{fixed_at: 3}"},
                 {"groups.ai.belief: fixed_at_3", "groups.ai.belief", "{fixed_at: 3}"},
                 {"belief_weights.clip: [-0.5, 2]", "belief_weights.clip", "[-0.5, 2]"},
                 {"belief_weights.clip: none", "belief_weights.clip", "none"},
                 {"evolution.mean_rate: 1e-3", "evolution.mean_rate", "0.001"},
                 {"evolution.mean_rate: null", "evolution.mean_rate", "null"},
                 {"early_stop: {share: 0.9}", "early_stop.share", "0.9"},
                 {"early_stop: {share: 0.9}", "early_stop.generations", "10"},
                 {"early_stop: {share: null}", "early_stop.share", "null"},
                 {"early_stop.scope: population", "early_stop.scope", "population"},
                 {"policy.output: \"argmax\"", "policy.output", "argmax"},
                 {"condition: near-1", "condition", "near-1"});
}

/* ---- groups ---------------------------------------------------------------------------------- */

Test(config, groups_of_ones_own_replace_the_default_ones)
{
    dg_experiment *experiment = load_text("agents: 12\n"
                                          "groups:\n"
                                          "  bots: {kind: ai, size: 2}\n"
                                          "  old: {kind: human, act_period: 3}\n"
                                          "  young: {kind: human}\n",
                                          "ai_type=influence", NULL);
    cr_assert_eq(dg_run_config(experiment, 0).group_count, 3);
    cr_assert_str_eq(dg_run_config(experiment, 0).group[0].name, "bots");
    cr_assert_str_eq(load_value(experiment, 0, "groups.bots.influence_bonus"), "2");
    cr_assert_str_eq(load_value(experiment, 0, "groups.old.size"), "5");
    cr_assert_str_eq(load_value(experiment, 0, "groups.old.act_period"), "3");
    cr_assert_str_eq(load_value(experiment, 0, "groups.young.act_period"), "1");
    dg_experiment_free(&experiment);
}

Test(config, as_many_groups_as_the_limit_are_taken)
{
    char yaml[2048] = "agents: 32\n";
    for (int g = 0; g < DG_MAX_GROUPS; g++)
        snprintf(yaml + strlen(yaml), sizeof yaml - strlen(yaml), "groups.g%d.kind: %s\n", g,
                 g < 3 ? "ai" : "human");
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    cr_assert_str_eq(load_value(experiment, 0, "groups.g15.size"), "2");
    dg_experiment_free(&experiment);
    strcat(yaml, "groups.more.kind: human\n");
    cr_assert_str_eq(load_refusal(yaml, NULL, NULL),
                     "a.yaml:18: groups: human, expected at most 16 groups");
}

/* ---- refusals -------------------------------------------------------------------------------- */

typedef struct refusal {
    const char *yaml, *set, *message;
} refusal;

static void check_refusals(const refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cr_assert_str_eq(load_refusal(cases[i].yaml, cases[i].set, NULL), cases[i].message,
                         "\nexpected: %s\ngot:      %s", cases[i].message, dg_error());
}

#define CHECK_REFUSALS(cases) check_refusals(cases, sizeof(cases) / sizeof *(cases))

Test(config, unknown_keys_are_refused_with_the_nearest_one)
{
    static const refusal cases[] = {
        {"observation:\n  capcity: 3", NULL,
         "a.yaml:2: observation.capcity: 3, expected a known key, perhaps observation.capacity"},
        {"belief_factor: 0", NULL,
         "a.yaml:1: belief_factor: 0, expected a known key, perhaps observation.belief_factor"},
        {"zebra: 0", NULL,
         "a.yaml:1: zebra: 0, expected a known key (configs/default.yaml has them all)"},
        {"groups.ai.sise: 4", NULL,
         "a.yaml:1: groups.ai.sise: 4, expected a known key, perhaps groups.ai.size"},
        {"", "sede=3", "--set:1: sede: 3, expected a known key, perhaps seed"},
        {"", "groups.none.size=3",
         "--set:1: groups.none.size: 3, expected a known key, perhaps groups.ai.size"},
        {"seed.more: 3", NULL,
         "a.yaml:1: seed.more: 3, expected a known key (configs/default.yaml has them all)"},
    };
    CHECK_REFUSALS(cases);
}

/** A section's keys are suggested in the section alone, and a model's in the model alone. */
Test(config, suggestions_are_keys_of_the_place)
{
    static const refusal cases[] = {
        {"belief_weights: {factor: 3}", NULL,
         "a.yaml:1: belief_weights.factor: 3, expected a key of belief_weights: update, "
         "random_sigma, momentum_sigma, momentum_factor, reward_scale, decay_factor, clip, carry"},
        {"niche: {agents: 3}", NULL,
         "a.yaml:1: niche.agents: 3, expected a key of niche: points, dimensions, centroids, "
         "iterations"},
        {"factor: 3", NULL, "a.yaml:1: factor: 3, expected a known key, perhaps contagion.factor"},
        {"agnets: 3", NULL, "a.yaml:1: agnets: 3, expected a known key, perhaps agents"},
        {"agnets: 3\nmodel: echo-chamber", NULL,
         "a.yaml:1: agnets: 3, expected a known key (configs/default.yaml has them all)"},
        {"echo: {agnts: 3}\nmodel: echo-chamber", NULL,
         "a.yaml:1: echo.agnts: 3, expected a known key, perhaps echo.agents"},
    };
    CHECK_REFUSALS(cases);
}

Test(config, sizes_that_do_not_divide_are_refused_with_those_that_do)
{
    static const refusal cases[] = {
        {"agents: 1000", NULL,
         "a.yaml:1: agents: 1000, expected a number such as 999 or 1002: 3 groups without a size "
         "share it equally"},
        {"agents: 2", NULL,
         "a.yaml:1: agents: 2, expected at least 3: 3 groups without a size share it equally"},
        {"groups.ai.size: 5\nagents: 30", NULL,
         "a.yaml:2: agents: 30, expected a number such as 29 or 31: 2 groups without a size share "
         "what the given sizes leave of it equally"},
    };
    CHECK_REFUSALS(cases);
    for (int agents = 999; agents <= 1002; agents += 3) {
        char yaml[32];
        snprintf(yaml, sizeof yaml, "agents: %d", agents);
        dg_experiment *experiment = load_text(yaml, NULL, NULL);
        dg_experiment_free(&experiment);
    }
}

Test(config, integers_written_as_real_numbers_are_refused_with_the_digits)
{
    static const refusal cases[] = {
        {"agents: 1e3", NULL,
         "a.yaml:1: agents: 1e3, expected an integer in 2 ... 100000, written as 1000"},
        {"seed: 1.0", NULL,
         "a.yaml:1: seed: 1.0, expected an integer in 0 ... 18446744073709551615, written as 1"},
        {"agents: 1e9", NULL, "a.yaml:1: agents: 1e9, expected an integer in 2 ... 100000"},
        {"agents: 30.5", NULL, "a.yaml:1: agents: 30.5, expected an integer in 2 ... 100000"},
        {"seed: 1e19", NULL,
         "a.yaml:1: seed: 1e19, expected an integer in 0 ... 18446744073709551615"},
    };
    CHECK_REFUSALS(cases);
}

Test(config, mistakes_of_layout_are_named_in_plain_words)
{
    static const refusal cases[] = {
        {"contagion:\n\tfactor: 3", NULL, "a.yaml:2: YAML: a tab, expected spaces to indent"},
        {"agents: 30\n\tsteps: 3", NULL, "a.yaml:2: YAML: a tab, expected spaces to indent"},
        {"contagion:\n  factor: 3\n content: beliefs", NULL,
         "a.yaml:3: YAML: a key that begins in no column of the keys above, expected the same "
         "indentation for all keys of a mapping"},
        {"seed: \"abc", NULL,
         "a.yaml:1: YAML: a quoted text that is not closed, expected a second quote"},
        {"seed: @3", NULL,
         "a.yaml:1: YAML: a character that begins no value, expected quotes around a text that "
         "begins with % @ or `"},
        {"agents: 30\nsteps", NULL, "a.yaml:2: YAML: a key without a value, expected `key: value`"},
    };
    CHECK_REFUSALS(cases);
}

/** What YAML reads as null, without quotes, is no name: it would not read back. */
Test(config, null_in_any_spelling_is_no_name)
{
    static const char *const words[] = {"null", "Null", "NULL", "~", ""};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char yaml[64];
        snprintf(yaml, sizeof yaml, "condition: %s", words[i]);
        dg_experiment *experiment = load_text(yaml, NULL, NULL);
        cr_expect_str_eq(load_value(experiment, 0, "condition"), "null", "%s", yaml);
        dg_experiment_free(&experiment);
        snprintf(yaml, sizeof yaml, "condition: \"%s\"", words[i]);
        cr_expect(strstr(load_refusal(yaml, NULL, NULL), "expected a name"), "%s", yaml);
    }
}

Test(config, wrong_types_are_refused)
{
    static const refusal cases[] = {
        {"agents: many", NULL, "a.yaml:1: agents: many, expected an integer in 2 ... 100000"},
        {"agents: \"30\"", NULL, "a.yaml:1: agents: \"30\", expected an integer in 2 ... 100000"},
        {"agents: 30.0", NULL,
         "a.yaml:1: agents: 30.0, expected an integer in 2 ... 100000, written as 30"},
        {"agents: 030", NULL,
         "a.yaml:1: agents: 030, expected an integer in 2 ... 100000, written as 30"},
        {"agents:", NULL, "a.yaml:1: agents: null, expected an integer in 2 ... 100000"},
        {"agents: [30]", NULL, "a.yaml:1: agents: a list, expected an integer in 2 ... 100000"},
        {"agents: {}", NULL,
         "a.yaml:1: agents: an empty mapping, expected an integer in 2 ... 100000"},
        {"seed: -1", NULL, "a.yaml:1: seed: -1, expected an integer in 0 ... 18446744073709551615"},
        {"seed: 18446744073709551616", NULL,
         "a.yaml:1: seed: 18446744073709551616, expected an integer in 0 ... 18446744073709551615"},
        {"contagion.factor: .inf", NULL,
         "a.yaml:1: contagion.factor: .inf, expected a number in -1000000 ... 1000000"},
        {"reading: Text", NULL, "a.yaml:1: reading: Text, expected one of text, tables"},
        {"reward.penalise_silence: yes", NULL,
         "a.yaml:1: reward.penalise_silence: yes, expected one of true, false"},
        {"belief_weights.clip: [1, 0]", NULL,
         "a.yaml:1: belief_weights.clip: a list, expected one of none, [low, high] with low < high "
         "in -1000000 ... 1000000"},
        {"", "belief_weights.clip=[1, 0]",
         "--set:1: belief_weights.clip: a list, expected one of none, [low, high] with low < high "
         "in -1000000 ... 1000000"},
        {"groups.ai.belief: {fixed_at: -1}", NULL,
         "a.yaml:1: groups.ai.belief: a mapping, expected one of free, fixed, {fixed_at: value} "
         "with value in 0 ... values - 1"},
        {"condition: a b", NULL,
         "a.yaml:1: condition: a b, expected a name of 1 ... 31 of A-Z a-z 0-9 - _ ., null"},
        {"observation: 4", NULL, "a.yaml:1: observation: 4, expected a mapping of keys"},
        {"groups: [ai]", NULL, "a.yaml:1: groups: a list, expected a mapping of keys"},
        {"[1, 2]", NULL, "a.yaml:1: YAML: a list, expected a mapping of keys"},
        {"words", NULL, "a.yaml:1: YAML: words, expected a mapping of keys"},
        {"sweep: 3", NULL, "a.yaml:1: sweep: 3, expected a mapping"},
    };
    CHECK_REFUSALS(cases);
}

Test(config, values_out_of_range_are_refused)
{
    static const refusal cases[] = {
        {"agents: 1", NULL, "a.yaml:1: agents: 1, expected an integer in 2 ... 100000"},
        {"\n\nsteps: 0", NULL, "a.yaml:3: steps: 0, expected an integer in 1 ... 1000000"},
        {"generations: 16777216", NULL,
         "a.yaml:1: generations: 16777216, expected an integer in 1 ... 16777215"},
        {"contagion.delta: 0", NULL,
         "a.yaml:1: contagion.delta: 0, expected a number in 1.0e-06 ... 1000000"},
        {"groups.ai.influence_bonus: 51", NULL,
         "a.yaml:1: groups.ai.influence_bonus: 51, expected a number in -50 ... 50"},
        {"evolution.mean_rate: 0", NULL,
         "a.yaml:1: evolution.mean_rate: 0, expected a number in 1.0e-09 ... 1, null"},
        {"early_stop.share: 0", NULL,
         "a.yaml:1: early_stop.share: 0, expected a number in 1.0e-09 ... 1, null"},
        {"early_stop.share: 1.1", NULL,
         "a.yaml:1: early_stop.share: 1.1, expected a number in 1.0e-09 ... 1, null"},
        {"early_stop.generations: 0", NULL,
         "a.yaml:1: early_stop.generations: 0, expected an integer in 1 ... 16777215"},
        {"early_stop.scope: ai", NULL,
         "a.yaml:1: early_stop.scope: ai, expected one of humans, population"},
        {"", "values=1025", "--set:1: values: 1025, expected an integer in 2 ... 1024"},
    };
    CHECK_REFUSALS(cases);
}

Test(config, contradictions_are_refused_at_the_key_set_last)
{
    static const refusal cases[] = {
        {"observation:\n  capacity: 40", NULL,
         "a.yaml:2: observation.capacity: 40, expected an integer in 1 ... 29"},
        {"groups.human1.observation_capacity: 30", NULL,
         "a.yaml:1: groups.human1.observation_capacity: 30, expected an integer in 1 ... 29"},
        {"agents: 3", NULL,
         "a.yaml:1: agents: 3, expected at least 5, one more than the observation capacity"},
        {"observation.capacity: 5", "agents=3",
         "--set:1: agents: 3, expected at least 6, one more than the observation capacity"},
        {"agents: 30\ngroups: {ai: {size: 10}, human1: {size: 10},\n human2: {size: 11}}", NULL,
         "a.yaml:1: agents: 30, expected the sum of the group sizes, 31"},
        {"agents: 31", NULL,
         "a.yaml:1: agents: 31, expected a number such as 30 or 33: 3 groups without a size share "
         "it equally"},
        {"groups.ai.size: 30", NULL,
         "a.yaml:1: groups.ai.size: 30, expected a size that leaves an equal share of agents (30) "
         "to 2 groups without one; sizes given sum to 30"},
        {"ai_type: all\ngroups.ai.belief: {fixed_at: 10}", NULL,
         "a.yaml:2: groups.ai.belief: {fixed_at: 10}, expected a value in 0 ... 9"},
        {"groups.ai.belief: {fixed_at: 7}\nvalues: 10", "values=7",
         "--set:1: values: 7, expected at least 8, group ai is fixed at 7"},
        {"groups: {ai: {size: 1}, human1: {size: 10}, human2: {size: 10}}", NULL,
         "a.yaml:1: groups.ai.size: 1, expected at least 2 or evolve_period 0: a group of 1 agent "
         "cannot evolve: it has floor(1/2) = 0 parents"},
        {"evolution.variant: ros-hansen\nevolution.sampling: isotropic", NULL,
         "a.yaml:2: evolution.sampling: isotropic, expected diagonal with evolution.variant "
         "ros-hansen"},
        {"niche.centroids: 11\nniche.points: 10", NULL,
         "a.yaml:1: niche.centroids: 11, expected at most niche.points (10)"},
        {"niche.points: 5", NULL,
         "a.yaml:1: niche.points: 5, expected at least niche.centroids "
         "(10)"},
        {"output.last: 1000", NULL,
         "a.yaml:1: output.last: 1000, expected an integer in 0 ... 999"},
        {"output.last: 99", "generations=50",
         "--set:1: generations: 50, expected more than output.last (99)"},
        {"output: {first: 20, last: 19}", NULL,
         "a.yaml:1: output.first: 20, expected an integer in 0 ... 19"},
        {"agents: 32769\npolicy.hidden: 1\noutput.agents: true\nobservation.capacity: 1\n", NULL,
         "a.yaml:3: output.agents: true, expected false with more than 32768 agents: views are "
         "16-bit"},
        {"observation.sparsity: 0.99", NULL,
         "a.yaml:1: observation.sparsity: 0.99, expected a share s with round(s N) below N = 30"},
        {"contagion.sparsity: 1", NULL,
         "a.yaml:1: contagion.sparsity: 1, expected a share s with round(s N) below N = 30"},
        {"groups: {ai: {influence_bonus: 50}, human1: {influence_bonus: -50}}", NULL,
         "a.yaml:1: groups.ai.influence_bonus: 50, expected spread of bonuses (100) + "
         "niche.dimensions + ln(max(K_I, 1)) at most 88"},
        {"agents: 99999\npolicy.hidden: 65536", NULL,
         "a.yaml:2: policy.hidden: 65536, expected N H + H + H V + V below 2^31 in group ai"},
        {"agents: 99999", NULL, "a.yaml:1: agents: 99999, expected a run of at most 64 GiB"},
        {"agents: 3000\nsteps: 1000000", NULL,
         "a.yaml:2: steps: 1000000, expected agents x steps and values x steps below 2^31"},
        {"groups: {bots: {kind: ai}}\nearly_stop.share: 0.9", NULL,
         "a.yaml:2: early_stop.share: 0.9, expected null, or early_stop.scope population: no group "
         "is of kind human"},
        {"groups: {bots: {kind: ai}}\nearly_stop.share: 0.9", "early_stop.scope=humans",
         "--set:1: early_stop.scope: humans, expected population: no group is of kind human"},
        {"generations: 16777215", NULL,
         "a.yaml:1: generations: 16777215, expected generations x groups x (values + 32) at most "
         "2^30"},
    };
    CHECK_REFUSALS(cases);
}

Test(config, groups_that_make_no_sense_are_refused)
{
    static const refusal cases[] = {
        {"groups: {bots: {size: 3}}", NULL,
         "a.yaml:1: groups.bots: a mapping, expected a kind, ai or human, since the groups are not "
         "the default ones"},
        {"groups: {people: {kind: human}, bots: {kind: ai}}", NULL,
         "a.yaml:1: groups.bots.kind: ai, expected groups of kind ai before those of kind human"},
        {"groups: {Bots: {kind: ai}}", NULL,
         "a.yaml:1: groups: a mapping, expected names of a-z, 0-9 and _ below 32 bytes, not "
         "\"Bots\""},
        {"groups: {a2345678901234567890123456789012: {kind: ai}}", NULL,
         "a.yaml:1: groups: a mapping, expected names of a-z, 0-9 and _ below 32 bytes, not "
         "\"a2345678901234567890123456789012\""},
    };
    CHECK_REFUSALS(cases);
}

Test(config, keys_of_the_other_model_are_refused)
{
    static const refusal cases[] = {
        {"model: echo-chamber\nagents: 30", NULL,
         "a.yaml:2: agents: 30, expected a key that applies to model echo-chamber"},
        {"model: echo-chamber\ngroups.ai.size: 3", NULL,
         "a.yaml:2: groups.ai.size: 3, expected a key that applies to model echo-chamber"},
        {"echo.steps: 5", NULL,
         "a.yaml:1: echo.steps: 5, expected a key that applies to model digico"},
        {"model: echo-chamber\nsweep: {product: {steps: [1, 2]}}", NULL,
         "a.yaml:2: steps: 1, expected a key that applies to model echo-chamber"},
        {"model: echo-chamber\necho: {steps: 10, snapshot_every: 11}", NULL,
         "a.yaml:2: echo.snapshot_every: 11, expected an integer in 1 ... 10"},
        {"model: echo-chamber\necho: {snapshot_every: 1, agents: 1000000}", NULL,
         "a.yaml:2: echo.snapshot_every: 1, expected agents x snapshots at most 2^30"},
    };
    CHECK_REFUSALS(cases);
}

Test(config, what_is_no_plain_yaml_is_refused_in_one_line)
{
    static const refusal cases[] = {
        {"seed: 1\nseed: 2", NULL,
         "a.yaml:2: seed: 2, expected each key once, it stands in line 1"},
        {"\xef\xbb\xbfseed: 1\nsteps: 5\nseed: 2", NULL, /* a byte order mark is no fault */
         "a.yaml:3: seed: 2, expected each key once, it stands in line 1"},
        {"niche.points: 9\nniche: {points: 8}", NULL,
         "a.yaml:2: niche.points: 8, expected each key once, it stands in line 1"},
        {"seed: &a 1", NULL, "a.yaml:1: YAML: an anchor, expected values written out"},
        {"seed: 1\nsteps: *a", NULL, "a.yaml:2: YAML: an alias, expected values written out"},
        {"seed: !!int 1", NULL, "a.yaml:1: YAML: a tag, expected values without one"},
        {"seed: 1\n---\nseed: 2", NULL, "a.yaml:2: YAML: a second document, expected one"},
        {"seed:\n\t1", NULL, "a.yaml:2: YAML: a tab, expected spaces to indent"},
        {"seed: [1", NULL, "a.yaml:1: YAML: a list that is not closed, expected `,` or `]`"},
        {"seed: 1\nsteps: \xff", NULL,
         "a.yaml:2: YAML: invalid leading UTF-8 octet, expected well-formed YAML in UTF-8"},
        {"{[1]: 2}", NULL, "a.yaml:1: YAML: a list, expected a key"},
        {"seed: \"\\0\"", NULL, "a.yaml:1: YAML: text with a NUL inside, expected printable text"},
        {"a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}}}}}}}}}",
         NULL, "a.yaml:1: YAML: nested too deep, expected at most 16 levels"},
        {"", "seed", "--set:1: --set: seed, expected key=value"},
        {"", "=3", "--set:1: --set: =3, expected key=value"},
        {"", "seed=", "--set:1: seed: null, expected an integer in 0 ... 18446744073709551615"},
        {"", "seed=[1", "--set:1: YAML: a list that is not closed, expected `,` or `]`"},
    };
    CHECK_REFUSALS(cases);
}

Test(config, control_characters_and_long_values_stay_out_of_messages)
{
    static const refusal cases[] = {
        {"reading: \"a\\nb\\e\"", NULL,
         "a.yaml:1: reading: \"a?b?\", expected one of text, tables"},
        {"reading: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff", NULL,
         "a.yaml:1: reading: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee..., expected one of "
         "text, tables"},
    };
    CHECK_REFUSALS(cases);
}

Test(config, a_nul_byte_in_a_file_is_refused)
{
    dg_experiment *experiment = NULL;
    cr_assert_eq(dg_experiment_parse(&experiment, "a.yaml", "seed: 1\n\0", 9, NULL, 0),
                 DG_ERR_CONFIG);
    cr_assert_str_eq(dg_error(), "a.yaml:2: YAML: control characters are not allowed, expected "
                                 "well-formed YAML in UTF-8");
    cr_assert_null(experiment);
}

Test(config, files_that_cannot_be_read_are_an_io_error)
{
    dg_experiment *experiment = NULL;
    cr_assert_eq(dg_experiment_load(&experiment, "configs/absent.yaml", NULL, 0), DG_ERR_IO);
    cr_assert_str_eq(dg_error(), "configs/absent.yaml: cannot be read: No such file or directory");
    cr_assert_eq(dg_experiment_load(&experiment, "configs", NULL, 0), DG_ERR_IO);
    cr_assert_null(experiment);
}

/* ---- printing -------------------------------------------------------------------------------- */

/* a run, printed and loaded again, is the same to the byte */
static void check_text(const dg_config *run, const char *text)
{
    dg_experiment *again = load_text(text, NULL, NULL);
    cr_assert_eq(dg_experiment_runs(again), 1);
    cr_assert_arr_eq(RUN_CONFIG(again, 0), run, sizeof *run, "%s", text);
    dg_experiment_free(&again);
}

static void check_round_trip(const char *yaml, const char *set)
{
    dg_experiment *experiment = load_text(yaml, set, NULL);
    for (size_t r = 0; r < dg_experiment_runs(experiment); r++) {
        char *all = NULL, *changed = NULL;
        const dg_config *run = RUN_CONFIG(experiment, r);
        cr_assert_eq(dg_experiment_print(&all, experiment, r), DG_OK);
        cr_assert_eq(dg_config_text(&changed, run, dg_config_write_differences), DG_OK);
        check_text(run, all);
        check_text(run, changed);
        free(all);
        free(changed);
    }
    dg_experiment_free(&experiment);
}

Test(config, printed_runs_load_to_the_same_values)
{
    check_round_trip("", NULL);
    check_round_trip("model: echo-chamber\necho: {rate: 1e-5, utility: bounded-confidence}", NULL);
    check_round_trip("reading: tables\nai_type: all_zero\nseed: 18446744073709551615\n"
                     "belief_weights: {update: reward, clip: [-0.1, 0.30000000000000004]}\n"
                     "evolution: {variant: ros-hansen, mean_rate: 1e-9, covariance_rate: 0.3}\n"
                     "groups: {ai: {size: 3}, human1: {hidden: 7, influence_bonus: -1.5}}\n"
                     "agents: 33\noutput: {agents: true, first: 4, last: 8}",
                     NULL);
    check_round_trip("groups: {a: {kind: ai}}\nearly_stop: {share: 0.1, scope: population}",
                     "early_stop.generations=[1, 7]");
    check_round_trip("early_stop.scope: humans\ngroups: {a: {kind: ai}}", NULL);
    check_round_trip("groups: {a: {kind: ai, belief: fixed}, b: {kind: human}}",
                     "reward.truthfulness={from: 0, to: 1, count: 7}");
    check_round_trip("sweep: {conditions: [{name: x}, {name: \"7\", set: {seed: 3}}]}", NULL);
    /* keys that hang on others, in every mixture of given and not given */
    check_round_trip("agents: 60", "groups.ai.size=[10, 20, 30]");
    check_round_trip("groups: {ai: {size: 2}, human1: {size: 3}, human2: {size: 4}}", NULL);
    check_round_trip("groups: {ai: {size: 20}, human1: {size: 20}, human2: {size: 20}}", NULL);
    check_round_trip("agents: 31\ngroups.human1.size: 11", NULL);
    check_round_trip("observation.capacity: 7\ngroups.ai.observation_capacity: 4",
                     "generations=[20, 1000]");
    check_round_trip("{policy.hidden: 9, groups.human2.hidden: 64, output.last: 19}",
                     "generations=[20, 1000]");
    check_round_trip("evolution.variant: ros-hansen", "evolution.sampling=diagonal");
    check_round_trip("reading: tables\nai_type: all", "evolution.sampling=[isotropic, diagonal]");
    check_round_trip("groups: {ai: {kind: human, influence_bonus: 1}}", "ai_type=[none, all]");
    check_round_trip("{reading: tables, contagion.content: message, belief_weights.carry: run}",
                     "reading=[text, tables]");
    check_round_trip("groups: {human2: {kind: human}, human1: {kind: human}, other: {kind: human}}",
                     NULL);
}

/* another accepted value than the default, per key */
static const char *other_value(const dg_config *defaults, const dg_field *field, int32_t group,
                               char *text, size_t size)
{
    static const char *const words[][2] = {
        {"output.last", "998"}, {"evolution.variant", "ros-hansen"}, {"kind", "ai"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(field->key, words[i][0]) == 0) return words[i][1];
    switch (field->type) {
    case DG_FIELD_CHOICE: return field->words[1];
    case DG_FIELD_BELIEF: return "{fixed_at: 9}";
    case DG_FIELD_CLIP: return "[0, 1.0e-05]";
    case DG_FIELD_TEXT: return "name";
    case DG_FIELD_BOOL: return dg_field_number(defaults, field, group) != 0.0 ? "false" : "true";
    case DG_FIELD_REAL: return "0.30000000000000004";
    case DG_FIELD_INTEGER:
    case DG_FIELD_SEED: break;
    }
    snprintf(text, size, "%.0f", 3.0 + dg_field_number(defaults, field, group));
    return strcmp(field->key, "output.compression") == 0 ? "9" : text;
}

/** Word of the first model that has a key. */
static const char *model_of(const dg_field *field)
{
    static const char *const words[] = {DG_MODEL_LIST(DG_CHOICE_WORD)};
    int32_t model = 0;
    while (!dg_field_applies(field, model)) model++;
    return words[model];
}

static void check_key(const dg_field *field, int32_t group)
{
    dg_config defaults;
    char yaml[256], key[DG_KEY_LENGTH], text[64], before[64];
    if (strcmp(field->key, "model") == 0) return; /* the echo chamber's own round trip is above */
    dg_config_default(&defaults);
    dg_field_key(&defaults, field, group, key, sizeof key);
    const char *value = other_value(&defaults, field, group, text, sizeof text);
    const bool sizes = group >= 0 && strcmp(field->key, "size") == 0;
    snprintf(yaml, sizeof yaml, "model: %s\n%s: %s\n%s", model_of(field), key,
             sizes || strcmp(key, "agents") == 0 ? "36" : value,
             strcmp(key, "niche.centroids") == 0 ? "niche.points: 50\n"
             : sizes                             ? "agents: 66\n"
                                                 : "");
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    dg_field_format(&defaults, field, group, before, sizeof before);
    if (strcmp(key, "groups.ai.kind") != 0)
        cr_assert_str_neq(load_value(experiment, 0, key), before, "%s", key);
    dg_experiment_free(&experiment);
    check_round_trip(yaml, NULL);
}

Test(config, every_key_survives_printing_and_loading)
{
    for (const dg_field *f = dg_run_fields; f->key; f++) check_key(f, -1);
    for (const dg_field *f = dg_group_fields; f->key; f++) check_key(f, 0);
}

Test(config, a_run_that_is_not_planned_is_not_printed)
{
    dg_experiment *experiment = load_text("", NULL, NULL);
    char *text = NULL;
    cr_assert_eq(dg_experiment_print(&text, experiment, 1), DG_ERR_ARGUMENT);
    cr_assert_null(text);
    dg_experiment_free(&experiment);
    dg_experiment_free(&experiment);
}

Test(config, an_experiment_keeps_its_text_and_overrides)
{
    dg_experiment *experiment = load_text("seed: 3 # why", "steps=4", "values=\n5");
    cr_assert_str_eq(experiment->name, "a.yaml");
    cr_assert_str_eq(experiment->text, "seed: 3 # why\n# --set steps=4\n# --set values= 5\n");
    dg_experiment_free(&experiment);
}

Test(config, shipped_files_load)
{
    static const struct {
        const char *path;
        size_t runs;
    } files[] = {{"configs/quickstart.yaml", 2 * 8 * 4 * 3}, {"configs/echo/episode1.yaml", 5}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        dg_experiment *experiment = NULL;
        cr_assert_eq(dg_experiment_load(&experiment, files[i].path, NULL, 0), DG_OK, "%s",
                     dg_error());
        cr_assert_eq(dg_experiment_runs(experiment), files[i].runs);
        dg_experiment_free(&experiment);
    }
}
