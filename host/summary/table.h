/** A summary as a text table, and parts that both kinds of tables use. */
#ifndef DG_SUMMARY_TABLE_H
#define DG_SUMMARY_TABLE_H

#include "host/summary/rows.h"

#include <stdio.h>

/** Print an aligned table with one row per group of runs. */
DG_MUST_CHECK dg_status dg_summary_table(const dg_summary *summary, FILE *file);

/** Format "0.337 ± 0.041", dense ".337±.041", a dash for NaN; returns `text` or a constant. */
const char *dg_summary_format(double mean, double deviation, bool dense, char *text, size_t size);

/** Print the line above a table: which statistic it shows. */
void dg_summary_heading(const dg_summary *summary, FILE *file);

/** Print the lines below a table: the number of runs with each status, and the path of the file. */
void dg_summary_footer(const dg_summary *summary, FILE *file);

#endif
