/** digico plan: estimates the runs, memory, time and disk space of an experiment. */
#include "host/cli/command.h"
#include "host/engine/engine.h"
#include "host/engine/estimate.h"
#include "host/models/model.h"
#include "host/base/quantity.h"

#include <math.h>
#include <stdio.h>

/* a smaller list of runs and a shorter merge are not worth a line */
#define LIST_BYTES    50e6
#define MERGE_SECONDS 1.0

enum { KEY_DEVICE = 0x200, KEY_THREADS, KEY_VECTOR, KEY_BATCH };

typedef struct arguments {
    dg_input input;
    dg_options options;
} arguments;

static const struct argp_option options[] = {
    {"device", KEY_DEVICE, "WHICH", 0, DG_DEVICE_HELP, 0},
    {"threads", KEY_THREADS, "N", 0, "Number of CPU threads to estimate for (default: all)", 0},
    {"batch", KEY_BATCH, "N", 0, DG_BATCH_HELP, 0},
    {"vector", KEY_VECTOR, "SET", 0, DG_VECTOR_HELP, 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->input; return 0;
    case KEY_DEVICE: a->options.device = argument; return 0;
    case KEY_VECTOR: a->options.vector = argument; return 0;
    case KEY_BATCH:
        a->options.batch = (int)dg_command_integer(state, "--batch", argument, 1, INT32_MAX);
        return 0;
    case KEY_THREADS:
        a->options.threads =
            (int)dg_command_integer(state, "--threads", argument, 1, DG_MAX_THREADS);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- units ----------------------------------------------------------------------------------- */

static const char *seconds_text(double seconds, char *text, size_t size)
{
    if (!isfinite(seconds)) {
        snprintf(text, size, "not measured: a run needs more memory than is available");
    } else if (seconds < 120.0) {
        snprintf(text, size, "about %.*f s", seconds < 10.0 ? 1 : 0, seconds);
    } else if (seconds < 7200.0) {
        snprintf(text, size, "about %.0f min", seconds / 60.0);
    } else {
        snprintf(text, size, "about %.1f h", seconds / 3600.0);
    }
    return text;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- table ----------------------------------------------------------------------------------- */

static void print_axes(const dg_experiment *experiment)
{
    if (experiment->axes == 0) puts("axes         none: one run");
    for (size_t i = 0; i < experiment->axes; i++) {
        printf("%-12s %s: %zu\n", i == 0 ? "axes" : "", experiment->axis[i].key,
               experiment->axis[i].size);
    }
}

/** Print what grows with the number of runs, where anybody would notice it. */
static void print_list(const dg_estimate *plan)
{
    char text[80];
    if ((double)plan->list_bytes >= LIST_BYTES)
        printf("list         %s for the list of runs, in every call and every shard\n",
               dg_quantity_bytes(plan->list_bytes, text, sizeof text));
    if (plan->merge_seconds >= MERGE_SECONDS)
        printf("merge        %s on one thread at the end (estimated, not measured)\n",
               seconds_text(plan->merge_seconds, text, sizeof text));
}

/** Print the devices that the estimate is for, one per line. */
static void print_devices(const dg_devices *devices)
{
    char name[32], capability[32], memory[32];
    for (int32_t d = 0; d < devices->count; d++) {
        const dg_device *device = &devices->device[d];
        const char *sm = dg_device_capability(device, capability, sizeof capability);
        printf("%-12s %s  %s%s%s", d == 0 ? "devices" : "",
               dg_device_name(device, name, sizeof name), device->info.name,
               sm[0] != '\0' ? ", " : "", sm);
        if (device->info.memory_free > 0)
            printf(", %s free", dg_quantity_bytes(device->info.memory_free, memory, sizeof memory));
        putchar('\n');
    }
    if (devices->unused[0] != '\0')
        printf("%-12s %s: %s\n", "", dg_devices_are_cpu(devices) ? "no GPU" : "not used",
               devices->unused);
}

/** Print the measured speed and, for GPUs, the number of runs on a device. */
static void print_speed(const dg_estimate_shape *shape, const dg_devices *devices)
{
    const double nanoseconds = 1e9 * shape->run_seconds / (double)shape->agent_steps;
    const bool cpu = dg_devices_are_cpu(devices);
    if (!cpu) printf(", %d together on each device (memory for %d)", shape->in_flight, shape->room);
    if (!isfinite(shape->run_seconds)) return;
    if (cpu)
        printf(", %.0f ns per agent-step on one thread", nanoseconds);
    else
        printf(", %.3g ns per agent-step with %d runs together", nanoseconds, shape->probed);
}

static void print_shape(const dg_estimate_shape *shape, const dg_devices *devices)
{
    char memory[32];
    char sizes[192];
    const dg_model *model = dg_model_of(shape->config.model);
    printf("  %zu run%s: %s", shape->runs, plural(shape->runs),
           model->describe(&shape->config, sizes, sizeof sizes));
    printf("; %s per run", dg_quantity_bytes(shape->run_bytes, memory, sizeof memory));
    print_speed(shape, devices);
    putchar('\n');
}

static void print_time(const dg_estimate *plan)
{
    char text[80];
    const bool cpu = dg_devices_are_cpu(&plan->devices);
    const int count = cpu ? plan->threads : plan->devices.count;
    printf("time         %s on %d %s%s\n", seconds_text(plan->seconds, text, sizeof text), count,
           cpu ? "thread" : "GPU", plural((size_t)count));
    if (!cpu)
        puts("forward      default gather; policy.forward: cublas may be faster if the capacity is "
             "close to the number of agents (not measured yet)");
}

static void print_disk(const dg_estimate *plan)
{
    char result[80], batches[80], saved[80];
    printf("disk         about %s", dg_quantity_bytes(plan->file_bytes, result, sizeof result));
    if (plan->batch_bytes > 0)
        printf(", batches %s, checkpoints up to %s",
               dg_quantity_bytes(plan->batch_bytes, batches, sizeof batches),
               dg_quantity_bytes(plan->saved_bytes, saved, sizeof saved));
    printf(", before compression\n");
}

static void print_plan(const dg_estimate *plan, const dg_experiment *experiment)
{
    char text[80];
    printf("runs         %zu\n", plan->runs);
    print_axes(experiment);
    print_devices(&plan->devices);
    printf("shapes       %zu\n", plan->shapes);
    for (size_t i = 0; i < plan->shapes; i++) print_shape(&plan->shape[i], &plan->devices);
    printf("agent-steps  %s\n", dg_quantity_si(plan->agent_steps, text, sizeof text));
    printf("memory       %s in the largest of %zu batch%s",
           dg_quantity_bytes(plan->held_bytes, text, sizeof text), plan->batches,
           plan->batches == 1 ? "" : "es");
    if (plan->memory_free > 0)
        printf("; %s free", dg_quantity_bytes(plan->memory_free, text, sizeof text));
    putchar('\n');
    print_time(plan);
    print_list(plan);
    print_disk(plan);
}

int dg_command_plan(int argc, char **argv)
{
    static const struct argp_child children[] = {{&dg_input_argp, 0, NULL, 0}, {0}};
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Estimate the number of runs of an experiment and their memory, time and disk "
               "space. Nothing is written. For the time, the first run of each shape (runs of "
               "equal sizes) is computed for a fraction of a second.",
        .children = children,
    };
    arguments a = {0};
    dg_experiment *experiment = NULL;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    dg_exit code = dg_input_load(&experiment, &a.input);
    if (code == DG_EXIT_OK) {
        dg_estimate plan;
        const dg_status status = dg_estimate_make(&plan, experiment, &a.options);
        if (status == DG_OK) {
            print_plan(&plan, experiment);
            dg_estimate_free(&plan);
            code = dg_command_flush();
        } else {
            code = dg_command_fail(status);
        }
    }
    dg_experiment_free(&experiment);
    dg_input_free(&a.input);
    return code;
}
