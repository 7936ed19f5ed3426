/**
 * Checking the head of a stored run against the experiment: right checksums prove that a file is as
 * it was written, not that a run wrote it.
 */
#ifndef DG_RUN_HEAD_H
#define DG_RUN_HEAD_H

#include "host/archive/run_archive.h"

/**
 * Can a run of this configuration have such a head?
 *
 * @param config  NULL: not known, as for a run that the experiment no longer has
 * @param ended   it is in a batch, where all runs have ended
 * @return DG_OK, or DG_ERR_IO with what is wrong
 */
DG_MUST_CHECK dg_status dg_run_head_check(const dg_run_place *place, const dg_config *config,
                                          bool ended);

#endif
