/**
 * Layers into runs: every point of the sweep becomes a run. Runs that differ only in the value of the
 * axis `seed` share one effective configuration, which is made and checked once.
 */
#include "host/base/quantity.h"
#include "host/config/exclude.h"
#include "host/config/settings.h"
#include "host/machine/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

typedef struct expansion {
    dg_experiment *experiment;
    dg_layers *layers;
    dg_config (*preset)[DG_AI_TYPE_COUNT]; /* [DG_READING_COUNT] */
    dg_setting *list;                      /* settings of the current point, in layers' order */
    size_t count, base, swept; /* of them: all, the file's, the file's and the sweep's */
    size_t at[DG_BLOCKS_MAX];  /* point of each block */
    size_t seeds;              /* the block that has the seed alone; sweep.blocks: there is none */
    size_t combination;        /* number of the point within the product of the other blocks */
    uint32_t *condition;       /* index of the condition of each combination, or NONE */
    dg_exclude_index *exclude;
    size_t capacity; /* of experiment->condition */
    size_t *point;   /* [points] number of each run within the full product */
} expansion;

/* ---- points ---------------------------------------------------------------------------------- */

/* points of the full product; refused beyond the limit, so that it cannot overflow */
static dg_status count_points(const dg_layers *layers, size_t *points)
{
    *points = 1;
    for (size_t b = 0; b < layers->sweep.blocks; b++) {
        const dg_sweep_block *block = &layers->sweep.block[b];
        const dg_setting *first =
            block->condition ? &block->condition[0].item[0] : &block->column[0].item[0];
        if (block->points > dg_runs_limit / *points)
            return dg_node_refuse(first->at, "sweep", "expected at most %zu runs before exclusions",
                                  dg_runs_limit);
        *points *= block->points;
    }
    return DG_OK;
}

/* digits of a number in the mixed base of the blocks, the last block fastest */
static void place(expansion *e, size_t point)
{
    size_t unit = 1;
    e->combination = 0;
    for (size_t b = e->layers->sweep.blocks; b-- > 0;) {
        const size_t points = e->layers->sweep.block[b].points;
        e->at[b] = point % points;
        point /= points;
        if (b == e->seeds) continue;
        e->combination += e->at[b] * unit;
        unit *= points;
    }
}

static void gather_all(expansion *e, const dg_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) e->list[e->count++] = settings->item[i];
}

static void gather(expansion *e)
{
    const dg_sweep *sweep = &e->layers->sweep;
    e->count = 0;
    gather_all(e, &e->layers->base);
    e->base = e->count;
    for (size_t b = 0; b < sweep->blocks; b++) {
        const dg_sweep_block *block = &sweep->block[b];
        if (block->condition) gather_all(e, &block->condition[e->at[b]]);
        for (size_t c = 0; c < block->columns; c++)
            e->list[e->count++] = dg_settings_at(&block->column[c], e->at[b]);
    }
    e->swept = e->count;
    gather_all(e, &e->layers->over);
}

/* ---- one configuration ----------------------------------------------------------------------- */

/* the last word on a choice that other keys hang on */
static int32_t last_choice(const expansion *e, const char *key, int32_t fallback)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].group < 0 && strcmp(e->list[i].field->key, key) == 0)
            fallback = (int32_t)e->list[i].value.integer;
    return fallback;
}

static void build(const expansion *e, dg_config *config)
{
    const int32_t reading = last_choice(e, "reading", DG_READING_TEXT);
    const int32_t type = last_choice(e, "ai_type", DG_AI_NONE);
    memcpy(config, &e->preset[reading][type], sizeof *config);
    for (size_t i = 0; i < e->count; i++)
        dg_value_store(&e->list[i].value, e->list[i].field, config, e->list[i].group);
    dg_config_complete(config);
}

/* ---- blame ----------------------------------------------------------------------------------- */

/* " (at reading tables, seed 3)", or nothing without a sweep */
static void describe_point(const expansion *e, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = e->base; i < e->swept && used < size; i++) {
        char key[DG_KEY_LENGTH], value[96];
        const dg_setting *s = &e->list[i];
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s %s", i == e->base ? " (at " : ", ",
                             dg_field_key(&e->layers->roster, s->field, s->group, key, sizeof key),
                             dg_value_format(&s->value, s->field, value, sizeof value));
    }
    if (used > 0 && used + 1 < size) strcat(text, ")");
}

/* the last setting of the run that a contradiction names; the layer counts before the order */
static const dg_setting *find_culprit(const expansion *e, const dg_fault *fault, size_t *which)
{
    const size_t start[] = {e->swept, e->base, 0}, end[] = {e->count, e->swept, e->base};
    for (size_t layer = 0; layer < 3; layer++)
        for (size_t k = 0; k < fault->count; k++) {
            int32_t group;
            const dg_field *field = dg_field_find(&e->layers->roster, fault->at[k].key, &group);
            for (size_t i = start[layer]; i < end[layer]; i++)
                if (e->list[i].field == field && e->list[i].group == group) {
                    *which = k;
                    return &e->list[i];
                }
        }
    return NULL;
}

static dg_status refuse(const expansion *e, const dg_fault *fault)
{
    char value[96], point[512];
    size_t which = 0;
    const dg_setting *s = find_culprit(e, fault, &which);
    describe_point(e, point, sizeof point);
    if (!s)
        return dg_fail(DG_ERR_CONFIG, "%s:1: %s: by default, %s%s", e->experiment->name,
                       fault->at[0].key, fault->at[0].why, point);
    return dg_fail(DG_ERR_CONFIG, "%s:%d: %s: %s, %s%s", s->at->file, s->at->line,
                   fault->at[which].key, dg_value_format(&s->value, s->field, value, sizeof value),
                   fault->at[which].why, point);
}

/* ---- all runs -------------------------------------------------------------------------------- */

/* lists of fewer conditions are not compared with the memory that is left: it is asked of the system */
#define CONDITIONS_FEW 4096

/**
 * Room for so many conditions? The system may promise memory that the job's control group does not have,
 * and then ends the process without a word.
 */
static dg_status check_room(size_t capacity)
{
    const int64_t available = capacity > CONDITIONS_FEW ? dg_memory_available(1) : 0;
    const double added = (double)capacity / 2 * (double)sizeof(dg_config);
    char needs[32], has[32];
    if (available == 0 || added <= (double)available) return DG_OK;
    return dg_fail(DG_ERR_MEMORY,
                   "no memory for a list of %zu conditions: it takes %s more, and %s are available",
                   capacity, dg_quantity_bytes(added, needs, sizeof needs),
                   dg_quantity_bytes((double)available, has, sizeof has));
}

static dg_status reserve(expansion *e)
{
    if (e->experiment->conditions < e->capacity) return DG_OK;
    const size_t capacity = e->capacity ? 2 * e->capacity : 64;
    DG_TRY(check_room(capacity));
    dg_config *condition = realloc(e->experiment->condition, capacity * sizeof *condition);
    if (!condition) return dg_fail(DG_ERR_MEMORY, "no memory for %zu conditions", capacity);
    e->experiment->condition = condition;
    e->capacity = capacity;
    return DG_OK;
}

/* the run of a point, unless it is excluded; the first of its condition brings the condition with it */
static dg_status add_run(expansion *e, size_t point)
{
    dg_fault fault;
    dg_experiment *x = e->experiment;
    place(e, point);
    uint32_t *known = &e->condition[e->combination];
    const bool first = *known == NONE;
    if (first) DG_TRY(reserve(e));
    dg_config *config = &x->condition[first ? x->conditions : *known];
    if (first) {
        gather(e);
        build(e, config);
    }
    if (e->seeds < e->layers->sweep.blocks)
        config->seed =
            dg_settings_at(e->layers->sweep.block[e->seeds].column, e->at[e->seeds]).value.seed;
    const uint64_t seed = config->seed;
    const bool excluded = dg_excludes(e->exclude, config);
    config->seed = 0;
    if (excluded) return DG_OK;
    if (first && !dg_config_consistent(config, &fault)) return refuse(e, &fault);
    if (first) *known = (uint32_t)x->conditions++;
    e->point[x->runs] = point;
    x->run[x->runs++] = (dg_run){seed, *known};
    return DG_OK;
}

static dg_status check_exclusions(const expansion *e)
{
    const dg_sweep *sweep = &e->layers->sweep;
    for (size_t i = 0; i < sweep->excludes; i++)
        if (!sweep->exclude[i].hit && !sweep->altered)
            return dg_node_refuse(sweep->exclude[i].at, "sweep.exclude",
                                  "expected to match at least one run");
    if (e->experiment->runs == 0)
        return dg_node_refuse(sweep->exclude[0].at, "sweep.exclude",
                              "expected to leave at least one run");
    return DG_OK;
}

static dg_status add_runs(expansion *e, size_t points)
{
    dg_experiment *x = e->experiment;
    x->run = malloc(points * sizeof *x->run);
    e->point = malloc(points * sizeof *e->point);
    if (!x->run || !e->point) return dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", points);
    for (size_t point = 0; point < points; point++) DG_TRY(add_run(e, point));
    return check_exclusions(e);
}

/* find the block that has the seed alone, and number the combinations of the others */
static dg_status separate_seeds(expansion *e, size_t points)
{
    const dg_sweep *sweep = &e->layers->sweep;
    int32_t group;
    size_t column;
    const dg_field *seed = dg_field_find(&e->layers->roster, "seed", &group);
    if (!dg_sweep_find(sweep, seed, group, &e->seeds, &column) ||
        sweep->block[e->seeds].columns > 1)
        e->seeds = sweep->blocks;
    const size_t combinations =
        e->seeds < sweep->blocks ? points / sweep->block[e->seeds].points : points;
    e->condition = dg_pool_alloc(&e->layers->pool, combinations, sizeof *e->condition);
    if (!e->condition) return dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", points);
    for (size_t c = 0; c < combinations; c++) e->condition[c] = NONE;
    return DG_OK;
}

static dg_status prepare(expansion *e)
{
    dg_layers *l = e->layers;
    size_t most = l->base.count + l->over.count;
    for (size_t b = 0; b < l->sweep.blocks; b++) {
        size_t widest = l->sweep.block[b].columns;
        for (size_t p = 0; l->sweep.block[b].condition && p < l->sweep.block[b].points; p++)
            if (l->sweep.block[b].condition[p].count > widest)
                widest = l->sweep.block[b].condition[p].count;
        most += widest;
    }
    e->list = dg_pool_alloc(&l->pool, most + 1, sizeof *e->list);
    e->preset = dg_pool_alloc(&l->pool, DG_READING_COUNT, sizeof *e->preset);
    if (!e->list || !e->preset) return dg_fail(DG_ERR_MEMORY, "out of memory");
    for (int32_t reading = 0; reading < DG_READING_COUNT; reading++)
        for (int32_t type = 0; type < DG_AI_TYPE_COUNT; type++) {
            e->preset[reading][type] = l->roster;
            dg_config_preset(&e->preset[reading][type], reading, type);
        }
    return DG_OK;
}

dg_status dg_layers_expand(dg_experiment *experiment, dg_layers *layers)
{
    expansion *e = dg_pool_alloc(&layers->pool, 1, sizeof *e);
    size_t points;
    if (!e) return dg_fail(DG_ERR_MEMORY, "out of memory");
    e->experiment = experiment;
    e->layers = layers;
    DG_TRY(count_points(layers, &points));
    DG_TRY(prepare(e));
    DG_TRY(dg_exclude_index_make(&e->exclude, &layers->pool, &layers->sweep));
    DG_TRY(separate_seeds(e, points));
    dg_status status = add_runs(e, points);
    if (status == DG_OK) status = dg_runs_differ(experiment, layers, e->point);
    free(e->point);
    return status;
}
