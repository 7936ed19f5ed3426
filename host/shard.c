/** Order and shards of a sweep; see shard.h. */
#include "host/shard.h"

#include "host/error.h"
#include "host/fingerprint.h"

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

dg_status dg_shard_runs(size_t **run, size_t *count, const dg_experiment *experiment,
                        dg_shard shard)
{
    const size_t runs = experiment->runs, shards = shard.count > 0 ? (size_t)shard.count : 1;
    place *order = calloc(runs, sizeof *order);
    size_t *taken = malloc(runs * sizeof *taken), found = 0;
    dg_status status = order && taken ? order_runs(order, experiment)
                                      : dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", runs);
    if (status == DG_OK) {
        const size_t turn = common_multiple(conditions_of(order, runs), shards);
        const size_t mine = shard.index > 0 ? (size_t)shard.index - 1 : 0;
        for (size_t k = 0; k < runs; k++)
            if ((k + k / turn) % shards == mine) taken[found++] = order[k].run;
        *run = taken;
        *count = found;
        taken = NULL;
    }
    free(order);
    free(taken);
    return status;
}
