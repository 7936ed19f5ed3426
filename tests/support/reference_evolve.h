/**
 * sep-CMA-ES in double precision, written from Ros & Hansen (2008), "A simple modification in
 * CMA-ES achieving linear time and space complexity", and from MODEL.md, section 4 for the evosax
 * variant: plain arrays, libm, no word shared with kernels/evolve*.h.
 */
#ifndef DG_TEST_REFERENCE_EVOLVE_H
#define DG_TEST_REFERENCE_EVOLVE_H

#include <stdbool.h>

enum { REFERENCE_SAMPLES = 64, REFERENCE_PARAMETERS = 8192 };

typedef struct reference_solver {
    int n, lambda, mu;
    bool ros_hansen; /* else evosax */
    bool diagonal;   /* does C shape samples and p_sigma? */
    double w[REFERENCE_SAMPLES];
    double mu_eff, c_1, c_mu, c_sigma, d_sigma, c_c, chi, c_m;
    double m[REFERENCE_PARAMETERS];
    double C[REFERENCE_PARAMETERS];
    double p_sigma[REFERENCE_PARAMETERS];
    double p_c[REFERENCE_PARAMETERS];
    double sigma;
    double norm;    /* ||p_sigma|| of the last update */
    double h_sigma; /* of the last update */
    int updates;
} reference_solver;

/** Constants, mean 0, C = 1, paths 0. Rates that are nan follow the variant's formula. */
void reference_solver_begin(reference_solver *s, int n, int lambda, bool ros_hansen, bool diagonal,
                            double sigma, double mean_rate, double covariance_rate);

/** The sample that standard normals z[n] make: x = m + sigma sqrt(C) z. */
void reference_solver_sample(const reference_solver *s, const double *z, double *x);

/** One update from samples x[k][n] and their fitness, larger is better, ties to the smaller k. */
void reference_solver_update(reference_solver *s, const double *const *x, const double *fitness);

#endif
