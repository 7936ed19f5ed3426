/**
 * Locks on a result directory; see lock.h. They are open file description locks (F_OFD_SETLK), so
 * that two locks of the same process exclude each other, too.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* F_OFD_SETLK */
#endif
#include "host/directory/lock.h"

#include "host/base/file_open.h"
#include "host/base/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* shard i of n locks the i-th of n equal parts of this many bytes; the file itself stays empty */
#define RANGE ((int64_t)1 << 40)

static struct flock range_of(dg_shard shard)
{
    const int64_t count = shard.count > 0 ? shard.count : 1,
                  index = shard.index > 0 ? shard.index : 1;
    const int64_t first = RANGE / count * (index - 1);
    return (struct flock){.l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_start = first,
                          .l_len = index == count ? RANGE - first : RANGE / count};
}

static dg_status open_lock(int *file, const char *directory)
{
    char *path = dg_text("%s/.lock", directory);
    dg_status status = path ? dg_file_open(file, path, O_RDWR | O_CREAT | O_NOFOLLOW)
                            : dg_fail(DG_ERR_MEMORY, "no memory to lock %s", directory);
    if (status == DG_ERR_IO && faccessat(AT_FDCWD, directory, W_OK, AT_EACCESS) != 0)
        status = dg_fail_errno(directory, "cannot write in this directory");
    free(path);
    return status;
}

dg_status dg_directory_lock(int *descriptor, const char *directory, dg_shard shard)
{
    struct flock range = range_of(shard);
    int file = -1;
    DG_TRY(open_lock(&file, directory));
    /* other errors mean that the file system has no locks: go on without one */
    if (fcntl(file, F_OFD_SETLK, &range) != 0 && (errno == EAGAIN || errno == EACCES)) {
        close(file);
        return dg_fail(DG_ERR_IO, "%s: another digico process is writing here", directory);
    }
    *descriptor = file;
    return DG_OK;
}

bool dg_directory_has_locks(int descriptor)
{
    struct flock any = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = RANGE};
    return fcntl(descriptor, F_OFD_GETLK, &any) == 0;
}

/* F_OFD_GETLK does not report locks of the same open file */
bool dg_directory_has_others(int descriptor)
{
    struct flock any = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = RANGE};
    return descriptor >= 0 && fcntl(descriptor, F_OFD_GETLK, &any) == 0 && any.l_type != F_UNLCK;
}

/* the shared lock is one byte after those of the shards */
static void set_shared(int descriptor, short type)
{
    struct flock byte = {.l_type = type, .l_whence = SEEK_SET, .l_start = RANGE, .l_len = 1};
    /* other errors mean that the file system has no locks: go on without one */
    while (fcntl(descriptor, F_OFD_SETLKW, &byte) != 0 && errno == EINTR) {
    }
}

void dg_directory_lock_shared(int descriptor)
{
    set_shared(descriptor, F_WRLCK);
}

void dg_directory_unlock_shared(int descriptor)
{
    set_shared(descriptor, F_UNLCK);
}

/* device and inode: they stay the same as long as the lock holds the file open */
bool dg_directory_is_locked_by(int descriptor, const char *directory)
{
    struct stat held, found;
    if (descriptor < 0) return true;
    char *path = dg_text("%s/.lock", directory);
    const bool same = path && fstat(descriptor, &held) == 0 && lstat(path, &found) == 0 &&
                      dg_file_is_same(&held, &found);
    free(path);
    return same;
}

dg_status dg_directory_check_lock(int descriptor, const char *directory)
{
    if (dg_directory_is_locked_by(descriptor, directory)) return DG_OK;
    return dg_fail(DG_ERR_IO,
                   "%s: moved, removed or replaced while this call was writing there: nothing more "
                   "was written",
                   directory);
}

void dg_directory_unlock(int descriptor)
{
    if (descriptor >= 0) close(descriptor);
}

/* opens for reading only: needs no permission to write and creates no file */
dg_lock_state dg_directory_locked(const char *directory, dg_shard shard)
{
    const struct flock asked = range_of(shard);
    struct flock found = asked;
    char *path = dg_text("%s/.lock", directory);
    const int file = path ? dg_file_try(path, O_RDONLY) : -1;
    free(path);
    if (file < 0) return DG_LOCK_UNKNOWN;
    const bool answered = fcntl(file, F_OFD_GETLK, &found) == 0;
    close(file);
    if (!answered) return DG_LOCK_UNKNOWN;
    if (found.l_type == F_UNLCK) return DG_LOCK_FREE;
    return found.l_start == asked.l_start && found.l_len == asked.l_len ? DG_LOCK_HELD
                                                                        : DG_LOCK_FREE;
}
