/** One effective configuration as YAML, nested as the table's keys are. */
#include "host/config/value.h"

#include <string.h>

/* the part of a key before its last dot; 0 for a key at the top */
static size_t section_length(const char *key)
{
    const char *dot = strrchr(key, '.');
    return dot ? (size_t)(dot - key) : 0;
}

static void write_field(const dg_config *config, const dg_field *field, int32_t group,
                        const char *indent, FILE *file)
{
    char text[128];
    const size_t section = section_length(field->key);
    fprintf(file, "%s%s: %s\n", indent, field->key + (section ? section + 1 : 0),
            dg_field_format(config, field, group, text, sizeof text));
}

static void write_groups(const dg_config *config, FILE *file)
{
    fprintf(file, "groups:\n");
    for (int32_t g = 0; g < config->group_count; g++) {
        fprintf(file, "  %s:\n", config->group[g].name);
        for (const dg_field *field = dg_group_fields; field->key; field++)
            write_field(config, field, g, "    ", file);
    }
}

void dg_config_write(const dg_config *config, FILE *file)
{
    const char *open = ""; /* key whose section is being written */
    for (const dg_field *field = dg_run_fields; field->key; field++) {
        if (!dg_field_applies(field, config->model)) continue;
        const size_t section = section_length(field->key);
        if (section && (section_length(open) != section || strncmp(open, field->key, section) != 0))
            fprintf(file, "%.*s:\n", (int)section, field->key);
        open = field->key;
        write_field(config, field, -1, section ? "  " : "", file);
    }
    if (config->model == DG_MODEL_DIGICO) write_groups(config, file);
}
