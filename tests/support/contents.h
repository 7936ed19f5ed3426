/** Two result files compared. */
#ifndef DG_TEST_CONTENTS_H
#define DG_TEST_CONTENTS_H

/** Fail the test unless all variables of two files, opened by netCDF, are equal bit by bit. */
void contents_expect_same(const char *path, const char *other);

/** Fail the test unless two files are the same bytes; says first which variables differ, if any. */
void contents_expect_same_bytes(const char *path, const char *other);

#endif
