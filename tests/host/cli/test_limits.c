/** The program under limits of the system: it does with less and says so, or names the limit. */
#include "cli.h"

#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(limits, .fini = cli_clean, .timeout = 120);

static const char four[] = "agents: 6\ngenerations: 2\nsteps: 3\nniche: {points: 50}\n"
                           "sweep: {product: {seed: [1, 2, 3, 4]}}\n";

/* ---- threads --------------------------------------------------------------------------------- */

/** An OpenMP library would end the program: libgomp with "Thread creation failed". */
Test(limits, threads_that_cannot_be_started_are_done_without)
{
    cli_file("four.yaml", four);
    setenv("OMP_STACKSIZE", "200000G", 1); /* larger than any address space */
    const cli_result *r =
        cli_run("run %s -o %s --threads 4 --device cpu", cli_path("four.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_expect(strstr(r->err, "digico: 4 threads: more than can be started here") != NULL, "%s",
              r->err);
    cr_expect(strstr(r->err, "computing with 1\n") && strstr(r->err, ", 1 thread"), "%s", r->err);
    r = cli_run("verify %s --threads 3", cli_path("out"));
    cr_expect_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_expect(strstr(r->err, "3 threads: more than can be started here") != NULL, "%s", r->err);
    unsetenv("OMP_STACKSIZE");
    r = cli_run("verify %s --threads 3", cli_path("out"));
    cr_expect_str_empty(r->err);
}

/** The text of a file, freed by the caller. */
static char *read_text(const char *path)
{
    size_t length = 0;
    char *text = file_bytes(path, &length);
    text = realloc(text, length + 1);
    cr_assert_not_null(text);
    text[length] = '\0';
    return text;
}

/* ---- open files ------------------------------------------------------------------------------ */

/** HDF5 tells the want of file descriptors as a want of permission. */
Test(limits, a_limit_on_open_files_is_named)
{
    char command[600];
    size_t named = 0;
    cli_file("four.yaml", four);
    for (int files = 4; files <= 12; files++) {
        /* opened before, as a shell needs more descriptors to redirect */
        snprintf(command, sizeof command,
                 "exec 2>%s; ulimit -n %d; exec ${DIGICO:-build/digico} "
                 "run %s -o %s%d -q",
                 cli_path("err"), files, cli_path("four.yaml"), cli_path("out"), files);
        const int how = system(command);
        char *text = read_text(cli_path("err"));
        cr_expect(how == 0 || WEXITSTATUS(how) == 1, "%d files: exit %d: %s", files,
                  WEXITSTATUS(how), text);
        if (how != 0) {
            named++;
            cr_expect_eq(cli_lines(text), 1, "%s", text);
            cr_expect(strstr(text, "Too many open files (ulimit -n)") != NULL, "%s", text);
        }
        free(text);
    }
    cr_expect_gt(named, 2);
    cr_expect_lt(named, 9);
    snprintf(command, sizeof command,
             "exec 2>%s; ulimit -n 4; exec ${DIGICO:-build/digico} "
             "summary %s12",
             cli_path("err"), cli_path("out"));
    cr_expect_eq(WEXITSTATUS(system(command)), 1, "a want of the system, not a fault of the input");
}

/* ---- processor time -------------------------------------------------------------------------- */

/** The system gives no signal that can be caught where the soft limit is the hard one, as `ulimit -t` sets them. */
Test(limits, a_hard_limit_on_processor_time_saves)
{
    char command[600];
    cli_file("four.yaml", four);
    snprintf(command, sizeof command,
             "exec 2>%s; ulimit -t 4; exec ${DIGICO:-build/digico} run %s -o %s --threads 2 "
             "--device cpu --set generations=3000000 --set output.every=100000",
             cli_path("err"), cli_path("four.yaml"), cli_path("out"));
    const int how = system(command);
    char *text = read_text(cli_path("err"));
    cr_expect(WIFEXITED(how) && WEXITSTATUS(how) == 3, "%x: %s", (unsigned)how, text);
    cr_expect(strstr(text, "digico: limit on processor time (ulimit -t): saving and stopping\n"),
              "%s", text);
    free(text);
    snprintf(command, sizeof command, "ls %s/*.checkpoint >/dev/null", cli_path("out/checkpoints"));
    cr_expect_eq(system(command), 0);
}

/* ---- size of files --------------------------------------------------------------------------- */

/** In megabytes a small limit, and what a small result takes, would be shown as 0.0. */
Test(limits, small_sizes_are_shown_in_their_unit)
{
    char command[600];
    size_t named = 0;
    cli_file("four.yaml", four);
    for (int blocks = 40; blocks <= 64; blocks += 2) {
        snprintf(command, sizeof command,
                 "exec 2>%s; ulimit -f %d; exec ${DIGICO:-build/digico} run %s -o %s -q",
                 cli_path("err"), blocks, cli_path("four.yaml"), cli_path("out"));
        cr_expect_eq(WEXITSTATUS(system(command)), 1);
        char *text = read_text(cli_path("err"));
        const char *size = strstr(text, "cannot reserve ");
        if (size != NULL) {
            named++;
            cr_expect(strstr(size, " kB of disk space: ") != NULL, "%s", text);
            cr_expect(strstr(size, " kB here (ulimit -f)") != NULL, "%s", text);
        }
        free(text);
    }
    cr_expect_gt(named, 0);
}

/* ---- files that cannot be written ------------------------------------------------------------ */

Test(limits, a_log_that_nobody_reads_is_not_waited_for)
{
    cli_file("four.yaml", four);
    cr_assert_eq(mkfifo(cli_path("fifo"), 0666), 0);
    const cli_result *r =
        cli_run("run %s -o %s --log %s", cli_path("four.yaml"), cli_path("out"), cli_path("fifo"));
    cr_expect_eq(r->code, 1, "exit %d", r->code);
    cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_expect(strstr(r->err, "fifo: cannot append to the log: a FIFO that nobody reads"), "%s",
              r->err);
    const int reader = open(cli_path("fifo"), O_RDONLY | O_NONBLOCK);
    r = cli_run("run %s -o %s -q --log %s", cli_path("four.yaml"), cli_path("out"),
                cli_path("fifo"));
    cr_expect_eq(r->code, 0, "%s", r->err);
    close(reader);
    r = cli_run("run %s -o %s -q --log /dev/null", cli_path("four.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 0, "%s", r->err);
}

/** The signal of a pipe that nobody reads would end the runs, unsaved and without a word. */
Test(limits, a_log_that_is_read_no_more_does_not_end_the_runs)
{
    cli_file("four.yaml", four);
    cr_assert_eq(mkfifo(cli_path("fifo"), 0666), 0);
    const int reader = open(cli_path("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const cli_child child = cli_start("run %s -o %s --log %s --set steps=3000",
                                      cli_path("four.yaml"), cli_path("out"), cli_path("fifo"));
    char first = '\0';
    while (read(reader, &first, 1) != 1) usleep(10000);
    close(reader);
    const cli_result *r = cli_wait(child);
    cr_expect_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_expect_eq(cli_lines(r->err), 3, "%s", r->err);
    cr_expect(strstr(r->err, "fifo: cannot append to the log: Broken pipe\n"), "%s", r->err);
    cr_expect(cli_exists(cli_path("out/results.nc")));
}

Test(limits, a_log_that_waits_for_its_reader_lets_the_runs_be_stopped)
{
    cli_file("four.yaml", four);
    cr_assert_eq(mkfifo(cli_path("fifo"), 0666), 0);
    const int reader = open(cli_path("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const int writer = open(cli_path("fifo"), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    while (write(writer, "full", 4) == 4) continue;
    const cli_child child = cli_start("run %s -o %s --log %s --set steps=1000000",
                                      cli_path("four.yaml"), cli_path("out"), cli_path("fifo"));
    sleep(1);
    kill(child.pid, SIGTERM);
    const cli_result *r = cli_wait(child);
    cr_expect_eq(r->code, 3, "exit %d: %s", r->code, r->err);
    cr_expect(strstr(r->err, "fifo: cannot append to the log: nobody reads it\n"), "%s", r->err);
    close(writer);
    close(reader);
}

Test(limits, a_fifo_among_the_batches_is_named)
{
    cli_file("four.yaml", four);
    cr_assert_eq(mkdir(cli_path("out"), 0777), 0);
    cr_assert_eq(mkdir(cli_path("out/batches"), 0777), 0);
    cr_assert_eq(mkfifo(cli_path("out/batches/00.batch"), 0666), 0);
    const cli_result *r = cli_run("run %s -o %s", cli_path("four.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 0, "%s", r->err);
    cr_expect(strstr(r->err, "00.batch: a FIFO, expected a regular file") != NULL, "%s", r->err);
}

Test(limits, a_folder_that_cannot_be_written_is_named)
{
    if (geteuid() != 0) cr_skip_test("needs another user");
    cli_file("four.yaml", four);
    cr_assert_eq(chmod(cli_folder(), 0755), 0);
    cr_assert_eq(mkdir(cli_path("out"), 0555), 0);
    cr_assert_eq(seteuid(65534), 0);
    const cli_result *r = cli_run("run %s -o %s", cli_path("four.yaml"), cli_path("out"));
    cr_assert_eq(seteuid(0), 0);
    cr_expect_eq(r->code, 1, "exit %d", r->code);
    cr_expect(strstr(r->err, "/out: cannot write in this directory: Permission denied") != NULL,
              "%s", r->err);
}
