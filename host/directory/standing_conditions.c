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

/** A condition of the experiment; those whose swept keys have the same values count as one. */
typedef struct labelled {
    char *label;      /* values of the swept keys except the seed */
    size_t condition; /* index */
    size_t first;     /* first run with the same label */
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

static int by_first(const void *a, const void *b)
{
    const labelled *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

static int by_label(const void *a, const void *b)
{
    const labelled *left = a, *right = b;
    const int order = strcmp(left->label, right->label);
    return order ? order : by_first(a, b);
}

static dg_status label_all(labelled *list, const dg_experiment *e)
{
    for (size_t r = e->runs; r-- > 0;) list[e->run[r].condition].first = r;
    for (size_t c = 0; c < e->conditions; c++) {
        list[c].condition = c;
        list[c].label = label_of(e, list[c].first);
        if (!list[c].label)
            return dg_fail(DG_ERR_MEMORY, "no memory for the conditions of a sweep");
    }
    qsort(list, e->conditions, sizeof *list, by_label);
    for (size_t k = 1; k < e->conditions; k++)
        if (strcmp(list[k].label, list[k - 1].label) == 0) list[k].first = list[k - 1].first;
    qsort(list, e->conditions, sizeof *list, by_first);
    return DG_OK;
}

/** Count the runs of each label; place: [conditions] receives that of each condition's label. */
static size_t count_all(dg_sweep_condition *out, size_t *place, const labelled *list,
                        const dg_standing *s)
{
    const dg_experiment *e = s->experiment;
    size_t count = 0;
    for (size_t k = 0; k < e->conditions; k++) {
        if (k == 0 || list[k].first != list[k - 1].first)
            out[count++] = (dg_sweep_condition){.first = list[k].first};
        place[list[k].condition] = count - 1;
    }
    for (size_t r = 0; r < e->runs; r++) {
        dg_sweep_condition *condition = &out[place[e->run[r].condition]];
        condition->planned++;
        condition->count[s->run[r]]++;
    }
    return count;
}

dg_status dg_sweep_conditions(dg_sweep_condition **out, size_t *count, const dg_standing *s)
{
    const size_t conditions = s->experiment->conditions;
    labelled *list = calloc(conditions, sizeof *list);
    dg_sweep_condition *condition = calloc(conditions, sizeof *condition);
    size_t *place = calloc(conditions, sizeof *place);
    dg_status status = list && condition && place
                           ? label_all(list, s->experiment)
                           : dg_fail(DG_ERR_MEMORY, "no memory for the conditions of a sweep");
    if (status == DG_OK) {
        *count = count_all(condition, place, list, s);
        *out = condition;
        condition = NULL;
    }
    for (size_t c = 0; list && c < conditions; c++) free(list[c].label);
    free(list);
    free(condition);
    free(place);
    return status;
}
