/** What the sweep spans: its axes by name, and that no two of its runs are the same. */
#include "host/base/hash.h"
#include "host/config/settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- runs that are the same ------------------------------------------------------------------ */

/* all that a run is computed from, as it is computed: what its condition is called is not */
static void copy_nameless(dg_config *copy, const dg_config *config)
{
    memcpy(copy, config, sizeof *copy);
    memset(copy->condition, 0, sizeof copy->condition);
    dg_config_round(copy);
}

static bool same_conditions(const dg_config *left, const dg_config *right)
{
    dg_config a, b;
    copy_nameless(&a, left);
    copy_nameless(&b, right);
    return memcmp(&a, &b, sizeof a) == 0;
}

typedef struct mark {
    uint64_t key;
    uint32_t class; /* of the run's condition: the first condition that is the same */
    uint32_t index; /* of the condition or run */
} mark;

static int compare_marks(const void *left, const void *right)
{
    const mark *a = left, *b = right;
    if (a->class != b->class) return a->class < b->class ? -1 : 1;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* equal configurations have equal bytes, padding included */
static void classify(uint32_t *class, mark *marks, const dg_experiment *experiment)
{
    const size_t conditions = experiment->conditions;
    for (uint32_t c = 0; c < conditions; c++) {
        dg_config copy;
        copy_nameless(&copy, &experiment->condition[c]);
        marks[c] = (mark){dg_hash_bytes(&copy, sizeof copy), 0, c};
    }
    qsort(marks, conditions, sizeof *marks, compare_marks);
    for (size_t i = 0; i < conditions; i++) {
        const uint32_t c = marks[i].index, before = i > 0 ? marks[i - 1].index : c;
        const bool same =
            i > 0 && marks[i - 1].key == marks[i].key &&
            same_conditions(&experiment->condition[before], &experiment->condition[c]);
        class[c] = same ? class[before] : c;
    }
}

/* an override of what one of two conditions sets, or NULL: it may have made them one */
static const dg_setting *find_leveller(const dg_layers *layers, const dg_settings *a,
                                       const dg_settings *b)
{
    for (size_t i = layers->over.count; i-- > 0;) {
        const dg_setting *s = &layers->over.item[i];
        if (dg_settings_find(a, s->field, s->group) || dg_settings_find(b, s->field, s->group))
            return s;
    }
    return NULL;
}

/* a value of one point that is another's in float32 alone, with that other; false: there is none */
static bool find_rounded(const dg_settings *at, const dg_settings *of, const dg_setting **rounded,
                         const dg_setting **other)
{
    for (size_t i = 0; i < at->count; i++) {
        const dg_setting *s = &at->item[i], *before = dg_settings_find(of, s->field, s->group);
        if (!before || s->field->type != DG_FIELD_REAL || s->value.real == before->value.real ||
            (float)s->value.real != (float)before->value.real)
            continue;
        *rounded = s;
        *other = before;
        return true;
    }
    return false;
}

/* the same among the columns of a block, at the points p and q */
static bool find_rounded_in(const dg_sweep_block *block, size_t p, size_t q,
                            const dg_setting **rounded, const dg_setting **other)
{
    if (p == q) return false;
    if (block->condition)
        return find_rounded(&block->condition[p], &block->condition[q], rounded, other);
    for (size_t c = 0; c < block->columns; c++) {
        if (block->column[c].stride > 0) continue; /* integers are exact */
        const dg_settings at = {&block->column[c].item[p], 1, 1, 0},
                          of = {&block->column[c].item[q], 1, 1, 0};
        if (find_rounded(&at, &of, rounded, other)) return true;
    }
    return false;
}

/* runs that differ in digits that float32 does not have; DG_OK: there is no such value */
static dg_status refuse_rounded(const dg_layers *layers, const size_t *point, size_t a, size_t b)
{
    size_t left = point[a], right = point[b];
    for (size_t i = layers->sweep.blocks; i-- > 0;) {
        const dg_sweep_block *block = &layers->sweep.block[i];
        const size_t p = left % block->points, q = right % block->points;
        const dg_setting *rounded, *other;
        left /= block->points;
        right /= block->points;
        if (!find_rounded_in(block, p > q ? p : q, p > q ? q : p, &rounded, &other)) continue;
        char key[DG_KEY_LENGTH], value[96], same[96];
        return dg_fail(
            DG_ERR_CONFIG,
            "%s:%d: %s: %s, expected runs that differ: it equals %s in float32, in which runs %zu "
            "and %zu are computed",
            rounded->at->file, rounded->at->line,
            dg_field_key(&layers->roster, rounded->field, rounded->group, key, sizeof key),
            dg_value_format(&rounded->value, rounded->field, value, sizeof value),
            dg_value_format(&other->value, other->field, same, sizeof same), a, b);
    }
    return DG_OK;
}

/* blame the slowest block in which the two differ, at the later of its points */
static dg_status refuse_twins(const dg_layers *layers, const size_t *point, size_t a, size_t b)
{
    size_t left = point[a], right = point[b];
    dg_setting blamed = {0};
    const char *what = "runs that differ";
    for (size_t i = layers->sweep.blocks; i-- > 0;) {
        const dg_sweep_block *block = &layers->sweep.block[i];
        const size_t p = left % block->points, q = right % block->points;
        const size_t later = p > q ? p : q;
        left /= block->points;
        right /= block->points;
        if (p == q) continue;
        if (!block->condition) {
            blamed = dg_settings_at(&block->column[0], later);
            continue;
        }
        what = "conditions that differ in more than their names";
        const dg_setting *leveller =
            find_leveller(layers, &block->condition[p], &block->condition[q]);
        blamed = leveller ? *leveller : block->condition[later].item[0];
    }
    assert(blamed.field && "two runs of one point");
    char key[DG_KEY_LENGTH], value[96];
    return dg_fail(DG_ERR_CONFIG, "%s:%d: %s: %s, expected %s, runs %zu and %zu do not",
                   blamed.at->file, blamed.at->line,
                   dg_field_key(&layers->roster, blamed.field, blamed.group, key, sizeof key),
                   dg_value_format(&blamed.value, blamed.field, value, sizeof value), what, a, b);
}

/* do the seeds of each class rise, as those of a range do? Then no two runs are the same, and there is
   nothing to sort; last: [conditions] is overwritten */
static bool seeds_rise(mark *last, const uint32_t *class, const dg_experiment *experiment)
{
    memset(last, 0, experiment->conditions * sizeof *last);
    for (size_t r = 0; r < experiment->runs; r++) {
        const dg_run *run = &experiment->run[r];
        mark *before = &last[class[run->condition]];
        if (before->index > 0 && before->key >= run->seed) return false;
        *before = (mark){run->seed, 0, 1};
    }
    return true;
}

/* of several pairs of equal runs the one that comes first in the sweep; *twin stays 0 if there is none */
static void find_twins(size_t *of, size_t *twin, mark *marks, const uint32_t *class,
                       const dg_experiment *experiment)
{
    for (uint32_t r = 0; r < experiment->runs; r++) {
        const dg_run *run = &experiment->run[r];
        marks[r] = (mark){run->seed, class[run->condition], r};
    }
    qsort(marks, experiment->runs, sizeof *marks, compare_marks);
    for (size_t i = 1; i < experiment->runs; i++) {
        const mark *a = &marks[i - 1], *b = &marks[i];
        if (a->class != b->class || a->key != b->key || (*twin > 0 && b->index >= *twin)) continue;
        *of = a->index;
        *twin = b->index;
    }
}

dg_status dg_runs_differ(const dg_experiment *experiment, const dg_layers *layers,
                         const size_t *point)
{
    size_t of = 0, twin = 0;
    uint32_t *class = malloc(experiment->conditions * sizeof *class);
    mark *marks = malloc(experiment->runs * sizeof *marks); /* more than there are conditions */
    const bool memory = class && marks;
    if (memory) {
        classify(class, marks, experiment);
        if (!seeds_rise(marks, class, experiment)) find_twins(&of, &twin, marks, class, experiment);
    }
    free(class);
    free(marks);
    if (!memory) return dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", experiment->runs);
    if (twin == 0) return DG_OK;
    DG_TRY(refuse_rounded(layers, point, of, twin));
    return refuse_twins(layers, point, of, twin);
}

/* ---- axes ------------------------------------------------------------------------------------ */

static int compare_values(const void *left, const void *right)
{
    const dg_value *a = left, *b = right;
    if (a->integer != b->integer) return a->integer < b->integer ? -1 : 1;
    if (a->seed != b->seed) return a->seed < b->seed ? -1 : 1;
    if (a->real < b->real || a->real > b->real) return a->real < b->real ? -1 : 1;
    if (a->high < b->high || a->high > b->high) return a->high < b->high ? -1 : 1;
    return 0;
}

/* distinct values of a column; zipped columns may repeat theirs */
static dg_status count_distinct(const dg_settings *column, size_t *distinct)
{
    if (column->stride > 0) {
        *distinct = column->count;
        return DG_OK;
    }
    dg_value *sorted = malloc(column->count * sizeof *sorted);
    if (!sorted) return dg_fail(DG_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < column->count; i++) sorted[i] = column->item[i].value;
    qsort(sorted, column->count, sizeof *sorted, compare_values);
    *distinct = column->count > 0;
    for (size_t i = 1; i < column->count; i++)
        *distinct += !dg_value_equal(&sorted[i - 1], &sorted[i], column->item[i].field);
    free(sorted);
    return DG_OK;
}

static dg_status add_axis(dg_experiment *experiment, const char *key, size_t size)
{
    char *copy = strdup(key);
    if (!copy) return dg_fail(DG_ERR_MEMORY, "out of memory");
    dg_axis *axis = &experiment->axis[experiment->axes++];
    axis->key = copy;
    axis->size = size;
    return DG_OK;
}

dg_status dg_axes_list(dg_experiment *experiment, const dg_layers *layers)
{
    const dg_sweep *sweep = &layers->sweep;
    size_t most = 1;
    for (size_t b = 0; b < sweep->blocks; b++) most += sweep->block[b].columns + 1;
    experiment->axis = calloc(most, sizeof *experiment->axis);
    if (!experiment->axis) return dg_fail(DG_ERR_MEMORY, "out of memory");
    for (size_t b = 0; b < sweep->blocks; b++) {
        const dg_sweep_block *block = &sweep->block[b];
        if (block->condition) DG_TRY(add_axis(experiment, "condition", block->points));
        for (size_t c = 0; c < block->columns; c++) {
            const dg_setting *first = &block->column[c].item[0];
            char key[DG_KEY_LENGTH];
            size_t distinct = 0;
            DG_TRY(count_distinct(&block->column[c], &distinct));
            dg_field_key(&layers->roster, first->field, first->group, key, sizeof key);
            DG_TRY(add_axis(experiment, key, distinct));
        }
    }
    return DG_OK;
}
