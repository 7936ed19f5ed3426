/** host/machine/processor_time.c */
#include "host/machine/processor_time.h"

#include <criterion/criterion.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* in a process of its own: a hard limit cannot be raised again */
static void expect_soft(rlim_t soft, rlim_t hard, int threads, rlim_t expected)
{
    int how = 0;
    const pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {soft, hard};
        if (setrlimit(RLIMIT_CPU, &limit) != 0) _exit(1);
        dg_processor_time_reserve(threads);
        if (getrlimit(RLIMIT_CPU, &limit) != 0) _exit(2);
        _exit(limit.rlim_cur == expected && limit.rlim_max == hard ? 0 : 3);
    }
    cr_assert_eq(waitpid(child, &how, 0), child);
    cr_expect(WIFEXITED(how) && WEXITSTATUS(how) == 0, "soft %llu, hard %llu, %d threads: %x",
              (unsigned long long)soft, (unsigned long long)hard, threads, (unsigned)how);
}

Test(processor_time, is_reserved_below_a_hard_limit)
{
    expect_soft(1000, 1000, 1, 995);
    expect_soft(1000, 1000, 16, 920);
    expect_soft(998, 1000, 1, 995);
    expect_soft(100, 100, 64, 50);
    expect_soft(3, 3, 1, 2);
}

Test(processor_time, a_limit_that_leaves_it_stays)
{
    expect_soft(900, 1000, 16, 900);
    expect_soft(995, 1000, 1, 995);
    expect_soft(10, RLIM_INFINITY, 64, 10);
    expect_soft(RLIM_INFINITY, RLIM_INFINITY, 64, RLIM_INFINITY);
}
