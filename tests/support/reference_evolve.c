/** Reference implementation of sep-CMA-ES in double precision; see reference_evolve.h. */
#include "reference_evolve.h"

#include <math.h>

/** c_cov of CMA-ES with mu_cov = mu_eff, times (n + 2) / 3: equation (4) of the paper. */
static double separable_rate(double n, double capped, double mu_eff)
{
    const double first = 2 / (mu_eff * pow(capped + sqrt(2), 2));
    const double second = (2 * mu_eff - 1) / (pow(capped + 2, 2) + mu_eff);
    return (n + 2) / 3 * (first + (1 - 1 / mu_eff) * fmin(1, second));
}

void reference_solver_begin(reference_solver *s, int parameters, int lambda, bool ros_hansen,
                            bool diagonal, double sigma, double mean_rate, double covariance_rate)
{
    const double n = parameters;
    const double capped = ros_hansen ? n : fmin(n, 40000);
    double sum = 0, squares = 0;
    s->n = parameters;
    s->lambda = lambda;
    s->mu = lambda / 2;
    s->ros_hansen = ros_hansen;
    s->diagonal = diagonal;
    for (int i = 1; i <= s->mu; i++) sum += s->w[i - 1] = log(s->mu + 1) - log(i);
    for (int i = 0; i < s->mu; i++) squares += pow(s->w[i] /= sum, 2);
    s->mu_eff = 1 / squares;
    const double c_cov = separable_rate(n, capped, s->mu_eff);
    s->c_1 = ros_hansen ? c_cov / s->mu_eff : 2 / (pow(capped + 1.3, 2) + s->mu_eff);
    s->c_mu = ros_hansen ? c_cov * (1 - 1 / s->mu_eff) : c_cov;
    s->c_mu = fmin(s->c_mu, 1 - s->c_1);
    if (!isnan(covariance_rate)) s->c_mu = covariance_rate;
    s->c_m = isnan(mean_rate) ? 1 : mean_rate;
    s->c_sigma = (s->mu_eff + 2) / (n + s->mu_eff + 3);
    s->d_sigma = 1 + 2 * fmax(0, sqrt((s->mu_eff - 1) / (n + 1)) - 1) + s->c_sigma;
    s->c_c = 4 / (n + 4);
    s->chi = sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * capped * capped));
    for (int p = 0; p < parameters; p++) {
        s->m[p] = s->p_sigma[p] = s->p_c[p] = 0;
        s->C[p] = 1;
    }
    s->sigma = sigma;
    s->updates = 0;
}

/** D: square root of the diagonal of C, or 1 if C does not shape the samples. */
static double scale(const reference_solver *s, int p)
{
    return s->diagonal ? sqrt(s->C[p]) : 1;
}

void reference_solver_sample(const reference_solver *s, const double *z, double *x)
{
    for (int p = 0; p < s->n; p++) x[p] = s->m[p] + s->sigma * scale(s, p) * z[p];
}

/** Indices of the samples, best first. */
static void rank_samples(const reference_solver *s, const double *fitness, int *order)
{
    for (int k = 0; k < s->lambda; k++) {
        int at = k;
        for (; at > 0 && fitness[order[at - 1]] < fitness[k]; at--) order[at] = order[at - 1];
        order[at] = k;
    }
}

/** h_sigma: 1 if p_sigma is short enough for p_c to grow, else 0. */
static double stall_indicator(const reference_solver *s)
{
    const double grown = sqrt(1 - pow(1 - s->c_sigma, 2.0 * s->updates));
    return s->norm / grown < (1.4 + 2 / (s->n + 1.0)) * s->chi ? 1 : 0;
}

/** p_c and C of one parameter. */
static void update_variance(reference_solver *s, int p, double y_w, double rank_mu)
{
    const double kept_path = s->h_sigma * sqrt(s->c_c * (2 - s->c_c) * s->mu_eff);
    s->p_c[p] = (1 - s->c_c) * s->p_c[p] + kept_path * y_w;
    /* evosax compensates for the variance that a stalled path loses; the paper does not */
    const double stalled = s->ros_hansen ? 0 : (1 - s->h_sigma) * s->c_1 * s->c_c * (2 - s->c_c);
    s->C[p] = (1 - s->c_1 - s->c_mu + stalled) * s->C[p] + s->c_1 * s->p_c[p] * s->p_c[p] +
              s->c_mu * rank_mu;
}

void reference_solver_update(reference_solver *s, const double *const *x, const double *fitness)
{
    static double y_w[REFERENCE_PARAMETERS], rank_mu[REFERENCE_PARAMETERS];
    int order[REFERENCE_SAMPLES];
    rank_samples(s, fitness, order);
    s->updates++;
    s->norm = 0;
    for (int p = 0; p < s->n; p++) {
        y_w[p] = rank_mu[p] = 0;
        for (int i = 0; i < s->mu; i++) {
            const double y = (x[order[i]][p] - s->m[p]) / s->sigma;
            y_w[p] += s->w[i] * y;
            rank_mu[p] += s->w[i] * y * y;
        }
        s->p_sigma[p] = (1 - s->c_sigma) * s->p_sigma[p] +
                        sqrt(s->c_sigma * (2 - s->c_sigma) * s->mu_eff) * y_w[p] / scale(s, p);
        s->norm += s->p_sigma[p] * s->p_sigma[p];
    }
    s->norm = sqrt(s->norm);
    s->h_sigma = stall_indicator(s);
    for (int p = 0; p < s->n; p++) {
        s->m[p] += s->c_m * s->sigma * y_w[p];
        update_variance(s, p, y_w[p], rank_mu[p]);
    }
    s->sigma *= exp(s->c_sigma / s->d_sigma * (s->norm / s->chi - 1));
}
