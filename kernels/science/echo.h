/**
 * The echo-chamber model (MODEL.md, section 10; the notebook "Echochambers Episode 1").
 *
 * Every agent climbs the gradient of a utility u_i: b_i <- b_i + eta du_i/db_i. One function gives
 * u, one its derivative; a further utility is one more line in the list and one more case in each.
 */
#ifndef DG_ECHO_H
#define DG_ECHO_H

#include "kernels/science/choices.h"
#include "kernels/science/hd.h"
#include "kernels/science/keys.h"

#include <math.h>

/**
 * product: u_i = b_i e_i, the notebook's.
 * bounded-confidence: Deffuant et al. (2000), "Mixing beliefs among interacting agents". Each step one
 * random pair (i, j) meets; u_i = -(b_i - b_j)^2 / 2 where |b_i - b_j| < confidence, else 0.
 */
#define DG_ECHO_UTILITY_LIST(X)                                                                    \
    X(DG_ECHO_PRODUCT, "product") X(DG_ECHO_BOUNDED_CONFIDENCE, "bounded-confidence")

DG_CHOICE(dg_echo_utility, DG_ECHO_UTILITY);

/** Do agents meet in pairs? Else each climbs against its evidence. */
DG_HD int32_t dg_echo_meets(int32_t utility)
{
    switch ((dg_echo_utility)utility) {
    case DG_ECHO_PRODUCT: break;
    case DG_ECHO_BOUNDED_CONFIDENCE: return 1;
    }
    return 0;
}

/* clang-format off */
/* the keys of this model; columns: keys.h */
#define DG_ECHO_KEYS(X)                                                                            \
    X(INTEGER, echo_agents, HOST, NEVER, "echo.agents", RANGE(2, 1000000), IS("10"), "agents",     \
      "MODEL 10", "n, at least 2")                                                                 \
    X(INTEGER, echo_steps, HOST, NEVER, "echo.steps", RANGE(1, 1000000000), IS("100000"), "steps", \
      "MODEL 10", "length of a run")                                                               \
    X(REAL, echo_rate, PARAM, STEP, "echo.rate", RANGE(1e-12, 1e3), IS("0.0001"), "1/steps",       \
      "eta; MODEL 10", "step of the gradient ascent")                                              \
    X(REAL, echo_scale, HOST, NEVER, "echo.scale", RANGE(0, 1e3), IS("0.1"), "1", "MODEL 10",      \
      "standard deviation of initial beliefs and of evidence")                                     \
    X(INTEGER, echo_snapshot_every, HOST, NEVER, "echo.snapshot_every", RANGE(1, 1000000000),      \
      IS("20000"), "steps", "MODEL 10",                                                            \
      "a snapshot after every so many steps; at most echo.steps")                                  \
    X(CHOICE, echo_utility, PARAM, STEP, "echo.utility", WORDS(DG_ECHO_UTILITY_LIST),              \
      IS("product"), "1", "MODEL 10; Deffuant et al. 2000",                                        \
      "what an agent climbs: belief times evidence, or agreement with near partners")              \
    X(REAL, echo_confidence, PARAM, STEP, "echo.confidence", RANGE(1e-9, 1e6), IS("0.1"), "1",     \
      "Deffuant et al. 2000", "bounded confidence: partners further away have no effect")
/* clang-format on */

/** What the steps of a run depend on, beside its beliefs and evidence. */
typedef struct dg_echo_params {
    DG_ECHO_KEYS(DG_PARAM)
} dg_echo_params;

/**
 * Utility of an agent.
 *
 * @param belief   b_i
 * @param other    product: e_i; bounded confidence: b_j of the partner, b_i without one
 * @param bound    bounded confidence: how far a partner may be
 */
DG_HD float dg_echo_value(int32_t utility, float belief, float other, float bound)
{
    const float gap = other - belief;
    switch ((dg_echo_utility)utility) {
    case DG_ECHO_PRODUCT: return belief * other;
    case DG_ECHO_BOUNDED_CONFIDENCE: break;
    }
    return fabsf(gap) < bound ? -0.5f * (gap * gap) : 0.0f;
}

/** du_i/db_i of dg_echo_value(). */
DG_HD float dg_echo_slope(int32_t utility, float belief, float other, float bound)
{
    const float gap = other - belief;
    switch ((dg_echo_utility)utility) {
    case DG_ECHO_PRODUCT: return other;
    case DG_ECHO_BOUNDED_CONFIDENCE: break;
    }
    return fabsf(gap) < bound ? gap : 0.0f;
}

/** One step of gradient ascent, b_i + eta du_i/db_i, rounded once. */
DG_HD float dg_echo_ascend(float belief, float rate, float slope)
{
    return fmaf(rate, slope, belief);
}

#endif
