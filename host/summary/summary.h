/** A table of a result file: runs that share the chosen keys become one row (`digico summary`). */
#ifndef DG_SUMMARY_H
#define DG_SUMMARY_H

#include "host/models/model.h"

#include <stdbool.h>
#include <stdio.h>

/** Zero-initialise, then set what matters. */
typedef struct dg_summary_options {
    const char *const *by; /* [by_count] swept keys, dotted or as variables; they make the rows */
    size_t by_count;       /* 0: all swept keys but the seed; to compare: ai_type and reading */
    bool csv;              /* for machines: all digits, one row per group of runs */
    const char *compare;   /* path of the published numbers, NULL: do not compare */
    dg_statistic statistic;
} dg_summary_options;

/**
 * Print a summary of `directory`/results.nc. Completed runs enter means, and those that converged
 * early with what they have; every row says how many completed of how many planned, and how many
 * converged if any did.
 *
 * @param options  may be NULL: all defaults
 * @return DG_OK, DG_ERR_CONFIG (a key that was not swept, malformed published numbers), DG_ERR_IO,
 *         DG_ERR_MEMORY; nothing is printed before all is read
 */
DG_MUST_CHECK dg_status dg_summary_print(FILE *file, const char *directory,
                                         const dg_summary_options *options);

#endif
