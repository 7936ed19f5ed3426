/** host/base/build_info.h: the name of the CPU from files as Linux writes them on x86-64 and aarch64. */
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
