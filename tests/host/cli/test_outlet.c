/** Messages and logs that nobody reads at the moment: runs go on, hear a stop, save, and end. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* posix_openpt() */
#endif
#include "cli.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char text[] = "agents: 6\ngenerations: 3000000\nsteps: 3\nniche: {points: 50}\n"
                           "output.every: 100000\n";

static void set_up(void)
{
    cli_clean();
    cli_file("a.yaml", text);
}

/* a program that waits for ever fails by this limit */
TestSuite(outlet, .init = set_up, .fini = cli_clean, .timeout = 90);

/* ---- who does not read ----------------------------------------------------------------------- */

/** Both ends of a pipe or a pair of sockets, the second one full. */
static void make_full(int end[2], bool sockets)
{
    char byte = 'x';
    cr_assert_eq(sockets ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end)
                         : pipe2(end, O_CLOEXEC),
                 0);
    cr_assert_eq(fcntl(end[1], F_SETFL, O_NONBLOCK), 0);
    while (write(end[1], &byte, 1) == 1) continue;
    cr_assert_eq(fcntl(end[1], F_SETFL, 0), 0); /* the program shares this flag: it is to wait */
}

/** A terminal whose output was stopped, as by Ctrl-S. */
static void make_terminal(int end[2])
{
    end[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    cr_assert(end[0] >= 0 && grantpt(end[0]) == 0 && unlockpt(end[0]) == 0);
    end[1] = open(ptsname(end[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    cr_assert(end[1] >= 0);
    cr_assert_eq(tcflow(end[1], TCOOFF), 0);
}

static void close_both(const int end[2])
{
    close(end[0]);
    close(end[1]);
}

/* ---- stops ----------------------------------------------------------------------------------- */

/** Wait until generations are computed, stop the program, and expect a checkpoint. */
static void assert_saves(cli_child child, int number, const char *name)
{
    while (cli_shell("grep -Eqs '\"agent_steps_done\": [1-9]' out/status.json") != 0) usleep(50000);
    cr_assert_eq(kill(child.pid, number), 0);
    const cli_result *r = cli_wait(child);
    cr_expect_eq(r->code, 3, "%s: exit %d", name, r->code);
    cr_expect_eq(cli_shell("ls out/checkpoints/*.checkpoint >/dev/null"), 0, "%s", name);
    cr_expect_eq(cli_shell("grep -q '0 completed / 1 planned' out/run.log"), 0, "%s", name);
    cr_expect_eq(cli_shell("rm -r out"), 0);
}

static cli_child start(int err)
{
    return cli_start_to(err, "run %s -o %s --device cpu", cli_path("a.yaml"), cli_path("out"));
}

Test(outlet, a_full_stderr_does_not_keep_a_stop_from_saving)
{
    for (int sockets = 0; sockets <= 1; sockets++) {
        int end[2];
        make_full(end, sockets);
        assert_saves(start(end[1]), SIGTERM, sockets ? "sockets" : "pipe");
        close_both(end);
    }
}

Test(outlet, a_stopped_terminal_does_not_keep_a_stop_from_saving)
{
    int end[2];
    make_terminal(end);
    setenv("TERM", "xterm", 1);
    assert_saves(start(end[1]), SIGHUP, "xterm");
    setenv("TERM", "dumb", 1);
    assert_saves(start(end[1]), SIGTERM, "dumb");
    close_both(end);
}

/** A reader that stalls only later: the bar has filled the terminal by then. */
Test(outlet, a_terminal_that_fills_up_does_not_keep_a_stop_from_saving)
{
    int end[2];
    make_terminal(end);
    cr_assert_eq(tcflow(end[1], TCOON), 0);
    const int flags = fcntl(end[1], F_GETFL);
    cr_assert_eq(fcntl(end[1], F_SETFL, flags | O_NONBLOCK), 0);
    while (write(end[1], "x", 1) == 1) continue;
    cr_assert_eq(fcntl(end[1], F_SETFL, flags), 0);
    setenv("TERM", "xterm", 1);
    assert_saves(start(end[1]), SIGTERM, "full");
    close_both(end);
}

/** As after su(1): what another user has opened cannot be opened again. */
Test(outlet, a_stderr_of_another_user_does_not_keep_a_stop_from_saving)
{
    if (geteuid() != 0) cr_skip_test("needs another user");
    int pipe_end[2], terminal[2];
    make_full(pipe_end, false);
    make_terminal(terminal);
    cr_assert_eq(fchmod(pipe_end[1], 0600), 0);
    cr_assert_eq(fchmod(terminal[1], 0600), 0);
    cr_assert_eq(fchown(terminal[1], 0, 0), 0);
    cr_assert_eq(chmod(cli_folder(), 0777), 0);
    setenv("TERM", "xterm", 1);
    cr_assert_eq(seteuid(65534), 0);
    const cli_child first = start(pipe_end[1]);
    cr_assert_eq(seteuid(0), 0);
    assert_saves(first, SIGTERM, "pipe");
    cr_assert_eq(seteuid(65534), 0);
    const cli_child second = start(terminal[1]);
    cr_assert_eq(seteuid(0), 0);
    assert_saves(second, SIGTERM, "terminal");
    close_both(pipe_end);
    close_both(terminal);
}

/** Nobody need send a signal: without the end by the limit a job is killed, unsaved. */
Test(outlet, neither_stderr_nor_log_keeps_the_time_limit_from_saving)
{
    int end[2];
    make_full(end, false);
    cr_assert_eq(mkfifo(cli_path("fifo"), 0666), 0);
    const int reader = open(cli_path("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const int writer = open(cli_path("fifo"), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    while (write(writer, "x", 1) == 1) continue;
    const cli_result *r =
        cli_wait(cli_start_to(end[1], "run %s -o %s --device cpu --walltime 0:03 --log %s",
                              cli_path("a.yaml"), cli_path("out"), cli_path("fifo")));
    cr_expect_eq(r->code, 3, "exit %d", r->code);
    cr_expect_eq(cli_shell("ls out/checkpoints/*.checkpoint >/dev/null"), 0);
    close(reader);
    close(writer);
    close_both(end);
}

/* ---- readers that come late ------------------------------------------------------------------ */

/** Read until all writers have closed. */
static void read_all(int file, char *to, size_t size)
{
    size_t length = 0;
    ssize_t got = 1;
    while (length + 1 < size && (got = read(file, to + length, size - 1 - length)) > 0)
        length += (size_t)got;
    to[length] = '\0';
    cr_expect_eq(got, 0);
}

Test(outlet, a_late_reader_gets_every_line)
{
    static char seen[1 << 18];
    int end[2];
    make_full(end, false);
    const cli_child child = cli_start_to(end[1], "run %s -o %s --device cpu --set generations=2",
                                         cli_path("a.yaml"), cli_path("out"));
    while (!cli_exists(cli_path("out/results.nc"))) usleep(50000);
    close(end[1]);
    close(child.err);
    read_all(end[0], seen, sizeof seen);
    const cli_result *r = cli_wait((cli_child){child.pid, child.out, -1});
    cr_expect_eq(r->code, 0, "exit %d", r->code);
    cr_expect(strstr(seen, "xdigico: ") && strstr(seen, "a.yaml: 1 run to "), "%s",
              seen + strspn(seen, "x"));
    cr_expect(strstr(seen, "\ndigico: done: 1 completed / 1 planned"), "%s",
              seen + strspn(seen, "x"));
    cr_expect_eq(cli_lines(seen), 2);
    close(end[0]);
}

/** The last message waits for its reader, but not once a stop is requested. */
Test(outlet, a_stop_ends_a_program_whose_last_line_waits)
{
    int end[2];
    make_full(end, false);
    const cli_child child = cli_start_to(end[1], "run %s -o %s --device cpu --set generations=2",
                                         cli_path("a.yaml"), cli_path("out"));
    while (!cli_exists(cli_path("out/provenance.json"))) usleep(50000);
    usleep(300000);
    cr_expect_eq(waitpid(child.pid, NULL, WNOHANG), 0, "it waits for who reads the last line");
    kill(child.pid, SIGTERM);
    const cli_result *r = cli_wait(child);
    cr_expect_eq(r->code, 0, "exit %d: all was done before", r->code);
    close_both(end);
}
