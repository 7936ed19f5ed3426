/** Draws by sums, one candidate after another. */
#include "sums.h"
#include "kernels/science/observe.h"

#include <stdlib.h>

static uint64_t total_of(const uint32_t *weight, int count)
{
    uint64_t total = 0;
    for (int k = 0; k < count; k++) total += weight[k];
    return total;
}

int sums_find(const uint32_t *weight, int count, uint32_t word)
{
    const sums_wide product = (sums_wide)total_of(weight, count) * word;
    uint64_t sum = 0;
    for (int k = 0; k < count; k++) {
        sum += weight[k];
        if (sum > (uint64_t)(product >> 32)) return k;
    }
    return count - 1;
}

int sums_softmax(const float *x, int count, uint32_t word)
{
    uint32_t weight[1024];
    float largest = x[0];
    for (int k = 1; k < count; k++) largest = x[k] > largest ? x[k] : largest;
    for (int k = 0; k < count; k++) weight[k] = dg_sums_weight(largest - x[k]);
    return sums_find(weight, count, word);
}

/** Weights of what is left; 0: nothing is. */
static int weigh(const float *cost, const char *left, int count, uint32_t *weight)
{
    float least = INFINITY;
    for (int k = 0; k < count; k++)
        if (left[k] && cost[k] < least) least = cost[k];
    for (int k = 0; k < count; k++) weight[k] = left[k] ? dg_sums_weight(cost[k] - least) : 0;
    return least < INFINITY;
}

int sums_draw(const float *cost, int count, int capacity, dg_draw draw, uint32_t index, int *drawn,
              int64_t *anew)
{
    uint32_t *weight = calloc((size_t)count, sizeof *weight);
    char *left = calloc((size_t)count, 1);
    int n = 0;
    for (int k = 0; k < count; k++) left[k] = cost[k] < DG_OBSERVE_NEVER;
    for (; n < capacity; n++) {
        if (total_of(weight, count) < DG_SUMS_ENOUGH) {
            if (!weigh(cost, left, count, weight)) break;
            if (anew) ++*anew;
        }
        drawn[n] = sums_find(weight, count, dg_word(draw, (uint32_t)n, index));
        weight[drawn[n]] = 0;
        left[drawn[n]] = 0;
    }
    free(left);
    free(weight);
    return n;
}
