/** Two result files compared by what they hold, wherever it lies in them. */
#ifndef DG_TEST_CONTENTS_H
#define DG_TEST_CONTENTS_H

/** Fail the test unless all variables of two files, opened by netCDF, are equal bit by bit. */
void contents_expect_same(const char *path, const char *other);

#endif
