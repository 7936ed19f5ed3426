/**
 * A file system without locks, as many NFS and Lustre mounts are: flock() and the locks of fcntl()
 * are replaced in this program, also for HDF5, and fail.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT, F_OFD_SETLK */
#endif
#include "host/store/results.h"

#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

static int lock_errno; /* 0: locks work */

int flock(int file, int operation)
{
    int (*real)(int, int) = (int (*)(int, int))(uintptr_t)dlsym(RTLD_NEXT, "flock");
    if (!lock_errno) return real(file, operation);
    errno = lock_errno;
    return -1;
}

static int control(const char *name, int file, int command, void *argument)
{
    int (*real)(int, int, ...) = (int (*)(int, int, ...))(uintptr_t)dlsym(RTLD_NEXT, name);
    const bool locks = command == F_OFD_SETLK || command == F_OFD_SETLKW ||
                       command == F_OFD_GETLK || command == F_SETLK || command == F_SETLKW;
    if (!lock_errno || !locks) return real(file, command, argument);
    errno = lock_errno;
    return -1;
}

#define CONTROL(name)                                                                              \
    int name(int file, int command, ...)                                                           \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, command);                                                              \
        void *argument = va_arg(arguments, void *);                                                \
        va_end(arguments);                                                                         \
        return control(#name, file, command, argument);                                            \
    }
CONTROL(fcntl)
CONTROL(fcntl64)

static const char yaml[] = "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n";

/** Run and read under this failure; what is logged. */
static void run_without_locks(int failure)
{
    char *folder = records_folder();
    collected_log logged = {0};
    dg_results *results = NULL;
    lock_errno = failure;
    cr_assert_eq(folder_run(folder, yaml, &(dg_options){.log = collect_log, .user = &logged}, NULL,
                            &(dg_outcome){0}),
                 DG_OK, "%s: %s", strerror(failure), dg_error());
    const char *said = strstr(logged.text, "has no locks");
    cr_expect(said && !strstr(said + 1, "has no locks"), "said once: %s", logged.text);
    cr_assert_eq(dg_results_open(&results, folder), DG_OK, "%s: %s", strerror(failure), dg_error());
    dg_results_close(&results);
    lock_errno = 0;
    records_remove(folder);
}

Test(no_locks, a_sweep_runs_and_is_read, .timeout = 60)
{
    unsetenv("HDF5_USE_FILE_LOCKING");
    run_without_locks(ENOLCK);
    run_without_locks(EOPNOTSUPP);
}

Test(no_locks, nothing_is_said_where_locks_work, .timeout = 60)
{
    char *folder = records_folder();
    collected_log logged = {0};
    cr_assert_eq(folder_run(folder, yaml, &(dg_options){.log = collect_log, .user = &logged}, NULL,
                            &(dg_outcome){0}),
                 DG_OK, "%s", dg_error());
    cr_expect_null(strstr(logged.text, "locks"), "%s", logged.text);
    records_remove(folder);
}

Test(no_locks, the_choice_of_the_user_stays, .timeout = 60)
{
    char *folder = records_folder();
    setenv("HDF5_USE_FILE_LOCKING", "TRUE", true);
    lock_errno = ENOLCK;
    cr_expect_eq(folder_run(folder, yaml, NULL, NULL, &(dg_outcome){0}), DG_ERR_IO);
    cr_expect_str_eq(getenv("HDF5_USE_FILE_LOCKING"), "TRUE");
    lock_errno = 0;
    records_remove(folder);
}
