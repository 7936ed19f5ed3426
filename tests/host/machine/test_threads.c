/** host/machine/threads.c: as many threads as can be started, found out without OpenMP. */
#include "host/machine/threads.h"

#include "host/machine/processors.h"

#include <criterion/criterion.h>

#include <stdlib.h>

Test(threads, as_many_as_wanted_where_nothing_limits_them)
{
    unsetenv("OMP_STACKSIZE");
    unsetenv("GOMP_STACKSIZE");
    static const int wanted[] = {1, 3, 2, 40, 5};
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++)
        cr_expect_eq(dg_threads_possible(wanted[k]), wanted[k]);
    cr_expect_eq(dg_thread_count(7), 7);
    cr_expect_geq(dg_threads_stacks(), 39 * 16384.0);
}

/** Stacks larger than any address space, in each way to write them that OpenMP reads. */
static void expect_one(const char *variable, const char *size)
{
    setenv(variable, size, 1);
    cr_expect_eq(dg_threads_possible(4), 1, "%s", size);
    cr_expect_eq(dg_threads_possible(3), 1, "it is remembered");
    cr_expect_eq(dg_thread_count(4), 1);
    cr_expect_eq(dg_threads_wanted(4), 4);
}

Test(threads, one_without_memory_for_stacks)
{
    unsetenv("GOMP_STACKSIZE");
    expect_one("OMP_STACKSIZE", "200000G");
}

Test(threads, the_unit_of_stacks_is_a_kibibyte)
{
    expect_one("OMP_STACKSIZE", " 209715200000000 ");
}

Test(threads, units_may_be_small_letters_after_blanks)
{
    expect_one("OMP_STACKSIZE", "204800000 m ");
}

Test(threads, the_older_variable_counts_too)
{
    unsetenv("OMP_STACKSIZE");
    expect_one("GOMP_STACKSIZE", "214748364800000000B");
}

Test(threads, what_is_no_size_is_ignored_as_openmp_does)
{
    static const char *const text[] = {"abc",
                                       "",
                                       "-5G",
                                       "200000X",
                                       "200000Gx",
                                       "G",
                                       "99999999999999999999",
                                       "99999999999999999999b",
                                       "20000000000G"};
    for (int k = 0; k < 9; k++) {
        setenv("OMP_STACKSIZE", text[k], 1);
        cr_expect_eq(dg_threads_possible(2 + k), 2 + k, "%s", text[k]);
    }
}

Test(threads, the_stack_is_that_of_openmp)
{
    unsetenv("GOMP_STACKSIZE");
    setenv("OMP_STACKSIZE", "300", 1);
    cr_expect_eq(dg_threads_stack(), (size_t)300 << 10);
    setenv("OMP_STACKSIZE", "99999999999999999999", 1);
    setenv("GOMP_STACKSIZE", "2m", 1);
    cr_expect_eq(dg_threads_stack(), (size_t)2 << 20);
}
