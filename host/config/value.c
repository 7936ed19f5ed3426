/** Values of fields: one case per type and verb (value.h). */
#include "host/config/value.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define BELIEF_AT "fixed_at_"

/* bounds lie within a configuration as they lie here */
_Static_assert(offsetof(dg_interval, low) ==
                       offsetof(dg_config, clip_low) - offsetof(dg_config, clip) &&
                   offsetof(dg_interval, high) ==
                       offsetof(dg_config, clip_high) - offsetof(dg_config, clip),
               "members of dg_interval");

static bool read_choice(int64_t *out, const char *const *words, const char *text)
{
    for (int64_t i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return true;
        }
    return false;
}

static bool read_bounded(int64_t *out, const dg_field *field, const char *text)
{
    int64_t value;
    if (!dg_integer_read(&value, text)) return false;
    if ((double)value < field->low || (double)value > field->high) return false;
    *out = value;
    return true;
}

static bool read_real(double *out, const dg_field *field, const dg_node *node)
{
    double value;
    if (node->kind != DG_NODE_SCALAR || !node->plain || !dg_real_read(&value, node->text))
        return false;
    if (value < field->low || value > field->high) return false;
    *out = value;
    return true;
}

/* free | fixed | fixed_at_<v> | {fixed_at: v} */
static bool read_belief(int64_t *out, const dg_field *field, const dg_node *node)
{
    if (node->kind == DG_NODE_MAP) {
        const dg_node *at = node->first;
        return node->count == 1 && strcmp(at->key, "fixed_at") == 0 && at->kind == DG_NODE_SCALAR &&
               at->plain && read_bounded(out, field, at->text);
    }
    if (node->kind != DG_NODE_SCALAR) return false;
    const size_t prefix = strlen(BELIEF_AT);
    if (strncmp(node->text, BELIEF_AT, prefix) == 0)
        return read_bounded(out, field, node->text + prefix);
    if (strcmp(node->text, "free") == 0)
        *out = DG_BELIEF_FREE;
    else if (strcmp(node->text, "fixed") == 0)
        *out = DG_BELIEF_FIXED;
    else
        return false;
    return true;
}

/* none | [low, high] with low < high */
static bool read_clip(dg_value *out, const dg_field *field, const dg_node *node)
{
    if (node->kind == DG_NODE_SCALAR) {
        out->real = out->high = NAN;
        return strcmp(node->text, "none") == 0;
    }
    if (node->kind != DG_NODE_LIST || node->count != 2) return false;
    return read_real(&out->real, field, node->first) &&
           read_real(&out->high, field, node->first->next) && out->real < out->high;
}

/* letters, digits and - _ . only: names stand in messages, files and figures */
static bool read_name(const char **out, const char *text)
{
    const size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-_.");
    if (length == 0 || length >= DG_NAME_LENGTH || text[length] != '\0') return false;
    if (dg_text_is_null(text)) return false; /* would read back as no name */
    *out = text;
    return true;
}

static bool read_bool(int64_t *out, const char *text)
{
    *out = strcmp(text, "true") == 0;
    return *out == 1 || strcmp(text, "false") == 0;
}

/* what `null` stands for in a field that may be left unset */
static void read_null(dg_value *out)
{
    out->integer = -1;
    out->real = out->high = NAN;
    out->text = "";
}

bool dg_value_read(dg_value *out, const dg_field *field, const dg_node *node)
{
    dg_value value = {0};
    const bool scalar = node->kind == DG_NODE_SCALAR, plain = scalar && node->plain;
    bool ok = false;
    if (field->nullable && dg_node_is_null(node)) {
        read_null(&value);
        *out = value;
        return true;
    }
    switch (field->type) {
    case DG_FIELD_INTEGER: ok = plain && read_bounded(&value.integer, field, node->text); break;
    case DG_FIELD_SEED: ok = plain && dg_seed_read(&value.seed, node->text); break;
    case DG_FIELD_REAL: ok = read_real(&value.real, field, node); break;
    case DG_FIELD_BOOL: ok = plain && read_bool(&value.integer, node->text); break;
    case DG_FIELD_CHOICE:
        ok = scalar && read_choice(&value.integer, field->words, node->text);
        break;
    case DG_FIELD_BELIEF: ok = read_belief(&value.integer, field, node); break;
    case DG_FIELD_CLIP: ok = read_clip(&value, field, node); break;
    case DG_FIELD_TEXT: ok = scalar && read_name(&value.text, node->text); break;
    }
    if (ok) *out = value;
    return ok;
}

bool dg_value_parse(dg_value *out, const dg_field *field, const char *text)
{
    const dg_node node = {.kind = DG_NODE_SCALAR, .plain = true, .file = "", .text = text};
    return dg_value_read(out, field, &node);
}

/* the record that `offset` of a field counts from */
static void *base_of(const dg_config *config, int32_t group)
{
    const void *base = group < 0 ? (const void *)config : &config->group[group];
    return (void *)(uintptr_t)base;
}

/* padding included: equal configurations have equal bytes */
static void store_interval(void *at, const dg_value *value)
{
    dg_interval interval;
    memset(&interval, 0, sizeof interval);
    interval.set = !isnan(value->real);
    interval.low = interval.set ? value->real : 0.0;
    interval.high = interval.set ? value->high : 0.0;
    memcpy(at, &interval, sizeof interval);
}

static void load_interval(dg_value *value, const void *at)
{
    dg_interval interval;
    memcpy(&interval, at, sizeof interval);
    value->real = interval.set ? interval.low : (double)NAN;
    value->high = interval.set ? interval.high : (double)NAN;
}

void dg_value_store(const dg_value *value, const dg_field *field, dg_config *config, int32_t group)
{
    char *at = (char *)base_of(config, group) + field->offset;
    switch (field->type) {
    case DG_FIELD_INTEGER:
    case DG_FIELD_BELIEF: memcpy(at, &value->integer, sizeof value->integer); break;
    case DG_FIELD_SEED: memcpy(at, &value->seed, sizeof value->seed); break;
    case DG_FIELD_REAL: memcpy(at, &value->real, sizeof value->real); break;
    case DG_FIELD_BOOL: *(bool *)at = value->integer != 0; break;
    case DG_FIELD_CHOICE: *(int32_t *)(void *)at = (int32_t)value->integer; break;
    case DG_FIELD_CLIP: store_interval(at, value); break;
    case DG_FIELD_TEXT:
        memset(at, 0, DG_NAME_LENGTH);
        memcpy(at, value->text, strlen(value->text));
        break;
    }
}

dg_value dg_value_load(const dg_field *field, const dg_config *config, int32_t group)
{
    dg_value value = {0};
    const char *at = (const char *)base_of(config, group) + field->offset;
    switch (field->type) {
    case DG_FIELD_INTEGER:
    case DG_FIELD_BELIEF: memcpy(&value.integer, at, sizeof value.integer); break;
    case DG_FIELD_SEED: memcpy(&value.seed, at, sizeof value.seed); break;
    case DG_FIELD_REAL: memcpy(&value.real, at, sizeof value.real); break;
    case DG_FIELD_BOOL: value.integer = *(const bool *)at; break;
    case DG_FIELD_CHOICE: value.integer = *(const int32_t *)(const void *)at; break;
    case DG_FIELD_CLIP: load_interval(&value, at); break;
    case DG_FIELD_TEXT: value.text = at; break;
    }
    return value;
}

static bool same_real(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

bool dg_value_equal(const dg_value *a, const dg_value *b, const dg_field *field)
{
    switch (field->type) {
    case DG_FIELD_SEED: return a->seed == b->seed;
    case DG_FIELD_REAL:
    case DG_FIELD_CLIP: return same_real(a->real, b->real) && same_real(a->high, b->high);
    case DG_FIELD_TEXT: return strcmp(a->text, b->text) == 0;
    case DG_FIELD_INTEGER:
    case DG_FIELD_BOOL:
    case DG_FIELD_CHOICE:
    case DG_FIELD_BELIEF: break;
    }
    return a->integer == b->integer;
}
