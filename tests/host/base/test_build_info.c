/** host/base/build_info.h: the name of the CPU from files as Linux writes them; which builds are the same. */
#include "host/base/build_info.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <unistd.h>

static void assert_named(const char *cpuinfo, size_t size, const char *expected)
{
    char path[] = "/tmp/digico_cpuinfo_XXXXXX", text[64];
    FILE *file = fdopen(mkstemp(path), "w");
    cr_assert_not_null(file);
    fputs(cpuinfo, file);
    fclose(file);
    cr_expect_str_eq(dg_host_cpu_in(path, text, size), expected);
    unlink(path);
}

Test(build_info, names_the_cpu_as_linux_does)
{
    assert_named("processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel\t\t: 17\n"
                 "model name\t: AMD EPYC 9V74\n\nprocessor\t: 1\nmodel name\t: another\n",
                 64, "AMD EPYC 9V74");
    assert_named("model name\t: AMD EPYC 9V74\n", 9, "AMD EPYC");
}

Test(build_info, gives_the_numbers_of_an_arm_cpu)
{
    assert_named("processor\t: 0\nBogoMIPS\t: 2000.00\nCPU implementer\t: 0x41\n"
                 "CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd4f\nCPU revision\t: 0\n",
                 64, "Arm implementer 0x41, part 0xd4f");
}

Test(build_info, does_not_know_a_cpu_that_nothing_names)
{
    char text[64];
    assert_named("processor\t: 0\n", 64, "unknown");
    cr_expect_str_eq(dg_host_cpu_in("/nowhere/cpuinfo", text, sizeof text), "unknown");
}

/** What was built of unlike sources may call itself alike where nothing tells them. */
Test(build_info, two_unknown_builds_are_not_the_same)
{
    static const char *const told[] = {"0.1.0 64c7a4ec7f6b", "0.1.0 unknown-0c5d8e0f2b1a",
                                       "64c7a4ec7f6b-dirty-0c5d8e0f2b1a"};
    static const char *const untold[] = {"0.1.0 unknown", "unknown", "0.1.0 64c7a4ec7f6b-dirty"};
    for (int k = 0; k < 3; k++) {
        cr_expect(dg_build_is_same(told[k], told[k]), "%s", told[k]);
        cr_expect_not(dg_build_is_same(untold[k], untold[k]), "%s", untold[k]);
        cr_expect_not(dg_build_is_same(told[k], untold[k]), "%s", told[k]);
    }
    cr_expect_not(dg_build_is_same("0.1.0 unknown-0c5d8e0f2b1a", "0.1.0 unknown-0c5d8e0f2b1b"));
}

Test(build_info, this_build_is_told_from_others)
{
    cr_expect(dg_build_is_same(dg_build_git_commit(), dg_build_git_commit()), "%s",
              dg_build_git_commit());
}
