/** Summary of a result (`digico summary`): runs with equal values of the keys form one row. */
#ifndef DG_SUMMARY_H
#define DG_SUMMARY_H

#include "host/models/model.h"

#include <stdbool.h>
#include <stdio.h>

/** Zero-initialise, then set what matters. */
typedef struct dg_summary_options {
    const char *const *by; /* [by_count] swept keys that form the rows, as `a.b` or `a_b` */
    size_t by_count;       /* 0: all swept keys but the seed; with compare: ai_type and reading */
    bool csv;              /* print CSV with all digits instead of a table */
    const char *compare;   /* file of published values; NULL: do not compare */
    dg_statistic statistic;
} dg_summary_options;

/**
 * Print a summary of a result. The statistics include completed runs, and runs that
 * converged early with their values at the end. Each row states how many of its planned runs
 * completed and, if there are any, how many converged. Nothing is printed after a failure to read.
 *
 * @param options  may be NULL: all defaults
 * @return DG_OK, DG_ERR_CONFIG (a key that was not swept, malformed published values), DG_ERR_IO or
 *         DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_summary_print(FILE *file, const dg_results *results,
                                         const dg_summary_options *options);

#endif
