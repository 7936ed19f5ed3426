/** Contents of a summary: rows of runs with equal values of the keys, and their statistics. */
#ifndef DG_SUMMARY_ROWS_H
#define DG_SUMMARY_ROWS_H

#include "host/summary/published.h"
#include "host/models/model.h"
#include "host/summary/summary.h"

/** Statistics of a metric over the completed and converged runs of a row; all NaN if n is 0. */
typedef struct dg_spread {
    size_t n; /* number of runs with a value */
    double mean;
    double deviation; /* sample standard deviation; NaN if n is 1 */
    double low, high; /* smallest and largest value */
} dg_spread;

/** Runs with equal values of the keys. */
typedef struct dg_summary_row {
    size_t first;         /* first run of the row in sweep order; it gives the values of the keys */
    size_t planned;       /* number of runs of the row */
    dg_run_counts counts; /* number of runs with each status */
    dg_spread spread[DG_SUMMARY_METRICS];
    size_t left_out[DG_SUMMARY_METRICS]; /* runs that ended, but see dg_metric.left_out */
    const dg_published_row *published[DG_SUMMARY_METRICS]; /* NULL: none, or not requested */
} dg_summary_row;

typedef struct dg_summary {
    const dg_summary_options *options;
    const dg_results *results; /* borrowed */
    const dg_model *model;     /* of the results */
    dg_published *published;   /* NULL: not requested */
    dg_metric metric[DG_SUMMARY_METRICS];
    const dg_results_axis **key; /* [keys] borrowed */
    size_t keys;
    dg_summary_row *row; /* [rows] ordered by their first runs */
    size_t rows;
} dg_summary;

/** Do two runs have equal values of all keys, ignoring the key `except` (may be NULL)? */
bool dg_summary_same(const dg_summary *summary, size_t run, size_t other,
                     const dg_results_axis *except);

/** Number of runs that converged early, in all rows. */
size_t dg_summary_converged(const dg_summary *summary);

/** Number of runs left out of the statistics of a metric, in all rows. */
size_t dg_summary_left_out(const dg_summary *summary, int metric);

/** Number of counts in a row of a table: completed/planned, and those that are not 0 everywhere. */
size_t dg_summary_counts(const dg_summary *summary);

/**
 * Compute the rows of a result.
 *
 * @param summary  with results and options set and the rest zeroed; the caller frees it with dg_summary_free(),
 *                 also after a failure
 */
DG_MUST_CHECK dg_status dg_summary_make(dg_summary *summary);

/** Free the contents of a summary. */
void dg_summary_free(dg_summary *summary);

#endif
