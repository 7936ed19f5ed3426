/** The result of a directory, opened by whoever reads it. */
#ifndef DG_RESULT_H
#define DG_RESULT_H

#include "host/store/results.h"

/**
 * dg_results_open(); where there is no result yet, the message says how the sweep stands and what to do.
 *
 * @return as dg_results_open()
 */
DG_MUST_CHECK dg_status dg_result_open(dg_results **out, const char *directory);

#endif
