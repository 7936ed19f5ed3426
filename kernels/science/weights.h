/**
 * Belief weights W_ij: how strongly j influences i (MODEL.md, section 3.4; Eq. 3, App. C).
 *
 * A rule is a word of dg_update, a line of dg_weight_needs() and a case of dg_weight_next(). Schedules
 * know none by name: they ask what a rule needs, and hand it to dg_weight_next().
 */
#ifndef DG_WEIGHTS_H
#define DG_WEIGHTS_H

#include "kernels/science/params.h"
#include "kernels/science/rng.h"

/** W_ij(0) ~ U[0, 1]. */
DG_HD float dg_weight_initial(uint32_t word)
{
    return dg_uniform(word);
}

/** Delta W_ij(0) ~ U[-0.1, 0.1]. */
DG_HD float dg_momentum_initial(uint32_t word)
{
    return fmaf(dg_uniform(word), 0.2f, -0.1f);
}

/* ---- the rules ------------------------------------------------------------------------------- */

/** W_ij, and Delta W_ij of the rule that has one. */
typedef struct dg_weight {
    float weight;
    float momentum;
} dg_weight;

/** What a rule may ask about a pair in a step; dg_weight_needs() says what of it is there. */
typedef struct dg_weight_inputs {
    float normal;     /* eps_ij, standard normal */
    int32_t received; /* did i receive a message from j in this step? */
    float ahead;      /* if it did: r_j - r_i */
} dg_weight_inputs;

/** What a rule needs of a schedule, a bit each. */
enum {
    DG_WEIGHT_NORMAL = 1,   /* a normal for each pair */
    DG_WEIGHT_RECEIVED = 2, /* whose messages were received, and what they earned */
    DG_WEIGHT_OTHERS = 4,   /* it moves the weights of all j, received or not, i itself included */
    DG_WEIGHT_MOMENTUM = 8  /* it moves Delta, too */
};

/** Bits of what a rule needs; 0: it moves nothing. */
DG_HD int32_t dg_weight_needs(int32_t rule)
{
    switch ((dg_update)rule) {
    case DG_UPDATE_FIXED: break;
    case DG_UPDATE_RANDOM: return DG_WEIGHT_NORMAL | DG_WEIGHT_OTHERS;
    case DG_UPDATE_MOMENTUM: return DG_WEIGHT_NORMAL | DG_WEIGHT_OTHERS | DG_WEIGHT_MOMENTUM;
    case DG_UPDATE_REWARD: return DG_WEIGHT_RECEIVED;
    case DG_UPDATE_DECAY: return DG_WEIGHT_RECEIVED | DG_WEIGHT_OTHERS;
    }
    return 0;
}

/** W_ij + rho max(r_j - r_i, 0): i gives more weight to agents that earn more than itself. */
DG_HD float dg_weight_towards(float weight, float ahead, float scale)
{
    return fmaf(scale, ahead > 0.0f ? ahead : 0.0f, weight);
}

/**
 * kappa W_ij: a weight that decays. A result below the normal range of float32 becomes 0: rounding would
 * keep the smallest of them for ever, and CPUs are slow with subnormal numbers.
 */
DG_HD float dg_weight_faded(float weight, float factor)
{
    const float left = factor * weight;
    return fabsf(left) < 0x1p-126f ? 0.0f : left;
}

/** W_ij and Delta_ij after a step, by the rule (Eq. 3, Appendix C). */
DG_HD dg_weight dg_weight_next(const dg_params *p, int32_t rule, dg_weight w, dg_weight_inputs in)
{
    switch ((dg_update)rule) {
    case DG_UPDATE_FIXED: break;
    case DG_UPDATE_RANDOM: /* W += eps, eps ~ N(0, sigma_R) */
        w.weight = fmaf(p->random_sigma, in.normal, w.weight);
        break;
    case DG_UPDATE_MOMENTUM: /* Delta <- beta Delta + eps, eps ~ N(0, sigma_M); W += the new Delta */
        w.momentum = fmaf(p->momentum_factor, w.momentum, p->momentum_sigma * in.normal);
        w.weight = w.weight + w.momentum;
        break;
    case DG_UPDATE_REWARD: /* only j that i received from */
        if (in.received) w.weight = dg_weight_towards(w.weight, in.ahead, p->reward_scale);
        break;
    case DG_UPDATE_DECAY: /* j that i received from as `reward`, all others, i itself included, fade */
        w.weight = in.received ? dg_weight_towards(w.weight, in.ahead, p->reward_scale)
                               : dg_weight_faded(w.weight, p->decay_factor);
        break;
    }
    return w;
}

/* ---- what follows from them ------------------------------------------------------------------ */

/** Does the rule draw a normal for each pair? */
DG_HD int32_t dg_weight_noisy(int32_t rule)
{
    return dg_weight_needs(rule) & DG_WEIGHT_NORMAL;
}

/** Does nothing ever move W, neither the rule nor the clip? */
DG_HD int32_t dg_weight_still(const dg_params *p)
{
    return !p->clip && dg_weight_needs(p->update) == 0;
}

/** Do W and Delta return to W(0) and Delta(0) at the start of each generation? */
DG_HD int32_t dg_weight_returns(int32_t carry)
{
    switch ((dg_carry)carry) {
    case DG_CARRY_RUN: break;
    case DG_CARRY_GENERATION: return 1;
    }
    return 0;
}

/**
 * Is a weight far enough from the ends of float32? C_b sum W stays finite for all keys, and so does the
 * exponent, unless contagion.delta is below 1/2; an infinite one still makes clocks that are numbers.
 */
DG_HD int32_t dg_weight_sound(float weight)
{
    return fabsf(weight) < 0x1p90f; /* false for nan */
}

/** belief_weights.clip. */
DG_HD float dg_weight_clip(float weight, int32_t clip, float low, float high)
{
    const float floored = weight < low ? low : weight;
    const float clipped = floored > high ? high : floored;
    return clip ? clipped : weight;
}

#endif
