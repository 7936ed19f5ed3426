/**
 * Reference implementation of sep-CMA-ES in double precision, written from Ros & Hansen (2008), "A
 * simple modification in CMA-ES achieving linear time and space complexity", and for the evosax
 * variant from MODEL.md, section 4. It uses simple arrays and libm, and no code of the kernels.
 */
#ifndef DG_TEST_REFERENCE_EVOLVE_H
#define DG_TEST_REFERENCE_EVOLVE_H

#include <stdbool.h>

enum { REFERENCE_SAMPLES = 64, REFERENCE_PARAMETERS = 8192 };

typedef struct reference_solver {
    int n, lambda, mu;
    bool ros_hansen; /* else evosax */
    bool diagonal;   /* C shapes the samples and p_sigma */
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

/** Initialise: constants, mean 0, C = 1, paths 0. For NaN rates the variant's formula is used. */
void reference_solver_begin(reference_solver *s, int n, int lambda, bool ros_hansen, bool diagonal,
                            double sigma, double mean_rate, double covariance_rate);

/** The sample x = m + sigma sqrt(C) z from standard normals z[n]. */
void reference_solver_sample(const reference_solver *s, const double *z, double *x);

/** Update from samples x[k][n] and their fitness; larger is better, of ties the smaller k. */
void reference_solver_update(reference_solver *s, const double *const *x, const double *fitness);

#endif
