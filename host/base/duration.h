/** Durations as people and Slurm write them. */
#ifndef DG_DURATION_H
#define DG_DURATION_H

#include "host/base/error.h"

/**
 * Seconds of M, M:S, H:M:S, D-H, D-H:M or D-H:M:S.
 *
 * @return DG_OK or DG_ERR_ARGUMENT: another form, nothing, or more than a year
 */
DG_MUST_CHECK dg_status dg_duration_parse(int64_t *seconds, const char *text);

#endif
