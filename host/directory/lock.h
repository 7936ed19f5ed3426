/**
 * Locks that give a process the right to write into a result directory: into all of it, or as one
 * shard.
 *
 * A kernel lock on a byte range of DIR/.lock. The kernel releases it when the process ends, for
 * whatever reason. On file systems without locks nothing is locked.
 */
#ifndef DG_DIRECTORY_LOCK_H
#define DG_DIRECTORY_LOCK_H

#include "host/config/shard.h"

/**
 * Lock a directory for a shard; the shard {0, 0} locks all of it. Does not wait.
 *
 * @param descriptor  receives the lock; release it with dg_directory_unlock()
 * @return DG_OK; DG_ERR_IO: another process holds an overlapping lock, or .lock cannot be created
 */
DG_MUST_CHECK dg_status dg_directory_lock(int *descriptor, const char *directory, dg_shard shard);

/**
 * Does this lock belong to the directory that now has this name? Not if the directory was moved or
 * replaced since, or if its .lock was removed: then files of that name are not ours. True for -1.
 */
bool dg_directory_is_locked_by(int descriptor, const char *directory);

/** DG_ERR_IO with the reason if the lock does not belong to the directory of this name. */
DG_MUST_CHECK dg_status dg_directory_check_lock(int descriptor, const char *directory);

/** Release a lock; accepts -1. */
void dg_directory_unlock(int descriptor);

typedef enum dg_lock_state {
    DG_LOCK_HELD,   /* a process holds the lock */
    DG_LOCK_FREE,   /* no process holds it; on some file systems: no process of this machine */
    DG_LOCK_UNKNOWN /* there is no lock file, or the file system has no locks */
} dg_lock_state;

/** Is exactly this shard's part locked? An overlapping lock of another part does not count. */
dg_lock_state dg_directory_locked(const char *directory, dg_shard shard);

/** Has the file system of this lock locks at all? If not, dg_directory_lock() excludes nobody. */
bool dg_directory_has_locks(int descriptor);

/** Does another process hold any lock on the directory? False if the file system has no locks. */
bool dg_directory_has_others(int descriptor);

/**
 * Lock what all shards share (manifest, repairs), waiting for the other processes; release it with
 * dg_directory_unlock_shared(). Needs a lock of dg_directory_lock().
 */
void dg_directory_lock_shared(int descriptor);
void dg_directory_unlock_shared(int descriptor);

#endif
