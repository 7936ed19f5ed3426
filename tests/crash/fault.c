/**
 * A library to be preloaded (LD_PRELOAD): it kills the process at its n-th system call, or makes that
 * call fail. So every place where a crash or a full disk can strike is visited one by one, not by luck.
 *
 *   FAULT_UNDER   only calls on files whose path begins so count (absolute; required)
 *   FAULT_CALLS   comma-separated calls that count; default: all that change something
 *   FAULT_AT      the call that is hit, from 1 on; 0: none
 *   FAULT_DO      kill, or an error: ENOSPC EIO EDQUOT EMFILE EACCES EOPNOTSUPP
 *   FAULT_ON      1: every later call of these fails as well, as on a full disk
 *   FAULT_NOTE    a file that receives "call path" of what is hit, "synced path" of what was synced before
 *                 it, and "calls N" at exit
 *   FAULT_TRACE   1: FAULT_NOTE receives all calls that count
 *
 * A write that is killed leaves half of its bytes behind; the first of those that fail for good writes
 * half of them, as the kernel does where a disk fills up. What stdio does inside the C library passes
 * by unseen. No allocation and no lock in here: calls come from several threads.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL_CHANGES "create,write,pwrite,fsync,rename,unlink,ftruncate,fallocate,mkdir,close"

static const char *under, *calls, *note;
static size_t under_length;
static long at, counted;
static int error_number; /* 0: kill */
static bool lasting, tracing;

static const struct {
    const char *name;
    int number;
} errors[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EDQUOT", EDQUOT},
              {"EMFILE", EMFILE}, {"EACCES", EACCES}, {"EOPNOTSUPP", EOPNOTSUPP}};

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value ? value : otherwise;
}

/* the calls below must not count: they go to the kernel directly */
static void say(const char *format, ...)
{
    char line[PATH_MAX + 64];
    va_list arguments;
    if (!note) return;
    va_start(arguments, format);
    const int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    const long file =
        syscall(SYS_openat, AT_FDCWD, note, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) return;
    syscall(SYS_write, (int)file, line, (size_t)length);
    syscall(SYS_close, (int)file);
}

__attribute__((constructor)) static void begin(void)
{
    const char *what = setting("FAULT_DO", "kill");
    calls = setting("FAULT_CALLS", ALL_CHANGES);
    note = getenv("FAULT_NOTE");
    at = atol(setting("FAULT_AT", "0"));
    lasting = atoi(setting("FAULT_ON", "0")) != 0;
    tracing = atoi(setting("FAULT_TRACE", "0")) != 0;
    for (size_t k = 0; k < sizeof errors / sizeof *errors; k++)
        if (strcmp(what, errors[k].name) == 0) error_number = errors[k].number;
    if (error_number == 0 && strcmp(what, "kill") != 0) {
        fprintf(stderr, "fault: FAULT_DO=%s is not known\n", what);
        _exit(125);
    }
    under = getenv("FAULT_UNDER");
    under_length = under ? strlen(under) : 0;
}

__attribute__((destructor)) static void end(void)
{
    say("calls %ld\n", __atomic_load_n(&counted, __ATOMIC_RELAXED));
}

/** Is a call among those that count? */
static bool is_listed(const char *call)
{
    const size_t length = strlen(call);
    for (const char *p = calls; (p = strstr(p, call)) != NULL; p += length)
        if ((p == calls || p[-1] == ',') && (p[length] == ',' || p[length] == '\0')) return true;
    return false;
}

static bool is_under(const char *path)
{
    return under && strncmp(path, under, under_length) == 0;
}

/** What becomes of this call: 0 it goes on, 1 it is hit for the first time, 2 once more. */
static int strike(const char *call, const char *path)
{
    if (!is_under(path) || !is_listed(call)) return 0;
    if (tracing) say("%s %s\n", call, path);
    const long number = __atomic_add_fetch(&counted, 1, __ATOMIC_RELAXED);
    if (at == 0 || number < at || (number > at && !lasting)) return 0;
    if (number == at) say("%s %s\n", call, path);
    return number == at ? 1 : 2;
}

static bool path_of(int file, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return false;
    path[length] = '\0';
    return true;
}

static int strike_file(const char *call, int file)
{
    char path[PATH_MAX];
    return under && path_of(file, path) ? strike(call, path) : 0;
}

/** Die, or tell the caller to fail. */
static int hit(void)
{
    if (error_number == 0) {
        syscall(SYS_kill, getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = error_number;
    return -1;
}

/* the next definition of a function; void * and function pointers convert on POSIX systems */
#define NEXT(name)                                                                                 \
    static __typeof__(&name) next;                                                                 \
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name)

/* ---- open ------------------------------------------------------------------------------------ */

static int strike_open(const char *path, int flags)
{
    const int struck = flags & O_CREAT ? strike("create", path) : 0;
    return struck ? struck : strike("open", path);
}

static int open_mode(int flags, va_list arguments)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, int) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        NEXT(name);                                                                                \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        const int mode = open_mode(flags, arguments);                                              \
        va_end(arguments);                                                                         \
        return strike_open(path, flags) ? hit() : next(path, flags, mode);                         \
    }

OPEN(open)
OPEN(open64)

/* ---- write ----------------------------------------------------------------------------------- */

/* `half` writes half of the bytes */
#define WRITE(call, struck, bytes, half, whole)                                                    \
    const int struck_ = struck;                                                                    \
    if (!struck_) return whole;                                                                    \
    if (error_number == 0 && half < 0) return hit();                                               \
    if (error_number != 0 && lasting && struck_ == 1 && (bytes) > 1) return half;                  \
    return hit()

ssize_t write(int file, const void *data, size_t bytes)
{
    NEXT(write);
    WRITE("write", strike_file("write", file), bytes, next(file, data, bytes / 2),
          next(file, data, bytes));
}

ssize_t pwrite(int file, const void *data, size_t bytes, off_t offset)
{
    NEXT(pwrite);
    WRITE("pwrite", strike_file("pwrite", file), bytes, next(file, data, bytes / 2, offset),
          next(file, data, bytes, offset));
}

ssize_t pwrite64(int file, const void *data, size_t bytes, off64_t offset)
{
    NEXT(pwrite64);
    WRITE("pwrite", strike_file("pwrite", file), bytes, next(file, data, bytes / 2, offset),
          next(file, data, bytes, offset));
}

/* ---- the others ------------------------------------------------------------------------------ */

#define FILE_CALL(type, call, name, parameters, passed)                                            \
    type name parameters                                                                           \
    {                                                                                              \
        NEXT(name);                                                                                \
        return strike_file(call, file) ? hit() : next passed;                                      \
    }
#define PATH_CALL(call, name, parameters, passed)                                                  \
    int name parameters                                                                            \
    {                                                                                              \
        NEXT(name);                                                                                \
        return strike(call, path) ? hit() : next passed;                                           \
    }

FILE_CALL(ssize_t, "read", read, (int file, void *data, size_t bytes), (file, data, bytes))
FILE_CALL(ssize_t, "read", pread, (int file, void *data, size_t bytes, off_t offset),
          (file, data, bytes, offset))
FILE_CALL(ssize_t, "read", pread64, (int file, void *data, size_t bytes, off64_t offset),
          (file, data, bytes, offset))
/** Noted where it succeeds before the strike: what is synced is safe, whatever fails after it. */
int fsync(int file)
{
    NEXT(fsync);
    char path[PATH_MAX];
    if (strike_file("fsync", file)) return hit();
    const int code = next(file);
    if (code == 0 && at > 0 && __atomic_load_n(&counted, __ATOMIC_RELAXED) < at &&
        path_of(file, path) && is_under(path))
        say("synced %s\n", path);
    return code;
}
FILE_CALL(int, "ftruncate", ftruncate, (int file, off_t length), (file, length))
FILE_CALL(int, "ftruncate", ftruncate64, (int file, off64_t length), (file, length))
FILE_CALL(int, "fallocate", fallocate, (int file, int mode, off_t offset, off_t length),
          (file, mode, offset, length))
FILE_CALL(int, "fallocate", fallocate64, (int file, int mode, off64_t offset, off64_t length),
          (file, mode, offset, length))
PATH_CALL("unlink", unlink, (const char *path), (path))
PATH_CALL("mkdir", mkdir, (const char *path, mode_t mode), (path, mode))

int rename(const char *from, const char *to)
{
    NEXT(rename);
    return strike("rename", to) ? hit() : next(from, to);
}

/** Only of files that were written; it closes in any case, as the kernel does. */
int close(int file)
{
    NEXT(close);
    const int flags = fcntl(file, F_GETFL);
    const bool written = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
    const int struck = written ? strike_file("close", file) : 0;
    const int code = struck && error_number == 0 ? 0 : next(file);
    return struck ? hit() : code;
}
