/** Files of the checkout that this program was built in: data and tools that the program needs beside it. */
#ifndef DG_SOURCE_TREE_H
#define DG_SOURCE_TREE_H

/**
 * Path of `name` in the nearest folder above this program that has it: build/digico and
 * build/<variant>/digico both find tools/report.
 * @param mode  what has to be allowed, as of access(2)
 * @return freed by the caller; NULL: there is none, or no memory
 */
char *dg_source_tree_find(const char *name, int mode);

#endif
