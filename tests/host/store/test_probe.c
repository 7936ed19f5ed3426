/** host/store/probe.c: what HDF5 does in a damaged file happens to a child process. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include "host/store/probe.h"
#include "host/store/results.h"

#include "tests/support/folders.h"
#include "tests/support/kept.h"
#include "tests/support/load.h"
#include "tests/support/sanitizer.h"

#include <criterion/criterion.h>

#include <dlfcn.h>
#include <errno.h>
#include <netcdf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char *folder;
static int signal_of_read; /* instead of reading; 0: read */
static pid_t parent;
static int reason_of_fork; /* its errno; 0: it works */

/** In place of netCDF's, as in a file that makes HDF5 crash: which files do depends on its version. */
int nc_get_vara(int file, int variable, const size_t *start, const size_t *count, void *values)
{
    static int (*real)(int, int, const size_t *, const size_t *, void *);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "nc_get_vara");
    if (signal_of_read && getpid() != parent) {
        if (signal_of_read != SIGPROF && signal_of_read != SIGXCPU)
            signal(signal_of_read, SIG_DFL); /* a sanitizer catches some */
        raise(signal_of_read);
    }
    return real(file, variable, start, count, values);
}

/** In place of the C library's, as under a limit on processes, which does not hold for root. */
pid_t fork(void)
{
    static pid_t (*real)(void);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "fork");
    errno = reason_of_fork;
    return reason_of_fork != 0 ? -1 : real();
}

/** A result of one run that no hash vouches for. */
static void set_up(void)
{
    dg_store *store = NULL;
    dg_experiment *experiment = load_text("generations: 3\n", NULL, NULL);
    folder = records_folder();
    cr_assert_eq(kept_begin(&store, experiment, folder), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_store_finish(&store), DG_OK, "%s", dg_error());
    dg_experiment_free(&experiment);
    parent = getpid();
    signal_of_read = 0;
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(probe, .init = set_up, .fini = tear_down, .timeout = 60);

static void expect_refused(dg_status status, const char *why)
{
    dg_results *results = NULL;
    for (int trust = 0; trust < 2; trust++) {
        cr_expect_eq(trust ? dg_results_open_unchecked(&results, folder)
                           : dg_results_open(&results, folder),
                     status);
        cr_expect(strstr(dg_error(), folder_result(folder)) == dg_error(), "%s", dg_error());
        cr_expect(strstr(dg_error(), why) != NULL, "%s", dg_error());
    }
    cr_expect_eq(dg_results_ended(folder), 0);
}

Test(probe, a_crash_is_damage)
{
    static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE};
    cr_expect_eq(dg_probe_read(folder, DG_RESULT_NAME), DG_OK, "%s", dg_error());
    for (size_t k = 0; k < sizeof signals / sizeof *signals; k++) {
        signal_of_read = signals[k];
        expect_refused(DG_ERR_IO, "results.nc: damaged: HDF5 crashed while reading it: ");
    }
}

Test(probe, what_comes_to_no_end_is_damage)
{
    signal_of_read = SIGPROF; /* of the clock */
    expect_refused(DG_ERR_IO, "results.nc: damaged: HDF5 comes to no end of reading it");
}

Test(probe, a_process_that_is_killed_is_no_damage)
{
    signal_of_read = SIGKILL;
    expect_refused(DG_ERR_MEMORY, "was killed");
}

/* ---- what keeps it from being read in a process of its own is no damage, and no permission --------- */

Test(probe, a_process_that_cannot_be_started_is_told)
{
    reason_of_fork = EAGAIN;
    expect_refused(DG_ERR_MEMORY, "cannot be read in a process of its own: Resource temporarily "
                                  "unavailable (");
    reason_of_fork = 0;
}

Test(probe, ignored_children_are_waited_for)
{
    signal(SIGCHLD, SIG_IGN);
    signal_of_read = SIGABRT;
    expect_refused(DG_ERR_IO, "results.nc: damaged: HDF5 crashed while reading it: ");
    cr_expect(signal(SIGCHLD, SIG_DFL) == SIG_IGN, "it is as it was");
}

Test(probe, an_ignored_or_blocked_clock_ends_the_reading)
{
    sigset_t clock;
    signal_of_read = SIGPROF;
    signal(SIGPROF, SIG_IGN);
    expect_refused(DG_ERR_IO, "results.nc: damaged: HDF5 comes to no end of reading it");
    signal(SIGPROF, SIG_DFL);
    sigemptyset(&clock);
    sigaddset(&clock, SIGPROF);
    sigprocmask(SIG_BLOCK, &clock, NULL);
    expect_refused(DG_ERR_IO, "results.nc: damaged: HDF5 comes to no end of reading it");
}

Test(probe, limits_that_end_it_are_named)
{
    struct rlimit before, low;
    signal_of_read = SIGXCPU;
    signal(SIGXCPU, SIG_IGN);
    expect_refused(DG_ERR_MEMORY, "more processor time than is allowed (ulimit -t)");
    cr_assert_eq(getrlimit(RLIMIT_STACK, &before), 0);
    low = (struct rlimit){(rlim_t)200 << 10, before.rlim_max};
    signal_of_read = SIGSEGV;
    cr_assert_eq(setrlimit(RLIMIT_STACK, &low), 0);
    expect_refused(DG_ERR_MEMORY, "damaged, or the stack is too small (ulimit -s)");
    cr_assert_eq(setrlimit(RLIMIT_STACK, &before), 0);
}

Test(probe, few_descriptors_let_nothing_through)
{
    struct rlimit before, low;
    const int next = dup(STDERR_FILENO);
    close(next);
    signal_of_read = SIGABRT;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (int left = 0; left < 8; left++) {
        low = (struct rlimit){(rlim_t)(next + left), before.rlim_max};
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
        const dg_status status = dg_probe_read(folder, DG_RESULT_NAME);
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
        cr_expect_eq(status,
                     strstr(dg_error(), "Too many open files (ulimit -n)") ? DG_ERR_MEMORY
                                                                           : DG_ERR_IO,
                     "%d left: %s", left, dg_error());
        if (left == 0) cr_expect_eq(status, DG_ERR_MEMORY, "%s", dg_error());
        if (left == 7) cr_expect_eq(status, DG_ERR_IO, "%s", dg_error());
    }
}

#if defined(__GLIBC__) && !defined(SHADOWED)
extern void *__libc_malloc(size_t size);
static bool no_memory; /* in the child, for more than a megabyte */

/** In place of the C library's, as under a limit on address space. */
void *malloc(size_t size)
{
    if (no_memory && size > (size_t)1 << 20 && getpid() != parent) return NULL;
    return __libc_malloc(size);
}

Test(probe, no_memory_to_read_with_is_told)
{
    no_memory = true;
    signal_of_read = SIGABRT;
    expect_refused(DG_ERR_MEMORY, "a process of its own: Cannot allocate memory (ulimit -v)");
}
#endif

/* ---- what is read ------------------------------------------------------------------------------ */

/** A file may state any length: what its bytes cannot hold is not read. */
Test(probe, lengths_are_not_believed)
{
    int file, run, hash;
    const size_t chunk = 16;
    cr_assert_eq(nc_create(folder_result(folder), NC_NETCDF4 | NC_CLOBBER, &file), NC_NOERR);
    cr_assert_eq(nc_def_dim(file, "run", (size_t)1 << 50, &run), NC_NOERR);
    cr_assert_eq(nc_def_var(file, "hash", NC_UINT64, 1, &run, &hash), NC_NOERR);
    cr_assert_eq(nc_def_var_chunking(file, hash, NC_CHUNKED, &chunk), NC_NOERR);
    cr_assert_eq(nc_close(file), NC_NOERR);
    cr_expect_eq(dg_probe_read(folder, DG_RESULT_NAME), DG_OK, "%s", dg_error());
}

/** Every element is read once, whatever the rank: a variable larger than what is read at a time. */
Test(probe, large_variables_are_read)
{
    int file, dimension[3], variable;
    const size_t length[3] = {3, 5, 400000}; /* 48 MB */
    cr_assert_eq(nc_create(folder_result(folder), NC_NETCDF4 | NC_CLOBBER, &file), NC_NOERR);
    for (int d = 0; d < 3; d++)
        cr_assert_eq(nc_def_dim(file,
                                d == 0   ? "a"
                                : d == 1 ? "b"
                                         : "c",
                                length[d], &dimension[d]),
                     NC_NOERR);
    cr_assert_eq(nc_def_var(file, "v", NC_DOUBLE, 3, dimension, &variable), NC_NOERR);
    cr_assert_eq(nc_def_var_deflate(file, variable, 0, 1, 1), NC_NOERR);
    double *zeros = calloc(length[0] * length[1] * length[2], sizeof *zeros);
    cr_assert_not_null(zeros);
    cr_assert_eq(nc_put_var_double(file, variable, zeros), NC_NOERR);
    free(zeros);
    cr_assert_eq(nc_close(file), NC_NOERR);
    cr_expect_eq(dg_probe_read(folder, DG_RESULT_NAME), DG_OK, "%s", dg_error());
}
