/**
 * The table of keys for people: a listing, and the manual that is configs/default.yaml.
 *
 * In the manual a key that something else decides (the reading, the AI type ...) stands as a
 * comment with the value it then has, so that a copy of it still follows `reading` and `ai_type`.
 */
#include "host/config/value.h"

#include <string.h>

static const char head[] =
    "# Every key of digico with its default, written by the program's own table of keys:\n"
    "# meaning | values | default | unit | source (sections are the model description's, MODEL "
    "n).\n"
    "#\n"
    "# A file needs only what differs from this one. Keys may be nested as here or dotted\n"
    "# (contagion.factor: 5). The later stands over the earlier: default, reading, ai_type, the "
    "file,\n"
    "# its sweep, --set key=value. Keys behind a `#` follow the key named as their default; "
    "stated,\n"
    "# they stand over it.\n";

static const char groups_head[] =
    "# Groups in order, those of kind ai first. This file changes keys of the default groups ai, "
    "human1\n"
    "# and human2; a file that names any other group states the whole list, with a kind for each.\n"
    "# Names: a-z, then a-z 0-9 _, below 32 bytes. One group's keys stand here for all.\n";

static const char sweep_text[] =
    "# The member `sweep` makes many runs of one file, in this order, the last the fastest:\n"
    "#\n"
    "# sweep:\n"
    "#   conditions:                      # named sets of keys; the name becomes key `condition`\n"
    "#     - {name: near, set: {observation.coordinate_factor: 10}}\n"
    "#     - {name: far, set: {observation.coordinate_factor: 0}}\n"
    "#   zip:                             # lists of one length, taken together; or a list of "
    "such\n"
    "#     reading: [text, tables]\n"
    "#     observation.belief_factor: [1, 0]\n"
    "#   product:                         # every value of one with every value of the others\n"
    "#     ai_type: [none, all]\n"
    "#     reward.truthfulness: {from: 0, to: 0.2, step: 0.1}   # or {from, to, count}\n"
    "#     seed: {from: 1, to: 10}        # integers count by 1 unless a step is given\n"
    "#   exclude:                         # runs that match all keys of an entry are left out\n"
    "#     - {condition: far, ai_type: [none]}\n"
    "#\n"
    "# --set key=value fixes a swept key; --set 'key=[a, b]' makes or replaces an axis;\n"
    "# --set condition=near picks one condition. Keys that hold for the whole file are no axes:\n"
    "# model, output.* and the kind of a group.\n";

static const char *const types[] = {DG_FIELD_TYPE_LIST(DG_CHOICE_WORD)};

static const char *default_of(const dg_field *field, char *text, size_t size)
{
    if (field->fallback)
        snprintf(text, size, "%s", field->fallback);
    else
        snprintf(text, size, "by %s", field->rule);
    return text;
}

static const char *unit_of(const dg_field *field)
{
    return strcmp(field->unit, "1") == 0 ? "none" : field->unit;
}

/* ---- listing -------------------------------------------------------------------------------- */

static void print_rows(const dg_field *field, const char *prefix, FILE *file)
{
    char range[256], fallback[64], key[DG_KEY_LENGTH];
    for (; field->key; field++) {
        snprintf(key, sizeof key, "%s%s", prefix, field->key);
        fprintf(file, "%-36s %-8s %s\n", key, types[field->type], field->help);
        fprintf(file, "%-36s          values: %s\n", "",
                dg_field_range(field, range, sizeof range));
        fprintf(file, "%-36s          default: %s; unit: %s; source: %s\n", "",
                default_of(field, fallback, sizeof fallback), unit_of(field), field->source);
    }
}

void dg_fields_print(FILE *file)
{
    print_rows(dg_run_fields, "", file);
    print_rows(dg_group_fields, "groups.<name>.", file);
}

/* ---- manual --------------------------------------------------------------------------------- */

static void write_entry(const dg_config *config, const dg_field *field, int32_t group,
                        const char *indent, FILE *file)
{
    char text[256], fallback[64];
    const char *dot = strrchr(field->key, '.');
    fprintf(file, "%s# %s\n", indent, field->help);
    fprintf(file, "%s#   %s: %s\n", indent, types[field->type],
            dg_field_range(field, text, sizeof text));
    fprintf(file, "%s#   default: %s; unit: %s; source: %s\n", indent,
            default_of(field, fallback, sizeof fallback), unit_of(field), field->source);
    fprintf(file, "%s%s%s: %s\n", indent, field->fallback ? "" : "#", dot ? dot + 1 : field->key,
            dg_field_format(config, field, group, text, sizeof text));
}

static void write_groups(const dg_config *config, FILE *file)
{
    fprintf(file, "\n%sgroups:\n  %s:\n", groups_head, config->group[0].name);
    for (const dg_field *field = dg_group_fields; field->key; field++)
        write_entry(config, field, 0, "    ", file);
}

/* another model's keys would be refused in this file: they stand as comments */
static void write_other_model(const dg_config *config, FILE *file)
{
    fprintf(file,
            "\n# With model: echo-chamber, these, and of the above model, seed, condition and\n"
            "# output.compression alone:\n#\n# echo:\n");
    for (const dg_field *field = dg_run_fields; field->key; field++)
        if (!dg_field_applies(field, DG_MODEL_DIGICO)) write_entry(config, field, -1, "#   ", file);
}

void dg_fields_manual(FILE *file)
{
    dg_config config;
    const char *open = "";
    dg_config_default(&config);
    fputs(head, file);
    for (const dg_field *field = dg_run_fields; field->key; field++) {
        const char *dot = strchr(field->key, '.');
        const size_t section = dot ? (size_t)(dot - field->key) + 1 : 0;
        if (!dg_field_applies(field, DG_MODEL_DIGICO)) continue;
        fputc('\n', file);
        if (section && strncmp(open, field->key, section) != 0)
            fprintf(file, "%.*s:\n", (int)section - 1, field->key);
        open = field->key;
        write_entry(&config, field, -1, section ? "  " : "", file);
    }
    write_groups(&config, file);
    write_other_model(&config, file);
    fprintf(file, "\n%s", sweep_text);
}
