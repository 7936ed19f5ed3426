/** `digico run --log FILE` appends to no file of value; what must be known is printed under -q, too. */
#include "cli.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char small[] = "agents: 6\ngenerations: 2\nsteps: 3\nniche: {points: 50}\n";

static void set_up(void)
{
    cli_clean();
    cli_file("a.yaml", small);
}

TestSuite(log, .init = set_up, .fini = cli_clean, .timeout = 120);

static void shell(const char *command)
{
    cr_assert_eq(cli_shell(command), 0, "%s", command);
}

static const cli_result *run_with_log(const char *log)
{
    return cli_run("run %s -o %s --log %s", cli_path("a.yaml"), cli_path("out"), cli_path(log));
}

Test(log, with_an_empty_name_is_refused)
{
    const cli_result *r = cli_run("run %s -o %s --log=", cli_path("a.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 2, "exit %d", r->code);
    cr_expect(strstr(r->err, "--log: expected a file, got an empty name") != NULL, "%s", r->err);
    cr_expect_not(cli_exists(cli_path("out")));
}

Test(log, is_not_appended_to_the_configuration)
{
    static const char *const name[] = {"a.yaml", "link", "hard"};
    shell("ln -s a.yaml link; ln a.yaml hard; cp a.yaml before");
    for (int k = 0; k < 3; k++) {
        const cli_result *r = run_with_log(name[k]);
        cr_expect_eq(r->code, 2, "%s: exit %d", name[k], r->code);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
        cr_expect(strstr(r->err, ": this is the configuration") != NULL, "%s", r->err);
        shell("cmp a.yaml before");
    }
    cr_expect_not(cli_exists(cli_path("out")));
}

/** The folder may be named in another way, and the file need not be there yet. */
Test(log, is_not_appended_to_data_of_the_folder)
{
    static const char *const name[] = {"out/batches/x.batch",
                                       "out/batches/new",
                                       "out/checkpoints/new",
                                       "out/manifest.digico",
                                       "out/results.nc",
                                       "out/provenance.json",
                                       "out/.lock",
                                       "out/status.json",
                                       "out/status-1-of-2.json",
                                       "out/batches/../results.nc",
                                       "same/results.nc",
                                       "to-result"};
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("out"))->code, 0);
    shell("ln -s out same; ln -s out/results.nc to-result; mv out/batches/*.batch "
          "out/batches/x.batch; rm -f out/run.log; cp -a out before");
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        const cli_result *r = run_with_log(name[k]);
        cr_expect_eq(r->code, 2, "%s: exit %d", name[k], r->code);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
        cr_expect(strstr(r->err, ": a name of the data in ") != NULL, "%s: %s", name[k], r->err);
        shell("diff -r out before");
    }
}

Test(log, may_lie_in_the_folder_under_another_name)
{
    static const char *const name[] = {"out/mine.log", "out/run.log", "elsewhere.log"};
    cr_assert_eq(mkdir(cli_path("out"), 0777), 0);
    for (int k = 0; k < 3; k++) {
        const cli_result *r = run_with_log(name[k]);
        cr_expect_eq(r->code, 0, "%s", r->err);
        cr_expect(cli_exists(cli_path(name[k])));
    }
}

static void expect_refused(const char *log, const char *part)
{
    const cli_result *r = run_with_log(log);
    cr_expect_eq(r->code, 2, "%s: exit %d", log, r->code);
    cr_expect_eq(cli_lines(r->err), 1, "%s: %s", log, r->err);
    cr_expect(strstr(r->err, part) != NULL, "%s: %s", log, r->err);
}

/** Its data may be of the only copy of a sweep that took weeks. */
Test(log, is_not_appended_to_data_of_another_folder)
{
    static const char *const name[] = {
        "other/results.nc",      "other/manifest.digico", "other/provenance.json",
        "other/status.json",     "other/.lock",           "other/status-1-of-2.json",
        "other/batches/x.batch", "other/checkpoints/new", "link/new"};
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("other"))->code, 0);
    shell("mv other/batches/*.batch other/batches/x.batch; ln -s other/batches link; "
          "cp -a other before");
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        expect_refused(name[k], ": a name of the data in a result directory; expected another");
        shell("diff -r other before");
    }
    cr_expect_not(cli_exists(cli_path("out")));
}

/** A hard link has no place that tells: what is in the file tells that it is no log. */
Test(log, is_not_appended_to_what_is_no_log)
{
    shell("echo 'a program, a table, a letter' >letter; printf 2026-11-22 >date; "
          "printf '2026-11-22 09:32:04 of another program\n' >other.log");
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("out"))->code, 0);
    shell("rm out/run.log; cp out/batches/*.batch out/checkpoints/1.checkpoint; "
          "ln out/results.nc result; ln out/manifest.digico manifest; "
          "ln out/provenance.json provenance; ln out/status.json status; "
          "ln out/batches/*.batch batch; ln out/checkpoints/1.checkpoint checkpoint; "
          "cp -a out before");
    static const char *const name[] = {"result",     "manifest", "provenance", "status",   "batch",
                                       "checkpoint", "letter",   "date",       "other.log"};
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        expect_refused(name[k], ": not a log, as it does not begin with the date of a line");
        shell("diff -r out before");
    }
    shell("grep -qx 'a program, a table, a letter' letter");
}

Test(log, is_appended_to_a_log_and_to_an_empty_file)
{
    shell(">empty; cp -p empty before");
    for (int k = 1; k <= 3; k++) {
        const cli_result *r = run_with_log("empty");
        cr_expect_eq(r->code, 0, "%s", r->err);
        shell("test \"$(head -c $(wc -c <before) empty)\" = \"$(cat before)\" && "
              "test $(wc -l <empty) -gt $(wc -l <before) && cp empty before");
    }
}

/** The output of a batch job has lines of its script, too. */
Test(log, may_be_an_output_of_the_program)
{
    cr_assert_eq(setenv("P", cli_program(), 1), 0);
    shell("echo a job >job; "
          "$P run a.yaml -o out -q --log /dev/stdout >>job && grep -qx 'a job' job && "
          "grep -q ' done: 1 completed' job && rm -r out && "
          "$P run a.yaml -o out -q --log /dev/stdout | cat >piped && "
          "grep -q ' done: 1 completed' piped");
    /* one place to write at, although nobody appends */
    shell("rm -r out; (echo before; $P run a.yaml -o out --log both; echo after) >both 2>&1 && "
          "head -n 1 both | grep -qx before && tail -n 1 both | grep -qx after && "
          "test $(grep -c '^[0-9-]*T.* done: 1 completed' both) = 1 && "
          "test $(grep -c '^digico: done: 1 completed' both) = 1");
}

/** The folder of the log is the one that this call is about to make. */
Test(log, may_lie_in_the_folder_that_is_made)
{
    static const char *const name[] = {"out/new.log", "./out//new.log", "b/../out/new.log",
                                       "link/new.log"};
    shell("mkdir b; ln -s out link");
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        const cli_result *r = run_with_log(name[k]);
        cr_expect_eq(r->code, 0, "%s: %s", name[k], r->err);
        shell("grep -q ' runs* to ' out/new.log && grep -q 'done: 1 completed' out/new.log && "
              "test ! -e out/run.log && rm -r out");
    }
    cr_expect_eq(run_with_log("out/results.nc")->code, 2);
    cr_expect_eq(run_with_log("out/below/new.log")->code, 2);
    shell("ln -s out/results.nc leads");
    cr_expect_eq(run_with_log("leads")->code, 2);
    cr_expect_eq(cli_run("run %s -o %s --log %s --device cuda:9", cli_path("a.yaml"),
                         cli_path("out"), cli_path("out/new.log"))
                     ->code,
                 1);
    cr_expect_not(cli_exists(cli_path("out")), "what is refused makes no folder");
}

/** A file of such a name would be in the way of the folder itself. */
Test(log, is_not_a_folder_of_the_results)
{
    static const char *const name[] = {"out",       "out/batches",  "out/checkpoints",
                                       "out/slurm", "out/run.log/", "out/run.log/.",
                                       "out/..",    "b/out/",       "b",
                                       ".",         "link"};
    shell("mkdir b; ln -s out link");
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        expect_refused(name[k], ": the name of a folder; expected a file, such as ");
        cr_expect_not(cli_exists(cli_path("out")), "%s", name[k]);
    }
    expect_refused("no/such/x", "expected a file in a folder that exists");
    expect_refused("a.yaml/x", "expected a file in a folder that exists");
    const cli_result *r = cli_run("run %s -o %s --log %s", cli_path("a.yaml"),
                                  cli_path("above/out"), cli_path("above"));
    cr_expect_eq(r->code, 2, "%s", r->err);
    cr_expect_not(cli_exists(cli_path("above")));
}

/** One that was there before stays, and tells of the refusal. */
Test(log, is_not_left_by_a_call_that_is_refused)
{
    static const char *const name[] = {"new.log", "out/new.log"};
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("out"))->code, 0);
    cli_file("a.yaml", "agents: 6\ngenerations: 3\nsteps: 3\nniche: {points: 50}\n");
    for (int k = 0; k < 2; k++) {
        expect_refused(name[k], "holds another configuration");
        cr_expect_not(cli_exists(cli_path(name[k])));
    }
    shell("cp out/run.log old.log; cp old.log before");
    expect_refused("old.log", "holds another configuration");
    shell("head -c $(wc -c <before) old.log | cmp - before && grep -q ' failed: ' old.log");
}

/** -q silences progress, not that something else was read than was there. */
Test(log, of_what_is_passed_over_is_printed_also_if_quiet)
{
    shell("mkdir -p out/batches");
    cr_assert_eq(mkfifo(cli_path("out/batches/00.batch"), 0666), 0);
    const cli_result *r = cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 0, "%s", r->err);
    cr_expect(strstr(r->err, "00.batch: a FIFO, expected a regular file") != NULL, "%s", r->err);
    cr_expect_not(strstr(r->err, "1 run to"), "%s", r->err);
}
