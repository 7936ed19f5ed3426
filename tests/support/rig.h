/**
 * One solver without a model: the evolution of one group of `size` agents by the CPU schedule, with
 * a fitness set by the test. There are n = size + 5 parameters (one hidden unit, two values), or
 * more with more hidden units.
 */
#ifndef DG_TEST_RIG_H
#define DG_TEST_RIG_H

#include "fixture.h"

typedef struct rig {
    fixture_run run;
    void *workspace;
    int64_t *record;
    int32_t generation; /* generation of the current genotypes */
    int32_t n, size;
} rig;

/** A solver in its initial state, before the first samples; free it with rig_end(). */
rig rig_begin(uint64_t seed, int32_t size, int32_t hidden, int32_t variant, int32_t sampling);

/** Draw the first samples. */
void rig_sample(rig *r);

/** Sample k: [n]. */
const float *rig_genotype(const rig *r, int32_t k);

/** Rank the samples by fitness (larger is better), update the solver, draw the next samples. */
void rig_evolve(rig *r, const double *fitness);

void rig_end(rig *r);

#endif
