/** Lists of settings. */
#include "host/config/settings.h"

#include <math.h>
#include <string.h>

size_t dg_runs_limit = 1000000;

dg_status dg_settings_add(dg_settings *settings, dg_pool *pool, const dg_setting *setting)
{
    if (settings->count == settings->capacity) {
        const size_t capacity = settings->capacity ? 2 * settings->capacity : 8;
        dg_setting *item = dg_pool_alloc(pool, capacity, sizeof *item);
        if (!item) return dg_fail(DG_ERR_MEMORY, "out of memory");
        if (settings->count) memcpy(item, settings->item, settings->count * sizeof *item);
        settings->item = item;
        settings->capacity = capacity;
    }
    settings->item[settings->count++] = *setting;
    return DG_OK;
}

dg_setting dg_settings_at(const dg_settings *settings, size_t i)
{
    if (settings->stride == 0) return settings->item[i];
    dg_setting setting = settings->item[0];
    setting.value.integer += (int64_t)(i * settings->stride);
    setting.value.seed += i * settings->stride;
    return setting;
}

dg_setting *dg_settings_find(const dg_settings *settings, const dg_field *field, int32_t group)
{
    for (size_t i = 0; i < settings->count; i++)
        if (settings->item[i].field == field && settings->item[i].group == group)
            return &settings->item[i];
    return NULL;
}

/* is it an integer within the bounds, written as 1e3, 30.0 or 010? Then `digits` says how to */
static bool is_whole(const dg_node *node, const dg_field *field, char *digits, size_t size)
{
    double value;
    dg_value read;
    if (field->type != DG_FIELD_INTEGER && field->type != DG_FIELD_SEED) return false;
    if (node->kind != DG_NODE_SCALAR || !node->plain || !dg_real_read(&value, node->text))
        return false;
    snprintf(digits, size, "%.0f", value);
    /* beyond 2^53 a double is not the number that was written */
    return value == floor(value) && fabs(value) < 9e15 && dg_value_parse(&read, field, digits);
}

dg_status dg_setting_read(dg_setting *out, const dg_config *roster, const dg_field *field,
                          int32_t group, const dg_node *node)
{
    dg_value value;
    if (!dg_value_read(&value, field, node)) {
        char key[DG_KEY_LENGTH], expected[320], digits[32];
        const bool whole = is_whole(node, field, digits, sizeof digits);
        return dg_node_refuse(node, dg_field_key(roster, field, group, key, sizeof key), "%s%s%s",
                              dg_field_expect(field, expected, sizeof expected),
                              whole ? ", written as " : "", whole ? digits : "");
    }
    *out = (dg_setting){.field = field, .group = group, .value = value, .at = node};
    return DG_OK;
}

typedef struct collector {
    dg_settings *settings;
    dg_pool *pool;
    const dg_config *roster;
} collector;

static dg_status collect(void *user, const dg_field *field, int32_t group, const dg_node *node)
{
    collector *c = user;
    dg_setting setting;
    const dg_setting *before = dg_settings_find(c->settings, field, group);
    if (before) {
        char key[DG_KEY_LENGTH];
        return dg_node_refuse(node, dg_field_key(c->roster, field, group, key, sizeof key),
                              "expected each key once, it stands in line %d", before->at->line);
    }
    DG_TRY(dg_setting_read(&setting, c->roster, field, group, node));
    return dg_settings_add(c->settings, c->pool, &setting);
}

dg_status dg_settings_read(dg_settings *settings, dg_pool *pool, const dg_config *roster,
                           const dg_node *map, const char *name, const char *skip)
{
    collector c = {settings, pool, roster};
    const dg_key_walk walk = {roster, skip, collect, &c};
    return dg_keys_walk(&walk, map, name);
}
