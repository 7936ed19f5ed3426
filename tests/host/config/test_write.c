/** host/config/write.c: texts of configurations state the keys that they shall, and no others. */
#include "host/config/value.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define TEXT_OF(number) #number
#define TEXT(macro)     TEXT_OF(macro)
#define HEAD            "# model version " TEXT(DG_MODEL_VERSION) ", keys that differ from its defaults\n"

static char *text_of(const char *yaml, dg_config_writer *write)
{
    char *text = NULL;
    dg_experiment *e = load_text(yaml, NULL, NULL);
    cr_assert_eq(dg_config_text(&text, RUN_CONFIG(e, 0), write), DG_OK);
    dg_experiment_free(&e);
    return text;
}

static void expect_text(const char *yaml, dg_config_writer *write, const char *expected)
{
    char *text = text_of(yaml, write);
    cr_expect_str_eq(text, expected, "%s\nis\n%s", yaml, text);
    free(text);
}

Test(write, differences_are_the_keys_that_are_not_as_they_would_be)
{
    static const struct {
        const char *yaml, *text;
    } cases[] = {
        {"", ""},
        {"seed: 7\nsteps: 50\nai_type: none", "seed: 7\n"},
        {"reading: tables", "reading: tables\n"},
        {"{reading: tables, contagion.content: message}",
         "reading: tables\ncontagion:\n  content: message\n"},
        {"{reading: tables, contagion.content: belief}", "reading: tables\n"},
        {"{ai_type: act, groups.human1.act_period: 2}", "ai_type: act\n"},
        {"{ai_type: act, groups.human1.act_period: 1}",
         "ai_type: act\ngroups:\n  human1:\n    act_period: 1\n"},
        {"contagion.sources: all", "contagion:\n  sources: all\n"},
        {"agents: 60", "agents: 60\n"},
        {"groups: {ai: {size: 20}, human1: {size: 20}, human2: {size: 20}}", "agents: 60\n"},
        {"groups: {ai: {size: 4}}",
         "groups:\n  ai:\n    size: 4\n  human1:\n    size: 13\n  human2:\n    size: 13\n"},
        {"observation.capacity: 7", "observation:\n  capacity: 7\n"},
        {"{observation.capacity: 7, groups.ai.observation_capacity: 4}",
         "observation:\n  capacity: 7\ngroups:\n  ai:\n    observation_capacity: 4\n"},
        {"{generations: 20, output.last: 19}", "generations: 20\n"},
        {"{generations: 20, output.last: 18}", "generations: 20\noutput:\n  last: 18\n"},
        {"evolution: {variant: ros-hansen, sampling: diagonal}",
         "evolution:\n  variant: ros-hansen\n"},
        {"evolution.sampling: diagonal", "evolution:\n  sampling: diagonal\n"},
        {"groups: {bots: {kind: ai}, people: {kind: human, hidden: 9}}",
         "groups:\n  bots:\n    kind: ai\n  people:\n    kind: human\n    hidden: 9\n"},
        {"groups: {ai: {kind: human}}", "groups:\n  ai:\n    kind: human\n"},
        {"{model: echo-chamber, echo.steps: 100000, echo.rate: 1e-5}",
         "model: echo-chamber\necho:\n  rate: 1.0e-05\n"},
        {"{condition: near, checkpoint.minutes: 1}",
         "condition: near\ncheckpoint:\n  minutes: 1\n"},
    };
    for (int i = 0; i < DG_LENGTH(cases); i++) {
        char expected[512];
        snprintf(expected, sizeof expected, HEAD "%s", cases[i].text);
        expect_text(cases[i].yaml, dg_config_write_differences, expected);
    }
}

Test(write, identity_leaves_out_what_no_result_depends_on)
{
    expect_text("{condition: near, checkpoint.minutes: 1, output.compression: 9}",
                dg_config_write_identity, HEAD "output:\n  compression: 9\n");
}

static bool is_unset(const dg_field *field, const dg_config *config, const dg_config *unset,
                     int32_t group)
{
    const dg_value value = dg_value_load(field, config, group);
    const dg_value standard = dg_value_load(field, unset, group);
    return !dg_field_applies(field, config->model) || dg_value_equal(&value, &standard, field);
}

static size_t count_set(const dg_config *config)
{
    size_t count = 0;
    dg_config unset;
    dg_config_unset(&unset, config);
    for (const dg_field *f = dg_run_fields; f->key; f++) count += !is_unset(f, config, &unset, -1);
    for (int32_t g = 0; g < config->group_count; g++)
        for (const dg_field *f = dg_group_fields; f->key; f++)
            count += !is_unset(f, config, &unset, g);
    return count;
}

/* lines that state a key: with something behind the colon, or the mapping of a belief there */
static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        const char *colon = strstr(line, ": ");
        count += colon != NULL && colon < line + strcspn(line, "\n");
    }
    return count;
}

/* so that a key which is added, and stands at its default, adds no line and changes no fingerprint */
Test(write, a_key_at_its_default_leaves_no_trace)
{
    static const char *const files[] = {
        "",
        "{reading: tables, ai_type: all_zero, seed: 3, values: 5, steps: 9}",
        "{groups: {a: {kind: ai, belief: {fixed_at: 3}}, b: {kind: human}}, niche.points: 77}",
        "{model: echo-chamber, echo.agents: 4, seed: 2}",
        "{policy.forward: dense, early_stop.share: 0.9, belief_weights.clip: [0, 1]}",
    };
    for (int i = 0; i < DG_LENGTH(files); i++) {
        dg_experiment *e = load_text(files[i], NULL, NULL);
        char *text = text_of(files[i], dg_config_write_differences);
        cr_expect_eq(count_lines(text), count_set(RUN_CONFIG(e, 0)), "%s", text);
        free(text);
        dg_experiment_free(&e);
    }
}

/* the rest of what a run has is read from here: report/digico_report/configuration.py */
Test(write, defaults_are_all_keys_that_no_other_key_decides)
{
    char *digico = text_of("{reading: tables, agents: 12, seed: 5}", dg_config_write_defaults);
    char *echo = text_of("{model: echo-chamber, echo.rate: 1}", dg_config_write_defaults);
    size_t of_digico = 0, of_echo = 0;
    for (const dg_field *f = dg_run_fields; f->key; f++) {
        of_digico += f->fallback && dg_field_applies(f, DG_MODEL_DIGICO);
        of_echo += f->fallback && dg_field_applies(f, DG_MODEL_ECHO);
    }
    cr_expect_eq(count_lines(digico), of_digico, "%s", digico);
    cr_expect_eq(count_lines(echo), of_echo, "%s", echo);
    cr_expect(strstr(digico, "\nagents: 30\n") != NULL, "%s", digico);
    cr_expect(strstr(digico, "reading: text\n") != NULL, "%s", digico);
    cr_expect_null(strstr(digico, "sources"), "the reading decides it");
    cr_expect(strstr(echo, "echo:\n  agents: 10\n") != NULL, "%s", echo);
    cr_expect(strncmp(echo, "model: echo-chamber\n", 20) == 0, "%s", echo);
    free(digico);
    free(echo);
}
