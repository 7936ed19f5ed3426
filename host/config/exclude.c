/**
 * Exclusions by the values they name; see exclude.h.
 *
 * An exclusion {a: [1, 2], b: 3} matches the pairs (1, 3) and (2, 3) of the keys (a, b): an entry
 * each, sorted by a hash of keys and values. A run is looked up once for each list of keys that
 * exclusions have.
 */
#include "host/config/exclude.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* an exclusion of more combinations than so many times its values is indexed by fewer of its keys,
   and compared by the others: the index stays of the size of the file */
#define MOST_COMBINATIONS 4

/** One key of an exclusion: `count` values of its term from `first` on. */
typedef struct span {
    size_t first, count;
} span;

typedef struct entry {
    uint64_t hash;
    size_t exclusion;
    size_t combination; /* of its values, the first key fastest */
} entry;

/** An exclusion, cut into its keys. */
typedef struct rule {
    dg_exclude *exclude;
    span *span;          /* [keys] */
    size_t keys;         /* all */
    size_t looked_up;    /* keys that its entries are made of, the first ones */
    size_t combinations; /* of their values */
} rule;

struct dg_exclude_index {
    rule *rule; /* [rules] */
    size_t rules;
    entry *entry; /* [entries] sorted by hash */
    size_t entries;
    const rule **list; /* [lists] one rule for each list of keys */
    size_t lists;
};

/* ---- hashes ---------------------------------------------------------------------------------- */

/** Equal values (dg_value_equal) have equal hashes. */
static uint64_t hash_value(const dg_value *value, const dg_field *field, uint64_t seed)
{
    const double real[2] = {isnan(value->real) ? 0.0 : value->real + 0.0,
                            isnan(value->high) ? 0.0 : value->high + 0.0};
    switch (field->type) {
    case DG_FIELD_SEED: return XXH3_64bits_withSeed(&value->seed, sizeof value->seed, seed);
    case DG_FIELD_REAL:
    case DG_FIELD_CLIP: return XXH3_64bits_withSeed(real, sizeof real, seed);
    case DG_FIELD_TEXT: return XXH3_64bits_withSeed(value->text, strlen(value->text), seed);
    case DG_FIELD_INTEGER:
    case DG_FIELD_BOOL:
    case DG_FIELD_CHOICE:
    case DG_FIELD_BELIEF: break;
    }
    return XXH3_64bits_withSeed(&value->integer, sizeof value->integer, seed);
}

static const dg_setting *key_of(const rule *r, size_t k)
{
    return &r->exclude->term.item[r->span[k].first];
}

/** Hash of the keys that a rule is looked up by. */
static uint64_t hash_keys(const rule *r)
{
    uint64_t hash = 0;
    for (size_t k = 0; k < r->looked_up; k++) {
        const uint64_t part[] = {hash, (uint64_t)(uintptr_t)key_of(r, k)->field,
                                 (uint64_t)key_of(r, k)->group};
        hash = XXH3_64bits(part, sizeof part);
    }
    return hash;
}

/** Value of the k-th key in a combination. */
static const dg_setting *value_in(const rule *r, size_t k, size_t combination)
{
    for (size_t i = 0; i < k; i++) combination /= r->span[i].count;
    return key_of(r, k) + combination % r->span[k].count;
}

static uint64_t hash_combination(const rule *r, size_t combination)
{
    uint64_t hash = hash_keys(r);
    for (size_t k = 0; k < r->looked_up; k++) {
        const dg_setting *s = value_in(r, k, combination);
        hash = hash_value(&s->value, s->field, hash);
    }
    return hash;
}

static uint64_t hash_run(const rule *r, const dg_config *config)
{
    uint64_t hash = hash_keys(r);
    for (size_t k = 0; k < r->looked_up; k++) {
        const dg_setting *s = key_of(r, k);
        const dg_value value = dg_value_load(s->field, config, s->group);
        hash = hash_value(&value, s->field, hash);
    }
    return hash;
}

/* ---- making ---------------------------------------------------------------------------------- */

static bool same_key(const dg_setting *a, const dg_setting *b)
{
    return a->field == b->field && a->group == b->group;
}

/** Cut an exclusion into its keys: values of one key stand together. */
static dg_status cut(rule *r, dg_pool *pool, dg_exclude *exclude)
{
    const dg_settings *term = &exclude->term;
    *r = (rule){.exclude = exclude, .combinations = 1};
    r->span = dg_pool_alloc(pool, term->count, sizeof *r->span);
    if (!r->span) return dg_fail(DG_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < term->count; i += r->span[r->keys++].count) {
        size_t count = 1;
        while (i + count < term->count && same_key(&term->item[i], &term->item[i + count])) count++;
        r->span[r->keys] = (span){i, count};
    }
    while (r->looked_up < r->keys &&
           r->span[r->looked_up].count <= MOST_COMBINATIONS * term->count / r->combinations)
        r->combinations *= r->span[r->looked_up++].count;
    return DG_OK;
}

static int compare_entries(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    return a->exclusion < b->exclusion ? -1 : a->exclusion > b->exclusion;
}

static int compare_lists(const void *left, const void *right)
{
    const uint64_t a = hash_keys(*(const rule *const *)left),
                   b = hash_keys(*(const rule *const *)right);
    return a < b ? -1 : a > b;
}

/** Keep one rule for each list of keys. */
static void reduce_lists(dg_exclude_index *index)
{
    size_t kept = 0;
    qsort(index->list, index->rules, sizeof *index->list, compare_lists);
    for (size_t k = 0; k < index->rules; k++)
        if (kept == 0 || compare_lists(&index->list[kept - 1], &index->list[k]) != 0)
            index->list[kept++] = index->list[k];
    index->lists = kept;
}

dg_status dg_exclude_index_make(dg_exclude_index **out, dg_pool *pool, dg_sweep *sweep)
{
    size_t entries = 0;
    dg_exclude_index *index = dg_pool_alloc(pool, 1, sizeof *index);
    if (!index) return dg_fail(DG_ERR_MEMORY, "out of memory");
    index->rules = sweep->excludes;
    index->rule = dg_pool_alloc(pool, index->rules + 1, sizeof *index->rule);
    index->list = dg_pool_alloc(pool, index->rules + 1, sizeof *index->list);
    if (!index->rule || !index->list) return dg_fail(DG_ERR_MEMORY, "out of memory");
    for (size_t r = 0; r < index->rules; r++) {
        DG_TRY(cut(&index->rule[r], pool, &sweep->exclude[r]));
        index->list[r] = &index->rule[r];
        entries += index->rule[r].combinations;
    }
    index->entry = dg_pool_alloc(pool, entries + 1, sizeof *index->entry);
    if (!index->entry) return dg_fail(DG_ERR_MEMORY, "no memory for %zu exclusions", entries);
    for (size_t r = 0; r < index->rules; r++)
        for (size_t c = 0; c < index->rule[r].combinations; c++)
            index->entry[index->entries++] = (entry){hash_combination(&index->rule[r], c), r, c};
    qsort(index->entry, index->entries, sizeof *index->entry, compare_entries);
    reduce_lists(index);
    *out = index;
    return DG_OK;
}

/* ---- looking up ------------------------------------------------------------------------------ */

static bool has_value(const dg_setting *s, const dg_config *config)
{
    const dg_value value = dg_value_load(s->field, config, s->group);
    return dg_value_equal(&s->value, &value, s->field);
}

/** Has the run the values of this combination, and of the keys beside it any of theirs? */
static bool matches(const rule *r, size_t combination, const dg_config *config)
{
    for (size_t k = 0; k < r->looked_up; k++)
        if (!has_value(value_in(r, k, combination), config)) return false;
    for (size_t k = r->looked_up; k < r->keys; k++) {
        bool any = false;
        for (size_t i = 0; i < r->span[k].count && !any; i++)
            any = has_value(key_of(r, k) + i, config);
        if (!any) return false;
    }
    return true;
}

/** The first entry of at least this hash. */
static size_t first_entry(const dg_exclude_index *index, uint64_t hash)
{
    size_t low = 0, high = index->entries;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (index->entry[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool dg_excludes(dg_exclude_index *index, const dg_config *config)
{
    bool any = false;
    for (size_t l = 0; l < index->lists; l++) {
        const uint64_t hash = hash_run(index->list[l], config);
        for (size_t k = first_entry(index, hash);
             k < index->entries && index->entry[k].hash == hash; k++) {
            const rule *r = &index->rule[index->entry[k].exclusion];
            if (!matches(r, index->entry[k].combination, config)) continue;
            r->exclude->hit = true;
            any = true;
        }
    }
    return any;
}
