/**
 * Draws by sums on a warp (sums.h of science). Numbers are costs, -x: the weight of a cost is
 * dg_sums_weight(cost - least). Sums over lanes are prefix sums by shuffles (Hillis & Steele 1986, "Data
 * parallel algorithms"); as integers they are the sums that the CPU makes, whatever their order.
 */
#ifndef DG_SUMS_CUDA_H
#define DG_SUMS_CUDA_H

#include "kernels/cuda/warp.h"
#include "kernels/science/observe.h"
#include "kernels/science/sums.h"

/** Sum over the lanes up to the own one, modulo 2^32 or 2^64; over each Apart-th lane. */
template <int32_t Apart, typename Word> DG_DEVICE Word dg_warp_prefix(Word value)
{
    if (Apart <= 1) value = dg_add_below<1>(value);
    if (Apart <= 2) value = dg_add_below<2>(value);
    value = dg_add_below<4>(value);
    value = dg_add_below<8>(value);
    return dg_add_below<16>(value);
}

/** Key of a cost. -0 and +0 have keys of their own; weights relative to either are the same. */
DG_DEVICE uint32_t dg_cost_key(float cost)
{
    return dg_key_of_bits(dg_bits_of(cost));
}

/** Least cost of the warp. */
DG_DEVICE float dg_least_cost(float cost)
{
    return dg_number_of(dg_warp_least(dg_cost_key(cost)));
}

/* ---- a candidate a lane: 31 weights above 0 at most, whose sum is below 2^32 ------------------ */

typedef struct dg_lane_sums {
    uint32_t weight, prefix; /* of the own lane; of the lanes up to it */
    uint32_t total;
} dg_lane_sums;

/** Weights from costs and their least. */
DG_DEVICE void dg_sum_lanes(dg_lane_sums *sums, float cost, float least)
{
    sums->weight = dg_sums_weight(cost - least);
    sums->prefix = dg_warp_prefix<1>(sums->weight);
    sums->total = dg_shuffle(sums->prefix, DG_LANES - 1);
}

/** Weights from costs of which some are finite. */
DG_DEVICE void dg_weigh_open(dg_lane_sums *sums, float cost)
{
    dg_sum_lanes(sums, cost, dg_least_cost(cost));
}

/** Weights from costs; false: nobody may be drawn. */
DG_DEVICE bool dg_weigh_lanes(dg_lane_sums *sums, float cost)
{
    const float least = dg_least_cost(cost);
    if (!(least < DG_OBSERVE_NEVER)) return false;
    dg_sum_lanes(sums, cost, least);
    return true;
}

/* prefix sums ascend: as many lanes as do not exceed a mark lie before the first one that does */

/** The first lane whose prefix sum exceeds the mark: dg_sums_mark() of a total of 32 bits. */
DG_DEVICE int32_t dg_find_lane(const dg_lane_sums &sums, uint32_t word)
{
    return dg_bits_set(dg_ballot(sums.prefix <= dg_product_high(word, sums.total)));
}

/** The same, and take it out: its weight leaves the prefix sums from it on, those that exceed the mark. */
DG_DEVICE int32_t dg_take_lane(dg_lane_sums *sums, uint32_t word)
{
    const bool before = sums->prefix <= dg_product_high(word, sums->total);
    const int32_t place = dg_bits_set(dg_ballot(before));
    const uint32_t weight = dg_shuffle(sums->weight, place);
    sums->prefix -= before ? 0 : weight;
    sums->total -= weight;
    return place;
}

/* ---- a row of costs: a chunk of neighbours a lane --------------------------------------------- */

/** In the place of the cost of what was drawn: nan, which is not below any cost, and weighs 0. */
#define DG_COST_DRAWN 0x7fffffffu

/** Is this the cost of what was drawn? */
DG_DEVICE bool dg_cost_drawn(uint32_t bits)
{
    return bits == DG_COST_DRAWN;
}

typedef struct dg_row_sums {
    uint32_t *cost;       /* [count] bits of costs */
    int32_t count, chunk; /* lane l sums the weights from l chunk on */
    float least;
    uint64_t prefix, total; /* sums of chunks */
} dg_row_sums;

/** A row of up to 1,024 costs. Odd chunks, so that lanes read different banks of memory, and at most 32. */
DG_DEVICE dg_row_sums dg_row_of(uint32_t *cost, int32_t count)
{
    const int32_t chunk = ((count + DG_LANES - 1) / DG_LANES) | 1;
    const dg_row_sums sums = {cost, count, chunk < DG_LANES ? chunk : DG_LANES, 0.0f, 0, 0};
    return sums;
}

/** Weight of an element. */
DG_DEVICE uint32_t dg_row_weight(const dg_row_sums &sums, int32_t at)
{
    return dg_sums_weight(dg_float_of(sums.cost[at]) - sums.least);
}

/** Sum of the weights of a chunk: 31 of them stay below 2^32. */
DG_DEVICE uint64_t dg_chunk_sum(const dg_row_sums &sums, int32_t first)
{
    const int32_t left = sums.count - first, here = left < sums.chunk ? left : sums.chunk;
    const int32_t most = here < DG_LANES - 1 ? here : DG_LANES - 1;
    uint32_t sum = 0;
    for (int32_t k = 0; k < most; k++) sum += dg_row_weight(sums, first + k);
    return sum + (uint64_t)(most < here ? dg_row_weight(sums, first + most) : 0);
}

/** Sums of the weights of all lanes' costs relative to the least one. */
DG_DEVICE void dg_sum_row(dg_row_sums *sums, float least)
{
    sums->least = least;
    sums->prefix = dg_warp_prefix<1>(dg_chunk_sum(*sums, dg_lane() * sums->chunk));
    sums->total = dg_shuffle_long(sums->prefix, DG_LANES - 1);
}

/** Sums from the costs that all lanes have written; false: nobody may be drawn. */
DG_DEVICE bool dg_weigh_row(dg_row_sums *sums)
{
    float own = DG_OBSERVE_NEVER;
    dg_warp_barrier();
    for (int32_t k = dg_lane(); k < sums->count; k += DG_LANES) {
        const float cost = dg_float_of(sums->cost[k]);
        own = cost < own ? cost : own;
    }
    const float least = dg_least_cost(own);
    if (!(least < DG_OBSERVE_NEVER)) return false;
    dg_sum_row(sums, least);
    return true;
}

/** A place in a row, and its weight. */
typedef struct dg_row_place {
    int32_t at, lane; /* whose chunk it is in */
    uint32_t weight;
} dg_row_place;

/**
 * The first place whose prefix sum exceeds the mark. Within the chunk lanes take an element each: the place is the
 * last one before which no more than the rest of the mark lies. 32 weights may add up to 2^32, what lies before one
 * of them may not.
 */
DG_DEVICE dg_row_place dg_find_place(const dg_row_sums &sums, uint32_t word)
{
    const uint64_t mark = dg_sums_mark(word, sums.total);
    const int32_t lane = dg_bits_set(dg_ballot(sums.prefix <= mark));
    const uint32_t before = dg_shuffle(static_cast<uint32_t>(sums.prefix), lane > 0 ? lane - 1 : 0);
    const uint32_t rest = static_cast<uint32_t>(mark) - (lane > 0 ? before : 0);
    const int32_t own = lane * sums.chunk + dg_lane();
    const bool inside = dg_lane() < sums.chunk && own < sums.count;
    const uint32_t weight = inside ? dg_row_weight(sums, own) : 0;
    const uint32_t prefix = dg_warp_prefix<1>(weight);
    const int32_t found = dg_bits_set(dg_ballot(prefix - weight <= rest)) - 1;
    const dg_row_place place = {lane * sums.chunk + found, lane, dg_shuffle(weight, found)};
    return place;
}

/** Take out what was drawn. */
DG_DEVICE void dg_take_place(dg_row_sums *sums, const dg_row_place &place)
{
    if (dg_lane() == 0) sums->cost[place.at] = DG_COST_DRAWN;
    sums->prefix -= dg_lane() >= place.lane ? place.weight : 0;
    sums->total -= place.weight;
    dg_warp_barrier();
}

#endif
