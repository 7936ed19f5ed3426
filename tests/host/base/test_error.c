/** host/base/error.c: the cause that a message names is the one that the system gave. */
#include "host/base/error.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

Test(error, the_reason_is_that_of_the_last_message)
{
    errno = EIO;
    cr_expect_eq(dg_fail_errno("a", "cannot read"), DG_ERR_IO);
    cr_expect_str_eq(dg_error(), "a: cannot read: Input/output error");
    cr_expect_eq(dg_error_reason(), EIO);
    cr_expect_eq(dg_fail(DG_ERR_IO, "a: damaged"), DG_ERR_IO);
    cr_expect_eq(dg_error_reason(), 0, "what was read is wrong");
}

/** Nobody raises a limit that does not bind: root has none, and other users may have none. */
Test(error, the_limit_on_processes_is_one_that_binds)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NPROC, &limit), 0);
    if (getuid() == 0) {
        cr_expect_null(strstr(dg_limit_on_processes(), "ulimit -u"));
        limit.rlim_cur = 1000;
        cr_assert_eq(setrlimit(RLIMIT_NPROC, &limit), 0);
        cr_expect_null(strstr(dg_limit_on_processes(), "ulimit -u"), "it does not bind root");
        cr_assert_eq(setuid(65534), 0);
    }
    if (limit.rlim_cur == RLIM_INFINITY) limit.rlim_cur = 100000;
    cr_assert_eq(setrlimit(RLIMIT_NPROC, &limit), 0);
    cr_expect(strstr(dg_limit_on_processes(), "ulimit -u") != NULL, "%s", dg_limit_on_processes());
}
