/** Configurations as YAML, nested as the table's keys are: all of their keys, or some. */
#include "host/config/value.h"

#include "host/base/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- keys ------------------------------------------------------------------------------------ */

/** Where the next key stands: under the section, or the group, of the one before it or not. */
typedef struct key_writer {
    FILE *file;
    const char *before; /* key before, "" for none */
    int32_t group;      /* and its group */
} key_writer;

/* the part of a key before its last dot; 0 for a key at the top */
static size_t section_length(const char *key)
{
    const char *dot = strrchr(key, '.');
    return dot ? (size_t)(dot - key) : 0;
}

static void open_section(const key_writer *w, const char *key, size_t length)
{
    if (section_length(w->before) != length || strncmp(w->before, key, length) != 0)
        fprintf(w->file, "%.*s:\n", (int)length, key);
}

static void open_group(const key_writer *w, const dg_config *config, int32_t group)
{
    if (w->group < 0) fprintf(w->file, "groups:\n");
    if (w->group != group) fprintf(w->file, "  %s:\n", config->group[group].name);
}

/** Write one key with its value; open its section or its group where the key before has another. */
static void write_key(key_writer *w, const dg_config *config, const dg_field *field, int32_t group)
{
    char text[128];
    const size_t section = section_length(field->key);
    if (group >= 0)
        open_group(w, config, group);
    else if (section > 0)
        open_section(w, field->key, section);
    fprintf(w->file, "%s%s: %s\n",
            group >= 0    ? "    "
            : section > 0 ? "  "
                          : "",
            field->key + (section > 0 ? section + 1 : 0),
            dg_field_format(config, field, group, text, sizeof text));
    w->before = field->key;
    w->group = group;
}

/* ---- which of them --------------------------------------------------------------------------- */

typedef enum which { EVERY_KEY, CHANGED_KEYS, KEYS_OF_IDENTITY, KEYS_WITH_DEFAULT } which;

static bool is_changed(const dg_config *config, const dg_config *unset, const dg_field *field,
                       int32_t group)
{
    const dg_value value = dg_value_load(field, config, group);
    const dg_value standard = dg_value_load(field, unset, group);
    return !dg_value_equal(&value, &standard, field);
}

static bool is_written(which keys, const dg_config *config, const dg_config *unset,
                       const dg_field *field, int32_t group)
{
    if (!dg_field_applies(field, config->model)) return false;
    switch (keys) {
    case EVERY_KEY: return true;
    case CHANGED_KEYS: return is_changed(config, unset, field, group);
    case KEYS_OF_IDENTITY: return field->identity && is_changed(config, unset, field, group);
    case KEYS_WITH_DEFAULT: return field->fallback != NULL;
    }
    return false;
}

static void write_keys(which keys, const dg_config *config, const dg_config *unset, FILE *file)
{
    key_writer writer = {.file = file, .before = "", .group = -1};
    for (const dg_field *f = dg_run_fields; f->key; f++)
        if (is_written(keys, config, unset, f, -1)) write_key(&writer, config, f, -1);
    for (int32_t g = 0; g < config->group_count; g++)
        for (const dg_field *f = dg_group_fields; f->key; f++)
            if (is_written(keys, config, unset, f, g)) write_key(&writer, config, f, g);
}

/* the first line is part of every fingerprint: it names the model version and this scheme */
static void write_changed(which keys, const dg_config *config, FILE *file)
{
    dg_config unset;
    dg_config_unset(&unset, config);
    fprintf(file, "# model version %d, keys that differ from its defaults\n", DG_MODEL_VERSION);
    write_keys(keys, config, &unset, file);
}

void dg_config_write(const dg_config *config, FILE *file)
{
    write_keys(EVERY_KEY, config, NULL, file);
}

void dg_config_write_differences(const dg_config *config, FILE *file)
{
    write_changed(CHANGED_KEYS, config, file);
}

void dg_config_write_identity(const dg_config *config, FILE *file)
{
    write_changed(KEYS_OF_IDENTITY, config, file);
}

void dg_config_write_defaults(const dg_config *config, FILE *file)
{
    dg_config unset;
    dg_config_unset(&unset, config);
    unset.model = config->model;
    write_keys(KEYS_WITH_DEFAULT, &unset, NULL, file);
}

dg_status dg_config_text(char **out, const dg_config *config, dg_config_writer *write)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (file) write(config, file);
    if (!file || fclose(file) != 0 || !text) {
        free(text);
        return dg_fail(DG_ERR_MEMORY, "no memory for the text of a configuration");
    }
    *out = text;
    return DG_OK;
}
