/** host/config/presets.c: every row of the lists of readings and AI types is that reading or type. */
#include "host/config/value.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <string.h>

static const char *const reading_word[] = {DG_READING_LIST(DG_CHOICE_WORD)};
static const char *const type_word[] = {DG_AI_TYPE_LIST(DG_CHOICE_WORD)};
static const char *const reading_key[] = {DG_READING_KEYS};

#define VALUES(code, word, ...) {__VA_ARGS__},
static const char *const reading_value[][DG_LENGTH(reading_key)] = {DG_READING_LIST(VALUES)};

#define COLUMNS(code, word, act_period, evolve_period, bonus, belief)                              \
    {act_period, evolve_period, bonus, belief},
static const struct {
    int64_t act_period, evolve_period;
    double bonus;
    int64_t belief;
} type_row[] = {DG_AI_TYPE_LIST(COLUMNS)};

static void expect_reading(const dg_experiment *e, int reading, const char *yaml)
{
    cr_expect_str_eq(load_value(e, 0, "reading"), reading_word[reading]);
    for (int i = 0; i < DG_LENGTH(reading_key); i++)
        cr_expect_str_eq(load_value(e, 0, reading_key[i]), reading_value[reading][i], "%s in %s",
                         reading_key[i], yaml);
}

static void expect_type(const dg_config *c, int type, const char *yaml)
{
    cr_expect_eq(c->ai_type, type, "%s", yaml);
    cr_expect_eq(c->group[0].influence_bonus, type_row[type].bonus, "%s", yaml);
    cr_expect_eq(c->group[0].belief, type_row[type].belief, "%s", yaml);
    cr_expect_eq(c->group[0].act_period, 1);
    cr_expect_eq(c->group[0].evolve_period, 1);
    for (int g = 1; g < 3; g++) {
        cr_expect_eq(c->group[g].act_period, type_row[type].act_period, "%s", yaml);
        cr_expect_eq(c->group[g].evolve_period, type_row[type].evolve_period, "%s", yaml);
        cr_expect_eq(c->group[g].influence_bonus, 0);
        cr_expect_eq(c->group[g].belief, DG_BELIEF_FREE);
    }
}

/* the last rows, too: a table that has not grown with its list gives another reading's values */
Test(presets, every_reading_with_every_ai_type_is_its_row)
{
    for (int reading = 0; reading < DG_READING_COUNT; reading++)
        for (int type = 0; type < DG_AI_TYPE_COUNT; type++) {
            char yaml[128];
            snprintf(yaml, sizeof yaml, "{reading: %s, ai_type: %s}", reading_word[reading],
                     type_word[type]);
            dg_experiment *e = load_text(yaml, NULL, NULL);
            expect_reading(e, reading, yaml);
            expect_type(RUN_CONFIG(e, 0), type, yaml);
            dg_experiment_free(&e);
        }
}

static size_t count_words(const char *key)
{
    int32_t group;
    dg_config config;
    size_t count = 0;
    dg_config_default(&config);
    const dg_field *field = dg_field_find(&config, key, &group);
    while (field->words[count]) count++;
    return count;
}

Test(presets, words_are_as_many_as_rows)
{
    cr_expect_eq(count_words("reading"), DG_READING_COUNT);
    cr_expect_eq(count_words("ai_type"), DG_AI_TYPE_COUNT);
    cr_expect_eq(count_words("model"), DG_MODEL_COUNT);
}

/* what the table of keys says a reading decides, every reading does decide */
Test(presets, keys_by_reading_are_those_of_the_list)
{
    for (const dg_field *f = dg_run_fields; f->key; f++) {
        bool listed = false;
        for (int i = 0; i < DG_LENGTH(reading_key); i++)
            listed = listed || strcmp(f->key, reading_key[i]) == 0;
        cr_expect_eq(listed, f->rule != NULL && strcmp(f->rule, "reading") == 0, "%s", f->key);
    }
}
