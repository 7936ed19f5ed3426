/**
 * Reference implementation of one run in double precision. It follows MODEL.md literally: all N
 * registers are stored, without tiles and gathers, and without logarithmic weights where the text
 * has none. Only the random words come from the engine (kernels/science/rng.h), so that results can
 * be compared choice by choice.
 *
 * Each choice compares a random number with the cumulative distribution. Two correct implementations can
 * choose differently only if it is nearly equal to a step of it. `closest` is the smallest such
 * difference so far, as a probability; a test that finds a difference prints it.
 */
#ifndef DG_TEST_REFERENCE_H
#define DG_TEST_REFERENCE_H

#include "host/config/config.h"
#include "kernels/science/rng.h"
#include "reference_evolve.h"

enum { REFERENCE_AGENTS = 64, REFERENCE_VALUES = 64, REFERENCE_HIDDEN = 96, REFERENCE_GROUPS = 5 };

typedef struct reference {
    dg_config config;
    int N, V;
    int group[REFERENCE_AGENTS];
    int rank[REFERENCE_AGENTS]; /* index within the group */
    /* initial state */
    double log_s[REFERENCE_AGENTS][REFERENCE_AGENTS]; /* log S_ij */
    /* a step */
    int belief[REFERENCE_AGENTS];
    int message[REFERENCE_AGENTS];
    int last[REFERENCE_AGENTS];
    int offered[REFERENCE_AGENTS];                 /* message that the recommender uses as m_j */
    int reg[REFERENCE_AGENTS][REFERENCE_AGENTS];   /* register j of agent i, -1: nothing */
    int drawn[REFERENCE_AGENTS][REFERENCE_AGENTS]; /* i observed j in this step */
    int step_views[REFERENCE_AGENTS];
    double reward[REFERENCE_AGENTS];
    double W[REFERENCE_AGENTS][REFERENCE_AGENTS];
    double delta[REFERENCE_AGENTS][REFERENCE_AGENTS];
    /* a generation */
    int generation;
    int views[REFERENCE_AGENTS];
    int penalty[REFERENCE_AGENTS];
    /* evolution */
    double x[REFERENCE_AGENTS][REFERENCE_PARAMETERS]; /* genotypes */
    reference_solver solver[REFERENCE_GROUPS];
    /* smallest difference between a random number and a step of its distribution, over all choices so far */
    double closest;
} reference;

/** A run at its initial state; free it with free(). */
reference *reference_begin(const dg_config *config);

/** Begin a generation: f = 0, and W is kept or reset as `carry` says. */
void reference_generation(reference *r);

/** Compute step t of the current generation. */
void reference_step(reference *r, int t);

/** End a generation: the solvers that are due evolve; the generation counter advances. */
void reference_evolve(reference *r);

/* ---- random variates, from the random words of the engine ------------------------------------ */

/** Uniform random number in (0, 1). */
double reference_uniform(dg_draw draw, int element, int index);

/** Standard normal (Box & Muller 1958). */
double reference_normal(dg_draw draw, int element, int index);

#endif
