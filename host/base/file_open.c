/** Opening files; see file_open.h. */
#include "host/base/file_open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *word_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a directory"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

int dg_file_try(const char *path, int flags)
{
    struct stat info;
    /* O_NONBLOCK: a FIFO opens at once; O_NOCTTY: a terminal does not become that of the process */
    const int opened = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (opened < 0 || (fstat(opened, &info) == 0 && S_ISREG(info.st_mode))) return opened;
    close(opened);
    errno = ENXIO;
    return -1;
}

dg_status dg_file_open(int *file, const char *path, int flags)
{
    struct stat info;
    const int opened = dg_file_try(path, flags), reason = errno;
    if (opened >= 0) {
        *file = opened;
        return DG_OK;
    }
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return dg_fail(DG_ERR_IO, "%s: %s, expected a regular file", path, word_of(info.st_mode));
    errno = reason;
    return dg_fail_errno(path, flags & O_CREAT ? "cannot create" : "cannot open");
}

bool dg_file_is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

dg_status dg_file_check_opens(const char *path)
{
    int file = -1;
    const dg_status status = dg_file_open(&file, path, O_RDONLY);
    if (status == DG_OK) close(file);
    const bool absent = access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
    return absent || dg_file_is_odd(path) ? DG_OK : status;
}

dg_status dg_file_create(int *file, const char *path, mode_t mode)
{
    if (unlink(path) != 0 && errno != ENOENT) return dg_fail_errno(path, "cannot replace");
    const int opened = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (opened < 0) return dg_fail_errno(path, "cannot create");
    *file = opened;
    return DG_OK;
}

bool dg_file_is_odd(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}
