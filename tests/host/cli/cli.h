/** Runs the program under test as a user would: arguments in, exit code and both outputs back. */
#ifndef DG_TEST_CLI_H
#define DG_TEST_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** What a call of the program left; texts are cut at their buffer's size. */
typedef struct cli_result {
    int code; /* exit code, or 128 + signal */
    char out[65536];
    char err[65536];
} cli_result;

/** A started program; finish with cli_wait(). */
typedef struct cli_child {
    pid_t pid;
    int out, err; /* files that receive its outputs */
} cli_child;

/** Run `digico ARGUMENTS`, split at blanks; "%s" in `format` may not hold blanks. */
cli_result *cli_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Start without waiting. */
cli_child cli_start(const char *format, ...) __attribute__((format(printf, 1, 2)));
cli_result *cli_wait(cli_child child);

/** A new empty folder for one test, removed by cli_clean(). */
const char *cli_folder(void);
void cli_clean(void);

/** Write `text` to a file in cli_folder(); returns its path, valid until the next call but three. */
const char *cli_file(const char *name, const char *text);

/** Path of a name in cli_folder(), valid until the next call but three. */
const char *cli_path(const char *name);

bool cli_exists(const char *path);

/** Lines of a text: its line feeds. */
size_t cli_lines(const char *text);

#endif
