/** Draws by sums, one candidate after another. */
#include "sums.h"
#include "kernels/science/observe.h"

#include <math.h>

uint64_t sums_total(const uint32_t *weight, int count)
{
    uint64_t total = 0;
    for (int k = 0; k < count; k++) total += weight[k];
    return total;
}

int sums_find(const uint32_t *weight, int count, uint32_t word)
{
    const sums_wide product = (sums_wide)sums_total(weight, count) * word;
    uint64_t sum = 0;
    for (int k = 0; k < count; k++) {
        sum += weight[k];
        if (sum > (uint64_t)(product >> 32)) return k;
    }
    return count - 1;
}

uint64_t sums_first_word(uint64_t mark, uint64_t total)
{
    const sums_wide shifted = (sums_wide)mark << 32;
    return (uint64_t)((shifted + total - 1) / total);
}

uint32_t sums_edge(const uint32_t *weight, int count, int k, int edge)
{
    const uint64_t first = sums_first_word(sums_total(weight, k), sums_total(weight, count));
    const uint64_t word[SUMS_EDGES] = {first, first - 1, first + 1, 0, UINT32_MAX};
    return (uint32_t)word[edge];
}

float sums_behind(uint32_t weight)
{
    float behind = (float)log(0x1p27 / weight);
    while (dg_sums_weight(behind) > weight) behind = nextafterf(behind, INFINITY);
    while (dg_sums_weight(behind) < weight) behind = nextafterf(behind, 0);
    return behind;
}

int sums_softmax(const float *x, int count, uint32_t word)
{
    uint32_t weight[1024];
    float largest = x[0];
    for (int k = 1; k < count; k++) largest = x[k] > largest ? x[k] : largest;
    for (int k = 0; k < count; k++) weight[k] = dg_sums_weight(largest - x[k]);
    return sums_find(weight, count, word);
}

void sums_begin(sums_left *s, const float *cost, int count)
{
    s->cost = cost;
    s->count = count;
    s->anew = 0;
    for (int k = 0; k < count; k++) {
        s->left[k] = cost[k] < DG_OBSERVE_NEVER;
        s->weight[k] = 0;
    }
}

int sums_weigh(sums_left *s)
{
    float least = INFINITY;
    if (sums_total(s->weight, s->count) >= DG_SUMS_ENOUGH) return 1;
    for (int k = 0; k < s->count; k++)
        if (s->left[k] && s->cost[k] < least) least = s->cost[k];
    for (int k = 0; k < s->count; k++)
        s->weight[k] = s->left[k] ? dg_sums_weight(s->cost[k] - least) : 0;
    s->anew += least < INFINITY;
    return least < INFINITY;
}

int sums_take(sums_left *s, uint32_t word)
{
    const int k = sums_find(s->weight, s->count, word);
    s->weight[k] = 0;
    s->left[k] = 0;
    return k;
}

int sums_draw(const float *cost, int count, int capacity, dg_draw draw, uint32_t index, int *drawn,
              int64_t *anew)
{
    sums_left s;
    int n = 0;
    sums_begin(&s, cost, count);
    for (; n < capacity && sums_weigh(&s); n++)
        drawn[n] = sums_take(&s, dg_word(draw, (uint32_t)n, index));
    if (anew) *anew += s.anew;
    return n;
}
