/** Compares a run of the CPU backend with the plain reference, choice by choice. */
#ifndef DG_TEST_AGREE_H
#define DG_TEST_AGREE_H

#include "fixture.h"

/**
 * Run a configuration both ways and fail the test at the first difference: messages, views and
 * beliefs of every step exactly; registers, views and penalties at the end exactly; W, Delta,
 * genotypes and solvers at the end within `tolerance` of float32 against double.
 *
 * @param name  stands in the failure's text
 * @return      the smallest lead of any choice: two programs can only differ below about 1e-5
 */
double agree(const char *name, const dg_config *config);

#endif
