/** digico info: prints the build of the program and the devices of this machine. */
#include "host/base/build_info.h"
#include "host/cli/command.h"
#include "host/backends/devices.h"
#include "host/base/quantity.h"
#include "host/machine/processors.h"

#include <stdio.h>
#include <string.h>

static error_t parse(int key, char *argument, struct argp_state *state)
{
    if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
    dg_command_misuse(state, "expected no argument, got `%s'", argument);
    return EINVAL;
}

/** Print the instruction sets of a build, widest first, and which one is the default here. */
static void print_vectors(void)
{
    const char *widest = dg_backend_cpu_vector(NULL), *set;
    printf("vector sets  ");
    for (int32_t k = 0; (set = dg_backend_cpu_vector_at(k)) != NULL; k++)
        printf("%s%s%s", k > 0 ? ", " : "", set,
               !dg_backend_cpu_vector(set) ? " (not supported)"
               : strcmp(set, widest) == 0  ? " (default)"
                                           : "");
    putchar('\n');
}

static void print_device(const dg_backend *cuda, int32_t index)
{
    dg_device device = {.backend = cuda, .index = index};
    char name[32], capability[32];
    char total[32], free_now[32];
    printf("%-12s ", dg_device_name(&device, name, sizeof name));
    if (dg_device_open(&device, cuda, index) != DG_OK) {
        printf("not used: %s\n", dg_error());
        return;
    }
    printf("%s, %s, %d multiprocessors, %sB memory, %sB free\n", device.info.name,
           dg_device_capability(&device, capability, sizeof capability),
           device.info.multiprocessors,
           dg_quantity_si((double)device.info.memory_total, total, sizeof total),
           dg_quantity_si((double)device.info.memory_free, free_now, sizeof free_now));
}

/** Print a line per GPU, or why there is none. */
static void print_gpus(void)
{
    const dg_backend *cuda = dg_backend_cuda();
    const int32_t devices = cuda ? cuda->devices() : 0;
    if (!cuda)
        puts("cuda         not in this build (nvcc was not found, or CUDA=0)");
    else if (devices == 0)
        printf("cuda         in this build, but no device is available (%s): the CPU computes\n",
               dg_error());
    for (int32_t d = 0; d < devices; d++) print_device(cuda, d);
}

int dg_command_info(int argc, char **argv)
{
    static const struct argp parser = {
        .parser = parse,
        .doc = "Print the version, the build, the backends and the devices of this machine.",
    };
    char text[256];
    argp_parse(&parser, argc, argv, 0, NULL, NULL);
    printf("digico       %s, model version %d\n", dg_version(), DG_MODEL_VERSION);
    printf("commit       %s\n", dg_build_git_commit());
    printf("compiler     %s\n", dg_build_compiler());
    printf("flags        %s\n", dg_build_flags());
    printf("backends     %s%s\n", dg_backend_cpu()->name, dg_backend_cuda() ? ", cuda" : "");
    print_vectors();
    printf("cpu          %s, %d threads\n", dg_host_cpu(text, sizeof text), dg_processors());
    print_gpus();
    printf("system       %s\n", dg_host_system(text, sizeof text));
    return dg_command_flush();
}
