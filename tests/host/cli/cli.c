#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* setresuid() */
#endif
#include "cli.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGUMENTS 32

static char folder[64];

/* ---- files ----------------------------------------------------------------------------------- */

const char *cli_folder(void)
{
    if (folder[0] == '\0') {
        strcpy(folder, "/tmp/digico-test-XXXXXX");
        cr_assert_not_null(mkdtemp(folder));
    }
    return folder;
}

void cli_clean(void)
{
    char command[128];
    if (folder[0] == '\0') return;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
    folder[0] = '\0';
}

const char *cli_path(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", cli_folder(), name);
    return path;
}

const char *cli_file(const char *name, const char *text)
{
    const char *path = cli_path(name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert(fputs(text, file) >= 0);
    cr_assert_eq(fclose(file), 0);
    return path;
}

bool cli_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

size_t cli_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) lines += *text == '\n';
    return lines;
}

/* ---- program --------------------------------------------------------------------------------- */

static int scratch_file(void)
{
    char path[] = "/tmp/digico-output-XXXXXX";
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    unlink(path);
    return file;
}

const char *cli_program(void)
{
    static char path[PATH_MAX];
    const char *given = getenv("DIGICO");
    cr_assert_not_null(realpath(given != NULL ? given : "build/digico", path));
    return path;
}

int cli_shell(const char *command)
{
    char line[1200];
    snprintf(line, sizeof line, "cd '%s' && { %s\n}", cli_folder(), command);
    const int how = system(line);
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128;
}

/** As the user a test stands in for: of two users, the kernel hides a program from itself and from LeakSanitizer. */
static void become_other_user(void)
{
    const uid_t real = getuid(), other = geteuid();
    if (other != real && (seteuid(real) != 0 || setresuid(other, other, other) != 0)) _exit(126);
}

static void become_program(char *line, int out, int err)
{
    char *arguments[MAX_ARGUMENTS + 1];
    int count = 0;
    arguments[count++] = (char *)cli_program();
    for (char *word = strtok(line, " "); word != NULL && count < MAX_ARGUMENTS;
         word = strtok(NULL, " ")) {
        arguments[count++] = word;
    }
    arguments[count] = NULL;
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    become_other_user();
    execv(arguments[0], arguments);
    _exit(127);
}

static cli_child start(int err, const char *format, va_list values)
{
    char line[4096];
    vsnprintf(line, sizeof line, format, values);
    cli_child child = {-1, scratch_file(), err};
    child.pid = fork();
    cr_assert(child.pid >= 0);
    if (child.pid == 0) {
        signal(SIGINT, SIG_DFL); /* shells ignore it for processes in the background */
        signal(SIGHUP, SIG_DFL);
        become_program(line, child.out, child.err);
    }
    return child;
}

static void read_back(int file, char *text, size_t size)
{
    const ssize_t length = pread(file, text, size - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    close(file);
}

cli_child cli_start(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const cli_child child = start(scratch_file(), format, values);
    va_end(values);
    return child;
}

cli_child cli_start_to(int err, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const cli_child child = start(dup(err), format, values);
    va_end(values);
    return child;
}

cli_result *cli_wait(cli_child child)
{
    static cli_result result;
    int status = 0;
    cr_assert_eq(waitpid(child.pid, &status, 0), child.pid);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    read_back(child.out, result.out, sizeof result.out);
    read_back(child.err, result.err, sizeof result.err);
    return &result;
}

cli_result *cli_run(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const cli_child child = start(scratch_file(), format, values);
    va_end(values);
    return cli_wait(child);
}
