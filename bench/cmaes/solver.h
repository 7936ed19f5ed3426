/**
 * The CPU schedule's sep-CMA-ES on its own: one run of one group whose agents are the samples and whose
 * policy is n biases and nothing else, so that every function below is kernels/cpu/evolve.c's.
 */
#ifndef DG_BENCH_SOLVER_H
#define DG_BENCH_SOLVER_H

#include "digico/digico.h"
#include "kernels/cpu/schedule.h"

/** What a solver is asked for. */
typedef struct cmaes_request {
    int32_t dimension;      /* n, >= 1 */
    int32_t population;     /* lambda, >= 2 */
    int32_t variant;        /* dg_variant */
    int32_t sampling;       /* dg_sampling */
    double sigma;           /* initial step size */
    double mean_rate;       /* c_m, nan: 1 */
    double covariance_rate; /* c_mu, nan: the variant's formula */
    const char *vector;     /* instruction set, NULL: the widest */
} cmaes_request;

/** A solver: all memory is its own. */
typedef struct cmaes_solver {
    dg_shape shape;
    dg_params params;
    dg_run_cpu run;
    void *block;
    void (*begin)(const dg_run_cpu *run);
    int (*evolve)(const dg_run_cpu *run);
} cmaes_solver;

/** @return DG_OK, DG_ERR_ARGUMENT, DG_ERR_UNSUPPORTED or DG_ERR_MEMORY; free with cmaes_solver_free() whatever comes */
DG_MUST_CHECK dg_status cmaes_solver_make(cmaes_solver *s, const cmaes_request *request);

/** Mean 0, C = 1, paths 0; the first samples drawn. */
void cmaes_solver_begin(cmaes_solver *s, uint64_t seed, double sigma);

/** Sample k: [n]. */
const float *cmaes_solver_sample(const cmaes_solver *s, int32_t k);

/** Rank the samples by `value`, smaller first; update; draw the next. False where the run ended. */
int cmaes_solver_update(cmaes_solver *s, const double *value);

void cmaes_solver_free(cmaes_solver *s);

#endif
