/**
 * One run in double precision, the plain way: the model as MODEL.md words it, all N registers held
 * explicitly, no tiles, no gather, no logarithmic weights where the text has none. Only the random
 * words are the engine's (kernels/science/rng.h): who draws what is then comparable choice by choice.
 *
 * Choices are races, so two implementations can only differ where the two best clocks nearly tie:
 * `closest` keeps the smallest lead of any choice, and a test that finds a difference prints it.
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
    /* start of the run */
    double log_s[REFERENCE_AGENTS][REFERENCE_AGENTS]; /* log S_ij */
    /* a step */
    int belief[REFERENCE_AGENTS];
    int message[REFERENCE_AGENTS];
    int last[REFERENCE_AGENTS];
    int offered[REFERENCE_AGENTS];                 /* what the recommender takes as m_j */
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
    /* smallest gap between the winning clock and the next, over all choices so far */
    double closest;
} reference;

/** The start of a run; free with free(). */
reference *reference_begin(const dg_config *config);

/** What precedes the first step of a generation: f = 0, and W as `carry` says. */
void reference_generation(reference *r);

/** Step t of the current generation. */
void reference_step(reference *r, int t);

/** After the last step: each solver that is due evolves; the next generation begins. */
void reference_evolve(reference *r);

/* ---- random variates, from the engine's words ------------------------------------------------ */

/** Uniform of an element, in double. */
double reference_uniform(dg_draw draw, int element, int index);

/** Logarithm of a standard exponential. */
double reference_log_exponential(dg_draw draw, int element, int index);

/** Standard normal (Box & Muller 1958). */
double reference_normal(dg_draw draw, int element, int index);

#endif
