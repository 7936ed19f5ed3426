/** host/cli/command_submit.c, without Slurm; tests/slurm/run tests it with Slurm. */
#include "cli.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char sweep[] = "generations: 3\n"
                            "steps: 5\n"
                            "niche: {points: 100, iterations: 2}\n"
                            "sweep: {product: {seed: {from: 1, to: 3}}}\n";

static char *path; /* the original PATH; tests change it to use fake programs */

static void set_up(void)
{
    path = strdup(getenv("PATH"));
}

static void tear_down(void)
{
    setenv("PATH", path, 1);
    free(path);
    cli_clean();
}

TestSuite(submit, .init = set_up, .fini = tear_down);

/** Run `digico submit sweep.yaml -o out --time 60` with more arguments. */
static const cli_result *submit(const char *arguments)
{
    return cli_run("submit %s -o %s --time 60 %s", cli_file("sweep.yaml", sweep), cli_path("out"),
                   arguments);
}

static void assert_has(const char *text, const char *part)
{
    cr_assert(strstr(text, part) != NULL, "no `%s' in:\n%s", part, text);
}

/** Expect exit code 2, one line on stderr with `part`, and no result directory. */
static void assert_refused(const cli_result *r, const char *part)
{
    cr_assert_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    assert_has(r->err, part);
    cr_assert_not(cli_exists(cli_path("out")));
}

/** Make a shell script with this text the only program in PATH, with the name sbatch. */
static void fake_sbatch(const char *text)
{
    char script[2304];
    cr_assert_eq(mkdir(cli_path("bin"), 0700), 0);
    snprintf(script, sizeof script, "#!/bin/sh\n%s\n", text);
    cr_assert_eq(chmod(cli_file("bin/sbatch", script), 0700), 0);
    setenv("PATH", cli_path("bin"), 1);
}

Test(submit, a_dry_run_prints_both_scripts_and_writes_nothing)
{
    const cli_result *r = submit("--dry-run --gpus h100:2 --nodes 4 --partition gpu --set steps=7");
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_eq(r->err[0], '\0', "%s", r->err);
    assert_has(r->out, "/out/slurm/array.sh\n#!/usr/bin/env bash\n");
    assert_has(r->out, "/out/slurm/merge.sh, after all tasks of the array\n#!/usr/bin/env bash\n");
    assert_has(r->out, "#SBATCH --gres=gpu:h100:1\n");
    assert_has(r->out, "#SBATCH --partition=gpu\n");
    assert_has(r->out, "--set 'steps=7'");
    assert_has(r->out, "device='cuda'");
    cr_assert_not(cli_exists(cli_path("out")));
}

Test(submit, has_no_more_shards_than_runs)
{
    assert_has(submit("--dry-run")->out, "#SBATCH --array=1-1\n");
    assert_has(submit("--dry-run --nodes 2")->out, "#SBATCH --array=1-2\n");
    assert_has(submit("--dry-run --batch 7")->out, "extra=(--batch 7 ");
    assert_has(submit("--dry-run --nodes 4 --gpus 8")->out, "#SBATCH --array=1-3\n");
}

Test(submit, names_are_absolute)
{
    char here[512], line[600];
    cr_assert_not_null(getcwd(here, sizeof here));
    cli_file("sweep.yaml", sweep);
    const cli_result *r = cli_run("submit %s -o rel/out --time 60 --dry-run --program bin/digico",
                                  cli_path("sweep.yaml"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    snprintf(line, sizeof line, "\nfolder='%s/rel/out'\n", here);
    assert_has(r->out, line);
    snprintf(line, sizeof line, "\nprogram='%s/bin/digico'\n", here);
    assert_has(r->out, line);
}

/** All shards of a sweep need one build: requeued shards must not use a program built later. */
Test(submit, shards_keep_the_program_and_the_file_that_were_submitted)
{
    char program[512] = "";
    fake_sbatch("echo 12");
    const cli_result *r = submit("--nodes 2");
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = submit("--nodes 2 --dry-run");
    const char *line = strstr(r->out, "\nprogram='");
    cr_assert_not_null(line, "%s", r->out);
    cr_assert_eq(sscanf(line, "\nprogram='%500[^']", program), 1);
    cr_assert(strncmp(program, cli_path("out/slurm/"), strlen(cli_path("out/slurm/"))) == 0);
    cr_assert_eq(access(program, X_OK), 0, "%s", program);
    setenv("DIGICO", program, 1);
    cr_assert_eq(cli_run("--version")->code, 0);
}

Test(submit, refuses_a_bad_experiment_before_anything_is_written)
{
    const char *file = cli_file("bad.yaml", "seed: 1\nsed: 2\n");
    assert_refused(cli_run("submit %s -o %s --time 60", file, cli_path("out")), "bad.yaml:2");
    assert_refused(submit("--set steps=many"), "steps");
}

Test(submit, refuses_values_that_slurm_would_not_accept)
{
    assert_refused(submit("--time 1:2:3:4"), "--time");
    assert_refused(submit("--time 2"), "--signal-seconds");
    assert_refused(submit("--partition a#b"), "--partition");
    assert_refused(submit("--sbatch exclusive"), "--sbatch");
}

Test(submit, refuses_misuse)
{
    static const char *const misuse[] = {"--nodes 0",          "--gpus a100",     "--gpus a100:x",
                                         "--cpus none",        "--batch 0",       "--device gpu",
                                         "--signal-seconds 0", "--max-requeue -1"};
    for (size_t i = 0; i < sizeof misuse / sizeof *misuse; i++) {
        const cli_result *r = submit(misuse[i]);
        cr_assert_eq(r->code, 2, "%s: exit %d", misuse[i], r->code);
        cr_assert_not(cli_exists(cli_path("out")));
    }
    const cli_result *r = cli_run("submit %s -o %s", cli_path("sweep.yaml"), cli_path("out"));
    cr_assert_eq(r->code, 2);
    assert_has(r->err, "--time LIMIT is missing");
    cr_assert_eq(cli_run("submit %s --time 60", cli_path("sweep.yaml"))->code, 2);
}

Test(submit, refuses_a_folder_of_another_experiment)
{
    cli_file("sweep.yaml", sweep);
    const cli_result *r =
        cli_run("run %s -o %s -q --set steps=6", cli_path("sweep.yaml"), cli_path("out"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = submit("");
    cr_assert_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    assert_has(r->err, "holds another configuration: steps: stored 6, given 5");
    cr_assert_not(cli_exists(cli_path("out/slurm")));
    r = submit("--dry-run --set steps=6");
    cr_assert_eq(r->code, 0, "%s", r->err);
}

Test(submit, refuses_to_replace_a_script_of_the_user)
{
    static const char mine[] = "#!/bin/sh\necho mine\n";
    cr_assert_eq(mkdir(cli_path("out"), 0700), 0);
    cr_assert_eq(mkdir(cli_path("out/slurm"), 0700), 0);
    cli_file("out/slurm/array.sh", mine);
    fake_sbatch("echo 12");
    const cli_result *r = submit("");
    cr_assert_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    assert_has(r->err, "out/slurm/array.sh: not written by digico submit");
    cr_assert_eq(rmdir(cli_path("out/slurm")), -1);
    cr_assert_eq(unlink(cli_path("out/slurm/array.sh")), 0);
    cr_assert_eq(rmdir(cli_path("out/slurm")), 0, "something else was written");
}

Test(submit, prints_the_jobs_and_commands_for_them)
{
    fake_sbatch("echo \"$@\" >>calls; test $# -gt 2 && echo 13 || echo 12");
    const cli_result *r = submit("--nodes 2");
    cr_assert_eq(r->code, 0, "%s", r->err);
    assert_has(r->out, "array 12: 3 runs in 2 shards; then 13: merge and summary\n");
    assert_has(r->out, "scancel 12 13");
    cr_assert(cli_exists(cli_path("out/slurm/array.sh")));
    cr_assert(cli_exists(cli_path("out/slurm/calls")));
}

Test(submit, a_refusal_by_sbatch_is_a_system_error)
{
    fake_sbatch("echo 'sbatch: error: no such partition' >&2; exit 1");
    const cli_result *r = submit("--nodes 2");
    cr_assert_eq(r->code, 1, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    assert_has(r->err, "digico: sbatch refused array.sh: no such partition; the scripts are in /");
    cr_assert(cli_exists(cli_path("out/slurm/array.sh")));
    cr_assert(cli_exists(cli_path("out/slurm/merge.sh")));
}

Test(submit, explains_what_to_do_if_only_the_merge_job_is_refused)
{
    fake_sbatch("test $# -gt 2 && exit 1; echo 12");
    const cli_result *r = submit("");
    cr_assert_eq(r->code, 1, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    assert_has(r->err, "array 12 is queued without its merge");
    assert_has(r->err, "scancel 12");
}

Test(submit, does_not_say_that_a_job_is_missing_if_sbatch_was_killed)
{
    fake_sbatch("test $# -gt 2 && kill -KILL $$; echo 12");
    const cli_result *r = submit("");
    cr_assert_eq(r->code, 1, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    assert_has(r->err, "sbatch was killed by signal 9 (Killed) while it submitted merge.sh");
    assert_has(r->err, "; array 12 is queued, maybe without its merge job: cancel it with");
}

/** The limit is asked of the cluster where it has a scontrol. */
Test(submit, says_how_many_shards_fit_the_cluster)
{
    fake_sbatch("echo 'sbatch: error: Invalid job array specification' >&2; exit 1");
    const cli_result *r = submit("--nodes 3");
    cr_assert_eq(r->code, 1);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    assert_has(r->err, "Invalid job array specification; if 3 shards are too many (MaxArraySize");
    cr_assert_eq(
        chmod(cli_file("bin/scontrol", "#!/bin/sh\necho 'MaxArraySize            = 3'\n"), 0700),
        0);
    r = submit("--nodes 3");
    cr_assert_eq(r->code, 1);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    assert_has(r->err,
               "; 3 shards, expected at most 2 here (MaxArraySize is 3): use fewer --nodes;");
    r = submit("--nodes 2");
    cr_assert_eq(r->code, 1);
    assert_has(r->err, "Invalid job array specification; the scripts are in");
}

/* ---- two calls at once ------------------------------------------------------------------------ */

/** An sbatch that answers once there is a file `go`, or after ten seconds. */
static void fake_slow_sbatch(void)
{
    char text[1024];
    snprintf(text, sizeof text,
             "PATH=/usr/bin:/bin; echo call >>%s; n=0\n"
             "while [ ! -e %s ] && [ $n -lt 1000 ]; do sleep 0.01; n=$((n + 1)); done; echo 12",
             cli_path("calls"), cli_path("go"));
    fake_sbatch(text);
}

Test(submit, one_call_submits_from_a_folder_at_a_time)
{
    fake_slow_sbatch();
    cli_file("sweep.yaml", sweep);
    const cli_child first =
        cli_start("submit %s -o %s --time 60", cli_path("sweep.yaml"), cli_path("out"));
    for (int k = 0; !cli_exists(cli_path("calls")) && k < 1000; k++) usleep(10000);
    const cli_result *r = submit("--nodes 2");
    cr_expect_eq(r->code, 1, "exit %d: %s", r->code, r->err);
    cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_expect(strstr(r->err, "out/slurm: another digico process is writing here"), "%s", r->err);
    cli_file("go", "");
    r = cli_wait(first);
    cr_expect_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_expect_eq(submit("--nodes 2")->code, 0);
}

/** Slurm may start the array before its merge job is submitted. */
Test(submit, shards_may_start_while_it_submits)
{
    char text[2048];
    snprintf(text, sizeof text, "%s run %s -o %s -q --shard 1/2 >&2 && echo 12", cli_program(),
             cli_path("sweep.yaml"), cli_path("out"));
    fake_sbatch(text);
    const cli_result *r = submit("--nodes 2");
    cr_assert_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_assert(cli_exists(cli_path("out/batches")));
}

Test(submit, reports_that_there_is_no_sbatch)
{
    setenv("PATH", "/nonexistent", 1);
    const cli_result *r = submit("");
    cr_assert_eq(r->code, 1, "exit %d: %s", r->code, r->err);
    assert_has(r->err, "digico: sbatch: not found on this machine");
}
