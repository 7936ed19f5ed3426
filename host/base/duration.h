/** Durations in the formats that Slurm accepts. */
#ifndef DG_DURATION_H
#define DG_DURATION_H

#include "host/base/error.h"

/**
 * Parse M, M:S, H:M:S, D-H, D-H:M or D-H:M:S (D days, H hours, M minutes, S seconds).
 *
 * @return DG_OK, or DG_ERR_ARGUMENT if the text has another format or is not in 1 s ... 366 days
 */
DG_MUST_CHECK dg_status dg_duration_parse(int64_t *seconds, const char *text);

#endif
