/** Shards of one sweep that compute on one machine, and so share its memory. */
#ifndef DG_NEIGHBOURS_H
#define DG_NEIGHBOURS_H

#include "host/config/shard.h"

/**
 * Shards of the same division that are at work in this directory on this machine, `shard` included: those
 * whose lock is held and whose status file names this machine. 1 for a call of all runs. A shard that has
 * only just begun may not have been seen.
 */
int32_t dg_shards_here(const char *directory, dg_shard shard);

#endif
