/** A summary as comma-separated values. */
#ifndef DG_SUMMARY_CSV_H
#define DG_SUMMARY_CSV_H

#include "host/summary/rows.h"

#include <stdio.h>

/** Print a header line and one line per row of the summary, with all significant digits. */
void dg_summary_csv(const dg_summary *summary, FILE *file);

#endif
