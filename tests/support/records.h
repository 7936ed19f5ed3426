/** A small run of the model `digico` with records computed by hand, for tests. */
#ifndef DG_TEST_RECORDS_H
#define DG_TEST_RECORDS_H

#include "kernels/science/measures.h"

/** Groups and values of the run: bots (2, AI), people (3, human), V = 4, T = 10, n = 64. */
enum { RECORDS_GROUPS = 2, RECORDS_VALUES = 4, RECORDS_STEPS = 10, RECORDS_AGENTS = 5 };

/** A configuration with the same sizes; generations and a sweep can be appended. */
extern const char records_yaml[];

/** Shape of the run; diversity is measured in every second generation and in the last. */
dg_shape records_shape(int32_t generations);

/**
 * Records of a run, which the caller frees. All generations have equal sums, except that in each
 * generation one more (person, step) pair has belief 3 instead of 0: 15 - generation have 0.
 */
int64_t *records_make(const dg_shape *shape);

/** Create an empty temporary folder; remove it with its contents and free its path. */
char *records_folder(void);
void records_remove(char *folder);

#endif
