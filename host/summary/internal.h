/** What summary.c works out and summary_table.c, _comparison.c and _csv.c print. */
#ifndef DG_SUMMARY_INTERNAL_H
#define DG_SUMMARY_INTERNAL_H

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

/** One row per group of runs, aligned. */
DG_MUST_CHECK dg_status dg_summary_table(const dg_summary *summary, FILE *file);

/** Beside published numbers: one row per group of runs but for `reading`, which makes columns. */
DG_MUST_CHECK dg_status dg_summary_comparison(const dg_summary *summary, FILE *file);

/** "0.337 ± 0.041", dense: ".337±.041"; a dash without a number. Returns `text` or a constant. */
const char *dg_summary_format(double mean, double deviation, bool dense, char *text, size_t size);

/** What stands above a table: which numbers these are. */
void dg_summary_heading(const dg_summary *summary, FILE *file);

/** What stands below: every run that is in no mean, and the path of the file. */
void dg_summary_footer(const dg_summary *summary, FILE *file);

/** Comma-separated, all digits. */
void dg_summary_csv(const dg_summary *summary, FILE *file);

#endif
