/** The table of every instruction set of this architecture. */
#ifndef DG_TEST_VECTOR_DRAWS_H
#define DG_TEST_VECTOR_DRAWS_H

#include "kernels/cpu/schedule.h"
#include "tests/support/draws.h"

#define DECLARE(set) extern const draws draws_##set;
DG_VECTOR_LIST(DECLARE)
#undef DECLARE

#endif
