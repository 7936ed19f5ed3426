/** Counts of runs by condition: they show whether the conditions have equally many runs so far. */
#include "host/directory/standing_conditions.h"

#include <stdlib.h>
#include <string.h>

bool dg_sweep_axis_is_condition(const dg_axis *axis)
{
    return strcmp(axis->key, "seed") != 0;
}

const char *dg_sweep_axis_text(const dg_experiment *experiment, const dg_axis *axis, size_t run,
                               char *text, size_t size)
{
    int32_t group = -1;
    const dg_config config = dg_run_config(experiment, run);
    const dg_field *field = dg_field_find(&config, axis->key, &group);
    if (!field) {
        snprintf(text, size, "-"); /* the key of a group that this run does not have */
        return text;
    }
    return dg_field_format(&config, field, group, text, size);
}

/** A run with the values of its condition. */
typedef struct labelled {
    char *label;  /* values of the swept keys except the seed */
    size_t run;   /* index */
    size_t first; /* first run with the same label */
} labelled;

static char *label_of(const dg_experiment *e, size_t run)
{
    char value[128], *label = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&label, &size);
    if (!file) return NULL;
    for (size_t a = 0; a < e->axes; a++)
        if (dg_sweep_axis_is_condition(&e->axis[a]))
            fprintf(file, "%s\n", dg_sweep_axis_text(e, &e->axis[a], run, value, sizeof value));
    if (fclose(file) == 0) return label;
    free(label);
    return NULL;
}

static int by_label(const void *a, const void *b)
{
    const labelled *left = a, *right = b;
    const int order = strcmp(left->label, right->label);
    return order ? order : (left->run > right->run) - (left->run < right->run);
}

static int by_first(const void *a, const void *b)
{
    const labelled *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

static dg_status label_all(labelled *run, const dg_experiment *e)
{
    for (size_t r = 0; r < e->runs; r++) {
        run[r] = (labelled){.label = label_of(e, r), .run = r, .first = r};
        if (!run[r].label) return dg_fail(DG_ERR_MEMORY, "no memory for the conditions of a sweep");
    }
    qsort(run, e->runs, sizeof *run, by_label);
    for (size_t r = 1; r < e->runs; r++)
        if (strcmp(run[r].label, run[r - 1].label) == 0) run[r].first = run[r - 1].first;
    qsort(run, e->runs, sizeof *run, by_first);
    return DG_OK;
}

static size_t count_all(dg_sweep_condition *condition, const labelled *run, const dg_standing *s)
{
    size_t count = 0;
    for (size_t r = 0; r < s->experiment->runs; r++) {
        if (r == 0 || run[r].first != run[r - 1].first)
            condition[count++] = (dg_sweep_condition){.first = run[r].first};
        condition[count - 1].planned++;
        condition[count - 1].count[s->run[run[r].run]]++;
    }
    return count;
}

dg_status dg_sweep_conditions(dg_sweep_condition **out, size_t *count, const dg_standing *s)
{
    const size_t runs = s->experiment->runs;
    labelled *run = calloc(runs, sizeof *run);
    dg_sweep_condition *condition = calloc(runs, sizeof *condition);
    dg_status status = run && condition
                           ? label_all(run, s->experiment)
                           : dg_fail(DG_ERR_MEMORY, "no memory for the conditions of a sweep");
    if (status == DG_OK) {
        *count = count_all(condition, run, s);
        *out = condition;
        condition = NULL;
    }
    for (size_t r = 0; run && r < runs; r++) free(run[r].label);
    free(run);
    free(condition);
    return status;
}
