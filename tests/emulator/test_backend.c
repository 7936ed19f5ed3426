/** host/backends/cuda.c: machines whose driver, GPUs or room for a launch are not as one would wish. */
#include "host/backends/devices.h"
#include "host/engine/repeat.h"
#include "tests/emulator/emulator_control.h"

#include <criterion/criterion.h>

#include <string.h>

static void expect_part(const char *text, const char *part)
{
    cr_expect(strstr(text, part) != NULL, "no `%s' in: %s", part, text);
}

static void choose_auto(dg_devices *out)
{
    cr_assert_eq(dg_devices_find(out, "auto", DG_DEVICES_ALL), DG_OK, "%s", dg_error());
}

Test(cuda, driver_that_is_too_old_is_named)
{
    dg_devices devices;
    dg_emulator_machine_set(&(dg_emulator_machine){.driver = 10020});
    choose_auto(&devices);
    cr_expect(dg_devices_are_cpu(&devices));
    expect_part(devices.unused, "CUDA driver version is insufficient for CUDA runtime version");
    expect_part(devices.unused, "the driver is for CUDA 10.2");
    cr_expect_eq(dg_devices_find(&devices, "cuda", DG_DEVICES_ALL), DG_ERR_UNSUPPORTED);
    expect_part(dg_error(),
                "device: cuda, expected auto or cpu: no CUDA device is available: CUDA: ");
}

Test(cuda, gpu_without_code_in_this_build_is_named)
{
    dg_devices devices;
    dg_emulator_machine_set(&(dg_emulator_machine){.capability = 75});
    choose_auto(&devices);
    cr_expect(dg_devices_are_cpu(&devices));
    expect_part(devices.unused,
                "cuda:0: emulated device has compute capability 7.5, expected one that "
                "this program was built for: ");
    expect_part(devices.unused, "no kernel image is available");
    dg_emulator_machine_set(&(dg_emulator_machine){.capability = 120});
    choose_auto(&devices);
    cr_expect_not(dg_devices_are_cpu(&devices));
    cr_expect_str_eq(devices.unused, "");
    cr_expect_gt(devices.device[0].info.memory_free, 0);
}

Test(cuda, gpu_that_another_process_holds_is_passed_over)
{
    dg_devices devices;
    dg_emulator_machine_set(&(dg_emulator_machine){.busy = 1});
    choose_auto(&devices);
    expect_part(devices.unused,
                "cuda:0: CUDA: cudaSetDevice(device): CUDA-capable device(s) is/are busy");
    cr_expect_eq(dg_devices_find(&devices, "cuda:0", 1), DG_ERR_BACKEND);
}

static uint64_t hash_of(const char *device)
{
    static const char yaml[] = "agents: 99\nsteps: 3\ngenerations: 3\npolicy.hidden: 3\n"
                               "niche: {points: 200}\n";
    dg_experiment *experiment = NULL;
    const dg_options how = {.device = device};
    cr_assert_eq(dg_experiment_parse(&experiment, "a.yaml", yaml, strlen(yaml), NULL, 0), DG_OK,
                 "%s", dg_error());
    uint64_t hash = 0;
    cr_assert_eq(dg_run_repeat(experiment, &how, &hash), DG_OK, "%s", dg_error());
    dg_experiment_free(&experiment);
    return hash;
}

/* 4 multiprocessors hold 4 blocks of the run at once, and then fewer */
Test(cuda, blocks_that_cannot_run_together_are_halved)
{
    const uint64_t cpu = hash_of("cpu");
    for (int32_t together = 4; together >= 1; together--) {
        dg_emulator_machine_set(&(dg_emulator_machine){.together = together});
        cr_expect_eq(hash_of("cuda:0"), cpu, "%d blocks together", together);
    }
}
