/** Values and bounds of fields as text: for messages, for printing, for the manual. */
#include "host/config/value.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void format_belief(int64_t belief, char *text, size_t size)
{
    if (belief == DG_BELIEF_FREE)
        snprintf(text, size, "free");
    else if (belief == DG_BELIEF_FIXED)
        snprintf(text, size, "fixed");
    else
        snprintf(text, size, "{fixed_at: %" PRId64 "}", belief);
}

static void format_clip(const dg_value *value, char *text, size_t size)
{
    char low[40], high[40];
    if (isnan(value->real))
        snprintf(text, size, "none");
    else
        snprintf(text, size, "[%s, %s]", dg_real_format(value->real, low, sizeof low),
                 dg_real_format(value->high, high, sizeof high));
}

static bool is_unset(const dg_value *value, const dg_field *field)
{
    if (!field->nullable) return false;
    if (field->type == DG_FIELD_REAL) return isnan(value->real);
    if (field->type == DG_FIELD_TEXT) return value->text[0] == '\0';
    return value->integer < 0;
}

const char *dg_value_format(const dg_value *value, const dg_field *field, char *text, size_t size)
{
    if (is_unset(value, field)) {
        snprintf(text, size, "null");
        return text;
    }
    switch (field->type) {
    case DG_FIELD_INTEGER: snprintf(text, size, "%" PRId64, value->integer); break;
    case DG_FIELD_SEED: snprintf(text, size, "%" PRIu64, value->seed); break;
    case DG_FIELD_REAL: dg_real_format(value->real, text, size); break;
    case DG_FIELD_BOOL: snprintf(text, size, "%s", value->integer ? "true" : "false"); break;
    case DG_FIELD_CHOICE: snprintf(text, size, "%s", field->words[value->integer]); break;
    case DG_FIELD_BELIEF: format_belief(value->integer, text, size); break;
    case DG_FIELD_CLIP: format_clip(value, text, size); break;
    case DG_FIELD_TEXT: snprintf(text, size, "%s", value->text); break;
    }
    return text;
}

/* "a, b, c" */
static void format_words(const char *const *words, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; words[i] && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", words[i]);
}

static void format_bounds(const dg_field *field, char *text, size_t size)
{
    char low[40], high[40];
    if (field->type == DG_FIELD_INTEGER || field->type == DG_FIELD_BELIEF)
        snprintf(text, size, "%.0f ... %.0f", field->low, field->high);
    else
        snprintf(text, size, "%s ... %s", dg_real_format(field->low, low, sizeof low),
                 dg_real_format(field->high, high, sizeof high));
}

const char *dg_field_range(const dg_field *field, char *text, size_t size)
{
    char bounds[96];
    format_bounds(field, bounds, sizeof bounds);
    switch (field->type) {
    case DG_FIELD_INTEGER:
    case DG_FIELD_REAL: snprintf(text, size, "%s", bounds); break;
    case DG_FIELD_SEED: snprintf(text, size, "0 ... %" PRIu64, UINT64_MAX); break;
    case DG_FIELD_BOOL: snprintf(text, size, "true, false"); break;
    case DG_FIELD_CHOICE: format_words(field->words, text, size); break;
    case DG_FIELD_BELIEF:
        snprintf(text, size, "free, fixed, {fixed_at: value} with value in 0 ... values - 1");
        break;
    case DG_FIELD_CLIP:
        snprintf(text, size, "none, [low, high] with low < high in %s", bounds);
        break;
    case DG_FIELD_TEXT:
        snprintf(text, size, "1 ... %d of A-Z a-z 0-9 - _ .", DG_NAME_LENGTH - 1);
        break;
    }
    if (field->nullable && strlen(text) + 6 < size) strcat(text, ", null");
    return text;
}

const char *dg_field_expect(const dg_field *field, char *text, size_t size)
{
#define NOUN(code, what, noun) noun,
    static const char *const noun[] = {DG_FIELD_TYPE_LIST(NOUN)};
    char range[256];
    snprintf(text, size, "expected %s %s", noun[field->type],
             dg_field_range(field, range, sizeof range));
    return text;
}
