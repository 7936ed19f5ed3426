/** digico info: what this program was built from and what this machine offers it. */
#include "host/build_info.h"
#include "host/command.h"
#include "kernels/backend.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

static error_t parse(int key, char *argument, struct argp_state *state)
{
    if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
    argp_error(state, "no argument expected, got `%s'", argument);
    return EINVAL;
}

/* sets that a build may have, the widest first; a request answers whether one runs here */
static void print_vectors(void)
{
    static const char *const sets[] = {"avx512", "avx2", "generic"};
    const char *widest = dg_backend_cpu_vector(NULL);
    printf("vector sets  ");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const char *taken = dg_backend_cpu_vector(sets[i]);
        printf("%s%s%s", i > 0 ? ", " : "", sets[i],
               taken == NULL                ? " (not here)"
               : strcmp(taken, widest) == 0 ? " (taken)"
                                            : "");
    }
    putchar('\n');
}

int dg_command_info(int argc, char **argv)
{
    static const struct argp parser = {
        .parser = parse,
        .doc = "Print version, build, backends and what this machine offers them.",
    };
    char text[256];
    argp_parse(&parser, argc, argv, 0, NULL, NULL);
    printf("digico       %s, model version %d\n", dg_version(), DG_MODEL_VERSION);
    printf("commit       %s\n", dg_build_git_commit());
    printf("compiler     %s\n", dg_build_compiler());
    printf("flags        %s\n", dg_build_flags());
    printf("backends     %s; CUDA: not in this build\n", dg_backend_cpu()->name);
    print_vectors();
    printf("cpu          %s, %d threads\n", dg_host_cpu(text, sizeof text), omp_get_num_procs());
    printf("system       %s\n", dg_host_system(text, sizeof text));
    return dg_command_flush();
}
