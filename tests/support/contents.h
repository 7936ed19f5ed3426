/** Compares two result files. */
#ifndef DG_TEST_CONTENTS_H
#define DG_TEST_CONTENTS_H

/** Fail the test unless all variables of two netCDF files are equal, bit for bit. */
void contents_expect_same(const char *path, const char *other);

/** Fail the test unless two files have the same bytes; first reports variables that differ. */
void contents_expect_same_bytes(const char *path, const char *other);

#endif
