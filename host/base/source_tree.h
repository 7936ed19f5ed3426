/** Finds files of the source tree in which this program was built: its data and Python tools. */
#ifndef DG_SOURCE_TREE_H
#define DG_SOURCE_TREE_H

/**
 * Path of `name` in the nearest folder above this program that contains it: build/digico and
 * build/<variant>/digico both find tools/report.
 *
 * @param mode  required permission, as for access(2)
 * @return the path, freed by the caller; NULL if it is not found or out of memory
 */
char *dg_source_tree_find(const char *name, int mode);

#endif
