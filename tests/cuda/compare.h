/** Two outcomes of a case, byte for byte. */
#ifndef DG_TEST_CUDA_COMPARE_H
#define DG_TEST_CUDA_COMPARE_H

#include "outcome.h"

enum { DIFFERENCE_TEXT = 256 };

/**
 * Find the first difference: states field by field, finished generations, records, traces, what was
 * watched. A NaN that a state holds is one, too: processors differ in the bits of a NaN that they make.
 *
 * @param names  of the two sides
 * @param said   receives one line; DIFFERENCE_TEXT bytes
 * @return 1 if all is equal
 */
int outcome_equal(const outcome *a, const outcome *b, const char *const names[2], char *said);

#endif
