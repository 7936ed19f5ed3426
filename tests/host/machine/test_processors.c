/** host/machine/processors.c: affinity, and the share of time of control groups, on made-up machines. */
#include "host/machine/processors.h"
#include "tests/support/machine.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>

#include <omp.h>
#include <stdlib.h>

static char *root;

static void set_up(void)
{
    root = records_folder();
    machine_put(root, "proc/self/cgroup", "3:cpu,cpuacct:/pod/box\n0::/pod/box\n");
}

static void tear_down(void)
{
    records_remove(root);
}

TestSuite(processors, .init = set_up, .fini = tear_down);

static void expect_at_most(int share)
{
    const int all = omp_get_num_procs();
    cr_expect_eq(dg_processors_in(root), share < all ? share : all);
}

Test(processors, are_those_of_the_affinity_where_no_group_has_a_share)
{
    expect_at_most(4096);
    machine_put(root, "sys/fs/cgroup/pod/box/cpu.max", "max 100000\n");
    machine_put(root, "sys/fs/cgroup/cpu,cpuacct/pod/box/cpu.cfs_quota_us", "-1\n");
    machine_put(root, "sys/fs/cgroup/cpu,cpuacct/pod/box/cpu.cfs_period_us", "100000\n");
    expect_at_most(4096);
}

Test(processors, are_the_share_of_time_of_a_group)
{
    machine_put(root, "sys/fs/cgroup/pod/box/cpu.max", "50000 100000\n");
    expect_at_most(1);
    machine_put(root, "sys/fs/cgroup/pod/box/cpu.max", "150000 100000\n");
    expect_at_most(2);
    machine_put(root, "sys/fs/cgroup/pod/cpu.max", "100000 100000\n");
    expect_at_most(1);
}

Test(processors, are_the_share_of_version_1_too)
{
    machine_put(root, "sys/fs/cgroup/cpu,cpuacct/pod/cpu.cfs_quota_us", "100000\n");
    machine_put(root, "sys/fs/cgroup/cpu,cpuacct/pod/cpu.cfs_period_us", "100000\n");
    expect_at_most(1);
}

Test(processors, are_the_share_of_version_1_under_the_name_of_the_controller)
{
    machine_put(root, "sys/fs/cgroup/cpu/pod/box/cpu.cfs_quota_us", "20000\n");
    machine_put(root, "sys/fs/cgroup/cpu/pod/box/cpu.cfs_period_us", "100000\n");
    expect_at_most(1);
}

Test(processors, make_the_threads_unless_a_number_is_asked_for)
{
    cr_expect_eq(dg_thread_count(3), 3);
    cr_expect_leq(dg_thread_count(0), omp_get_max_threads());
    setenv("OMP_NUM_THREADS", "7", 1);
    cr_expect_eq(dg_thread_count(0), omp_get_max_threads(), "OpenMP has read its own value");
}
