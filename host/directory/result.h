/** Opening the result of a directory for reading. */
#ifndef DG_RESULT_H
#define DG_RESULT_H

#include "host/store/results.h"

/**
 * As dg_results_open(), DG_ERR_ARGUMENT for an empty name and for the result of another experiment than
 * that of the manifest, if there is one. If there is no result yet, the message states the progress of
 * the sweep and the next command.
 *
 * @param trust  as dg_results_open_unchecked()
 */
DG_MUST_CHECK dg_status dg_result_open(dg_results **out, const char *directory, bool trust);

/** For programs that read the result by themselves: DG_ERR_ARGUMENT if it is of another experiment. */
DG_MUST_CHECK dg_status dg_result_check_owner(const char *directory);

#endif
