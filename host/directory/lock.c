/**
 * Locks on a result directory; see lock.h. They are open file description locks (F_OFD_SETLK), so
 * that two locks of the same process exclude each other, too.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* F_OFD_SETLK */
#endif
#include "host/directory/lock.h"

#include "host/base/files.h"

#include <fcntl.h>
#include <stdlib.h>
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

static int open_lock(const char *directory, int flags)
{
    char *path = dg_text("%s/.lock", directory);
    const int file = path ? open(path, flags | O_CLOEXEC, 0666) : -1;
    free(path);
    return file;
}

dg_status dg_directory_lock(int *descriptor, const char *directory, dg_shard shard)
{
    struct flock range = range_of(shard);
    const int file = open_lock(directory, O_RDWR | O_CREAT);
    if (file < 0) return dg_fail_errno(directory, "cannot create .lock in this directory");
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

void dg_directory_unlock(int descriptor)
{
    if (descriptor >= 0) close(descriptor);
}

/* opens for reading only: needs no permission to write and creates no file */
dg_lock_state dg_directory_locked(const char *directory, dg_shard shard)
{
    const struct flock asked = range_of(shard);
    struct flock found = asked;
    const int file = open_lock(directory, O_RDONLY);
    if (file < 0) return DG_LOCK_UNKNOWN;
    const bool answered = fcntl(file, F_OFD_GETLK, &found) == 0;
    close(file);
    if (!answered) return DG_LOCK_UNKNOWN;
    if (found.l_type == F_UNLCK) return DG_LOCK_FREE;
    return found.l_start == asked.l_start && found.l_len == asked.l_len ? DG_LOCK_HELD
                                                                        : DG_LOCK_FREE;
}
