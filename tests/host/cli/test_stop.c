/** Signals, and readers that have gone, while merge and submit bring something to an end. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2() */
#endif
#include "cli.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char sweep[] = "agents: 6\ngenerations: 1\nsteps: 1\nniche: {points: 10}\n"
                            "sweep: {product: {seed: {from: 1, to: 1500}}}\n";
static const char two[] = "agents: 6\ngenerations: 1\nsteps: 1\nniche: {points: 10}\n"
                          "sweep: {product: {seed: [1, 2]}}\n";

TestSuite(stop, .init = cli_clean, .fini = cli_clean, .timeout = 120);

/** A stderr whose reader has gone. */
static int without_reader(void)
{
    int end[2];
    cr_assert_eq(pipe2(end, O_CLOEXEC), 0);
    close(end[0]);
    return end[1];
}

/* ---- merge ----------------------------------------------------------------------------------- */

static void make_batches(const char *text)
{
    cli_file("a.yaml", text);
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("out"))->code, 0);
    cr_assert_eq(cli_shell("mv out/results.nc whole && rm out/provenance.json"), 0);
}

Test(stop, merge_leaves_no_unfinished_file)
{
    static const int number[] = {SIGTERM, SIGHUP, SIGXCPU};
    make_batches(sweep); /* enough to take a while to write */
    for (size_t k = 0; k < sizeof number / sizeof *number; k++) {
        const cli_child child = cli_start("merge %s", cli_path("out"));
        while (!cli_exists(cli_path("out/results.nc.part"))) usleep(1000);
        kill(child.pid, number[k]);
        const cli_result *r = cli_wait(child);
        cr_expect_eq(r->code, 3, "signal %d: exit %d: %s", number[k], r->code, r->err);
        cr_expect(strstr(r->err, "stopping"), "%s", r->err);
        cr_expect(strstr(r->err, "results.nc: stopped before it was written; the same command"),
                  "%s", r->err);
        cr_expect_eq(cli_shell("! ls out/*.part 2>/dev/null && test ! -e out/results.nc && "
                               "grep -q '\"state\": \"stopped\"' out/status-merge.json"),
                     0);
    }
    cr_expect_eq(cli_run("merge %s -q", cli_path("out"))->code, 0);
    cr_expect_eq(cli_shell("cmp out/results.nc whole"), 0);
}

Test(stop, merge_goes_on_without_a_reader_of_its_messages)
{
    make_batches(two);
    cr_assert_eq(cli_shell("mkfifo out/batches/00.batch"), 0); /* one message */
    const int err = without_reader();
    const cli_result *r = cli_wait(cli_start_to(err, "merge %s", cli_path("out")));
    cr_expect_eq(r->code, 0, "exit %d", r->code);
    cr_expect_eq(cli_shell("cmp out/results.nc whole"), 0);
    close(err);
}

/* ---- submit ---------------------------------------------------------------------------------- */

/** An sbatch that does this and adds a line to `calls`. */
static void fake_sbatch(const char *text)
{
    char script[512], path[600];
    snprintf(script, sizeof script, "#!/bin/sh\necho call >>%s\n%s\necho 12\n", cli_path("calls"),
             text);
    cr_assert_eq(mkdir(cli_path("bin"), 0700), 0);
    cr_assert_eq(chmod(cli_file("bin/sbatch", script), 0700), 0);
    snprintf(path, sizeof path, "%s:%s", cli_path("bin"), getenv("PATH"));
    setenv("PATH", path, 1);
}

/** An array without its merge job would wait for nobody. */
Test(stop, submit_submits_both_jobs_or_none)
{
    static const char *const name[] = {"TERM", "HUP", "INT", "PIPE"};
    char kills[64];
    cli_file("a.yaml", two);
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        snprintf(kills, sizeof kills, "kill -%s $PPID", name[k]);
        fake_sbatch(kills);
        const cli_result *r =
            cli_run("submit %s -o %s --time 60 --nodes 2", cli_path("a.yaml"), cli_path("out"));
        cr_expect_eq(r->code, 0, "%s: exit %d: %s", name[k], r->code, r->err);
        cr_expect(strstr(r->out, "array 12: 2 runs in 2 shards; then 12: merge"), "%s", r->out);
        cr_expect_eq(cli_shell("test $(wc -l <calls) -eq 2 && rm -r calls bin out"), 0, "%s",
                     name[k]);
    }
}

/** The program for a command line that needs a shell or another program; freed by the caller. */
/** A terminal sends its signals to the whole process group, which digico leads here. */
Test(stop, a_signal_to_the_group_does_not_reach_sbatch)
{
    static const char *const name[] = {"TERM", "HUP", "INT"};
    char kills[64];
    const char *program = cli_program();
    setenv("DIGICO", "/usr/bin/env", 1);
    cli_file("a.yaml", two);
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        snprintf(kills, sizeof kills, "kill -%s -$PPID", name[k]);
        fake_sbatch(kills);
        const cli_result *r = cli_run("setsid -w %s submit %s -o %s --time 60", program,
                                      cli_path("a.yaml"), cli_path("out"));
        cr_expect_eq(r->code, 0, "%s: exit %d: %s", name[k], r->code, r->err);
        cr_expect(strstr(r->out, "array 12: 2 runs in 1 shard; then 12: merge"), "%s", r->out);
        cr_expect(strstr(r->err, "stopping once both jobs are submitted"), "%s", r->err);
        cr_expect_eq(cli_shell("test $(wc -l <calls) -eq 2 && rm -r calls bin out"), 0, "%s",
                     name[k]);
    }
}

Test(stop, submit_goes_on_without_a_reader_of_its_messages)
{
    cli_file("a.yaml", two);
    fake_sbatch("echo 'sbatch: a remark' >&2");
    const int err = without_reader();
    const cli_result *r = cli_wait(
        cli_start_to(err, "submit %s -o %s --time 60", cli_path("a.yaml"), cli_path("out")));
    cr_expect_eq(r->code, 0, "exit %d", r->code);
    cr_expect_eq(cli_shell("test $(wc -l <calls) -eq 2"), 0);
    close(err);
}

/** Submit with a redirection or a pipe after the command. */
static const cli_result *submit_to(const char *where)
{
    const char *program = cli_program();
    char script[1024];
    snprintf(script, sizeof script,
             "cd %s\n{ %s submit a.yaml -o out --time 60; echo $? >code; } %s\nexit $(cat code)\n",
             cli_folder(), program, where);
    setenv("DIGICO", "/bin/sh", 1);
    return cli_run("%s", cli_file("script", script));
}

/** Else the numbers of the jobs would be told nowhere, and the next call would submit them again. */
Test(stop, submits_nothing_where_nothing_can_be_printed)
{
    cli_file("a.yaml", two);
    fake_sbatch("");
    const char *program = cli_program();
    static const char *const where[] = {">/dev/full", ">&-"};
    for (size_t k = 0; k < sizeof where / sizeof *where; k++) {
        setenv("DIGICO", program, 1);
        const cli_result *r = submit_to(where[k]);
        cr_expect_eq(r->code, 1, "%s: exit %d", where[k], r->code);
        cr_expect(strstr(r->err, "digico: cannot write to standard output: "), "%s", r->err);
        cr_expect(strstr(r->err, "digico: nothing was submitted\n"), "%s", r->err);
        cr_expect_not(cli_exists(cli_path("calls")), "%s", where[k]);
        cr_expect_not(cli_exists(cli_path("out/slurm/array.sh")), "%s", where[k]);
    }
}

Test(stop, submit_tells_the_jobs_to_stderr_if_stdout_fails_meanwhile)
{
    cli_file("a.yaml", two);
    fake_sbatch(
        "n=0; while [ ! -e ../../gone ] && [ $n -lt 500 ]; do sleep 0.01; n=$((n + 1)); done");
    const cli_result *r = submit_to("| { head -n 1 >first; exec <&-; touch gone; }");
    cr_expect_eq(r->code, 1, "exit %d: %s", r->code, r->err);
    cr_expect(strstr(r->err, "cannot write to standard output"), "%s", r->err);
    cr_expect(strstr(r->err, "array 12 and its merge job 12 are queued all the same"), "%s",
              r->err);
    cr_expect_eq(cli_shell("grep -q '^submitting array.sh and merge.sh of /' first"), 0);
}
