/**
 * Observation: whom the recommender shows to whom (MODEL.md, section 3.2; Eq. 4).
 *
 * Omega_ij = S_ij exp(-K_b |b_i - m_j|). Costs are -log Omega_ij: they add, and neither factor can
 * underflow (1/S reaches e^500 once K_I is swept). Agent i draws its N_o(i) distinct j one after another,
 * each in proportion to Omega_ij among those that are left.
 *
 * Up to DG_OBSERVE_SUMS agents: by sums (sums.h). Draw k takes word k of DG_STREAM_OBSERVE:
 *   1. If the total of the weights that are left is below DG_SUMS_ENOUGH (as it is before the first draw),
 *      the weights are made anew: w_j = dg_sums_weight(cost_j - least cost), of the candidates that are left.
 *   2. The first j whose prefix sum exceeds dg_sums_mark() is drawn; its weight becomes 0.
 * So a candidate whose integer is 0 is reached as soon as the heavier ones are drawn, and N_o = N - 1 draws all.
 *
 * Beyond: the N_o smallest clocks of a race (rng.h).
 */
#ifndef DG_OBSERVE_H
#define DG_OBSERVE_H

#include "kernels/science/fmath.h"
#include "kernels/science/choices.h"

/** Most agents that are drawn by sums. Part of the model version. */
#define DG_OBSERVE_SUMS 1024

/** Cost of what can't be drawn. */
#define DG_OBSERVE_NEVER ((float)INFINITY)

/** The largest -log S_ij: whoever has it is drawn when all others are. */
#define DG_OBSERVE_MOST 1e30f

/**
 * -log S_ij = K_c ||c(i) - c(j)|| + K_I I_ij, I_ij = exp(C_i - C_j) (Eq. 7). Beyond DG_OBSERVE_MOST, which
 * C_i - C_j > 69 reach, it is that; without K_I influence plays no part.
 */
DG_HD float dg_observe_static_cost(float coordinate_factor, float distance, float influence_factor,
                                   float influence)
{
    const float of_place = coordinate_factor * distance;
    const float cost =
        influence_factor > 0 ? fmaf(influence_factor, influence, of_place) : of_place;
    return cost < DG_OBSERVE_MOST ? cost : DG_OBSERVE_MOST;
}

/** Does the latest message of a silent agent stand for the one that it does not send? */
DG_HD int32_t dg_observe_repeats(int32_t silent)
{
    switch ((dg_silent)silent) {
    case DG_SILENT_MARKER:
    case DG_SILENT_EXCLUDED: break;
    case DG_SILENT_LAST: return 1;
    }
    return 0;
}

/** Is an agent that offers no message excluded from the draw? */
DG_HD int32_t dg_observe_excludes(int32_t silent)
{
    switch ((dg_silent)silent) {
    case DG_SILENT_MARKER:
    case DG_SILENT_LAST: break;
    case DG_SILENT_EXCLUDED: return 1;
    }
    return 0;
}

/** What the recommender takes as j's message. */
DG_HD int32_t dg_observe_offered(int32_t silent, int32_t message, int32_t last_message)
{
    return message < 0 && dg_observe_repeats(silent) ? last_message : message;
}

/** Are agents drawn by sums? Else by a race. */
DG_HD int32_t dg_observe_sums(int32_t agents)
{
    return agents <= DG_OBSERVE_SUMS;
}

/** |b_i - m_j|. */
DG_HD float dg_observe_gap(int32_t belief, int32_t offered)
{
    const int32_t gap = belief - offered;
    return (float)(gap < 0 ? -gap : gap);
}

/** -log Omega_ij. */
DG_HD float dg_observe_cost(float static_cost, float belief_factor, float gap)
{
    return fmaf(belief_factor, gap, static_cost);
}

/** Is j excluded from the draw? Beside that, no agent draws itself. */
DG_HD int32_t dg_observe_barred(int32_t silent, int32_t offered)
{
    return offered < 0 && dg_observe_excludes(silent);
}

/**
 * Does the register of an observer of j hold a message of this step? Then j has a view, and the observer has
 * received a message. It does not while j is silent, whatever is offered in its place.
 */
DG_HD int32_t dg_observe_received(int32_t message)
{
    return message >= 0;
}

/** Clock of candidate j in the race; smallest first, ties to the smaller index. */
DG_HD float dg_observe_clock(float cost, float log_exponential)
{
    return cost + log_exponential;
}

#endif
