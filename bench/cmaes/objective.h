/** Test functions of real-valued optimisation, minimised; bench/peers/cmaes_functions.py has the same. */
#ifndef DG_BENCH_OBJECTIVE_H
#define DG_BENCH_OBJECTIVE_H

#include "digico/digico.h"

#include <stdint.h>

/** A function of n coordinates: in double precision from the float32 coordinates of a sample. */
typedef struct cmaes_objective {
    double (*value)(const struct cmaes_objective *f, const float *x);
    int32_t n;
    double *optimum; /* [n] s, exact in float32; of all but Rosenbrock's */
    double *weight;  /* [n] squared axis lengths of the ellipsoid */
} cmaes_objective;

/** @return DG_OK, DG_ERR_ARGUMENT for an unknown name, DG_ERR_MEMORY; free with cmaes_objective_free() */
DG_MUST_CHECK dg_status cmaes_objective_make(cmaes_objective *f, const char *name, int32_t n);

void cmaes_objective_free(cmaes_objective *f);

#endif
