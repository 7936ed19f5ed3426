/** A summary compared with published values. */
#ifndef DG_SUMMARY_COMPARISON_H
#define DG_SUMMARY_COMPARISON_H

#include "host/summary/rows.h"

#include <stdio.h>

/** Print the summary next to the published values; the values of `reading` become columns. */
DG_MUST_CHECK dg_status dg_summary_comparison(const dg_summary *summary, FILE *file);

#endif
