/** In which keys two experiments differ: the values that each key takes over all runs, compared. */
#include "host/directory/manifest.h"

#include <stdlib.h>
#include <string.h>

/* values of a key that a message shows before it counts the rest */
#define SHOWN 4
#define VALUE 128

/** A value that some run takes, and the first run that does. */
typedef struct value {
    char text[VALUE];
    size_t first;
} value;

/** The values of one key over all runs of an experiment. */
typedef struct values {
    value *item;         /* [count] distinct, by text */
    const value **order; /* [count] the same in order of appearance */
    size_t count;
} values;

static void values_free(values *v)
{
    free(v->item);
    free(v->order);
}

/* what a key is called, whatever index its group has in this experiment */
static void format_of(const dg_config *config, const char *key, char *text)
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

static int by_appearance(const void *a, const void *b)
{
    const value *left = *(const value *const *)a, *right = *(const value *const *)b;
    return (left->first > right->first) - (left->first < right->first);
}

static bool knows(const values *v, const char *text)
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

/** Of equal texts the first; sorted, as seeds are as many as runs. */
static void keep_distinct(values *v, size_t taken)
{
    qsort(v->item, taken, sizeof *v->item, by_text);
    for (size_t k = 0; k < taken; k++)
        if (k == 0 || strcmp(v->item[k].text, v->item[v->count - 1].text) != 0)
            v->item[v->count++] = v->item[k];
    for (size_t k = 0; k < v->count; k++) v->order[k] = &v->item[k];
    qsort(v->order, v->count, sizeof *v->order, by_appearance);
}

static bool values_of(values *out, const dg_experiment *e, const char *key)
{
    size_t taken = 0;
    out->item = calloc(e->runs, sizeof *out->item);
    out->order = calloc(e->runs, sizeof *out->order);
    if (!out->item || !out->order) return false;
    for (size_t r = 0; r < e->runs; r++) {
        value *next = &out->item[taken];
        format_of(&e->run[r], key, next->text);
        next->first = r;
        /* neighbours in a sweep are mostly alike */
        taken += taken == 0 || strcmp(next->text, next[-1].text) != 0;
    }
    keep_distinct(out, taken);
    return true;
}

static bool same_values(const values *a, const values *b)
{
    if (a->count != b->count) return false;
    for (size_t k = 0; k < a->count; k++)
        if (strcmp(a->item[k].text, b->item[k].text) != 0) return false;
    return true;
}

/** "1, 2, 3, 4 ... (10 values)", those that the other side lacks first. */
static void show(FILE *file, const values *v, const values *other)
{
    size_t shown = 0;
    for (int lacking = 1; lacking >= 0; lacking--)
        for (size_t k = 0; k < v->count && shown < SHOWN; k++)
            if (!knows(other, v->order[k]->text) == lacking)
                fprintf(file, "%s%s", shown++ ? ", " : "", v->order[k]->text);
    if (v->count > shown) fprintf(file, " ... (%zu values)", v->count);
}

static void compare_key(FILE *file, int *found, const dg_experiment *there,
                        const dg_experiment *here, const char *key)
{
    values a = {0}, b = {0};
    if (values_of(&a, there, key) && values_of(&b, here, key) && !same_values(&a, &b)) {
        fprintf(file, "%s%s: ", (*found)++ ? "; " : "", key);
        show(file, &a, &b);
        fprintf(file, " there, ");
        show(file, &b, &a);
        fprintf(file, " here");
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

/** Keys of the groups of `of`, but for those that `other` has, too, if it is given. */
static void compare_groups(FILE *file, int *found, const dg_experiment *there,
                           const dg_experiment *here, const dg_config *of, const dg_config *other)
{
    char key[DG_KEY_LENGTH];
    for (int32_t g = 0; g < of->group_count; g++)
        for (const dg_field *f = dg_group_fields; f->key; f++)
            if (dg_field_applies(f, of->model) && (!other || !has_group(other, of->group[g].name)))
                compare_key(file, found, there, here, dg_field_key(of, f, g, key, sizeof key));
}

const char *dg_manifest_difference(const dg_experiment *there, const dg_experiment *here,
                                   char *text, size_t size)
{
    int found = 0;
    text[0] = '\0';
    FILE *file = fmemopen(text, size, "w");
    if (!file) return text;
    for (const dg_field *f = dg_run_fields; f->key; f++)
        if (strcmp(f->key, "checkpoint.minutes") != 0)
            compare_key(file, &found, there, here, f->key);
    compare_groups(file, &found, there, here, &here->run[0], NULL);
    compare_groups(file, &found, there, here, &there->run[0], &here->run[0]);
    if (!found)
        fprintf(file,
                "the keys take the same values, in other combinations: %zu runs there, %zu here",
                there->runs, here->runs);
    fclose(file);
    text[size - 1] = '\0';
    return text;
}
