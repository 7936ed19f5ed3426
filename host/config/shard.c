/** Order and shards of a sweep; see shard.h. */
#include "host/config/shard.h"

#include "host/base/error.h"
#include "host/config/fingerprint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

dg_status dg_shard_check(dg_shard shard)
{
    if (shard.index == 0 && shard.count == 0) return DG_OK;
    if (shard.index >= 1 && shard.count >= shard.index) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT, "shard: %d/%d, expected I/N with 1 <= I <= N", shard.index,
                   shard.count);
}

/* ---- conditions ------------------------------------------------------------------------------ */

typedef struct named {
    dg_fingerprint id; /* of all but the seed */
    size_t condition;
} named;

static int by_id(const void *a, const void *b)
{
    const named *left = a, *right = b;
    const int order = dg_fingerprint_compare(left, right);
    return order != 0 ? order
                      : (left->condition > right->condition) - (left->condition < right->condition);
}

/** The first condition that is the same but for its name, of each condition. */
static dg_status find_same(size_t *same, const dg_experiment *experiment)
{
    const size_t conditions = experiment->conditions;
    dg_status status = DG_OK;
    named *list = malloc(conditions * sizeof *list);
    if (!list) return dg_fail(DG_ERR_MEMORY, "no memory for %zu conditions", conditions);
    for (size_t c = 0; c < conditions && status == DG_OK; c++) {
        list[c].condition = c;
        status = dg_fingerprint_of(&list[c].id, &experiment->condition[c]);
    }
    if (status == DG_OK) {
        qsort(list, conditions, sizeof *list, by_id);
        for (size_t i = 0; i < conditions; i++) {
            const bool again = i > 0 && dg_fingerprint_compare(&list[i - 1], &list[i]) == 0;
            same[list[i].condition] = again ? same[list[i - 1].condition] : list[i].condition;
        }
    }
    free(list);
    return status;
}

/* ---- order ----------------------------------------------------------------------------------- */

/**
 * Order by layer: by how many runs of the same condition stand before a run. Then by run.
 *
 * @param same    of each condition, as by find_same()
 * @param met     [conditions] zeroed: runs of each condition that were met
 * @param begin   [runs + 1] zeroed: receives where each layer begins
 */
static void order_runs(dg_shard_order *out, const dg_experiment *experiment, const size_t *same,
                       size_t *met, size_t *begin)
{
    for (size_t r = 0; r < out->runs; r++) begin[++met[same[experiment->run[r].condition]]]++;
    out->conditions = begin[1];
    for (size_t layer = 1; layer <= out->runs; layer++) begin[layer] += begin[layer - 1];
    memset(met, 0, experiment->conditions * sizeof *met);
    for (size_t r = 0; r < out->runs; r++)
        out->run[begin[met[same[experiment->run[r].condition]]++]++] = r;
}

static size_t common_multiple(size_t a, size_t b)
{
    size_t x = a, y = b;
    while (y != 0) {
        const size_t rest = x % y;
        x = y;
        y = rest;
    }
    return a / x * b;
}

dg_status dg_shard_order_make(dg_shard_order *out, const dg_experiment *experiment)
{
    const size_t runs = experiment->runs, conditions = experiment->conditions;
    dg_shard_order made = {.run = malloc(runs * sizeof *made.run), .runs = runs};
    size_t *same = malloc(conditions * sizeof *same), *met = calloc(conditions, sizeof *met);
    size_t *begin = calloc(runs + 1, sizeof *begin);
    dg_status status = made.run && same && met && begin
                           ? find_same(same, experiment)
                           : dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", runs);
    if (status == DG_OK) {
        order_runs(&made, experiment, same, met, begin);
        *out = made;
    } else {
        free(made.run);
    }
    free(same);
    free(met);
    free(begin);
    return status;
}

void dg_shard_order_free(dg_shard_order *order)
{
    free(order->run);
    *order = (dg_shard_order){0};
}

int32_t dg_shard_of(const dg_shard_order *order, size_t k, int32_t shards)
{
    const size_t turn = common_multiple(order->conditions, (size_t)shards);
    assert(turn > 0 && shards > 0); /* an experiment has runs, so that it has a condition */
    return (int32_t)((k + k / turn) % (size_t)shards) + 1;
}

dg_status dg_shard_runs(size_t **run, size_t *count, const dg_experiment *experiment,
                        dg_shard shard)
{
    const int32_t shards = shard.count > 0 ? shard.count : 1;
    const int32_t mine = shard.index > 0 ? shard.index : 1;
    dg_shard_order order;
    size_t found = 0;
    DG_TRY(dg_shard_order_make(&order, experiment));
    /* what is taken never overtakes what is looked at */
    for (size_t k = 0; k < order.runs; k++)
        if (dg_shard_of(&order, k, shards) == mine) order.run[found++] = order.run[k];
    size_t *fitted = realloc(order.run, (found + 1) * sizeof *fitted);
    *run = fitted ? fitted : order.run;
    *count = found;
    return DG_OK;
}
