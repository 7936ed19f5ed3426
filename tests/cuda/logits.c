/**
 * Errors of summation (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1): with unit
 * roundoff u = 2^-24, a sum of n products differs from the exact one by at most g(n) sum |terms|,
 * g(n) = n u / (1 - n u), in whatever order it is taken, fused or not. Hidden unit:
 *
 *   |dz| <= g(N + 2) (|b1| + sum |W1 o|),  |dh| <= |dz| + 2^-22, since |tanh'| <= 1 and tanh is good
 *   to 2 units in the last place; and so a logit: |dl| <= g(H + 2) (|b2| + sum |W2| (|h| + |dh|)) +
 *   sum |W2| |dh|.
 *
 * The bound holds always. TF32 would show: its products carry 2^-11, ten times the bound at N = 30.
 */
#include "logits.h"

#include "kernels/science/policy.h"

#include <math.h>

static double gamma_of(int32_t terms)
{
    const double each = terms * 0x1p-24;
    return each / (1 - each);
}

/** What an agent's policy consists of. */
typedef struct policy {
    const float *genotype;
    dg_policy_layout at;
    int32_t hidden;
} policy;

static policy policy_of(const dg_shape *s, const dg_state *state, int32_t agent)
{
    int32_t g = 0;
    while (agent >= s->group[g].first + s->group[g].size) g++;
    const dg_group_shape *group = &s->group[g];
    const int64_t at = group->genotype + (int64_t)(agent - group->first) * group->stride;
    const policy p = {state->genotype + at,
                      dg_policy_layout_of(s->agents, group->hidden, s->values), group->hidden};
    return p;
}

/** Registers: -1 but for what was heard. */
static int32_t register_of(const dg_shape *s, const dg_state *state, int32_t agent, int32_t sender)
{
    const int64_t row = (int64_t)agent * s->capacity;
    for (int32_t k = 0; k < s->capacity; k++)
        if (state->observed[row + k] == sender) return state->registers[row + k];
    return -1;
}

void logits_reference(logit_reference *out, double *scratch, const dg_shape *s,
                      const dg_state *state, int32_t agent)
{
    const policy p = policy_of(s, state, agent);
    const float *bias = p.genotype + p.at.bias_1, *second = p.genotype + p.at.weight_2;
    double *input = scratch, *hidden = input + s->agents, *error = hidden + p.hidden;
    for (int32_t j = 0; j < s->agents; j++) input[j] = register_of(s, state, agent, j);
    for (int32_t u = 0; u < p.hidden; u++) {
        double sum = (double)bias[u], size = fabs(sum);
        for (int32_t j = 0; j < s->agents; j++) {
            const double term = (double)p.genotype[(int64_t)j * p.hidden + u] * input[j];
            sum += term;
            size += fabs(term);
        }
        hidden[u] = tanh(sum);
        error[u] = gamma_of(s->agents + 2) * size + 0x1p-22;
    }
    for (int32_t v = 0; v < s->values; v++) {
        double sum = (double)p.genotype[p.at.bias_2 + v], size = fabs(sum), carried = 0;
        for (int32_t u = 0; u < p.hidden; u++) {
            const double weight = (double)second[(int64_t)u * s->values + v];
            sum += weight * hidden[u];
            size += fabs(weight) * (fabs(hidden[u]) + error[u]);
            carried += fabs(weight) * error[u];
        }
        out[v].value = sum;
        out[v].bound = gamma_of(p.hidden + 2) * size + carried;
    }
}

void logits_single(float *out, float *scratch, const dg_shape *s, const dg_state *state,
                   int32_t agent)
{
    const policy p = policy_of(s, state, agent);
    const float *second = p.genotype + p.at.weight_2;
    for (int32_t u = 0; u < p.hidden; u++) {
        float sum = p.genotype[p.at.bias_1 + u];
        for (int32_t j = 0; j < s->agents; j++)
            sum = dg_policy_dense_term(sum, p.genotype[(int64_t)j * p.hidden + u],
                                       register_of(s, state, agent, j));
        scratch[u] = dg_policy_hidden(sum);
    }
    for (int32_t v = 0; v < s->values; v++) {
        float sum = 0;
        for (int32_t u = 0; u < p.hidden; u++)
            sum = fmaf(second[(int64_t)u * s->values + v], scratch[u], sum);
        out[v] = dg_policy_logit(sum, p.genotype[p.at.bias_2 + v]);
    }
}
