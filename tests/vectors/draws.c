/** The draws of kernels/cpu, compiled once per instruction set as kernels/cpu itself is. */
#include "draws.h"

#include "kernels/cpu/lane_sums.h"

static int32_t place(const uint32_t *weight, uint32_t mark)
{
    return dg_sums_place(weight, mark);
}

static int32_t row(const dg_sums *sums, uint32_t word)
{
    return dg_sums_draw(sums, word);
}

static int32_t softmax_of_16(const float *x, int32_t count, uint32_t word)
{
    return dg_sums_softmax_of_16(x, count, word);
}

static void softmax(const float *x, int32_t values, const uint32_t *word, int32_t *chosen)
{
    dg_lane_row in_lanes[DG_VALUE_TILE] = {{0}};
    for (int32_t k = 0; k < values; k++)
        for (int l = 0; l < DG_LANES_WIDTH; l++) in_lanes[k][l] = x[k];
    dg_lane_softmax((const dg_lane_row *)in_lanes, values, word, chosen);
}

static void find(const uint32_t *upto, int32_t values, const uint32_t *word, int32_t *chosen)
{
    dg_lane_find(upto, values, DG_AGENT_TILE, word, chosen);
}

static void weigh(dg_observation_lanes *o, int32_t agents, const float *least)
{
    dg_lane_weights(o, agents, least);
}

static void draw(dg_observation_lanes *o, int32_t k, int32_t agents, const uint32_t *word,
                 const int32_t *capacity)
{
    dg_lane_draw(o, k, agents, word, capacity);
}

#define TEXT_OF(set) #set
#define TEXT(set)    TEXT_OF(set)
const draws DG_VECTORED(draws) = {TEXT(DG_VECTOR), DG_LANES_WIDTH, place, row, softmax_of_16,
                                  softmax,         find,           weigh, draw};
