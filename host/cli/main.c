/** The program `digico`: finds the command and hands over. No simulation here. */
#include "host/cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct command {
    const char *name;
    const char *title; /* what its own help calls it */
    const char *arguments;
    const char *help;
    int (*run)(int argc, char **argv);
} command;

#define COMMAND_ENTRY(name, arguments, help)                                                       \
    {#name, "digico " #name, arguments, help, dg_command_##name},
static const command commands[] = {DG_COMMAND_LIST(COMMAND_ENTRY)};
#define COMMANDS (sizeof commands / sizeof *commands)

/** What the command line asked for: a command and its share of the arguments. */
typedef struct request {
    const command *command;
    int argc;
    char **argv;
} request;

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    }
    return NULL;
}

/* the first word is the command; everything after it is the command's own */
static void take_command(request *ask, const char *word, struct argp_state *state)
{
    ask->command = find_command(word);
    if (ask->command == NULL) argp_error(state, "unknown command `%s'", word);
    ask->argv = &state->argv[state->next - 1];
    ask->argc = state->argc - state->next + 1;
    state->next = state->argc;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_ARG: take_command(state->input, argument, state); return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "a command is missing"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* lists of commands and exit codes, from the lists that define them */
static char *extra_help(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    fputs("Commands (`digico COMMAND --help' tells more):\n", out);
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(out, "  %-8s %-12s  %s\n", commands[i].name, commands[i].arguments,
                commands[i].help);
    }
    fputs("\nExit codes:\n", out);
#define EXIT_LINE(code, meaning) fprintf(out, "  %d  %s\n", code, meaning);
    DG_EXIT_LIST(EXIT_LINE)
#undef EXIT_LINE
    fclose(out);
    return text;
}

static char *filter_help(int key, const char *text, void *input)
{
    (void)input;
    if (key == ARGP_KEY_HELP_EXTRA) return extra_help();
    return (char *)(uintptr_t)text; /* argp's interface: the same pointer means unchanged */
}

static void print_version(FILE *out, struct argp_state *state)
{
    (void)state;
    fprintf(out, "digico %s (model version %d)\n", dg_version(), DG_MODEL_VERSION);
}

int main(int argc, char **argv)
{
    static const struct argp parser = {
        .parser = parse,
        .args_doc = "COMMAND [OPTION...] [ARGUMENT...]",
        .doc = "Digital Ecosystem of Beliefs: evolving AI and human agents that share messages and "
               "change each other's beliefs.",
        .help_filter = filter_help,
    };
    argp_program_version_hook = print_version;
    argp_err_exit_status = DG_EXIT_INPUT;

    request ask = {NULL, 0, NULL};
    if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &ask) != 0) return DG_EXIT_FAILURE;
    ask.argv[0] = (char *)(uintptr_t)ask.command->title; /* argp reads it only */
    return ask.command->run(ask.argc, ask.argv);
}
