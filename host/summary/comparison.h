/** A summary beside published numbers. */
#ifndef DG_SUMMARY_COMPARISON_H
#define DG_SUMMARY_COMPARISON_H

#include "host/summary/rows.h"

#include <stdio.h>

/** Beside published numbers: one row per group of runs but for `reading`, which makes columns. */
DG_MUST_CHECK dg_status dg_summary_comparison(const dg_summary *summary, FILE *file);

#endif
