/** Finding a field by its full key, and a field's value and key as text. */
#include "host/config/value.h"

#include <math.h>
#include <string.h>

#define GROUPS "groups."

static const dg_field *find(const dg_field *fields, const char *key)
{
    for (; fields->key; fields++)
        if (strcmp(fields->key, key) == 0) return fields;
    return NULL;
}

/* "groups.<name>.<key>" */
static const dg_field *find_of_group(const dg_config *config, const char *key, int32_t *group)
{
    const char *name = key + strlen(GROUPS);
    const char *dot = strchr(name, '.');
    if (!dot) return NULL;
    const size_t length = (size_t)(dot - name);
    for (int32_t g = 0; g < config->group_count; g++)
        if (strlen(config->group[g].name) == length &&
            strncmp(config->group[g].name, name, length) == 0) {
            *group = g;
            return find(dg_group_fields, dot + 1);
        }
    return NULL;
}

const dg_field *dg_field_find(const dg_config *config, const char *key, int32_t *group)
{
    *group = -1;
    if (strncmp(key, GROUPS, strlen(GROUPS)) == 0) return find_of_group(config, key, group);
    return find(dg_run_fields, key);
}

const char *dg_field_key(const dg_config *config, const dg_field *field, int32_t group, char *text,
                         size_t size)
{
    if (group < 0)
        snprintf(text, size, "%s", field->key);
    else
        snprintf(text, size, GROUPS "%s.%s", config->group[group].name, field->key);
    return text;
}

const char *dg_field_format(const dg_config *config, const dg_field *field, int32_t group,
                            char *text, size_t size)
{
    const dg_value value = dg_value_load(field, config, group);
    return dg_value_format(&value, field, text, size);
}

double dg_field_number(const dg_config *config, const dg_field *field, int32_t group)
{
    const dg_value value = dg_value_load(field, config, group);
    switch (field->type) {
    case DG_FIELD_INTEGER:
    case DG_FIELD_BOOL: return (double)value.integer;
    case DG_FIELD_SEED: return (double)value.seed;
    case DG_FIELD_REAL: return value.real;
    case DG_FIELD_BELIEF: return value.integer >= 0 ? (double)value.integer : (double)NAN;
    case DG_FIELD_CHOICE:
    case DG_FIELD_CLIP:
    case DG_FIELD_TEXT: break;
    }
    return (double)NAN;
}
