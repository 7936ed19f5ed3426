/** The keys in which two experiments differ: for each key the values over all runs are compared. */
#include "host/directory/manifest.h"

#include "host/config/value.h"

#include <stdlib.h>
#include <string.h>

/* a message shows this many values of a key, then their number */
#define SHOWN 4
#define VALUE 128

/** A value of a key, and the first run that has it. */
typedef struct value {
    char text[VALUE];
    size_t first;
} value;

/** The values of one key over all runs of an experiment. */
typedef struct values {
    value *item;         /* [count] distinct, sorted by text */
    const value **order; /* [count] the same, sorted as numbers, others in the order of the runs */
    size_t count;
} values;

static void values_free(values *v)
{
    free(v->item);
    free(v->order);
}

/* the value of a key in a run; a key names its group, whose index may differ between experiments */
static void format_value(const dg_config *config, const char *key, char *text)
{
    int32_t group = -1;
    const dg_field *field = dg_field_find(config, key, &group);
    text[0] = '\0';
    if (field && dg_field_applies(field, config->model))
        dg_field_format(config, field, group, text, VALUE);
    else
        strcpy(text, "none");
}

static int by_text(const void *a, const void *b)
{
    const value *left = a, *right = b;
    const int order = strcmp(left->text, right->text);
    return order ? order : (left->first > right->first) - (left->first < right->first);
}

static int by_number(const void *a, const void *b)
{
    const value *left = *(const value *const *)a, *right = *(const value *const *)b;
    double x = 0, y = 0;
    const bool number = dg_real_read(&x, left->text), other = dg_real_read(&y, right->text);
    if (number != other) return other - number;
    if (number && (x < y || x > y)) return x < y ? -1 : 1;
    return (left->first > right->first) - (left->first < right->first);
}

static int by_place(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static bool has_value(const values *v, const char *text)
{
    size_t low = 0, high = v->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(v->item[middle].text, text);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/** Keep the first of equal texts. By sorting: there may be as many seeds as runs. */
static void keep_distinct(values *v, size_t filled)
{
    qsort(v->item, filled, sizeof *v->item, by_text);
    for (size_t k = 0; k < filled; k++)
        if (k == 0 || strcmp(v->item[k].text, v->item[v->count - 1].text) != 0)
            v->item[v->count++] = v->item[k];
    for (size_t k = 0; k < v->count; k++) v->order[k] = &v->item[k];
    qsort(v->order, v->count, sizeof *v->order, by_number);
}

static bool values_of(values *out, const dg_experiment *e, const char *key)
{
    size_t filled = 0;
    out->item = calloc(e->runs, sizeof *out->item);
    out->order = calloc(e->runs, sizeof *out->order);
    if (!out->item || !out->order) return false;
    for (size_t r = 0; r < e->runs; r++) {
        value *next = &out->item[filled];
        const dg_config config = dg_run_config(e, r);
        format_value(&config, key, next->text);
        next->first = r;
        /* neighbouring runs of a sweep mostly have equal values: less to sort */
        filled += filled == 0 || strcmp(next->text, next[-1].text) != 0;
    }
    keep_distinct(out, filled);
    return true;
}

static bool same_values(const values *a, const values *b)
{
    if (a->count != b->count) return false;
    for (size_t k = 0; k < a->count; k++)
        if (strcmp(a->item[k].text, b->item[k].text) != 0) return false;
    return true;
}

/** "4" or "[1, 2, 3, 7, ... (10 values)]": first of all the values that the other side lacks. */
static void print_values(FILE *file, const values *v, const values *other)
{
    size_t chosen[SHOWN] = {0}, shown = 0;
    for (int lacking = 1; lacking >= 0; lacking--)
        for (size_t k = 0; k < v->count && shown < SHOWN; k++)
            if (!has_value(other, v->order[k]->text) == lacking) chosen[shown++] = k;
    qsort(chosen, shown, sizeof *chosen, by_place);
    if (v->count > 1) fputc('[', file);
    for (size_t k = 0; k < shown; k++)
        fprintf(file, "%s%s", k ? ", " : "", v->order[chosen[k]]->text);
    if (v->count > shown) fprintf(file, ", ... (%zu values)", v->count);
    if (v->count > 1) fputc(']', file);
}

static void compare_key(FILE *file, int *found, const dg_experiment *stored,
                        const dg_experiment *given, const char *key)
{
    values a = {0}, b = {0};
    if (values_of(&a, stored, key) && values_of(&b, given, key) && !same_values(&a, &b)) {
        fprintf(file, "%s%s: stored ", (*found)++ ? "; " : "", key);
        print_values(file, &a, &b);
        fprintf(file, ", given ");
        print_values(file, &b, &a);
    }
    values_free(&a);
    values_free(&b);
}

static bool has_group(const dg_config *config, const char *name)
{
    for (int32_t g = 0; g < config->group_count; g++)
        if (strcmp(config->group[g].name, name) == 0) return true;
    return false;
}

/** Compare the keys of the groups of `of`, except groups that `other` (may be NULL) has, too. */
static void compare_groups(FILE *file, int *found, const dg_experiment *stored,
                           const dg_experiment *given, const dg_config *of, const dg_config *other)
{
    char key[DG_KEY_LENGTH];
    for (int32_t g = 0; g < of->group_count; g++)
        for (const dg_field *f = dg_group_fields; f->key; f++)
            if (dg_field_applies(f, of->model) && (!other || !has_group(other, of->group[g].name)))
                compare_key(file, found, stored, given, dg_field_key(of, f, g, key, sizeof key));
}

const char *dg_manifest_difference(const dg_experiment *stored, const dg_experiment *given,
                                   char *text, size_t size)
{
    int found = 0;
    text[0] = '\0';
    FILE *file = fmemopen(text, size, "w");
    if (!file) return text;
    for (const dg_field *f = dg_run_fields; f->key; f++)
        if (strcmp(f->key, "checkpoint.minutes") != 0)
            compare_key(file, &found, stored, given, f->key);
    compare_groups(file, &found, stored, given, &given->condition[0], NULL);
    compare_groups(file, &found, stored, given, &stored->condition[0], &given->condition[0]);
    if (!found)
        fprintf(file, "the same values in other combinations: stored %zu runs, given %zu",
                stored->runs, given->runs);
    fclose(file);
    text[size - 1] = '\0';
    return text;
}
