/**
 * The values of an axis: a list, or a range of numbers.
 *
 * {from: 1, to: 10} counts by 1, {from: 0, to: 1, step: 0.25} by a step (`to` is in it when the
 * steps meet it), {from: 0, to: 1, count: 5} in so many equal steps (both ends in it).
 */
#include "host/config/settings.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct range {
    const dg_config *roster;
    const dg_field *field;
    int32_t group;
    const dg_node *node;
    dg_setting from, to;
    const dg_node *step, *count; /* NULL: not given */
    uint64_t points;
    uint64_t stride; /* of integers */
    double spacing;  /* of reals */
} range;

static dg_status refuse(const range *r, const dg_node *node, const char *expected)
{
    char key[DG_KEY_LENGTH];
    return dg_node_refuse(node, dg_field_key(r->roster, r->field, r->group, key, sizeof key), "%s",
                          expected);
}

static dg_status read_members(range *r)
{
    const dg_node *from = NULL, *to = NULL;
    for (const dg_node *m = r->node->first; m; m = m->next) {
        if (strcmp(m->key, "from") == 0)
            from = m;
        else if (strcmp(m->key, "to") == 0)
            to = m;
        else if (strcmp(m->key, "step") == 0)
            r->step = m;
        else if (strcmp(m->key, "count") == 0)
            r->count = m;
        else
            return refuse(r, m, "expected a range {from, to, step} or {from, to, count}");
    }
    if (!from || !to || (r->step && r->count))
        return refuse(r, r->node, "expected a range {from, to, step} or {from, to, count}");
    DG_TRY(dg_setting_read(&r->from, r->roster, r->field, r->group, from));
    return dg_setting_read(&r->to, r->roster, r->field, r->group, to);
}

static dg_status check_points(range *r, double steps)
{
    char text[96];
    if (steps < (double)dg_runs_limit) return DG_OK;
    snprintf(text, sizeof text, "expected a range of at most %zu values", dg_runs_limit);
    return refuse(r, r->node, text);
}

static dg_status read_count(range *r)
{
    uint64_t count;
    if (r->count->kind != DG_NODE_SCALAR || !dg_seed_read(&count, r->count->text) || count < 2)
        return refuse(r, r->count, "expected a count, an integer of at least 2");
    DG_TRY(check_points(r, (double)(count - 1)));
    r->points = count;
    return DG_OK;
}

static dg_status plan_integers(range *r)
{
    const bool seed = r->field->type == DG_FIELD_SEED;
    const bool rises = seed ? r->from.value.seed <= r->to.value.seed
                            : r->from.value.integer <= r->to.value.integer;
    if (!rises) return refuse(r, r->node, "expected a range with from <= to");
    const uint64_t span = seed ? r->to.value.seed - r->from.value.seed
                               : (uint64_t)r->to.value.integer - (uint64_t)r->from.value.integer;
    r->stride = 1;
    if (r->count) {
        DG_TRY(read_count(r));
        r->stride = span / (r->points - 1);
        if (span % (r->points - 1) != 0 || r->stride == 0)
            return refuse(r, r->node, "expected a count that makes whole steps");
        return DG_OK;
    }
    if (r->step && (r->step->kind != DG_NODE_SCALAR || !dg_seed_read(&r->stride, r->step->text) ||
                    r->stride == 0))
        return refuse(r, r->step, "expected a step, an integer of at least 1");
    const uint64_t steps = span / r->stride;
    DG_TRY(check_points(r, (double)steps));
    r->points = steps + 1;
    return DG_OK;
}

static dg_status plan_reals(range *r)
{
    const double span = r->to.value.real - r->from.value.real;
    if (!(span > 0.0)) return refuse(r, r->node, "expected a range with from < to");
    if (r->count) {
        DG_TRY(read_count(r));
        r->spacing = span / (double)(r->points - 1);
        return DG_OK;
    }
    if (!r->step) return refuse(r, r->node, "expected a range with a step or a count");
    if (r->step->kind != DG_NODE_SCALAR || !dg_real_read(&r->spacing, r->step->text) ||
        !(r->spacing > 0.0))
        return refuse(r, r->step, "expected a step above 0");
    /* 0.3 / 0.1 is a little below 3: `to` belongs to the range within rounding */
    const double steps = floor(span / r->spacing * (1.0 + 1e-12));
    DG_TRY(check_points(r, steps));
    r->points = (uint64_t)steps + 1;
    return DG_OK;
}

/* decimal steps give decimals: 3 x 0.1 is 0.3, not 0.30000000000000004 */
static double real_at(const range *r, uint64_t i)
{
    char text[40];
    if (r->count && i == r->points - 1) return r->to.value.real;
    const double exact = r->from.value.real + (double)i * r->spacing;
    snprintf(text, sizeof text, "%.15g", exact);
    const double value = strtod(text, NULL);
    return value < r->to.value.real ? value : r->to.value.real;
}

/* a range of integers may have a million values: it stays one */
static dg_status read_range(dg_settings *out, dg_pool *pool, range *r)
{
    DG_TRY(read_members(r));
    DG_TRY(r->field->type == DG_FIELD_REAL ? plan_reals(r) : plan_integers(r));
    dg_setting setting = r->from;
    setting.at = r->node;
    if (r->field->type != DG_FIELD_REAL) {
        DG_TRY(dg_settings_add(out, pool, &setting));
        out->count = r->points;
        out->stride = r->stride;
        return DG_OK;
    }
    for (uint64_t i = 0; i < r->points; i++) {
        setting.value.real = real_at(r, i);
        DG_TRY(dg_settings_add(out, pool, &setting));
    }
    return DG_OK;
}

static bool has_ranges(const dg_field *field)
{
    return field->type == DG_FIELD_INTEGER || field->type == DG_FIELD_SEED ||
           field->type == DG_FIELD_REAL;
}

dg_status dg_axis_read(dg_settings *out, dg_pool *pool, const dg_config *roster,
                       const dg_field *field, int32_t group, const dg_node *node)
{
    range r = {.roster = roster, .field = field, .group = group, .node = node};
    if (node->kind == DG_NODE_MAP && has_ranges(field)) return read_range(out, pool, &r);
    if (node->kind != DG_NODE_LIST || node->count == 0)
        return refuse(&r, node,
                      has_ranges(field) ? "expected a list of values or a range {from, to, step}"
                                        : "expected a list of values");
    for (const dg_node *item = node->first; item; item = item->next) {
        dg_setting setting;
        DG_TRY(dg_setting_read(&setting, roster, field, group, item));
        DG_TRY(dg_settings_add(out, pool, &setting));
    }
    return DG_OK;
}
