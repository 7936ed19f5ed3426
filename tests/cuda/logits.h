/** The policy in double precision, and how far float32 may be from it. */
#ifndef DG_TEST_CUDA_LOGITS_H
#define DG_TEST_CUDA_LOGITS_H

#include "kernels/science/params.h"
#include "kernels/science/state.h"

/** A logit as it should be, and a bound of the error of any order of summation in float32. */
typedef struct logit_reference {
    double value;
    double bound;
} logit_reference;

/**
 * Logits of an agent, densely, from its registers and genotype in a state.
 *
 * @param out      [values]
 * @param scratch  [agents + 2 * hidden]
 */
void logits_reference(logit_reference *out, double *scratch, const dg_shape *s,
                      const dg_state *state, int32_t agent);

/** The same in float32, one product after the other: stands in for a device with --self. */
void logits_single(float *out, float *scratch, const dg_shape *s, const dg_state *state,
                   int32_t agent);

#endif
