/** What a summary is made of: rows of runs that share the values of the keys, and how their numbers spread. */
#ifndef DG_SUMMARY_ROWS_H
#define DG_SUMMARY_ROWS_H

#include "host/summary/published.h"
#include "host/models/model.h"
#include "host/summary/summary.h"

/** How a metric spreads over the runs of a row that completed or converged; all nan if n is 0. */
typedef struct dg_spread {
    size_t n; /* runs with a value */
    double mean;
    double deviation; /* sample standard deviation, nan if n is 1 */
    double low, high;
} dg_spread;

/** Runs that share the values of the keys. */
typedef struct dg_summary_row {
    size_t first;   /* first run of the row, in sweep order: its values of the keys are the row's */
    size_t planned; /* all of its runs */
    dg_run_counts counts; /* by what became of them */
    dg_spread spread[DG_SUMMARY_METRICS];
    const dg_published_row *published[DG_SUMMARY_METRICS]; /* NULL: none, or not asked */
} dg_summary_row;

typedef struct dg_summary {
    const dg_summary_options *options;
    dg_results *results;
    const dg_model *model;   /* of the results */
    dg_published *published; /* NULL: not asked */
    dg_metric metric[DG_SUMMARY_METRICS];
    const dg_results_axis **key; /* [keys] borrowed */
    size_t keys;
    dg_summary_row *row; /* [rows] in the order of their first runs */
    size_t rows;
} dg_summary;

/** Do two runs have the same value of all keys but one? `except` may be NULL. */
bool dg_summary_same(const dg_summary *summary, size_t run, size_t other,
                     const dg_results_axis *except);

/** Runs that converged early, in all rows. */
size_t dg_summary_converged(const dg_summary *summary);

/**
 * Read a result and work out its rows.
 *
 * @param summary  its options are set, the rest is zero; free it with dg_summary_free(), also after a failure
 */
DG_MUST_CHECK dg_status dg_summary_make(dg_summary *summary, const char *directory);

/** Free what the summary holds. */
void dg_summary_free(dg_summary *summary);

#endif
