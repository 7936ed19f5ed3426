/** A summary for readers, and what tables share. */
#ifndef DG_SUMMARY_TABLE_H
#define DG_SUMMARY_TABLE_H

#include "host/summary/rows.h"

#include <stdio.h>

/** One row per group of runs, aligned. */
DG_MUST_CHECK dg_status dg_summary_table(const dg_summary *summary, FILE *file);

/** "0.337 ± 0.041", dense: ".337±.041"; a dash without a number. Returns `text` or a constant. */
const char *dg_summary_format(double mean, double deviation, bool dense, char *text, size_t size);

/** What stands above a table: which numbers these are. */
void dg_summary_heading(const dg_summary *summary, FILE *file);

/** What stands below: every run that is in no mean, and the path of the file. */
void dg_summary_footer(const dg_summary *summary, FILE *file);

#endif
