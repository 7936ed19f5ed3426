/** Runs the program under test with arguments; returns its exit code and both outputs. */
#ifndef DG_TEST_CLI_H
#define DG_TEST_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** Exit code and outputs of a call of the program; texts are cut at the size of their buffers. */
typedef struct cli_result {
    int code; /* exit code, or 128 + signal */
    char out[65536];
    char err[65536];
} cli_result;

/** A started program; finish with cli_wait(). */
typedef struct cli_child {
    pid_t pid;
    int out, err; /* descriptors of the files with its outputs */
} cli_child;

/** Absolute path of the program under test. */
const char *cli_program(void);

/** Run a shell command in cli_folder(); returns its exit code, 128 after a signal. */
int cli_shell(const char *command);

/** Run `digico ARGUMENTS`, split at blanks; arguments of %s must not contain blanks. */
cli_result *cli_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Start the program; cli_wait() waits for its end. */
cli_child cli_start(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The same with this stderr, which is not read: cli_result.err is empty. */
cli_child cli_start_to(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));
cli_result *cli_wait(cli_child child);

/** The temporary folder of a test, empty at first; cli_clean() removes it. */
const char *cli_folder(void);
void cli_clean(void);

/** Write `text` to a file in cli_folder(); returns its path, valid for three more calls. */
const char *cli_file(const char *name, const char *text);

/** Path of a name in cli_folder(), valid for three more calls. */
const char *cli_path(const char *name);

bool cli_exists(const char *path);

/** Number of line feeds in a text. */
size_t cli_lines(const char *text);

#endif
