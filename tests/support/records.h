/** A small `digico` run worked out by hand, for the tests of statistics, store and summary. */
#ifndef DG_TEST_RECORDS_H
#define DG_TEST_RECORDS_H

#include "kernels/science/measures.h"

/** Groups and values of the run: bots (2, AI), people (3, human), V = 4, T = 10, n = 64. */
enum { RECORDS_GROUPS = 2, RECORDS_VALUES = 4, RECORDS_STEPS = 10, RECORDS_AGENTS = 5 };

/** The same sizes as a configuration; generations and a sweep can follow it. */
extern const char records_yaml[];

/** Shape of a run of so many generations; diversity is measured in every second and the last. */
dg_shape records_shape(int32_t generations);

/**
 * Records of a run, to be freed. Every generation holds the same sums but for the people of belief
 * 0, who move to 3 one by one: 15 - generation.
 */
int64_t *records_make(const dg_shape *shape);

/** A new empty folder, and its removal with all it holds. */
char *records_folder(void);
void records_remove(char *folder);

#endif
