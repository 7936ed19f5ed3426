/** Order and shards of a sweep; see shard.h. */
#include "host/config/shard.h"

#include "host/base/error.h"
#include "host/config/fingerprint.h"

#include <assert.h>
#include <stdlib.h>

dg_status dg_shard_check(dg_shard shard)
{
    if (shard.index == 0 && shard.count == 0) return DG_OK;
    if (shard.index >= 1 && shard.count >= shard.index) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT, "shard: %d/%d, expected I/N with 1 <= I <= N", shard.index,
                   shard.count);
}

/** A run within the order. */
typedef struct place {
    dg_fingerprint condition; /* of all but the seed */
    size_t run;
    size_t layer; /* runs of the same condition before it */
} place;

static int by_condition(const void *a, const void *b)
{
    const place *left = a, *right = b;
    const int order = dg_fingerprint_compare(left, right);
    return order != 0 ? order : (left->run > right->run) - (left->run < right->run);
}

static int by_layer(const void *a, const void *b)
{
    const place *left = a, *right = b;
    if (left->layer != right->layer) return left->layer < right->layer ? -1 : 1;
    return (left->run > right->run) - (left->run < right->run);
}

static dg_status order_runs(place *order, const dg_experiment *experiment)
{
    for (size_t r = 0; r < experiment->runs; r++) {
        dg_config seedless = experiment->run[r];
        seedless.seed = 0;
        DG_TRY(dg_fingerprint_of(&order[r].condition, &seedless));
        order[r].run = r;
    }
    qsort(order, experiment->runs, sizeof *order, by_condition);
    for (size_t r = 1; r < experiment->runs; r++)
        if (dg_fingerprint_compare(&order[r], &order[r - 1]) == 0)
            order[r].layer = order[r - 1].layer + 1;
    qsort(order, experiment->runs, sizeof *order, by_layer);
    return DG_OK;
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

static size_t conditions_of(const place *order, size_t runs)
{
    size_t count = 0;
    while (count < runs && order[count].layer == 0) count++;
    return count;
}

dg_status dg_shard_order_make(dg_shard_order *out, const dg_experiment *experiment)
{
    const size_t runs = experiment->runs;
    dg_shard_order made = {.run = malloc(runs * sizeof *made.run), .runs = runs};
    place *order = calloc(runs, sizeof *order);
    dg_status status = order && made.run ? order_runs(order, experiment)
                                         : dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", runs);
    if (status == DG_OK) {
        for (size_t k = 0; k < runs; k++) made.run[k] = order[k].run;
        made.conditions = conditions_of(order, runs);
        *out = made;
    } else {
        free(made.run);
    }
    free(order);
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
    *run = order.run;
    *count = found;
    return DG_OK;
}
