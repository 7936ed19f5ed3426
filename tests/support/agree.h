/** Compares a run of the CPU backend with the reference implementation, choice by choice. */
#ifndef DG_TEST_AGREE_H
#define DG_TEST_AGREE_H

#include "fixture.h"

/**
 * Compute a configuration with both and fail the test at the first difference. Messages, views and
 * beliefs of every step, and registers, views and penalties at the end, must be equal; W, Delta,
 * genotypes and solvers at the end may differ by the rounding of float32.
 *
 * @param name  of the case, for messages
 * @return      the smallest lead of any choice (see reference.h): only below about 1e-5 can two
 *              correct programs choose differently
 */
double agree(const char *name, const dg_config *config);

#endif
