/** host/backends/devices.c, host/engine/batch_plan.c, batches.c: on fake GPUs, run by the CPU. */
#include "host/archive/provenance.h"
#include "host/engine/batch_plan.h"
#include "host/directory/inventory.h"
#include "host/engine/engine.h"
#include "host/base/error.h"
#include "host/base/files.h"
#include "host/machine/memory.h"
#include "host/store/results.h"

#include "host/models/batch_shape.h"
#include "host/models/requirements.h"
#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"
#include "tests/support/records.h"
#include "tests/support/stopper.h"

#include <criterion/criterion.h>

#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const dg_options plain;

/* two shapes of 12 runs each; agents of one run are recorded */
static const char two_shapes[] = "steps: 7\ngenerations: 3\nniche: {points: 200}\n"
                                 "output: {agents: true}\n"
                                 "sweep:\n  product:\n"
                                 "    agents: [9, 12]\n    reading: [text, tables]\n"
                                 "    belief_weights.update: [fixed, momentum, reward]\n"
                                 "    seed: [1, 2]\n";

/* runs that take a minute each: a test that waits for them exceeds its timeout */
static const char endless[] = "agents: 9\nsteps: 1000\ngenerations: 20000\nniche: {points: 200}\n"
                              "sweep: {product: {seed: [1, 2, 3]}}\n";

/* ---- requests -------------------------------------------------------------------------------- */

static dg_status choose(dg_devices *out, int32_t gpus, const char *request)
{
    const fake_settings settings = {.devices = gpus};
    return dg_devices_of(out, dg_backend_cpu(), fake_backend(&settings), request, DG_DEVICES_ALL);
}

static void expect_refused(int32_t gpus, const char *request, dg_status status, const char *part)
{
    dg_devices devices = {.count = -7};
    cr_expect_eq(choose(&devices, gpus, request), status, "%s", request);
    cr_expect(strstr(dg_error(), part) != NULL, "no `%s' in: %s", part, dg_error());
    cr_expect(strstr(dg_error(), request) != NULL, "no `%s' in: %s", request, dg_error());
    cr_expect_eq(devices.count, -7, "unchanged");
}

Test(devices, auto_takes_all_gpus_or_else_the_cpu)
{
    static const char *const request[] = {NULL, "auto"};
    dg_devices devices;
    for (int k = 0; k < 2; k++) {
        cr_assert_eq(choose(&devices, 3, request[k]), DG_OK);
        cr_expect_eq(devices.count, 3);
        cr_expect_str_eq(devices.device[2].backend->name, "cuda");
        cr_expect_eq(devices.device[2].index, 2);
        cr_expect_str_eq(devices.device[2].info.name, "Fake 2");
        cr_assert_eq(choose(&devices, 0, request[k]), DG_OK);
        cr_expect_eq(devices.count, 1);
        cr_expect(dg_devices_are_cpu(&devices));
        cr_assert_eq(dg_devices_of(&devices, dg_backend_cpu(), NULL, request[k], DG_DEVICES_ALL),
                     DG_OK);
        cr_expect(dg_devices_are_cpu(&devices));
    }
}

/* plan and verify find devices, then request each by its name */
Test(devices, the_name_of_a_device_requests_it)
{
    static const char *const request[] = {"cpu", "cuda"};
    for (int k = 0; k < 2; k++) {
        dg_devices all, one;
        char name[32];
        cr_assert_eq(choose(&all, 3, request[k]), DG_OK);
        for (int32_t d = 0; d < all.count; d++) {
            const dg_device *device = &all.device[d];
            cr_assert_eq(choose(&one, 3, dg_device_name(device, name, sizeof name)), DG_OK, "%s",
                         dg_error());
            cr_expect_eq(one.count, 1, "%s", name);
            cr_expect_eq(one.device[0].index, device->index, "%s", name);
            cr_expect_str_eq(one.device[0].backend->name, device->backend->name, "%s", name);
        }
    }
}

Test(devices, takes_what_is_named)
{
    dg_devices devices;
    cr_assert_eq(choose(&devices, 3, "cpu"), DG_OK);
    cr_expect(dg_devices_are_cpu(&devices));
    cr_assert_eq(choose(&devices, 3, "cuda"), DG_OK);
    cr_expect_eq(devices.count, 3);
    cr_expect_not(dg_devices_are_cpu(&devices));
    cr_assert_eq(choose(&devices, 3, "cuda:1"), DG_OK);
    cr_expect_eq(devices.count, 1);
    cr_expect_eq(devices.device[0].index, 1);
}

Test(devices, refuses_other_texts)
{
    static const char *const texts[] = {"",
                                        "gpu",
                                        "CPU",
                                        "cuda:",
                                        "cuda:x",
                                        "cuda:1x",
                                        "cuda:-1",
                                        "cuda: 1",
                                        "cuda:+1",
                                        "cuda1",
                                        "cuda:99999999999999999999"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        expect_refused(2, texts[k], DG_ERR_ARGUMENT, "expected auto, cpu, cuda or cuda:k");
}

Test(devices, that_do_not_exist_are_refused_with_the_reason)
{
    dg_devices devices;
    expect_refused(0, "cuda", DG_ERR_UNSUPPORTED, "no CUDA device is available");
    expect_refused(0, "cuda:0", DG_ERR_UNSUPPORTED, "no CUDA device is available");
    expect_refused(1, "cuda:1", DG_ERR_UNSUPPORTED, "expected cuda:0, the only");
    expect_refused(3, "cuda:3", DG_ERR_UNSUPPORTED, "expected one of cuda:0 ... cuda:2");
    cr_expect_eq(dg_devices_of(&devices, dg_backend_cpu(), NULL, "cuda", DG_DEVICES_ALL),
                 DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "this build has no CUDA backend") != NULL, "%s", dg_error());
}

/* a T4, an A100, one in a bad state, an H100 */
static const fake_settings mixed = {
    .devices = 4, .capability = {75, 80, 90, 90}, .silent = {false, false, true, false}};

static dg_status choose_of(dg_devices *out, const fake_settings *settings, const char *request)
{
    return dg_devices_of(out, dg_backend_cpu(), fake_backend(settings), request, DG_DEVICES_ALL);
}

Test(devices, that_cannot_run_the_code_are_skipped)
{
    static const char *const request[] = {NULL, "auto", "cuda"};
    dg_devices devices;
    char text[64];
    for (int k = 0; k < 3; k++) {
        cr_assert_eq(choose_of(&devices, &mixed, request[k]), DG_OK, "%s", dg_error());
        cr_expect_str_eq(dg_devices_text(&devices, text, sizeof text),
                         "cuda:1 Fake 1, cuda:3 Fake 3");
    }
    cr_assert_eq(choose_of(&devices, &mixed, "cuda:3"), DG_OK);
    cr_expect_eq(devices.device[0].index, 3);
}

Test(devices, that_cannot_run_the_code_are_refused_by_name)
{
    dg_devices devices = {.count = -7};
    cr_expect_eq(choose_of(&devices, &mixed, "cuda:0"), DG_ERR_UNSUPPORTED);
    cr_expect_str_eq(dg_error(), "device: cuda:0, Fake 0 has compute capability 7.5, too old "
                                 "for a fake");
    cr_expect_eq(choose_of(&devices, &mixed, "cuda:2"), DG_ERR_BACKEND);
    cr_expect_str_eq(dg_error(), "device: cuda:2, Fake 2 cannot be described");
    cr_expect_eq(devices.count, -7, "unchanged");
}

Test(devices, that_all_cannot_run_the_code_leave_the_cpu)
{
    static const fake_settings old = {.devices = 2, .capability = {70, 75}};
    dg_devices devices = {.count = -7};
    cr_expect_eq(choose_of(&devices, &old, "cuda"), DG_ERR_UNSUPPORTED);
    cr_expect_str_eq(dg_error(), "device: cuda, expected at least one usable GPU: "
                                 "cuda:0: Fake 0 has compute capability 7.0, too old for a fake; "
                                 "cuda:1: Fake 1 has compute capability 7.5, too old for a fake");
    cr_expect_eq(devices.count, -7, "unchanged");
    cr_assert_eq(choose_of(&devices, &old, "auto"), DG_OK);
    cr_expect(dg_devices_are_cpu(&devices));
    cr_expect(strstr(devices.unused, "cuda:1: Fake 1 has compute capability 7.5") != NULL, "%s",
              devices.unused);
}

Test(devices, of_which_some_are_unusable_say_which)
{
    dg_devices devices;
    cr_assert_eq(choose_of(&devices, &mixed, "auto"), DG_OK);
    cr_expect_str_eq(devices.unused,
                     "cuda:0: Fake 0 has compute capability 7.5, too old for a fake; "
                     "cuda:2: Fake 2 cannot be described");
    cr_assert_eq(choose_of(&devices, &mixed, "cuda:1"), DG_OK);
    cr_expect_str_eq(devices.unused, "", "nothing else was asked for");
}

/* a GPU that is opened holds memory of this process, so that one run must not open four */
Test(devices, without_work_are_left_alone)
{
    static const fake_settings four = {.devices = 4, .silent = {true}};
    static const struct {
        const char *yaml;
        dg_options how;
        int32_t opened;
    } cases[] = {{"seed: 1\n", {.device = "cuda"}, 1},
                 {"sweep: {product: {seed: [1, 2]}}\n", {.device = "cuda"}, 2},
                 {"sweep: {product: {seed: {from: 1, to: 9}}}\n", {.device = "cuda"}, 3}};
    dg_devices devices;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const dg_backend *fake = fake_backend(&four);
        dg_experiment *experiment = load_text(cases[k].yaml, NULL, NULL);
        const size_t wanted = dg_devices_wanted(experiment, &cases[k].how);
        cr_assert_eq(dg_devices_of(&devices, dg_backend_cpu(), fake, "cuda", wanted), DG_OK);
        cr_expect_eq(devices.count, cases[k].opened);
        cr_expect_eq(fake_seen_so_far.opened, cases[k].opened);
        cr_expect_eq(devices.device[0].index, 1, "the first one does not answer");
        dg_experiment_free(&experiment);
    }
    const dg_options ninth = {.shard = 1, .shards = 9};
    dg_experiment *experiment = load_text(cases[2].yaml, NULL, NULL);
    cr_expect_eq(dg_devices_wanted(experiment, &ninth), 1, "a shard of one run");
    dg_experiment_free(&experiment);
}

Test(devices, are_named_as_they_are_asked_for)
{
    char text[128];
    const dg_devices gpus = fake_devices(&(fake_settings){.devices = 2});
    cr_expect_str_eq(dg_devices_text(&gpus, text, sizeof text), "cuda:0 Fake 0, cuda:1 Fake 1");
    cr_expect_str_eq(dg_devices_text(&gpus, text, 10), "cuda:0 Fa", "cut to the buffer");
    cr_expect_str_eq(dg_device_capability(&gpus.device[1], text, sizeof text), "sm_90");
}

/* ---- unsupported experiments ----------------------------------------------------------------- */

static dg_status check(const dg_devices *devices, const char *yaml, const dg_options *options)
{
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    const dg_status status = dg_devices_check(devices, experiment, options);
    dg_experiment_free(&experiment);
    return status;
}

Test(devices, compute_only_what_they_accept)
{
    static const char cublas[] = "sweep: {product: {policy.forward: [gather, cublas]}}\n";
    const dg_options mmx = {.vector = "mmx"};
    dg_devices cpu;
    cr_assert_eq(choose(&cpu, 0, "cpu"), DG_OK);
    cr_expect_eq(check(&cpu, "steps: 2\n", &plain), DG_OK);
    cr_expect_eq(check(&cpu, "steps: 2\n", &mmx), DG_ERR_ARGUMENT);
    cr_expect_eq(check(&cpu, "model: echo-chamber\n", &plain), DG_OK);
    cr_expect_eq(check(&cpu, cublas, &plain), DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "policy.forward: cublas") != NULL, "%s", dg_error());

    dg_devices gpu = fake_devices(&(fake_settings){.devices = 1});
    cr_expect_eq(check(&gpu, "steps: 2\n", &mmx), DG_OK, "a GPU has no vector set");
    cr_expect_eq(check(&gpu, cublas, &plain), DG_ERR_UNSUPPORTED);
    cr_expect_eq(check(&gpu, "model: echo-chamber\n", &plain), DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "echo-chamber") != NULL, "%s", dg_error());
    gpu = fake_devices(&(fake_settings){.devices = 1, .cublas = true});
    cr_expect_eq(check(&gpu, cublas, &plain), DG_OK);
}

/* ---- batches --------------------------------------------------------------------------------- */

/** The batches of an experiment as "runs x agents", in order; valid until the next call. */
static const char *plans_text(const char *yaml, const dg_options *options,
                              const dg_devices *devices)
{
    static char text[512];
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    dg_batch_plan *plans = NULL;
    size_t count = 0, used = 0;
    cr_assert_eq(dg_batch_plans_make(&plans, &count, experiment, NULL, options, devices), DG_OK,
                 "%s", dg_error());
    for (size_t b = 0; b < count; b++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%dx%d%s", b > 0 ? " " : "",
                                 plans[b].options.runs, plans[b].shape.agents,
                                 plans[b].options.cublas ? "c" : "");
    dg_batch_plans_free(&plans, count);
    dg_experiment_free(&experiment);
    return text;
}

Test(batches, of_one_device_hold_all_that_fits)
{
    const dg_options four = {.batch = 4};
    dg_devices cpu, gpu;
    cr_assert_eq(choose(&cpu, 0, "cpu"), DG_OK);
    cr_expect_str_eq(plans_text(two_shapes, &plain, &cpu), "12x9 12x12");
    cr_expect_str_eq(plans_text(two_shapes, &four, &cpu), "4x9 4x9 4x9 4x12 4x12 4x12");
    gpu = fake_devices(&(fake_settings){1, .memory_free = {12000}, .run_bytes = 1000});
    cr_expect_str_eq(plans_text(two_shapes, &plain, &gpu), "10x9 2x9 10x12 2x12", "90 %%");
    cr_expect_str_eq(plans_text(two_shapes, &four, &gpu), "4x9 4x9 4x9 4x12 4x12 4x12");
    const dg_options eleven = {.batch = 11};
    cr_expect_str_eq(plans_text(two_shapes, &eleven, &gpu), "10x9 2x9 10x12 2x12");
}

Test(batches, of_a_gpu_are_not_capped_as_those_of_the_cpu)
{
    static const char many[] = "agents: 9\nsteps: 2\ngenerations: 1\n"
                               "sweep: {product: {seed: {from: 1, to: 1000}}}\n";
    dg_devices cpu, gpu = fake_devices(&(fake_settings){.devices = 1});
    cr_expect_str_eq(plans_text(many, &plain, &gpu), "1000x9");
    cr_assert_eq(choose(&cpu, 0, "cpu"), DG_OK);
    cr_expect_str_eq(plans_text(many, &plain, &cpu), "256x9 256x9 256x9 232x9");
}

Test(batches, of_several_devices_have_a_share_each_and_most_work_first)
{
    static const char one_shape[] = "agents: 9\nsteps: 2\ngenerations: 1\n"
                                    "sweep: {product: {seed: {from: 1, to: 10}}}\n";
    dg_devices gpus = fake_devices(&(fake_settings){.devices = 3});
    cr_expect_str_eq(plans_text(one_shape, &plain, &gpus), "4x9 4x9 2x9");
    gpus = fake_devices(&(fake_settings){.devices = 2});
    cr_expect_str_eq(plans_text(one_shape, &plain, &gpus), "5x9 5x9");
    /* two shapes for two devices: not divided further, though one is more than half of the work */
    cr_expect_str_eq(plans_text(two_shapes, &plain, &gpus), "12x12 12x9");
    gpus = fake_devices(&(fake_settings){.devices = 4});
    cr_expect_str_eq(plans_text(two_shapes, &plain, &gpus), "6x12 6x12 6x9 6x9");
}

Test(batches, fit_the_device_with_the_least_memory)
{
    const fake_settings uneven = {2, .memory_free = {100000, 4000}, .run_bytes = 1000};
    const dg_devices gpus = fake_devices(&uneven);
    cr_expect_str_eq(plans_text(two_shapes, &plain, &gpus), "3x12 3x12 3x12 3x12 3x9 3x9 3x9 3x9");
}

Test(batches, never_mix_cublas_with_others)
{
    static const char both[] = "agents: 9\nsteps: 2\ngenerations: 1\n"
                               "sweep: {product: {seed: [1, 2, 3], "
                               "policy.forward: [gather, cublas, dense]}}\n";
    const dg_devices gpu = fake_devices(&(fake_settings){1, .cublas = true});
    cr_expect_str_eq(plans_text(both, &plain, &gpu), "6x9 3x9c");
}

/* ---- runs on several devices ----------------------------------------------------------------- */

/** Run an experiment on devices into a new folder, which the caller removes. */
static dg_status run_on(const char *folder, const char *yaml, const dg_options *options,
                        const dg_devices *devices, dg_outcome *outcome)
{
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    const dg_status status = dg_engine_run(experiment, folder, options, devices, outcome);
    dg_experiment_free(&experiment);
    return status;
}

static const char *result_of(const char *folder)
{
    static char path[2][600];
    static int next;
    char *text = path[next++ % 2];
    snprintf(text, sizeof path[0], "%s/results.nc", folder);
    return text;
}

static void expect_no_result(const char *folder)
{
    char part[600];
    snprintf(part, sizeof part, "%s.part", result_of(folder));
    cr_expect_neq(access(part, F_OK), 0, "%s is there", part);
    cr_expect_neq(access(result_of(folder), F_OK), 0, "a result was written");
}

Test(several_devices, hold_the_same_result_as_one, .timeout = 60)
{
    char *alone = records_folder(), *shared = records_folder();
    dg_devices devices;
    dg_outcome outcome;
    cr_assert_eq(choose(&devices, 0, "cpu"), DG_OK);
    cr_assert_eq(run_on(alone, two_shapes, &plain, &devices, &outcome), DG_OK, "%s", dg_error());
    const int64_t agent_steps = outcome.agent_steps;

    /* 2 runs a batch, so that each device has several */
    devices = fake_devices(
        &(fake_settings){3, .memory_free = {3000, 3000, 3000}, .run_bytes = 1000, .meet = true});
    cr_assert_eq(run_on(shared, two_shapes, &plain, &devices, &outcome), DG_OK, "%s", dg_error());
    for (int d = 0; d < 3; d++) cr_expect_geq(fake_seen_so_far.batches[d], 1, "device %d", d);
    cr_expect_eq(fake_seen_so_far.runs, 24);
    cr_expect_eq(fake_seen_so_far.largest, 2);
    cr_expect_eq(fake_seen_so_far.held, 0);
    cr_expect_eq(outcome.runs_completed, 24);
    cr_expect_eq(outcome.agent_steps, agent_steps);
    contents_expect_same_bytes(result_of(alone), result_of(shared));
    records_remove(alone);
    records_remove(shared);
}

Test(several_devices, need_not_be_neighbours, .timeout = 60)
{
    char *folder = records_folder();
    const dg_devices devices = fake_devices(&mixed);
    const dg_options two = {.batch = 2};
    cr_assert_eq(run_on(folder, two_shapes, &two, &devices, NULL), DG_OK, "%s", dg_error());
    cr_expect_eq(fake_seen_so_far.batches[0] + fake_seen_so_far.batches[2], 0);
    cr_expect_eq(fake_seen_so_far.batches[1] + fake_seen_so_far.batches[3], 12);
    records_remove(folder);
}

Test(several_devices, are_named_in_the_provenance, .timeout = 60)
{
    char *folder = records_folder(), *text = NULL;
    char path[600];
    size_t length = 0;
    const dg_devices devices = fake_devices(&(fake_settings){.devices = 2, .meet = true});
    cr_assert_eq(run_on(folder, two_shapes, &plain, &devices, NULL), DG_OK, "%s", dg_error());
    snprintf(path, sizeof path, "%s/" DG_PROVENANCE_NAME, folder);
    cr_assert_eq(dg_file_load(path, &text, &length), DG_OK, "%s", dg_error());
    cr_expect(strstr(text, "\"backend\": \"cuda\"") != NULL, "%s", text);
    cr_expect(strstr(text, "\"device\": \"cuda:0 Fake 0\"") != NULL, "%s", text);
    cr_expect(strstr(text, "\"device\": \"cuda:1 Fake 1\"") != NULL, "%s", text);
    cr_expect(strstr(text, "\"vector\": \"\"") != NULL, "%s", text);
    free(text);
    records_remove(folder);
}

Test(several_devices, with_cublas_state_which_runs_are_the_same_everywhere, .timeout = 60)
{
    char *folder = records_folder();
    char *text = NULL;
    dg_results *results = NULL;
    const dg_devices devices = fake_devices(&(fake_settings){.devices = 2, .cublas = true});
    cr_assert_eq(run_on(folder,
                        "agents: 9\nsteps: 2\ngenerations: 1\nniche: {points: 200}\n"
                        "sweep: {product: {policy.forward: [gather, cublas]}}\n",
                        &plain, &devices, NULL),
                 DG_OK, "%s", dg_error());
    cr_assert_eq(dg_results_open(&results, folder), DG_OK);
    cr_assert_eq(dg_results_attribute(results, "same_everywhere", &text), DG_OK);
    cr_expect(strstr(text, "all runs but those with policy.forward: cublas") != NULL, "%s", text);
    free(text);
    dg_results_close(&results);
    records_remove(folder);
}

Test(several_devices, stop_when_one_fails_and_leave_no_result, .timeout = 40)
{
    char *folder = records_folder();
    const dg_devices devices =
        fake_devices(&(fake_settings){.devices = 3, .meet = true, .failing = 2});
    dg_outcome outcome;
    cr_expect_eq(run_on(folder, endless, &plain, &devices, &outcome), DG_ERR_BACKEND);
    cr_expect_str_eq(dg_error(), "cuda:1: Fake 1 has failed");
    cr_expect_eq(fake_seen_so_far.held, 0);
    expect_no_result(folder);
    records_remove(folder);
}

Test(several_devices, one_that_fails_leaves_no_result, .timeout = 40)
{
    char *folder = records_folder();
    const dg_devices devices = fake_devices(&(fake_settings){.devices = 1, .failing = 1});
    cr_expect_eq(run_on(folder, two_shapes, &plain, &devices, NULL), DG_ERR_BACKEND);
    cr_expect_str_eq(dg_error(), "Fake 0 has failed");
    expect_no_result(folder);
    records_remove(folder);
}

/* six generations of eight runs, two shapes */
static const char eight[] = "steps: 4\ngenerations: 6\nniche: {points: 100}\n"
                            "output: {agents: true, every: 2}\n"
                            "sweep: {product: {agents: [9, 12], seed: [1, 2], "
                            "belief_weights.update: [momentum, reward]}}\n";

/** Runs begun on some devices, stopped, and continued on others give the bytes of one CPU. */
Test(several_devices, continue_runs_of_other_devices, .timeout = 60)
{
    static volatile int stop;
    char *unbroken = folder_unbroken(eight);
    for (int first = 1; first <= 3; first++)
        for (int then = 0; then <= 3; then++) {
            char *folder = records_folder();
            const dg_options options = {.stop = &stop, .batch = 3};
            dg_devices devices = fake_devices(
                &(fake_settings){.devices = first, .portion = 2, .stop = &stop, .meet = true});
            dg_outcome outcome;
            stop = 0;
            cr_assert_eq(folder_run(folder, eight, &options, &devices, NULL), DG_ERR_STOPPED, "%s",
                         dg_error());
            expect_no_result(folder);
            const size_t saved = folder_count(folder, DG_CHECKPOINT_FOLDER);
            cr_expect_eq(saved, (size_t)first, "one batch on each device");
            if (then == 0)
                cr_assert_eq(choose(&devices, 0, "cpu"), DG_OK);
            else
                devices = fake_devices(&(fake_settings){.devices = then, .meet = then < 3});
            cr_assert_eq(folder_run(folder, eight, &plain, &devices, &outcome), DG_OK, "%s",
                         dg_error());
            cr_expect_eq(outcome.runs_completed, 8);
            if (then > 0) {
                cr_expect_geq(fake_seen_so_far.restored, first, "%d", fake_seen_so_far.restored);
                cr_expect_eq(fake_seen_so_far.held, 0);
            }
            contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
            records_remove(folder);
        }
    records_remove(unbroken);
}

/** Where an allocation fails, batches are cut until they fit; the bytes are the same. */
Test(several_devices, cut_batches_that_there_is_no_memory_for, .timeout = 40)
{
    static collected_log lines;
    char *unbroken = folder_unbroken(eight);
    for (int32_t room = 1; room <= 3; room++) {
        char *folder = records_folder();
        dg_outcome outcome;
        const dg_options options = {.log = collect_log, .user = &lines};
        const dg_devices devices = fake_devices(&(fake_settings){.devices = 1, .room = room});
        lines = (collected_log){0};
        cr_assert_eq(folder_run(folder, eight, &options, &devices, &outcome), DG_OK, "%s",
                     dg_error());
        cr_expect_eq(outcome.runs_completed, 8);
        cr_expect_eq(fake_seen_so_far.runs, 8);
        cr_expect_eq(fake_seen_so_far.largest, room == 3 ? 2 : room, "halves of four");
        const char *said = strstr(lines.text, "no memory for a batch of 4 runs");
        cr_assert_not_null(said, "%s", lines.text);
        cr_expect_null(strstr(said + 1, "no memory"), "said twice: %s", lines.text);
        contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
        records_remove(folder);
    }
    records_remove(unbroken);
}

/** No memory for two large runs says nothing about small ones. */
Test(several_devices, cut_the_batches_of_the_shape_that_there_is_no_memory_for)
{
    static const char large_first[] = "steps: 1\ngenerations: 2\nniche: {points: 100}\n"
                                      "sweep: {product: {agents: [60, 6], seed: [1, 2, 3, 4]}}\n";
    static collected_log lines;
    char *folder = records_folder();
    dg_outcome outcome;
    const dg_options options = {.log = collect_log, .user = &lines};
    const dg_devices devices = fake_devices(&(fake_settings){.devices = 1, .room_agents = 60});
    cr_assert_eq(folder_run(folder, large_first, &options, &devices, &outcome), DG_OK, "%s",
                 dg_error());
    cr_expect_eq(outcome.runs_completed, 8);
    cr_expect_eq(fake_seen_so_far.batches[0], 5, "four of one large run, one of four small runs");
    cr_expect_eq(fake_seen_so_far.largest, 4);
    records_remove(folder);
}

/** The start of a smaller batch, whose work would be dropped, may take minutes. */
Test(several_devices, start_no_smaller_batch_in_a_call_that_is_stopped)
{
    static volatile int stop;
    char *folder = records_folder();
    const dg_options options = {.stop = &stop};
    const dg_devices devices =
        fake_devices(&(fake_settings){.devices = 1, .room = 2, .stop = &stop});
    cr_expect_eq(run_on(folder, eight, &options, &devices, NULL), DG_ERR_STOPPED);
    cr_expect_eq(fake_seen_so_far.runs, 0);
    expect_no_result(folder);
    records_remove(folder);
}

Test(several_devices, without_memory_for_a_single_run_fail)
{
    char *folder = records_folder();
    const dg_devices devices = fake_devices(&(fake_settings){.devices = 2, .room = -1});
    cr_expect_eq(run_on(folder, eight, &plain, &devices, NULL), DG_ERR_MEMORY);
    cr_expect_not_null(strstr(dg_error(), "no memory for 1 runs on a fake"), "%s", dg_error());
    expect_no_result(folder);
    records_remove(folder);
}

/** Runs of one shape at different generations: several batches on a GPU, one on a CPU. */
Test(batches, of_a_gpu_hold_runs_of_one_generation)
{
    static const char ten[] = "agents: 9\nsteps: 2\ngenerations: 9\n"
                              "sweep: {product: {seed: {from: 1, to: 10}}}\n";
    static const size_t run[] = {9, 2, 4, 0, 7, 5};
    static const int32_t begun[] = {3, 0, 3, 5, 0, 3};
    const dg_run_selection which = {run, begun, 6, 0};
    dg_experiment *e = load_text(ten, NULL, NULL);
    dg_devices devices = fake_devices(&(fake_settings){.devices = 1});
    dg_batch_plan *plans = NULL;
    size_t count = 0;
    cr_assert_eq(dg_batch_plans_make(&plans, &count, e, &which, &plain, &devices), DG_OK);
    cr_assert_eq(count, 3);
    static const size_t expected[3][3] = {{9, 4, 5}, {2, 7, 0}, {0, 0, 0}};
    static const int32_t first[] = {3, 0, 5}, runs[] = {3, 2, 1};
    for (size_t b = 0; b < 3; b++) {
        cr_expect_eq(plans[b].first, first[b]);
        cr_assert_eq(plans[b].options.runs, runs[b]);
        cr_expect_arr_eq(plans[b].run, expected[b], (size_t)runs[b] * sizeof **expected);
    }
    dg_batch_plans_free(&plans, count);
    cr_assert_eq(choose(&devices, 0, "cpu"), DG_OK);
    cr_assert_eq(dg_batch_plans_make(&plans, &count, e, &which, &plain, &devices), DG_OK);
    cr_assert_eq(count, 1);
    cr_expect_arr_eq(plans[0].run, run, sizeof run);
    dg_batch_plans_free(&plans, count);
    dg_experiment_free(&e);
}

/** Bytes of the host that a batch of so many runs takes, as its backend says. */
static int64_t held_on_host(dg_batch_plan plan, const dg_backend *backend, int32_t runs)
{
    plan.options.runs = runs;
    return runs * dg_backend_cpu()->bytes_per_run(&plan.shape, &plan.options) +
           backend->bytes_beside(&plan.shape, &plan.options);
}

/** Half of the memory for each device, and not one run less. */
static void expect_filled(const dg_devices *devices, int threads)
{
    dg_experiment *e = load_text("agents: 300\npolicy.hidden: 1\ngenerations: 2\nsteps: 2\n"
                                 "observation.capacity: 1\nniche: {points: 50}\n",
                                 NULL, NULL);
    const dg_options options = {.threads = threads};
    const dg_backend *backend = devices->device[0].backend;
    dg_batch_plan plan = {.first = 0};
    dg_batch_describe(RUN_CONFIG(e, 0), &options, &plan.shape, &plan.options);
    const int64_t most = dg_memory_available(1) / 2 / devices->count;
    const int32_t room = dg_batch_room(&plan, devices, 0);
    cr_expect(room > 1 && room < 250, "%d", room);
    cr_expect_leq(held_on_host(plan, backend, room), most, "%d threads, %d runs", threads, room);
    cr_expect_gt(held_on_host(plan, backend, room + 1), most, "%d threads, %d runs", threads, room);
    dg_experiment_free(&e);
}

/** Scratch is taken by threads that have a run, and where a CPU computes. */
Test(batches, fill_their_part_of_the_memory)
{
    static const int threads[] = {1, 8, 64, 1000};
    dg_devices cpu, gpus = fake_devices(&(fake_settings){.devices = 2});
    setenv("SLURM_MEM_PER_NODE", "100", 1);
    cr_assert_eq(dg_devices_find(&cpu, "cpu", DG_DEVICES_ALL), DG_OK);
    for (int k = 0; k < 4; k++) {
        expect_filled(&cpu, threads[k]);
        expect_filled(&gpus, threads[k]);
    }
}

/** Calls of one machine share its memory: each plans as if the others took as much. */
Test(batches, take_a_share_of_the_memory_of_the_machine)
{
    static const char large[] = "agents: 300\npolicy.hidden: 512\ngenerations: 2\nsteps: 2\n"
                                "sweep: {product: {seed: {from: 1, to: 300}}}\n";
    enum { SHARING = 64 };
    size_t run[300];
    int32_t begun[300] = {0};
    for (size_t k = 0; k < 300; k++) run[k] = k;
    const dg_run_selection which = {run, begun, 300, SHARING};
    dg_experiment *e = load_text(large, NULL, NULL);
    dg_devices cpu;
    dg_batch_plan *plans = NULL;
    size_t count = 0;
    cr_assert_eq(dg_devices_find(&cpu, "cpu", DG_DEVICES_ALL), DG_OK);
    const int64_t memory = dg_memory_available(1);
    cr_assert_eq(dg_batch_plans_make(&plans, &count, e, &which, &plain, &cpu), DG_OK);
    const int64_t bytes = dg_backend_cpu()->bytes_per_run(&plans[0].shape, &plans[0].options);
    const int64_t most = memory / SHARING * 6 / 10 / bytes; /* a half and what others gave back */
    cr_expect_leq(plans[0].options.runs, most > 1 ? most : 1);
    dg_batch_plans_free(&plans, count);
    dg_experiment_free(&e);
}

Test(several_devices, stop_on_request_in_the_middle_of_a_run, .timeout = 40)
{
    char *folder = records_folder();
    stopper s = {0, 1};
    const dg_options options = {.stop = &s.stop, .progress = stop_later, .user = &s};
    const dg_devices devices = fake_devices(&(fake_settings){.devices = 3, .meet = true});
    cr_expect_eq(run_on(folder, endless, &options, &devices, NULL), DG_ERR_STOPPED);
    expect_no_result(folder);
    records_remove(folder);
}

Test(several_devices, refuse_before_anything_is_written)
{
    char *folder = records_folder();
    char inside[600];
    snprintf(inside, sizeof inside, "%s/new", folder);
    dg_devices devices =
        fake_devices(&(fake_settings){2, .memory_free = {9000, 1000}, .run_bytes = 1000});
    cr_expect_eq(run_on(inside, two_shapes, &plain, &devices, NULL), DG_ERR_MEMORY);
    cr_expect(strstr(dg_error(), "cuda:1") != NULL, "%s", dg_error());
    devices = fake_devices(&(fake_settings){.devices = 2});
    cr_expect_eq(run_on(inside, "policy: {forward: cublas}\n", &plain, &devices, NULL),
                 DG_ERR_UNSUPPORTED);
    devices = fake_devices(&(fake_settings){.devices = 2, .agents_most = 10});
    cr_expect_eq(run_on(inside, two_shapes, &plain, &devices, NULL), DG_ERR_UNSUPPORTED);
    cr_expect_str_eq(dg_error(), "agents: 12, too many for a fake");
    cr_expect_neq(access(inside, F_OK), 0, "%s is there", inside);
    cr_expect_eq(fake_seen_so_far.runs, 0);
    records_remove(folder);
}
