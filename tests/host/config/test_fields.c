/** host/config/fields.c: the table of keys is consistent, and every document of it agrees with it. */
#include "tests/support/load.h"

#include "host/config/value.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* call for every field, with the index of a group for those of groups */
static void for_each(void (*check)(const dg_field *, int32_t))
{
    for (const dg_field *f = dg_run_fields; f->key; f++) check(f, -1);
    for (const dg_field *f = dg_group_fields; f->key; f++) check(f, 0);
}

static char *printed(void (*print)(FILE *))
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    print(file);
    fclose(file);
    return text;
}

static void is_whole(const dg_field *field, int32_t group)
{
    (void)group;
    cr_assert(field->unit && *field->unit, "%s", field->key);
    cr_assert(field->source && *field->source, "%s", field->key);
    cr_assert(field->help && *field->help, "%s", field->key);
    cr_assert((field->fallback == NULL) != (field->rule == NULL), "%s", field->key);
    cr_assert((field->words != NULL) == (field->type == DG_FIELD_CHOICE), "%s", field->key);
    cr_assert(field->low <= field->high, "%s", field->key);
}

Test(fields, every_key_has_type_default_unit_source_and_help)
{
    for_each(is_whole);
}

static void default_is_accepted(const dg_field *field, int32_t group)
{
    dg_value value;
    (void)group;
    if (field->fallback)
        cr_assert(dg_value_parse(&value, field, field->fallback), "%s", field->key);
}

Test(fields, every_default_is_of_its_type_and_within_its_bounds)
{
    for_each(default_is_accepted);
}

static void bounds_hold(const dg_field *field, int32_t group)
{
    dg_value value;
    char text[64];
    (void)group;
    if (field->type != DG_FIELD_INTEGER && field->type != DG_FIELD_REAL) return;
    const double step = field->type == DG_FIELD_INTEGER ? 1.0 : fabs(field->high) * 1e-9;
    cr_assert(dg_value_parse(&value, field, dg_real_format(field->low, text, sizeof text)));
    cr_assert(!dg_value_parse(&value, field, dg_real_format(field->low - step, text, sizeof text)),
              "%s", text);
    snprintf(text, sizeof text, field->type == DG_FIELD_INTEGER ? "%.0f" : "%.17g", field->high);
    cr_assert(dg_value_parse(&value, field, text), "%s: %s", field->key, text);
    snprintf(text, sizeof text, field->type == DG_FIELD_INTEGER ? "%.0f" : "%.17g",
             field->high + step);
    cr_assert(!dg_value_parse(&value, field, text), "%s: %s", field->key, text);
}

Test(fields, bounds_are_inclusive_and_nothing_beyond_is_taken)
{
    for_each(bounds_hold);
}

static void check_distinct(const dg_field *fields)
{
    for (const dg_field *a = fields; a->key; a++)
        for (const dg_field *b = a + 1; b->key; b++) {
            cr_assert_str_neq(a->key, b->key);
            cr_assert_neq(a->offset, b->offset, "%s and %s", a->key, b->key);
        }
}

Test(fields, keys_and_members_are_distinct)
{
    check_distinct(dg_run_fields);
    check_distinct(dg_group_fields);
}

static void is_found(const dg_field *field, int32_t group)
{
    dg_config config;
    char key[DG_KEY_LENGTH];
    int32_t found;
    dg_config_default(&config);
    dg_field_key(&config, field, group, key, sizeof key);
    cr_assert_eq(dg_field_find(&config, key, &found), field, "%s", key);
    cr_assert_eq(found, group);
}

Test(fields, full_keys_lead_back_to_their_field)
{
    for_each(is_found);
}

Test(fields, unknown_keys_are_not_found)
{
    static const char *const keys[] = {"",
                                       "agent",
                                       "groups",
                                       "groups.ai",
                                       "groups.ai.",
                                       "kind",
                                       "groups.none.size",
                                       "groups.ai.size.x",
                                       "groups.a.size",
                                       "niche",
                                       "niche."};
    dg_config config;
    int32_t group;
    dg_config_default(&config);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        cr_assert_null(dg_field_find(&config, keys[i], &group), "%s", keys[i]);
}

Test(fields, numbers_are_numbers_and_words_are_not)
{
    static const struct {
        const char *key;
        double number;
    } cases[] = {{"agents", 30},
                 {"seed", 1},
                 {"contagion.factor", 5},
                 {"reward.penalise_silence", 1},
                 {"groups.ai.size", 10},
                 {"groups.ai.influence_bonus", 0},
                 {"reading", NAN},
                 {"groups.ai.belief", NAN},
                 {"condition", NAN},
                 {"evolution.mean_rate", NAN},
                 {"belief_weights.clip", NAN}};
    dg_config config;
    dg_config_default(&config);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t group;
        const dg_field *field = dg_field_find(&config, cases[i].key, &group);
        const double number = dg_field_number(&config, field, group);
        cr_assert(number == cases[i].number || (isnan(number) && isnan(cases[i].number)), "%s",
                  cases[i].key);
    }
}

Test(fields, reals_print_short_and_read_back)
{
    static const struct {
        double real;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {5, "5"},
                 {1e-4, "0.0001"},
                 {1e-5, "1.0e-05"},
                 {1.5e-7, "1.5e-07"},
                 {1.0 / 3.0, "0.3333333333333333"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {-2, "-2"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[40];
        double back;
        cr_assert_str_eq(dg_real_format(cases[i].real, text, sizeof text), cases[i].text);
        cr_assert(dg_real_read(&back, text));
        cr_assert_eq(back, cases[i].real);
    }
}

Test(fields, numbers_that_only_look_like_some_are_not_read)
{
    static const char *const texts[] = {"",   "-",     "010",   "0x10", "1_000",
                                        " 1", "1 ",    "1e",    "inf",  "nan",
                                        ".",  "1e999", "1.2.3", "--1",  "9223372036854775808"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t integer;
        double real;
        cr_assert(!dg_integer_read(&integer, texts[i]), "%s", texts[i]);
        if (strcmp(texts[i], "010") != 0 && strlen(texts[i]) < 19)
            cr_assert(!dg_real_read(&real, texts[i]), "%s", texts[i]);
    }
}

Test(fields, seeds_keep_all_64_bits)
{
    uint64_t seed;
    cr_assert(dg_seed_read(&seed, "18446744073709551615"));
    cr_assert_eq(seed, UINT64_MAX);
    cr_assert(!dg_seed_read(&seed, "18446744073709551616"));
    cr_assert(!dg_seed_read(&seed, "-1"));
}

/* ---- documents of the table ------------------------------------------------------------------ */

static char *listing;

static void is_listed(const dg_field *field, int32_t group)
{
    char start[DG_KEY_LENGTH];
    snprintf(start, sizeof start, "%s%s ", group < 0 ? "" : "groups.<name>.", field->key);
    cr_assert_not_null(strstr(listing, start), "%s", start);
    cr_assert_not_null(strstr(listing, field->help));
    cr_assert_not_null(strstr(listing, field->source));
}

Test(fields, the_listing_has_every_key)
{
    listing = printed(dg_fields_print);
    for_each(is_listed);
    free(listing);
}

Test(fields, default_yaml_is_the_manual_byte_for_byte)
{
    char *manual = printed(dg_fields_manual);
    char *file = calloc(1, 1 << 20);
    FILE *stream = fopen("configs/default.yaml", "rb");
    cr_assert_not_null(stream, "tests run from the root of the repository");
    cr_assert_lt(fread(file, 1, (1 << 20) - 1, stream), (1 << 20) - 1);
    fclose(stream);
    cr_assert_str_eq(file, manual, "write it anew: digico config --manual > configs/default.yaml");
    free(file);
    free(manual);
}

static void is_documented(const dg_field *field, int32_t group)
{
    char key[DG_KEY_LENGTH];
    const char *dot = strrchr(field->key, '.');
    (void)group;
    snprintf(key, sizeof key, "%s: ", dot ? dot + 1 : field->key);
    cr_assert_not_null(strstr(listing, key), "%s", field->key);
    cr_assert_not_null(strstr(listing, field->help), "%s", field->key);
}

Test(fields, the_manual_has_every_key)
{
    listing = printed(dg_fields_manual);
    for_each(is_documented);
    free(listing);
}

Test(fields, default_yaml_holds_the_built_in_defaults)
{
    dg_experiment *experiment = NULL;
    dg_config config;
    cr_assert_eq(dg_experiment_load(&experiment, "configs/default.yaml", NULL, 0), DG_OK, "%s",
                 dg_error());
    cr_assert_eq(experiment->runs, 1);
    dg_config_default(&config);
    cr_assert_arr_eq(RUN_CONFIG(experiment, 0), &config, sizeof config);
    dg_experiment_free(&experiment);
}

Test(fields, default_yaml_still_follows_reading_and_ai_type)
{
    static const char *const set[] = {"reading=tables", "ai_type=all_zero"};
    dg_experiment *experiment = NULL;
    cr_assert_eq(dg_experiment_load(&experiment, "configs/default.yaml", set, 2), DG_OK);
    cr_assert_str_eq(load_value(experiment, 0, "contagion.sources"), "all");
    cr_assert_str_eq(load_value(experiment, 0, "groups.human2.evolve_period"), "5");
    dg_experiment_free(&experiment);
}
