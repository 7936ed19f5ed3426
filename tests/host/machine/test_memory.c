/** host/machine/memory.c, cgroup.c: the least of all limits on memory, on made-up machines. */
#include "host/machine/memory.h"
#include "tests/support/machine.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define MIB (INT64_C(1) << 20)

static char *root;

/** A machine with 1,000 MiB available, of which nothing is limited. */
static void set_up(void)
{
    root = records_folder();
    machine_put(root, "proc/meminfo", "MemTotal: 4000000 kB\nMemAvailable: 1024000 kB\n");
    unsetenv("SLURM_MEM_PER_NODE");
    unsetenv("SLURM_MEM_PER_CPU");
    unsetenv("SLURM_CPUS_ON_NODE");
    unsetenv("SLURM_STEP_TASKS_PER_NODE");
    unsetenv("SLURM_ARRAY_TASK_ID");
}

static void tear_down(void)
{
    records_remove(root);
}

TestSuite(memory, .init = set_up, .fini = tear_down);

static void expect_shared(int64_t mib, int32_t sharing, const char *what)
{
    cr_expect_eq(dg_memory_available_in(root, sharing), mib * MIB, "%s: %g MiB", what,
                 (double)dg_memory_available_in(root, sharing) / (double)MIB);
}

static void expect_mib(int64_t mib, const char *what)
{
    expect_shared(mib, 1, what);
}

Test(memory, is_that_of_the_machine_where_nothing_limits_it)
{
    expect_mib(1000, "no control groups");
    machine_put(root, "proc/self/cgroup", "0::/user.slice\n");
    machine_put(root, "sys/fs/cgroup/user.slice/memory.max", "max\n");
    expect_mib(1000, "a group without a limit");
}

Test(memory, of_this_machine_is_known)
{
    cr_expect_gt(dg_memory_available(1), MIB);
}

Test(memory, is_unknown_where_nothing_says_so)
{
    cr_expect_eq(dg_memory_available_in("/nonexistent", 4), 0);
}

Test(memory, is_what_a_group_leaves)
{
    machine_put(root, "proc/self/cgroup", "0::/job\n");
    machine_put(root, "sys/fs/cgroup/job/memory.max", "419430400\n"); /* 400 MiB */
    expect_mib(400, "nothing used");
    machine_put(root, "sys/fs/cgroup/job/memory.current", "314572800\n"); /* 300 MiB */
    expect_mib(100, "some of it used");
    machine_put(root, "sys/fs/cgroup/job/memory.stat",
                "anon 1\nfile 209715200\ninactive_file 104857600\nactive_file 52428800\n");
    expect_mib(250, "150 MiB of it are pages of files");
    machine_put(root, "sys/fs/cgroup/job/memory.max", "104857600\n");
    cr_expect_eq(dg_memory_available_in(root, 1), 1, "nothing is left, which is not unknown");
}

Test(memory, is_limited_by_all_groups_above)
{
    machine_put(root, "proc/self/cgroup", "0::/slurm/job_7/step_0\n");
    machine_put(root, "sys/fs/cgroup/slurm/job_7/step_0/memory.max", "max\n");
    machine_put(root, "sys/fs/cgroup/slurm/job_7/memory.max", "209715200\n");
    machine_put(root, "sys/fs/cgroup/slurm/memory.max", "943718400\n");
    expect_mib(200, "the group in the middle");
    machine_put(root, "sys/fs/cgroup/memory.max", "104857600\n");
    expect_mib(100, "a container's own group");
}

Test(memory, follows_version_1_too)
{
    machine_put(root, "proc/self/cgroup",
                "9:cpu,cpuacct:/other\n4:memory:/job_7/step_0\n1:name=systemd:/memory\n0::/\n");
    machine_put(root, "sys/fs/cgroup/memory/job_7/memory.limit_in_bytes", "419430400\n");
    machine_put(root, "sys/fs/cgroup/memory/job_7/memory.usage_in_bytes", "104857600\n");
    machine_put(root, "sys/fs/cgroup/memory/job_7/step_0/memory.limit_in_bytes",
                "9223372036854771712\n"); /* no limit */
    machine_put(root, "sys/fs/cgroup/memory/other/memory.limit_in_bytes", "1\n");
    machine_put(root, "sys/fs/cgroup/name=systemd/memory/memory.limit_in_bytes", "1\n");
    expect_mib(300, "the step's job");
    machine_put(root, "sys/fs/cgroup/memory/job_7/memory.stat", "total_inactive_file 52428800\n");
    expect_mib(350, "pages of files");
    machine_put(root, "sys/fs/cgroup/unified/memory.max", "52428800\n");
    expect_mib(50, "version 2 beside it");
}

Test(memory, of_a_container_that_sees_its_own_group_as_the_root)
{
    /* the path is the host's; under the mount there is only the container's group */
    machine_put(root, "proc/self/cgroup", "4:memory:/docker/0123\n");
    machine_put(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "314572800\n");
    expect_mib(300, "the mounted group");
}

Test(memory, is_what_slurm_allots)
{
    setenv("SLURM_MEM_PER_CPU", "100", 1);
    expect_mib(1000, "of unknown CPUs");
    setenv("SLURM_CPUS_ON_NODE", "4", 1);
    expect_mib(400, "for four CPUs");
    setenv("SLURM_MEM_PER_NODE", "300", 1);
    expect_mib(300, "on the node");
    setenv("SLURM_MEM_PER_NODE", "0", 1);
    setenv("SLURM_MEM_PER_CPU", "0", 1);
    expect_mib(1000, "0 is all of it");
}

Test(memory, is_shared_by_the_tasks_of_a_step)
{
    setenv("SLURM_MEM_PER_NODE", "800", 1);
    setenv("SLURM_STEP_TASKS_PER_NODE", "1", 1);
    expect_mib(800, "one task");
    setenv("SLURM_STEP_TASKS_PER_NODE", "4", 1);
    expect_mib(200, "four tasks");
    setenv("SLURM_STEP_TASKS_PER_NODE", "2(x3),8", 1);
    expect_mib(100, "at most eight tasks on a node");
}

Test(memory, is_divided_by_the_processes_that_share_it)
{
    expect_shared(1000, 0, "alone");
    expect_shared(250, 4, "of the machine");
    machine_put(root, "proc/self/cgroup", "0::/login\n");
    machine_put(root, "sys/fs/cgroup/login/memory.max", "838860800\n"); /* 800 MiB */
    expect_shared(200, 4, "of a group");
    setenv("SLURM_MEM_PER_NODE", "400", 1);
    expect_shared(100, 4, "of one allocation");
    setenv("SLURM_STEP_TASKS_PER_NODE", "4", 1);
    expect_shared(100, 4, "the four are the tasks of a step");
    expect_shared(50, 8, "twice as many");
}

/** 16 tasks of an array on a node: an allocation each, whose cgroup holds no other. */
Test(memory, of_a_task_of_an_array_is_its_own)
{
    machine_put(root, "proc/meminfo", "MemAvailable: 16384000 kB\n"); /* 16,000 MiB */
    setenv("SLURM_ARRAY_TASK_ID", "3", 1);
    expect_shared(1000, 16, "no allocation of memory: a part of the machine");
    setenv("SLURM_MEM_PER_NODE", "640", 1);
    expect_shared(640, 16, "its allocation");
    machine_put(root, "proc/self/cgroup", "0::/slurm/job_7\n");
    machine_put(root, "sys/fs/cgroup/slurm/job_7/memory.max", "335544320\n"); /* 320 MiB */
    expect_shared(320, 16, "its group");
    expect_shared(160, 100, "more beside it than the machine has memory for");
    setenv("SLURM_STEP_TASKS_PER_NODE", "2", 1);
    expect_shared(160, 32, "shared by the tasks of its step");
}

Test(memory, is_what_the_limit_of_the_address_space_leaves)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_AS, &limit), 0);
    const rlim_t before = limit.rlim_cur;
    machine_put(root, "proc/self/statm",
                "25600 100 50\n"); /* pages: 100 MiB where they have 4 KiB */
    limit.rlim_cur = (rlim_t)(1 << 14) * MIB;
    if (setrlimit(RLIMIT_AS, &limit) != 0) cr_skip("the limit of the address space cannot be set");
    expect_mib(1000, "a limit above what there is");
    machine_put(root, "proc/meminfo", "MemAvailable: 1024000000 kB\n");
    const int64_t left =
        dg_memory_available_in(root, 4); /* of the process, whatever is beside it */
    limit.rlim_cur = before;
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    cr_expect_eq(left, (1 << 14) * MIB - 25600 * (int64_t)sysconf(_SC_PAGESIZE));
}
