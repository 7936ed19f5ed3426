/** Reading a file in a child process; see probe.h. */
#include "host/store/probe.h"

#include "host/base/files.h"
#include "host/machine/threads.h"
#include "host/store/netcdf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* bytes read at a time */
#define PIECE ((size_t)16 << 20)
/* deflate packs at most this many bytes into one: what a file of its size cannot hold is not read */
#define PACKED_MOST 1032

/* processor time that no single call needs; in a damaged file HDF5 may go round in circles */
#define CALL_SECONDS 10

/* ---- in the child ---------------------------------------------------------------------------- */

/** A variable that is read. */
typedef struct reader {
    int file, variable, rank;
    nc_type type;
    size_t size; /* bytes of an element */
    void *piece; /* [PIECE bytes] */
    double left; /* bytes that may still be read */
} reader;

/** What cannot be read for want of something of the system is no fault of the file: its errno is told. */
static void end_for_want(int reason)
{
    _exit(reason > 0 && reason < 256 ? reason : ENOMEM);
}

/** The next call has to end within its time; else a signal ends this process. */
static void start_clock(void)
{
    const struct itimerval time = {.it_value = {.tv_sec = CALL_SECONDS}};
    (void)setitimer(ITIMER_PROF, &time, NULL);
}

static bool is_known(nc_type type)
{
    return type >= NC_BYTE && type <= NC_STRING;
}

static void free_strings(const reader *r, size_t count)
{
    if (r->type == NC_STRING) (void)nc_free_string(count, r->piece);
}

/** Read a box of the variable, cut along its dimensions from `depth` on. */
static void read_box(reader *r, int depth, size_t *start, size_t *count)
{
    double elements = 1;
    for (int d = 0; d < r->rank; d++) elements *= (double)count[d];
    const double bytes = elements * (double)r->size;
    if (r->left <= 0 || elements < 1) return;
    if (bytes <= (double)PIECE || depth == r->rank) {
        r->left -= bytes;
        start_clock();
        if (nc_get_vara(r->file, r->variable, start, count, r->piece) == NC_NOERR)
            free_strings(r, (size_t)elements);
        return;
    }
    const size_t first = start[depth], length = count[depth];
    const double wide = (double)PIECE / (bytes / (double)length);
    const size_t step = wide < 1 ? 1 : (size_t)wide;
    for (size_t k = 0; k < length && r->left > 0; k += step) {
        start[depth] = first + k;
        count[depth] = length - k < step ? length - k : step;
        read_box(r, depth + 1, start, count);
    }
    start[depth] = first;
    count[depth] = length;
}

static void read_attributes(reader *r, int attributes)
{
    char name[NC_MAX_NAME + 1];
    for (int a = 0; a < attributes; a++) {
        size_t length = 0;
        start_clock();
        if (nc_inq_attname(r->file, r->variable, a, name) != NC_NOERR ||
            nc_inq_att(r->file, r->variable, name, &r->type, &length) != NC_NOERR ||
            !is_known(r->type) || length > PIECE / sizeof(double))
            continue;
        if (nc_get_att(r->file, r->variable, name, r->piece) == NC_NOERR) free_strings(r, length);
    }
}

static void read_variable(reader *r, double most)
{
    int dimension[NC_MAX_VAR_DIMS], attributes = 0;
    size_t start[NC_MAX_VAR_DIMS] = {0}, count[NC_MAX_VAR_DIMS] = {0};
    nc_type type = NC_NAT;
    if (nc_inq_var(r->file, r->variable, NULL, &type, &r->rank, dimension, &attributes) != NC_NOERR)
        return;
    read_attributes(r, attributes);
    for (int d = 0; d < r->rank; d++)
        if (nc_inq_dimlen(r->file, dimension[d], &count[d]) != NC_NOERR) return;
    r->type = type;
    r->left = most;
    if (is_known(type) && nc_inq_type(r->file, type, NULL, &r->size) == NC_NOERR)
        read_box(r, 0, start, count);
}

static void read_all(const char *directory, const char *name, double bytes)
{
    reader r = {.variable = NC_GLOBAL, .piece = malloc(PIECE)};
    int variables = 0, attributes = 0;
    start_clock();
    if (!r.piece) end_for_want(ENOMEM);
    errno = 0;
    const dg_status status = dg_netcdf_open(&r.file, directory, name);
    if (status == DG_ERR_MEMORY) end_for_want(errno);
    if (status != DG_OK) return;
    if (nc_inq(r.file, NULL, &variables, &attributes, NULL) != NC_NOERR) return;
    read_attributes(&r, attributes);
    for (r.variable = 0; r.variable < variables; r.variable++)
        read_variable(&r, PACKED_MOST * bytes + (double)PIECE);
}

/** Signals that end this process may have been ignored or blocked, or be caught by the caller. */
static void take_signals(void)
{
    static const int ending[] = {SIGPROF, SIGXCPU};
    sigset_t set;
    sigemptyset(&set);
    for (size_t k = 0; k < sizeof ending / sizeof *ending; k++) {
        signal(ending[k], SIG_DFL);
        sigaddset(&set, ending[k]);
    }
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/**
 * It leaves no core file and prints nothing, as the C library does when it aborts. It has as many
 * descriptors left as its parent.
 */
static void be_child(const char *directory, const char *name, double bytes)
{
    const struct rlimit none = {0, 0};
    close(STDERR_FILENO);
    const int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere < 0) end_for_want(errno);
    if (nowhere != STDERR_FILENO) {
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
    take_signals();
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    read_all(directory, name, bytes);
    _exit(0);
}

/* ---- in the parent --------------------------------------------------------------------------- */

static dg_status fail_ended(int number, const char *path)
{
    if (number == SIGKILL || number == SIGTERM)
        return dg_fail(DG_ERR_MEMORY, "%s: what read it was killed, as for want of memory", path);
    if (number == SIGXCPU)
        return dg_fail(DG_ERR_MEMORY,
                       "%s: reading it takes more processor time than is allowed (ulimit -t)",
                       path);
    if (number == SIGSEGV && dg_threads_first_stack() < DG_STACK_LEAST)
        return dg_fail(DG_ERR_MEMORY,
                       "%s: HDF5 crashed while reading it: damaged, or the stack is too small "
                       "(ulimit -s)",
                       path);
    if (number == SIGPROF)
        return dg_fail(DG_ERR_IO, "%s: damaged: HDF5 comes to no end of reading it", path);
    return dg_fail(DG_ERR_IO, "%s: damaged: HDF5 crashed while reading it: %s", path,
                   strsignal(number));
}

static dg_status fail_unread(int reason, const char *path)
{
    const char *limit = reason == EAGAIN   ? dg_limit_on_processes()
                        : reason == ENOMEM ? "ulimit -v"
                                           : NULL;
    return dg_fail(DG_ERR_MEMORY, "%s: cannot be read in a process of its own: %s%s%s%s", path,
                   dg_errno_text(reason), limit ? " (" : "", limit ? limit : "", limit ? ")" : "");
}

static dg_status wait_for(pid_t child, const char *path)
{
    int how = 0;
    while (waitpid(child, &how, 0) < 0)
        if (errno != EINTR) return fail_unread(errno, path);
    if (WIFSIGNALED(how)) return fail_ended(WTERMSIG(how), path);
    return WEXITSTATUS(how) == 0 ? DG_OK : fail_unread(WEXITSTATUS(how), path);
}

/** While SIGCHLD is ignored, as a parent may have left it, nobody learns how a child ended. */
static dg_status read_in_child(const char *directory, const char *name, const char *path)
{
    struct stat info;
    struct sigaction before, usual = {.sa_handler = SIG_DFL};
    const double bytes = stat(path, &info) == 0 ? (double)info.st_size : 0;
    const bool ignored = sigaction(SIGCHLD, NULL, &before) == 0 &&
                         (before.sa_handler == SIG_IGN || before.sa_flags & SA_NOCLDWAIT);
    if (ignored) (void)sigaction(SIGCHLD, &usual, NULL);
    const pid_t child = fork();
    if (child == 0) be_child(directory, name, bytes);
    const dg_status status = child > 0 ? wait_for(child, path) : fail_unread(errno, path);
    if (ignored) (void)sigaction(SIGCHLD, &before, NULL);
    return status;
}

dg_status dg_probe_read(const char *directory, const char *name)
{
    char *path = dg_text("%s/%s", directory, name);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory to look at a result");
    const dg_status status = read_in_child(directory, name, path);
    free(path);
    return status;
}
