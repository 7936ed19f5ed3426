/** Every command says that a result is of another experiment than the sweep in whose folder it stands. */
#include "cli.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(foreign, .fini = cli_clean, .timeout = 120);

#define SMALL "agents: 6\ngenerations: 2\nsteps: 3\nniche: {points: 50}\n"

static void copy_from_other(const char *name)
{
    char command[1000];
    snprintf(command, sizeof command, "cp '%s/other/%s' '%s/out/%s'", cli_folder(), name,
             cli_folder(), name);
    cr_assert_eq(system(command), 0);
}

/** The folder `out` of one sweep, with the result and provenance of another. */
static void set_up(void)
{
    cli_clean();
    cli_file("a.yaml", SMALL "sweep: {product: {seed: [1, 2]}}\n");
    cli_file("b.yaml", SMALL "sweep: {product: {seed: [7, 8]}}\n");
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("out"))->code, 0);
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("b.yaml"), cli_path("other"))->code, 0);
    copy_from_other("results.nc");
    copy_from_other("provenance.json");
}

Test(foreign, what_reads_it_refuses_it_in_one_line)
{
    static const char *const reader[] = {"summary", "verify", "report"};
    set_up();
    setenv("DIGICO_REPORT", "tests/host/cli/report_tool", 1);
    for (int k = 0; k < 3; k++) {
        const cli_result *r = cli_run("%s %s", reader[k], cli_path("out"));
        cr_expect_eq(r->code, 2, "%s: exit %d", reader[k], r->code);
        cr_expect_str_empty(r->out);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
        cr_expect(strstr(r->err, "results.nc: of another experiment than manifest.digico") != NULL,
                  "%s: %s", reader[k], r->err);
        r = cli_run("%s --trust %s", reader[k], cli_path("out"));
        cr_expect_eq(r->code, k < 2 ? 0 : 7, "%s: exit %d: %s", reader[k], r->code, r->err);
    }
}

Test(foreign, the_state_of_the_sweep_names_it)
{
    static const char *const how[] = {"", "--check "};
    set_up();
    for (int k = 0; k < 2; k++) {
        const cli_result *r = cli_run("status %s%s", how[k], cli_path("out"));
        cr_expect_eq(r->code, 1, "exit %d", r->code);
        cr_expect(strstr(r->out, "result    results.nc, of another experiment\n") != NULL, "%s",
                  r->out);
    }
    cr_expect(strstr(cli_run("status --json %s", cli_path("out"))->out, "\"result\": \"other\""));
}

/** With the batches there, it is put aside, and that is printed. */
Test(foreign, what_replaces_it_says_so)
{
    static const char aside[] = "results.nc: of another experiment: renamed to ";
    set_up();
    const cli_result *r = cli_run("run %s -o %s", cli_path("a.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 0, "%s", r->err);
    cr_expect(strstr(r->err, aside) != NULL, "%s", r->err);
    cr_expect(cli_exists(cli_path("out/results.nc.replaced")));
    cr_expect_eq(cli_run("status --check %s", cli_path("out"))->code, 0);
    copy_from_other("results.nc");
    copy_from_other("provenance.json");
    r = cli_run("merge %s", cli_path("out"));
    cr_expect_eq(r->code, 0, "%s", r->err);
    cr_expect(strstr(r->err, aside) != NULL, "%s", r->err);
}

/* ---- the command that status suggests -------------------------------------------------------- */

static void expect_next(bool blocked)
{
    const cli_result *r = cli_run("status %s", cli_path("out"));
    cr_expect_eq(strstr(r->out, "/out/results.nc away") != NULL, blocked, "%s", r->out);
    cr_expect(strstr(r->out, "run `digico run ") != NULL, "%s", r->out);
    r = cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("out"));
    cr_expect_eq(r->code, blocked ? 2 : 0, "exit %d: %s", r->code, r->err);
}

static void shell(const char *command)
{
    cr_assert_eq(cli_shell(command), 0, "%s", command);
}

/** A command that `digico run` would refuse is of no use. */
Test(foreign, the_next_command_moves_it_away_if_there_are_no_batches)
{
    set_up();
    shell("rm out/batches/*");
    expect_next(true);
    shell("mv out/results.nc elsewhere");
    expect_next(false);
}

Test(foreign, the_next_command_moves_an_unrecorded_part_away)
{
    set_up();
    cli_file("a.yaml", SMALL "sweep: {product: {seed: [1, 2, 3]}}\n");
    cli_file("b.yaml", SMALL "sweep: {product: {seed: [1, 2]}}\n");
    shell("rm -r out other");
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("a.yaml"), cli_path("out"))->code, 0);
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("b.yaml"), cli_path("other"))->code, 0);
    copy_from_other("results.nc");
    shell("rm out/provenance.json out/batches/*");
    expect_next(true);
    shell("mv out/results.nc elsewhere");
    expect_next(false);
}

/* ---- dates of files -------------------------------------------------------------------------- */

/** A copy has new dates: without provenance.json no more is known than that a batch is newer. */
Test(foreign, a_newer_batch_is_not_a_sweep_that_has_changed)
{
    set_up();
    shell("rm -r out; mv other out; rm out/provenance.json; touch -d '+1 hour' out/batches/*");
    const cli_result *r = cli_run("summary %s", cli_path("out"));
    cr_expect_eq(r->code, 0, "%s", r->err);
    cr_expect(strstr(r->err, "a batch is newer than this result") != NULL, "%s", r->err);
    cr_expect_not(strstr(r->err, "has changed"), "%s", r->err);
    r = cli_run("status %s", cli_path("out"));
    cr_expect(strstr(r->out, "older than a batch by their dates") != NULL, "%s", r->out);
}

/* ---- files of others in a new folder --------------------------------------------------------- */

Test(foreign, the_configuration_is_never_written_into)
{
    static const char *const name[] = {"status.json", "provenance.json", "run.log"};
    cli_clean();
    cli_file("a.yaml", SMALL);
    for (int k = 0; k < 3; k++) {
        char line[100], path[40];
        snprintf(path, sizeof path, "o/%s", name[k]);
        snprintf(line, sizeof line, "rm -rf o && mkdir o && cp a.yaml %s", path);
        shell(line);
        const cli_result *r = cli_run("run %s -o %s", cli_path(path), cli_path("o"));
        cr_expect_eq(r->code, 2, "%s: exit %d", path, r->code);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
        cr_expect(strstr(r->err, ": also the name of a file that this call writes in ") != NULL,
                  "%s", r->err);
        snprintf(line, sizeof line, "cmp a.yaml %s && test $(ls -A o | wc -l) = 1", path);
        shell(line);
    }
}

/** Its lines would go into a file of someone else; also through a hard link. */
Test(foreign, a_run_log_that_is_no_log_is_not_appended_to)
{
    cli_clean();
    cli_file("a.yaml", SMALL);
    shell("mkdir o && echo a letter >letter && ln letter o/run.log && "
          "ln letter o/run-1-of-2.log && cp -a o before");
    for (int k = 0; k < 2; k++) {
        const cli_result *r =
            k == 0 ? cli_run("run %s -o %s", cli_path("a.yaml"), cli_path("o"))
                   : cli_run("run %s -o %s --shard 1/2", cli_path("a.yaml"), cli_path("o"));
        cr_expect_eq(r->code, 2, "%d: exit %d", k, r->code);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
        cr_expect(strstr(r->err, ".log: not a log, as it does not begin with") != NULL, "%s",
                  r->err);
        shell("diff -r o before");
    }
    shell("rm o/*; echo '{}' >o/status.json; cp -a o/status.json before2");
    cr_expect_eq(cli_run("run %s -o %s", cli_path("a.yaml"), cli_path("o"))->code, 2);
    shell("cmp o/status.json before2 && test $(ls -A o | wc -l) = 1");
}
