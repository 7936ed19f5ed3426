/**
 * The member `sweep` of a file: conditions, zips, products, exclusions.
 *
 *     sweep:
 *       conditions: [{name: low, set: {observation.capacity: 2}}, ...]
 *       zip: {reading: [text, tables], observation.belief_factor: [1, 0]}
 *       product: {ai_type: [none, all], seed: {from: 1, to: 10}}
 *       exclude: [{ai_type: all, seed: [1, 2]}]
 */
#include "host/config/settings.h"

#include <string.h>

typedef struct reader {
    dg_sweep *sweep;
    dg_pool *pool;
    const dg_config *roster;
    dg_sweep_block *zip;   /* being read */
    dg_exclude *exclusion; /* being read */
} reader;

static dg_status refuse(const reader *r, const dg_field *field, int32_t group, const dg_node *node,
                        const char *expected)
{
    char key[DG_KEY_LENGTH];
    return dg_node_refuse(node, dg_field_key(r->roster, field, group, key, sizeof key), "%s",
                          expected);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

bool dg_sweep_find(const dg_sweep *sweep, const dg_field *field, int32_t group, size_t *block,
                   size_t *column)
{
    for (size_t b = 0; b < sweep->blocks; b++)
        for (size_t c = 0; c < sweep->block[b].columns; c++) {
            const dg_setting *first = &sweep->block[b].column[c].item[0];
            if (first->field != field || first->group != group) continue;
            *block = b;
            *column = c;
            return true;
        }
    return false;
}

/* whether a condition sets the key */
static bool is_conditional(const dg_sweep *sweep, const dg_field *field, int32_t group)
{
    for (size_t b = 0; b < sweep->blocks; b++)
        for (size_t p = 0; sweep->block[b].condition && p < sweep->block[b].points; p++)
            if (dg_settings_find(&sweep->block[b].condition[p], field, group)) return true;
    return false;
}

dg_status dg_sweep_append(dg_sweep *sweep, dg_pool *pool, const dg_settings *values)
{
    dg_settings *column = dg_pool_alloc(pool, 1, sizeof *column);
    if (!column || sweep->blocks == DG_BLOCKS_MAX) return dg_fail(DG_ERR_MEMORY, "out of memory");
    *column = *values;
    sweep->block[sweep->blocks++] = (dg_sweep_block){values->count, column, 1, NULL};
    return DG_OK;
}

void dg_sweep_remove(dg_sweep *sweep, size_t block, size_t column)
{
    dg_sweep_block *b = &sweep->block[block];
    b->columns--;
    memmove(&b->column[column], &b->column[column + 1], (b->columns - column) * sizeof *b->column);
    if (b->columns > 0) return;
    sweep->blocks--;
    memmove(b, b + 1, (sweep->blocks - block) * sizeof *b);
}

dg_status dg_sweep_allow(const dg_config *roster, const dg_field *field, int32_t group,
                         const dg_node *node)
{
    const reader r = {.roster = roster};
    if (strcmp(field->key, "condition") == 0)
        return refuse(&r, field, group, node, "expected names in sweep.conditions");
    if (!field->constant) return DG_OK;
    return refuse(&r, field, group, node, "expected outside the sweep, it is the same in all runs");
}

/* a key may be an axis and may stand on one alone */
static dg_status check_axis(const reader *r, const dg_field *field, int32_t group,
                            const dg_node *node)
{
    size_t block, column;
    DG_TRY(dg_sweep_allow(r->roster, field, group, node));
    if (dg_sweep_find(r->sweep, field, group, &block, &column) ||
        is_conditional(r->sweep, field, group))
        return refuse(r, field, group, node, "expected on one axis of the sweep alone");
    return DG_OK;
}

/* ---- product and zip ------------------------------------------------------------------------- */

static dg_status visit_product(void *user, const dg_field *field, int32_t group,
                               const dg_node *node)
{
    reader *r = user;
    dg_settings values = {0};
    DG_TRY(check_axis(r, field, group, node));
    DG_TRY(dg_axis_read(&values, r->pool, r->roster, field, group, node));
    return dg_sweep_append(r->sweep, r->pool, &values);
}

static dg_status visit_zip(void *user, const dg_field *field, int32_t group, const dg_node *node)
{
    reader *r = user;
    dg_settings values = {0};
    DG_TRY(check_axis(r, field, group, node));
    DG_TRY(dg_axis_read(&values, r->pool, r->roster, field, group, node));
    for (size_t c = 0; c < r->zip->columns; c++)
        if (r->zip->column[c].item[0].field == field && r->zip->column[c].item[0].group == group)
            return refuse(r, field, group, node, "expected each key once in a zip");
    if (r->zip->columns > 0 && values.count != r->zip->points) {
        char expected[192], key[DG_KEY_LENGTH];
        const dg_setting *other = &r->zip->column[0].item[0];
        dg_field_key(r->roster, other->field, other->group, key, sizeof key);
        snprintf(expected, sizeof expected, "expected %zu values, as many as %s, not %zu",
                 r->zip->points, key, values.count);
        return refuse(r, field, group, node, expected);
    }
    /* one key at a time: zips are short, so a fresh array each is cheap */
    dg_settings *column = dg_pool_alloc(r->pool, r->zip->columns + 1, sizeof *column);
    if (!column) return dg_fail(DG_ERR_MEMORY, "out of memory");
    if (r->zip->columns) memcpy(column, r->zip->column, r->zip->columns * sizeof *column);
    column[r->zip->columns++] = values;
    r->zip->column = column;
    r->zip->points = values.count;
    return DG_OK;
}

static dg_status read_zip_block(reader *r, const dg_node *node)
{
    const dg_key_walk walk = {r->roster, NULL, visit_zip, r};
    if (r->sweep->blocks == DG_BLOCKS_MAX) return dg_fail(DG_ERR_MEMORY, "out of memory");
    r->zip = &r->sweep->block[r->sweep->blocks]; /* not counted yet: its keys are no axes so far */
    DG_TRY(dg_keys_walk(&walk, node, "sweep.zip"));
    if (r->zip->columns == 0) return dg_node_refuse(node, "sweep.zip", "expected at least one key");
    r->sweep->blocks++;
    return DG_OK;
}

/* one mapping, or a list of them */
static dg_status read_zip(reader *r, const dg_node *node)
{
    if (node->kind != DG_NODE_LIST) return read_zip_block(r, node);
    for (const dg_node *item = node->first; item; item = item->next)
        DG_TRY(read_zip_block(r, item));
    return DG_OK;
}

static dg_status read_product(reader *r, const dg_node *node)
{
    const dg_key_walk walk = {r->roster, NULL, visit_product, r};
    return dg_keys_walk(&walk, node, "sweep.product");
}

/* ---- conditions ------------------------------------------------------------------------------ */

static dg_status read_condition_name(reader *r, const dg_node *node, const dg_sweep_block *block,
                                     dg_settings *out)
{
    int32_t group;
    dg_setting setting;
    const dg_field *field = dg_field_find(r->roster, "condition", &group);
    DG_TRY(dg_setting_read(&setting, r->roster, field, group, node));
    if (!*setting.value.text)
        return dg_node_refuse(node, "sweep.conditions.name", "expected a name");
    for (size_t p = 0; p < block->points; p++)
        if (dg_value_equal(&block->condition[p].item[0].value, &setting.value, field))
            return dg_node_refuse(node, "sweep.conditions.name", "expected each name once");
    return dg_settings_add(out, r->pool, &setting);
}

/* {name: ..., set: {...}} */
static dg_status read_condition(reader *r, const dg_node *node, dg_sweep_block *block)
{
    dg_settings *point = &block->condition[block->points];
    const dg_node *name = NULL, *set = NULL;
    if (node->kind != DG_NODE_MAP)
        return dg_node_refuse(node, "sweep.conditions", "expected {name: ..., set: {...}}");
    for (const dg_node *m = node->first; m; m = m->next) {
        if (strcmp(m->key, "name") == 0)
            name = m;
        else if (strcmp(m->key, "set") == 0)
            set = m;
        else
            return dg_node_refuse(m, m->key, "expected {name: ..., set: {...}}");
    }
    if (!name) return dg_node_refuse(node, "sweep.conditions", "expected a name in each");
    DG_TRY(read_condition_name(r, name, block, point));
    if (set && !dg_node_is_null(set))
        DG_TRY(dg_settings_read(point, r->pool, r->roster, set, "sweep.conditions.set", NULL));
    for (size_t i = 1; i < point->count; i++)
        DG_TRY(dg_sweep_allow(r->roster, point->item[i].field, point->item[i].group,
                              point->item[i].at));
    block->points++;
    return DG_OK;
}

static dg_status read_conditions(reader *r, const dg_node *node)
{
    dg_sweep_block block = {0};
    if (node->kind != DG_NODE_LIST || node->count == 0)
        return dg_node_refuse(node, "sweep.conditions",
                              "expected a list of {name: ..., set: {...}}");
    if (node->count > dg_runs_limit || node->count > 10000) /* names are compared in pairs */
        return dg_node_refuse(node, "sweep.conditions", "expected at most 10000 conditions");
    block.condition = dg_pool_alloc(r->pool, node->count, sizeof *block.condition);
    if (!block.condition) return dg_fail(DG_ERR_MEMORY, "out of memory");
    for (const dg_node *item = node->first; item; item = item->next)
        DG_TRY(read_condition(r, item, &block));
    r->sweep->block[r->sweep->blocks++] = block;
    return DG_OK;
}

/* ---- exclusions ------------------------------------------------------------------------------ */

/* {key: value} or {key: [values]}; a list that is a value of the field counts as one */
static dg_status visit_exclude(void *user, const dg_field *field, int32_t group,
                               const dg_node *node)
{
    reader *r = user;
    size_t block, column;
    dg_setting setting;
    const bool named = strcmp(field->key, "condition") == 0 && r->sweep->blocks > 0 &&
                       r->sweep->block[0].condition;
    if (!named && !dg_sweep_find(r->sweep, field, group, &block, &column))
        return refuse(r, field, group, node, "expected a key that is an axis of the sweep");
    if (dg_settings_find(&r->exclusion->term, field, group))
        return refuse(r, field, group, node, "expected each key once in an exclusion");
    if (node->kind == DG_NODE_LIST && !dg_value_read(&setting.value, field, node))
        return dg_axis_read(&r->exclusion->term, r->pool, r->roster, field, group, node);
    DG_TRY(dg_setting_read(&setting, r->roster, field, group, node));
    return dg_settings_add(&r->exclusion->term, r->pool, &setting);
}

static dg_status read_exclude(reader *r, const dg_node *node)
{
    const dg_key_walk walk = {r->roster, NULL, visit_exclude, r};
    if (node->kind != DG_NODE_LIST)
        return dg_node_refuse(node, "sweep.exclude", "expected a list of mappings key: value");
    r->sweep->exclude = dg_pool_alloc(r->pool, node->count, sizeof *r->sweep->exclude);
    if (!r->sweep->exclude) return dg_fail(DG_ERR_MEMORY, "out of memory");
    for (const dg_node *item = node->first; item; item = item->next) {
        r->exclusion = &r->sweep->exclude[r->sweep->excludes++];
        r->exclusion->at = item;
        DG_TRY(dg_keys_walk(&walk, item, "sweep.exclude"));
        if (r->exclusion->term.count == 0)
            return dg_node_refuse(item, "sweep.exclude", "expected at least one key");
    }
    return DG_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

dg_status dg_sweep_read(dg_sweep *sweep, dg_pool *pool, const dg_config *roster,
                        const dg_node *node)
{
    /* this order, whatever the file's: slowest first, exclusions know all axes */
    static const struct {
        const char *key;
        dg_status (*read)(reader *, const dg_node *);
    } members[] = {{"conditions", read_conditions},
                   {"zip", read_zip},
                   {"product", read_product},
                   {"exclude", read_exclude}};
    enum { COUNT = sizeof members / sizeof *members };
    const dg_node *found[COUNT] = {NULL};
    reader r = {.sweep = sweep, .pool = pool, .roster = roster};
    if (!node || dg_node_is_null(node)) return DG_OK;
    if (node->kind != DG_NODE_MAP) return dg_node_refuse(node, "sweep", "expected a mapping");
    for (const dg_node *m = node->first; m; m = m->next) {
        size_t i = 0;
        while (i < COUNT && strcmp(members[i].key, m->key) != 0) i++;
        if (i == COUNT)
            return dg_node_refuse(m, m->key,
                                  "expected conditions, zip, product or exclude in sweep");
        found[i] = m;
    }
    for (size_t i = 0; i < COUNT; i++)
        if (found[i] && !dg_node_is_null(found[i])) DG_TRY(members[i].read(&r, found[i]));
    return DG_OK;
}
