/** A summary for machines. */
#ifndef DG_SUMMARY_CSV_H
#define DG_SUMMARY_CSV_H

#include "host/summary/rows.h"

#include <stdio.h>

/** Comma-separated, all digits. */
void dg_summary_csv(const dg_summary *summary, FILE *file);

#endif
