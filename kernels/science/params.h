/**
 * Parameters of one run: what may differ between the runs of a batch, constant while one runs.
 */
#ifndef DG_PARAMS_H
#define DG_PARAMS_H

#include "kernels/science/keys.h"
#include "kernels/science/shape.h"

/** sep-CMA-ES constants of one group (MODEL.md, section 4); made by dg_evolve_constants_make(). */
typedef struct dg_evolve_constants {
    int32_t parents;  /* mu */
    int32_t diagonal; /* 1: sqrt(C) shapes the samples; 0: isotropic */
    float rate_mean;  /* c_m */
    float rate_one;   /* c_1 */
    float rate_mu;    /* c_mu */
    float rate_sigma; /* c_sigma */
    float keep_sigma; /* 1 - c_sigma */
    float gain_sigma; /* sqrt(c_sigma (2 - c_sigma) mu_eff) */
    float rate_path;  /* c_c */
    float keep_path;  /* 1 - c_c */
    float gain_path;  /* sqrt(c_c (2 - c_c) mu_eff) */
    float stall;      /* c_c (2 - c_c), kept variance while h_sigma = 0 */
    float damping;    /* c_sigma / d_sigma */
    float norm;       /* chi_n = E ||N(0, I)|| */
    float threshold;  /* (1.4 + 2 / (n + 1)) chi_n */
} dg_evolve_constants;

/** What a group brings beside its sizes: its keys, and what the host makes of them. */
typedef struct dg_group_params {
    DG_GROUP_KEYS(DG_PARAM)
    int32_t belief_fixed; /* 1: contagion skips the group */
    int32_t reserved;
    dg_evolve_constants evolve;
} dg_group_params;

/** What may differ between the runs of a batch: keys, and what the host makes of them. */
typedef struct dg_params {
    uint64_t seed;
    DG_DIGICO_KEYS(DG_PARAM)
    int32_t observation_dropped; /* round(s N) candidates whose weight becomes 0 */
    int32_t contagion_dropped;   /* round(s N) smallest W_ij that leave J_i */
    int32_t early_stop_count;    /* pairs of the scope that one belief holds; 0: never stop early */
    dg_group_params group[DG_MAX_GROUPS];
} dg_params;

#endif
