/** The program among odd files, links, and a limit on file sizes: it ends, and writes its own. */
#include "cli.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char small[] = "agents: 6\n"
                            "generations: 3\n"
                            "steps: 4\n"
                            "niche: {points: 50, centroids: 3}\n"
                            "policy.hidden: 4\n"
                            "observation.capacity: 2\n";

/* a program that waits for a FIFO is ended by the time limit of the test */
TestSuite(odd_files, .fini = cli_clean, .timeout = 120);

/* every name that the program opens in a result directory */
static const char *const names[] = {"batches/00.batch", "checkpoints/00.checkpoint",
                                    "manifest.digico",  "results.nc",
                                    "provenance.json",  "status.json",
                                    "run.log",          ".lock"};
#define NAMES (sizeof names / sizeof *names)

static const char *in_out(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "out/%s", name);
    return cli_path(path);
}

static void make_folders(void)
{
    cli_clean();
    mkdir(cli_path("out"), 0777);
    mkdir(cli_path("out/batches"), 0777);
    mkdir(cli_path("out/checkpoints"), 0777);
    cli_file("small.yaml", small);
}

/** Expect that a call ended by itself: with success, or with at most one line on stderr. */
static void expect_end(const cli_result *r, const char *name, bool success)
{
    cr_expect(r->code == 0 || (!success && (r->code == 1 || r->code == 2)), "%s: exit %d: %s", name,
              r->code, r->err);
    if (r->code != 0) cr_expect_leq(cli_lines(r->err), 1, "%s: %s", name, r->err);
}

Test(odd_files, a_fifo_under_any_name_makes_nothing_wait)
{
    for (size_t k = 0; k < NAMES; k++) {
        const bool lock = strcmp(names[k], ".lock") == 0;
        const bool foreign = strcmp(names[k], "results.nc") == 0;
        make_folders();
        cr_assert_eq(mkfifo(in_out(names[k]), 0666), 0);
        const cli_result *r = cli_run("run %s -o %s -q", cli_path("small.yaml"), cli_path("out"));
        expect_end(r, names[k], !lock && !foreign);
        if (lock) cr_expect(strstr(r->err, ".lock: a FIFO, expected a regular file"), "%s", r->err);
        expect_end(cli_run("status %s", cli_path("out")), names[k], false);
        expect_end(cli_run("status %s --check", cli_path("out")), names[k], false);
        expect_end(cli_run("merge %s", cli_path("out")), names[k], false);
        expect_end(cli_run("summary %s", cli_path("out")), names[k], false);
    }
}

Test(odd_files, a_fifo_in_a_finished_sweep_makes_nothing_wait)
{
    for (size_t k = 0; k < NAMES; k++) {
        make_folders();
        cr_assert_eq(cli_run("run %s -o %s -q", cli_path("small.yaml"), cli_path("out"))->code, 0);
        unlink(in_out(names[k]));
        cr_assert_eq(mkfifo(in_out(names[k]), 0666), 0);
        expect_end(cli_run("status %s --check", cli_path("out")), names[k], false);
        expect_end(cli_run("summary %s", cli_path("out")), names[k], false);
        expect_end(cli_run("run %s -o %s -q", cli_path("small.yaml"), cli_path("out")), names[k],
                   false);
    }
}

Test(odd_files, links_in_place_of_unfinished_files_are_not_followed)
{
    static const char *const part[] = {"results.nc.part", "provenance.json.part",
                                       "status-1-of-1.json.part"};
    char text[64] = "";
    make_folders();
    cli_file("target", "precious");
    for (size_t k = 0; k < sizeof part / sizeof *part; k++)
        cr_assert_eq(symlink("../target", in_out(part[k])), 0);
    const cli_result *r =
        cli_run("run %s -o %s -q --shard 1/1", cli_path("small.yaml"), cli_path("out"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    for (size_t k = 0; k < 2; k++) (void)!symlink("../target", in_out(part[k]));
    r = cli_run("merge %s", cli_path("out"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    FILE *file = fopen(cli_path("target"), "r");
    cr_assert_not_null(file);
    cr_assert_not_null(fgets(text, sizeof text, file));
    fclose(file);
    cr_expect_str_eq(text, "precious");
}

Test(odd_files, a_limit_on_file_sizes_is_an_error_of_one_line)
{
    make_folders();
    struct rlimit before, low;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (int k = 0; k < 2; k++) {
        /* 1,200: too little for a batch, enough for what an OpenMP library shares; 50,000: too little for the result */
        low = (struct rlimit){k == 0 ? 1200 : 50000, before.rlim_max};
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &low), 0);
        cli_child child = cli_start("run %s -o %s -q", cli_path("small.yaml"), cli_path("out"));
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
        const cli_result *r = cli_wait(child);
        cr_expect_eq(r->code, 1, "exit %d: %s", r->code, r->err);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
        cr_expect(strstr(r->err, "File too large") != NULL, "%s", r->err);
        cr_expect(strstr(r->err, k == 0 ? ".part" : "results.nc.part") != NULL, "%s", r->err);
        cr_expect_not(cli_exists(cli_path("out/results.nc")));
    }
    const cli_result *r = cli_run("run %s -o %s -q", cli_path("small.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 0, "the same command continues without the limit: %s", r->err);
}

/* ---- files that cannot be opened now --------------------------------------------------------- */

/** A finished sweep of two runs of another user, who then has no right to read this file of it. */
static void lock_away(const char *name)
{
    char command[400];
    if (geteuid() != 0) cr_skip_test("needs another user");
    make_folders();
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("small.yaml"), cli_path("out"))->code, 0);
    snprintf(command, sizeof command, "chown -R 65534 '%s'", cli_folder());
    cr_assert_eq(system(command), 0);
    cr_assert_eq(chmod(in_out(name), 0), 0);
}

static const cli_result *run_as_other(const char *command)
{
    cr_assert_eq(seteuid(65534), 0);
    const cli_result *r = cli_run("%s %s", command, cli_path("out"));
    cr_assert_eq(seteuid(0), 0);
    return r;
}

/** What cannot be opened is not damaged: it stays where it is, and the cause is named. */
Test(odd_files, a_file_without_permission_is_not_damaged)
{
    static const char *const name[] = {"results.nc", "provenance.json"};
    static const char *const command[] = {"merge", "summary", "status --check"};
    static const int code[] = {1, 2, 1};
    for (int k = 0; k < 2; k++)
        for (int c = 0; c < 3; c++) {
            char expected[100];
            lock_away(name[k]);
            const cli_result *r = run_as_other(command[c]);
            snprintf(expected, sizeof expected, "%s: cannot open: Permission denied", name[k]);
            cr_expect_eq(r->code, code[c], "%s: exit %d", command[c], r->code);
            cr_expect(strstr(r->err, expected) || strstr(r->out, expected), "%s: %s%s", command[c],
                      r->err, r->out);
            cr_expect_not(strstr(r->err, "damaged") || strstr(r->err, "there is no"), "%s", r->err);
            cr_expect_not(strstr(r->out, "damaged"), "%s", r->out);
            if (c == 2) cr_expect(strstr(r->out, "\ntrouble   1 cannot be read\n"), "%s", r->out);
            cr_expect(cli_exists(in_out(name[k])));
            cr_expect_not(cli_exists(cli_path("out/results.nc.replaced")));
        }
}

/* ---- what is found before anything is computed ----------------------------------------------- */

static size_t entries_like(const char *pattern)
{
    char command[400], text[32] = "";
    snprintf(command, sizeof command, "ls -d '%s'/out/%s 2>/dev/null | wc -l", cli_folder(),
             pattern);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    cr_assert_not_null(fgets(text, sizeof text, pipe));
    pclose(pipe);
    return (size_t)strtoul(text, NULL, 10);
}

Test(odd_files, a_manifest_that_is_a_folder_leaves_no_other_behind)
{
    make_folders();
    cr_assert_eq(mkdir(cli_path("out/manifest.digico"), 0777), 0);
    const cli_result *r = cli_run("run %s -o %s -q", cli_path("small.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 1, "exit %d", r->code);
    cr_expect(strstr(r->err, "manifest.digico: Is a directory") != NULL, "%s", r->err);
    cr_expect_eq(entries_like("manifest.digico.*"), 0);
}

Test(odd_files, a_folder_that_is_a_link_to_nothing_is_refused_before_computing)
{
    static const char *const folder[] = {"batches", "checkpoints"};
    for (int k = 0; k < 2; k++) {
        make_folders();
        cr_assert_eq(rmdir(in_out(folder[k])), 0);
        cr_assert_eq(symlink("nowhere", in_out(folder[k])), 0);
        const cli_result *r = cli_run("run %s -o %s", cli_path("small.yaml"), cli_path("out"));
        cr_expect_eq(r->code, 1, "exit %d", r->code);
        cr_expect(strstr(r->err, "cannot open this link: No such file") != NULL, "%s", r->err);
        cr_expect_eq(entries_like("status.json"), 0, "the call began");
        unlink(in_out(folder[k]));
        fclose(fopen(in_out(folder[k]), "w"));
        r = cli_run("run %s -o %s", cli_path("small.yaml"), cli_path("out"));
        cr_expect_eq(r->code, 2, "exit %d", r->code);
        cr_expect(strstr(r->err, ": expected a directory") != NULL, "%s", r->err);
    }
}

/** One code for one cause, whichever command reads it: a wrong DIR is invalid input. */
Test(odd_files, a_manifest_that_cannot_be_read_has_one_exit_code)
{
    static const char *const command[] = {"merge", "status"};
    for (int k = 0; k < 4; k++) {
        make_folders();
        if (k < 2) cli_file("out/manifest.digico", "junk");
        const cli_result *r = cli_run("%s %s", command[k % 2], cli_path("out"));
        cr_expect_eq(r->code, 2, "%s: exit %d: %s", command[k % 2], r->code, r->err);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
    }
}
