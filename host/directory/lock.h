/**
 * Who may write into a result directory: all of it for one process, or each shard its own part.
 *
 * A lock of the kernel on a range of DIR/.lock: it goes with the process, however that ends. File
 * systems that cannot lock go without.
 */
#ifndef DG_DIRECTORY_LOCK_H
#define DG_DIRECTORY_LOCK_H

#include "host/config/shard.h"

/**
 * Lock for a shard; {0, 0} locks all.
 *
 * @param descriptor  receives what dg_directory_unlock() takes
 * @return DG_OK, or DG_ERR_IO (another process writes there, or the lock cannot be made)
 */
DG_MUST_CHECK dg_status dg_directory_lock(int *descriptor, const char *directory, dg_shard shard);

/** Accepts -1. */
void dg_directory_unlock(int descriptor);

typedef enum dg_lock_state {
    DG_LOCK_HELD,   /* a process holds it */
    DG_LOCK_FREE,   /* none does; on some file systems: none of this machine */
    DG_LOCK_UNKNOWN /* no answer: there is no lock file, or the file system cannot lock */
} dg_lock_state;

/** Is exactly that shard's part locked? The lock of another part that overlaps it is not meant. */
dg_lock_state dg_directory_locked(const char *directory, dg_shard shard);

/** Does another process hold a part of the directory? False where the file system cannot tell. */
bool dg_directory_has_others(int descriptor);

/** Wait until no other process changes what all shards share; until dg_directory_unlock_shared(). */
void dg_directory_lock_shared(int descriptor);
void dg_directory_unlock_shared(int descriptor);

#endif
