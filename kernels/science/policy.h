/**
 * Policy: registers -> hidden tanh layer -> one logit per value (MODEL.md, section 3.1).
 *
 * A genotype holds W1 (column j contiguous over hidden units), b1, W2 (column h contiguous over
 * values), b2. Registers are -1 in all but the observed places, so that
 *   W1 o + b1 = (b1 - sum_j W1[:,j]) + sum over observed j of (m_j + 1) W1[:,j]:
 * the base vector in brackets is made once a generation, and a step gathers N_o columns (DESIGN.md,
 * section 5). The dense form is the reference for it.
 */
#ifndef DG_POLICY_H
#define DG_POLICY_H

#include "kernels/science/fmath.h"
#include "kernels/science/choices.h"
#include "kernels/science/sum.h"

/** Offsets of the parts of a genotype. */
typedef struct dg_policy_layout {
    int32_t bias_1;   /* b1 */
    int32_t weight_2; /* W2 */
    int32_t bias_2;   /* b2 */
} dg_policy_layout;

DG_HD dg_policy_layout dg_policy_layout_of(int32_t agents, int32_t hidden, int32_t values)
{
    dg_policy_layout at;
    at.bias_1 = agents * hidden;
    at.weight_2 = at.bias_1 + hidden;
    at.bias_2 = at.weight_2 + hidden * values;
    return at;
}

/** Is the hidden layer made from the observed registers alone? Else from all of them. */
DG_HD int32_t dg_policy_gathers(int32_t forward)
{
    switch ((dg_forward)forward) {
    case DG_FORWARD_GATHER: return 1;
    case DG_FORWARD_DENSE:
    case DG_FORWARD_CUBLAS: break;
    }
    return 0;
}

/** Does a library compute the products of both layers? Then the order of their sums is its own. */
DG_HD int32_t dg_policy_by_library(int32_t forward)
{
    switch ((dg_forward)forward) {
    case DG_FORWARD_GATHER:
    case DG_FORWARD_DENSE: break;
    case DG_FORWARD_CUBLAS: return 1;
    }
    return 0;
}

/** Does an agent act in step t? */
DG_HD int32_t dg_policy_acts(int32_t step, int32_t act_period)
{
    return act_period == 1 || step % act_period == 0; /* the usual case needs no division */
}

/** Base of one hidden unit from its bias, column by column in ascending j: base -= W1[h,j]. */
DG_HD float dg_policy_base_term(float base, float weight)
{
    return base - weight;
}

/** What an observed column counts in the sum; silence (-1) does not. */
DG_HD float dg_policy_level(int32_t message)
{
    return (float)(message + 1);
}

/** Add one observed column to a hidden unit, in ascending j. */
DG_HD float dg_policy_gather_term(float sum, float weight, int32_t message)
{
    return fmaf(dg_policy_level(message), weight, sum);
}

/** Dense form: add register j, in ascending j over all agents, starting from the bias. */
DG_HD float dg_policy_dense_term(float sum, float weight, int32_t reg)
{
    return fmaf((float)reg, weight, sum);
}

/** Activation of a hidden unit. */
DG_HD float dg_policy_hidden(float sum)
{
    return dg_tanh(sum);
}

/** A logit: the sum of W2[v,u] h_u over hidden units, in the order of sum.h, then its bias. */
DG_HD float dg_policy_logit(float sum, float bias)
{
    return sum + bias;
}

/**
 * Is the message drawn, with P(v) = exp(logit_v) / sum_u exp(logit_u) (softmax), by sums (sums.h)? Else it is
 * the value of the largest logit, of ties the smallest value.
 */
DG_HD int32_t dg_policy_samples(int32_t output)
{
    switch ((dg_output)output) {
    case DG_OUTPUT_SAMPLE: return 1;
    case DG_OUTPUT_ARGMAX: break;
    }
    return 0;
}

#endif
