/** digico config: prints the effective values of a run as YAML, or all existing keys. */
#include "host/cli/command.h"
#include "host/config/config.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct arguments {
    dg_input input;
    int64_t run;
} arguments;

enum { KEY_KEYS = 0x500, KEY_MANUAL };

static const struct argp_option options[] = {
    {"run", 'r', "N", 0, "Index of the planned run, from 0 (default: 0)", 0},
    {"keys", KEY_KEYS, 0, 0,
     "List every key with type, range, default, meaning, and when it may change; needs no FILE", 0},
    {"manual", KEY_MANUAL, 0, 0,
     "Print every key as a commented YAML file, configs/default.yaml; needs no FILE", 0},
    {0},
};

/* like --help, these options need no other argument */
static _Noreturn void list_and_exit(void (*print)(FILE *file))
{
    print(stdout);
    exit(dg_command_flush());
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->input; return 0;
    case KEY_KEYS: list_and_exit(dg_fields_print);
    case KEY_MANUAL: list_and_exit(dg_fields_manual);
    case 'r': a->run = dg_command_integer(state, "--run", argument, 0, INT64_MAX); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static dg_exit print_run(const dg_experiment *experiment, int64_t run)
{
    const size_t runs = dg_experiment_runs(experiment);
    char *text = NULL;
    if ((uint64_t)run >= runs) {
        dg_command_say("--run: %lld, expected an integer from 0 to %zu", (long long)run, runs - 1);
        return DG_EXIT_INPUT;
    }
    const dg_status status = dg_experiment_print(&text, experiment, (size_t)run);
    if (status != DG_OK) return dg_command_fail(status);
    printf("# run %lld of %zu\n%s", (long long)run, runs, text);
    free(text);
    return dg_command_flush();
}

int dg_command_config(int argc, char **argv)
{
    static const struct argp_child children[] = {{&dg_input_argp, 0, NULL, 0}, {0}};
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Print the effective value of every key for one planned run of FILE, as YAML that "
               "digico can read.",
        .children = children,
    };
    arguments a = {0};
    dg_experiment *experiment = NULL;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    dg_exit code = dg_input_load(&experiment, &a.input);
    if (code == DG_EXIT_OK) code = print_run(experiment, a.run);
    dg_experiment_free(&experiment);
    dg_input_free(&a.input);
    return code;
}
