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
    "# meaning | values | default | unit | may change | source (sections are the model\n"
    "# description's, MODEL n).\n"
    "#\n"
    "# may change: when a key could take another value while a run goes on: never, between two\n"
    "# generations, or at any step. Nothing changes keys during a run in this version.\n"
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
static const char *const models[] = {DG_MODEL_LIST(DG_CHOICE_WORD)};
static const char *const changes[] = {DG_MAY_CHANGE_LIST(DG_CHOICE_WORD)};

/* "default: 0.1; unit: views; may change: step; source: lambda, Eq. 8; MODEL 3.3" */
static void print_facts(const dg_field *field, FILE *file)
{
    fprintf(file, "default: %s%s; unit: %s; may change: %s; source: %s\n",
            field->fallback ? "" : "by ", field->fallback ? field->fallback : field->rule,
            strcmp(field->unit, "1") == 0 ? "none" : field->unit, changes[field->may_change],
            field->source);
}

/* ---- listing --------------------------------------------------------------------------------- */

static void print_rows(const dg_field *field, const char *prefix, FILE *file)
{
    char range[256], key[DG_KEY_LENGTH];
    for (; field->key; field++) {
        snprintf(key, sizeof key, "%s%s", prefix, field->key);
        fprintf(file, "%-36s %-8s %s\n", key, types[field->type], field->help);
        fprintf(file, "%-36s          values: %s\n%-36s          ", "",
                dg_field_range(field, range, sizeof range), "");
        print_facts(field, file);
    }
}

void dg_fields_print(FILE *file)
{
    print_rows(dg_run_fields, "", file);
    print_rows(dg_group_fields, "groups.<name>.", file);
}

/* ---- manual ---------------------------------------------------------------------------------- */

static void write_entry(const dg_config *config, const dg_field *field, int32_t group,
                        const char *indent, FILE *file)
{
    char text[256];
    const char *dot = strrchr(field->key, '.');
    fprintf(file, "%s# %s\n", indent, field->help);
    fprintf(file, "%s#   %s: %s\n", indent, types[field->type],
            dg_field_range(field, text, sizeof text));
    fprintf(file, "%s#   ", indent);
    print_facts(field, file);
    fprintf(file, "%s%s%s: %s\n", indent, field->fallback ? "" : "#", dot ? dot + 1 : field->key,
            dg_field_format(config, field, group, text, sizeof text));
}

static void write_groups(const dg_config *config, FILE *file)
{
    fprintf(file, "\n%sgroups:\n  %s:\n", groups_head, config->group[0].name);
    for (const dg_field *field = dg_group_fields; field->key; field++)
        write_entry(config, field, 0, "    ", file);
}

/* a key of `model` that this model does not have */
static bool is_other(const dg_field *field, int32_t model)
{
    return dg_field_applies(field, model) && !dg_field_applies(field, DG_MODEL_DIGICO);
}

/* the head of the section that a key stands in, unless the key before it stands there, too */
static void write_section(const char *key, const char *before, const char *indent, FILE *file)
{
    const char *dot = strchr(key, '.');
    if (dot && strncmp(before, key, (size_t)(dot - key) + 1) != 0)
        fprintf(file, "%s%.*s:\n", indent, (int)(dot - key), key);
}

/* another model's keys would be refused in this file: they stand as comments */
static void write_other_model(const dg_config *config, int32_t model, FILE *file)
{
    const char *before = "", *comma = "";
    fprintf(file, "\n# With model: %s, the keys below, and of those above only these:\n# ",
            models[model]);
    for (const dg_field *field = dg_run_fields; field->key; field++) {
        if (!dg_field_applies(field, model) || is_other(field, model)) continue;
        fprintf(file, "%s%s", comma, field->key);
        comma = ", ";
    }
    fprintf(file, "\n#\n");
    for (const dg_field *field = dg_run_fields; field->key; field++) {
        if (!is_other(field, model)) continue;
        write_section(field->key, before, "# ", file);
        before = field->key;
        write_entry(config, field, -1, "#   ", file);
    }
}

void dg_fields_manual(FILE *file)
{
    dg_config config;
    const char *before = "";
    dg_config_default(&config);
    fputs(head, file);
    for (const dg_field *field = dg_run_fields; field->key; field++) {
        if (!dg_field_applies(field, DG_MODEL_DIGICO)) continue;
        fputc('\n', file);
        write_section(field->key, before, "", file);
        before = field->key;
        write_entry(&config, field, -1, strchr(field->key, '.') ? "  " : "", file);
    }
    write_groups(&config, file);
    for (int32_t model = 0; model < DG_MODEL_COUNT; model++)
        if (model != DG_MODEL_DIGICO) write_other_model(&config, model, file);
    fprintf(file, "\n%s", sweep_text);
}
