/** The program `digico`: finds the command and runs it. Contains no simulation code. */
#include "host/cli/command.h"
#include "host/cli/startup.h"
#include "host/base/utf8.h"
#include "host/engine/engine.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct command {
    const char *name;
    const char *title; /* name in its own help */
    const char *arguments;
    const char *help;
    int (*run)(int argc, char **argv);
} command;

#define COMMAND_ENTRY(name, arguments, help)                                                       \
    {#name, "digico " #name, arguments, help, dg_command_##name},
static const command commands[] = {DG_COMMAND_LIST(COMMAND_ENTRY)};
#define COMMANDS (sizeof commands / sizeof *commands)

/** The command of the command line, and its arguments. */
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

/** Set the command from the first word; all words after it are arguments of the command. */
static void set_command(request *r, const char *word, struct argp_state *state)
{
    r->command = find_command(word);
    if (r->command == NULL) dg_command_misuse(state, "unknown command `%s'", word);
    r->argv = &state->argv[state->next - 1];
    r->argc = state->argc - state->next + 1;
    state->next = state->argc;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_ARG: set_command(state->input, argument, state); return 0;
    case ARGP_KEY_NO_ARGS: dg_command_misuse(state, "COMMAND is missing"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/** The lists of commands and exit codes, made from their X-macros; argp frees it. */
static char *extra_help(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    fputs("Commands (`digico COMMAND --help' describes one):\n", out);
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

/** A number of threads, and where it ends; with a list, of the outermost parallel regions first. */
static bool is_thread_count(const char *text, const char **end)
{
    const char *digits = text + strspn(text, " \t");
    digits += *digits == '+';
    char *after = NULL;
    errno = 0;
    const unsigned long long count = strtoull(digits, &after, 10);
    *end = after + strspn(after, " \t");
    return isdigit((unsigned char)*digits) && count >= 1 && count <= DG_MAX_THREADS && errno == 0;
}

/** Refuse what is no number of threads, as --threads does: OpenMP would compute with all processors. */
static bool threads_are_possible(void)
{
    const char *text = getenv("OMP_NUM_THREADS"), *end = text;
    if (text == NULL || *text == '\0') return true;
    bool valid = is_thread_count(text, &end);
    while (valid && *end == ',') valid = is_thread_count(end + 1, &end);
    if (valid && *end == '\0') return true;
    dg_command_say("OMP_NUM_THREADS: `%.40s', expected an integer from 1 to %d", text,
                   DG_MAX_THREADS);
    return false;
}

/** Refuse an option whose name is not printable: the library for options would print it as it is. */
static bool options_are_printable(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        /* of short options one letter is printed; what follows may be its argument */
        const bool is_long = strncmp(argv[i], "--", 2) == 0;
        const size_t length = is_long ? strcspn(argv[i], "=") : strnlen(argv[i], 2);
        char name[4096], shown[4096];
        snprintf(name, sizeof name, "%.*s", (int)length, argv[i]);
        if (name[0] != '-' || strcmp(dg_printable(shown, sizeof shown, name), name) == 0) continue;
        dg_command_say("unknown option `%s'", name);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static const struct argp parser = {
        .parser = parse,
        .args_doc = "COMMAND [OPTION...] [ARGUMENT...]",
        .doc = "Simulate the Digital Ecosystem of Beliefs: AI and human agents that evolve, "
               "exchange messages and change each other's beliefs.",
        .help_filter = filter_help,
    };
    if (!dg_startup_descriptors()) return DG_EXIT_FAILURE;
    dg_startup_output();
    argp_program_version_hook = print_version;
    argp_err_exit_status = DG_EXIT_INPUT;

    request r = {NULL, 0, NULL};
    if (!options_are_printable(argc, argv)) return DG_EXIT_INPUT;
    if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &r) != 0) return DG_EXIT_FAILURE;
    if (!threads_are_possible() || !dg_startup_stacks()) return DG_EXIT_INPUT;
    r.argv[0] = (char *)(uintptr_t)r.command->title; /* argp does not modify it */
    return r.command->run(r.argc, r.argv);
}
