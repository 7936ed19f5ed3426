/** `--set key=value` over a file and its sweep. */
#include "host/config/settings.h"

#include <string.h>

/* what one override works with */
typedef struct override {
    dg_layers *layers;
    const dg_field *field;
    int32_t group;
    const dg_node *node;
} override;

static void forget_fixed(override *o)
{
    dg_settings *over = &o->layers->over;
    dg_setting *before = dg_settings_find(over, o->field, o->group);
    if (!before) return;
    const size_t after = over->count - (size_t)(before - over->item) - 1;
    memmove(before, before + 1, after * sizeof *before);
    over->count--;
}

/* one value: fixed in all runs */
static dg_status fix(override *o, const dg_setting *setting)
{
    size_t block, column;
    if (dg_sweep_find(&o->layers->sweep, o->field, o->group, &block, &column)) {
        dg_sweep_remove(&o->layers->sweep, block, column);
        o->layers->sweep.altered = true;
    }
    forget_fixed(o);
    return dg_settings_add(&o->layers->over, &o->layers->pool, setting);
}

/* several values: an axis, in the place of a product axis of the same key */
static dg_status vary(override *o)
{
    dg_sweep *sweep = &o->layers->sweep;
    dg_settings values = {0};
    size_t block, column;
    DG_TRY(dg_sweep_allow(&o->layers->roster, o->field, o->group, o->node));
    DG_TRY(
        dg_axis_read(&values, &o->layers->pool, &o->layers->roster, o->field, o->group, o->node));
    forget_fixed(o);
    sweep->altered = true;
    if (dg_sweep_find(sweep, o->field, o->group, &block, &column)) {
        if (sweep->block[block].columns == 1) {
            sweep->block[block].column[0] = values;
            sweep->block[block].points = values.count;
            return DG_OK;
        }
        dg_sweep_remove(sweep, block, column);
    }
    return dg_sweep_append(sweep, &o->layers->pool, &values);
}

/* ---- conditions by name ---------------------------------------------------------------------- */

static dg_status refuse_condition(const dg_sweep_block *block, const dg_node *node)
{
    char names[256] = "";
    size_t used = 0;
    for (size_t p = 0; p < block->points && used < sizeof names; p++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", p ? ", " : "",
                                 block->condition[p].item[0].value.text);
    return dg_node_refuse(node, "condition", "expected one of %s", names);
}

static dg_status pick_condition(const dg_sweep_block *block, const dg_node *name, dg_settings *out)
{
    for (size_t p = 0; p < block->points && name->kind == DG_NODE_SCALAR; p++)
        if (strcmp(block->condition[p].item[0].value.text, name->text) == 0) {
            *out = block->condition[p];
            return DG_OK;
        }
    return refuse_condition(block, name);
}

static dg_status pick_conditions(override *o)
{
    dg_sweep_block *block = &o->layers->sweep.block[0];
    const bool list = o->node->kind == DG_NODE_LIST;
    const size_t count = list ? o->node->count : 1;
    dg_settings *condition = dg_pool_alloc(&o->layers->pool, count, sizeof *condition);
    if (!condition) return dg_fail(DG_ERR_MEMORY, "out of memory");
    const dg_node *name = list ? o->node->first : o->node;
    if (!name) return refuse_condition(block, o->node);
    for (size_t i = 0; i < count; i++, name = name->next)
        DG_TRY(pick_condition(block, name, &condition[i]));
    block->condition = condition;
    block->points = count;
    o->layers->sweep.altered = true;
    return DG_OK;
}

/* ---- the text -------------------------------------------------------------------------------- */

/* a list or a range, where it cannot be the one value of a field that has lists or mappings */
static bool is_axis(const dg_field *field, const dg_node *node)
{
    if (node->kind == DG_NODE_MAP) return field->type != DG_FIELD_BELIEF;
    if (node->kind != DG_NODE_LIST) return false;
    double number;
    const dg_node *first = node->first;
    return field->type != DG_FIELD_CLIP || !first || first->kind != DG_NODE_SCALAR ||
           !dg_real_read(&number, first->text);
}

static dg_status apply(override *o)
{
    dg_setting setting;
    const dg_sweep *sweep = &o->layers->sweep;
    const bool conditions = sweep->blocks > 0 && sweep->block[0].condition;
    if (conditions && strcmp(o->field->key, "condition") == 0) return pick_conditions(o);
    if (is_axis(o->field, o->node)) return vary(o);
    DG_TRY(dg_setting_read(&setting, &o->layers->roster, o->field, o->group, o->node));
    return fix(o, &setting);
}

/* the value as a node; nothing after `=` is null */
static dg_status read_value(dg_layers *layers, const char *text, int position, dg_node **out)
{
    DG_TRY(dg_tree_parse(out, &layers->pool, "--set", position, text, strlen(text)));
    if (*out) return DG_OK;
    dg_node *node = dg_pool_alloc(&layers->pool, 1, sizeof *node);
    if (!node) return dg_fail(DG_ERR_MEMORY, "out of memory");
    *node = (dg_node){.plain = true, .file = "--set", .line = position, .text = ""};
    *out = node;
    return DG_OK;
}

dg_status dg_override_apply(dg_layers *layers, const char *text, int position)
{
    char key[DG_KEY_LENGTH];
    override o = {.layers = layers};
    dg_node *node = NULL;
    const char *equals = strchr(text, '=');
    const dg_node whole = {.plain = true, .file = "--set", .line = position, .text = text};
    if (!equals) return dg_node_refuse(&whole, "--set", "expected key=value");
    text += strspn(text, " ");
    size_t length = text < equals ? (size_t)(equals - text) : 0;
    while (length > 0 && text[length - 1] == ' ') length--;
    if (length == 0 || length >= sizeof key)
        return dg_node_refuse(&whole, "--set", "expected key=value");
    snprintf(key, sizeof key, "%.*s", (int)length, text);
    DG_TRY(read_value(layers, equals + 1, position, &node));
    o.node = node;
    o.field = dg_field_find(&layers->roster, key, &o.group);
    if (!o.field) return dg_key_refuse(&layers->roster, node, key);
    return apply(&o);
}
