/** Code that must end its program, run in a child. */
#ifndef DG_TESTS_DEATH_H
#define DG_TESTS_DEATH_H

#include <functional>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** Did it abort? `said`: what it printed on stderr. */
static inline bool death_of(const std::function<void()> &code, char *said, size_t room)
{
    int ends[2];
    if (pipe(ends) != 0) return false;
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        code();
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], said + length, room - 1 - length)) > 0) length += (size_t)got;
    said[length] = '\0';
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
