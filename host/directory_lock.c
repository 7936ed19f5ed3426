/** Locks on a result directory; see directory_lock.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* F_OFD_SETLK: a lock of the open file, so that two of one process exclude each other */
#endif
#include "host/directory_lock.h"

#include "host/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* shard i of n locks the i-th n-th of so many bytes, none of which need be there */
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
    if (file < 0) return dg_fail_errno(directory, "cannot write there");
    if (fcntl(file, F_OFD_SETLK, &range) != 0 && (errno == EAGAIN || errno == EACCES)) {
        close(file);
        return dg_fail(DG_ERR_IO, "%s: another digico process is writing here", directory);
    }
    *descriptor = file;
    return DG_OK;
}

void dg_directory_unlock(int descriptor)
{
    if (descriptor >= 0) close(descriptor);
}

bool dg_directory_locked(const char *directory, dg_shard shard)
{
    struct flock range = range_of(shard);
    const int file = open_lock(directory, O_RDWR);
    if (file < 0) return false;
    const bool held = fcntl(file, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
    close(file);
    return held;
}
