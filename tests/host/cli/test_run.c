/** host/cli/command_run.c, command_config.c, command_plan.c, command_verify.c, command_summary.c */
#include "cli.h"

#include "host/engine/engine.h"
#include "tests/support/contents.h"
#include "tests/support/fake_devices.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <netcdf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char small[] = "seed: 1\n"
                            "generations: 3\n"
                            "steps: 5\n"
                            "niche:\n"
                            "  points: 100\n"
                            "  iterations: 2\n";

TestSuite(run, .fini = cli_clean);

static const char *small_result(void)
{
    const char *out = cli_path("out");
    cr_assert_eq(cli_run("run %s -o %s --quiet", cli_file("small.yaml", small), out)->code, 0);
    return out;
}

/** Expect exit code 2, one line on stderr with `part`, and no result directory. */
static void assert_refused(const cli_result *r, const char *part)
{
    cr_assert_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_assert(strstr(r->err, part) != NULL, "no `%s' in: %s", part, r->err);
    cr_assert_not(cli_exists(cli_path("out")));
}

Test(run, writes_a_result_and_a_dated_log)
{
    const cli_result *r = cli_run("run %s -o %s", cli_file("small.yaml", small), cli_path("out"));
    char line[256] = "";
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_eq(r->out[0], '\0');
    cr_assert_eq(cli_lines(r->err), 2, "%s", r->err); /* start and end */
    cr_assert(strchr(r->err, '\r') == NULL);
    cr_assert(strstr(r->err, "1 completed / 1 planned") != NULL);
    cr_assert(cli_exists(cli_path("out/results.nc")));
    FILE *log = fopen(cli_path("out/run.log"), "r");
    cr_assert_not_null(log);
    cr_assert_not_null(fgets(line, sizeof line, log));
    fclose(log);
    cr_assert_eq(line[4], '-');
    cr_assert_eq(line[10], 'T');
}

Test(run, quiet_prints_nothing)
{
    const cli_result *r =
        cli_run("run %s -o %s -q", cli_file("small.yaml", small), cli_path("out"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_eq(r->err[0], '\0', "%s", r->err);
}

Test(run, log_can_go_to_another_file)
{
    const cli_result *r = cli_run("run %s -o %s -q --log %s", cli_file("small.yaml", small),
                                  cli_path("out"), cli_path("other.log"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(cli_exists(cli_path("other.log")));
    cr_assert_not(cli_exists(cli_path("out/run.log")));
}

Test(run, does_nothing_if_all_runs_are_done)
{
    const char *out = small_result();
    const cli_result *r = cli_run("run %s -o %s", cli_path("small.yaml"), out);
    cr_assert_eq(r->code, 0, "%s", r->err);
    static const char expected[] = "1 completed / 1 planned, 1 of them in earlier calls, 0 agent-";
    cr_assert(strstr(r->err, expected) != NULL, "%s", r->err);
}

Test(run, keeps_results_of_another_configuration_without_overwrite)
{
    const char *out = small_result();
    const cli_result *r = cli_run("run %s -o %s --set steps=6", cli_path("small.yaml"), out);
    cr_assert_eq(r->code, 2);
    cr_assert_eq(cli_lines(r->err), 1);
    cr_assert(strstr(r->err, "steps: stored 5, given 6") != NULL, "%s", r->err);
    cr_assert(strstr(r->err, "--overwrite") != NULL, "%s", r->err);
    r = cli_run("run %s -o %s --set steps=6 --overwrite", cli_path("small.yaml"), cli_path("out"));
    cr_assert_eq(r->code, 0, "%s", r->err);
}

Test(run, refuses_unknown_keys_naming_the_line)
{
    const char *file = cli_file("bad.yaml", "seed: 1\nsed: 2\n");
    assert_refused(cli_run("run %s -o %s", file, cli_path("out")), "bad.yaml:2");
}

Test(run, refuses_values_out_of_bounds)
{
    const char *file = cli_file("bad.yaml", "steps: -5\n");
    assert_refused(cli_run("run %s -o %s", file, cli_path("out")), "steps");
}

Test(run, refuses_broken_yaml)
{
    const char *file = cli_file("bad.yaml", "seed: [1\n");
    assert_refused(cli_run("run %s -o %s", file, cli_path("out")), "bad.yaml");
}

/** Bigger than what is read of it at all: still the file's fault, not the machine's. */
Test(run, refuses_a_configuration_that_is_too_large)
{
    FILE *file = fopen(cli_path("huge.yaml"), "w");
    cr_assert_not_null(file);
    cr_assert_eq(fseek(file, 40 << 20, SEEK_SET), 0);
    cr_assert(fputs("seed: 1\n", file) >= 0 && fclose(file) == 0);
    assert_refused(cli_run("run %s -o %s", cli_path("huge.yaml"), cli_path("out")),
                   "huge.yaml:1: YAML: a text too long, expected at most 16 MiB");
}

Test(run, refuses_a_missing_file)
{
    assert_refused(cli_run("run %s -o %s", cli_path("absent.yaml"), cli_path("out")),
                   "absent.yaml");
}

Test(run, refuses_a_bad_override)
{
    const char *file = cli_file("small.yaml", small);
    assert_refused(cli_run("run %s -o %s --set steps=many", file, cli_path("out")), "steps");
    assert_refused(cli_run("run %s -o %s --set nothing", file, cli_path("out")), "nothing");
}

Test(run, refuses_an_unknown_vector_set)
{
    const char *file = cli_file("small.yaml", small);
    assert_refused(cli_run("run %s -o %s --device cpu --vector mmx", file, cli_path("out")), "mmx");
}

/* ---- devices --------------------------------------------------------------------------------- */

Test(run, refuses_a_bad_device)
{
    const char *file = cli_file("small.yaml", small);
    static const char expected[] = "device: gpu, expected auto, cpu, cuda or cuda:k";
    assert_refused(cli_run("run %s -o %s --device gpu", file, cli_path("out")), expected);
    assert_refused(cli_run("plan %s --device gpu", file), expected);
    small_result();
    const cli_result *r = cli_run("verify %s --device gpu", cli_path("out"));
    cr_assert_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->err, expected) != NULL, "%s", r->err);
}

/** Expect exit code 1, a missing device or feature, and one line on stderr with `part`. */
static void assert_unsupported(const cli_result *r, const char *part)
{
    cr_assert_eq(r->code, 1, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_assert(strstr(r->err, part) != NULL, "no `%s' in: %s", part, r->err);
    cr_assert_eq(r->out[0], '\0', "%s", r->out);
}

Test(run, refuses_a_gpu_that_does_not_exist)
{
    const char *file = cli_file("small.yaml", small);
    static const char why[] = "device: cuda:63, expected ";
    assert_unsupported(cli_run("run %s -o %s --device cuda:63", file, cli_path("out")), why);
    cr_assert_not(cli_exists(cli_path("out")));
    assert_unsupported(cli_run("plan %s --device cuda:63", file), why);
    small_result();
    assert_unsupported(cli_run("verify %s --device cuda:63", cli_path("out")), why);
}

Test(run, refuses_cublas_on_a_cpu)
{
    const char *file = cli_file("small.yaml", small);
    static const char why[] = "policy.forward: cublas";
    assert_unsupported(
        cli_run("run %s -o %s --device cpu --set policy.forward=cublas", file, cli_path("out")),
        why);
    cr_assert_not(cli_exists(cli_path("out")));
    assert_unsupported(cli_run("plan %s --device cpu --set policy.forward=cublas", file), why);
}

Test(run, prints_the_device)
{
    const char *file = cli_file("small.yaml", small);
    const cli_result *r = cli_run("run %s -o %s --device cpu", file, cli_path("out"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->err, " on cpu, ") != NULL, "%s", r->err);
    r = cli_run("plan %s --device cpu", cli_path("small.yaml"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "devices      cpu ") != NULL, "%s", r->out);
    cr_assert(strstr(r->out, "cublas") == NULL, "a CPU cannot use cuBLAS: %s", r->out);
}

/** Make a result as a GPU computes it, with the override `forward`. */
static void gpu_result(const char *forward)
{
    const dg_devices gpu = fake_devices(&(fake_settings){.devices = 1, .cublas = true});
    const dg_options plain = {0};
    dg_experiment *experiment = load_text(small, forward, NULL);
    cr_assert_eq(dg_engine_run(experiment, cli_path("out"), &plain, &gpu, NULL), DG_OK);
    dg_experiment_free(&experiment);
}

Test(run, verify_repeats_runs_of_a_gpu_on_a_cpu)
{
    gpu_result(NULL);
    const cli_result *r = cli_run("verify %s --device cpu", cli_path("out"));
    cr_assert_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->out, "1 same, 0 differ, 0 failed\n") != NULL, "%s", r->out);
    cr_assert(strstr(r->out, "cublas") == NULL, "%s", r->out);
}

Test(run, verify_reports_that_it_skips_runs_with_cublas)
{
    gpu_result("policy.forward=[gather, cublas]");
    const cli_result *r = cli_run("verify %s --device cpu", cli_path("out"));
    cr_assert_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->out, "1 of 2 finished runs (2 planned) repeated: 1 same") != NULL, "%s",
              r->out);
    cr_assert(strstr(r->out, "1 with policy.forward: cublas not repeated") != NULL, "%s", r->out);
}

Test(run, verify_fails_if_all_runs_use_cublas)
{
    gpu_result("policy.forward=cublas");
    const cli_result *r = cli_run("verify %s --device cpu", cli_path("out"));
    cr_assert_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_assert(strstr(r->err, "can be verified") != NULL, "%s", r->err);
}

Test(run, fails_if_it_cannot_write)
{
    const char *file = cli_file("small.yaml", small);
    const cli_result *r = cli_run("run %s -o /dev/null/out", file);
    cr_assert_eq(r->code, 1, "exit %d: %s", r->code, r->err);
}

/* ---- signals --------------------------------------------------------------------------------- */

/** Start a call with short runs and runs of minutes, and wait until the long runs have started. */
static cli_child start_long(const char *options)
{
    static const char text[] = "sweep:\n"
                               "  product:\n"
                               "    generations: [1, 100000]\n"
                               "    seed: {from: 1, to: 4}\n";
    const cli_child child = cli_start("run %s -o %s --device cpu %s", cli_file("long.yaml", text),
                                      cli_path("out"), options);
    usleep(1000000);
    return child;
}

static void assert_stops(int number)
{
    const cli_child child = start_long("--threads 2");
    kill(child.pid, number);
    const cli_result *r = cli_wait(child);
    cr_assert_eq(r->code, 3, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->err, "saving and stopping") != NULL, "%s", r->err);
    cr_assert(strstr(r->err, "stopped: ") != NULL, "%s", r->err);
    cr_assert_not(cli_exists(cli_path("out/results.nc")));
    cr_assert(cli_exists(cli_path("out/manifest.digico")));
}

Test(run, sigint_stops_cleanly)
{
    assert_stops(SIGINT);
}

Test(run, sigterm_stops_cleanly)
{
    assert_stops(SIGTERM);
}

Test(run, sighup_stops_cleanly)
{
    assert_stops(SIGHUP);
}

/** Batch systems send it before the time limit of a job. */
Test(run, sigusr1_stops_cleanly)
{
    assert_stops(SIGUSR1);
}

/** The soft limit on processor time is met. */
Test(run, sigxcpu_stops_cleanly)
{
    assert_stops(SIGXCPU);
}

/** Batch systems signal every process of a job, and its script forwards the signal again. */
Test(run, sigterm_and_sigusr1_may_come_twice)
{
    const cli_child child = start_long("--set steps=50000");
    kill(child.pid, SIGTERM);
    usleep(50000);
    kill(child.pid, SIGTERM);
    kill(child.pid, SIGUSR1);
    const cli_result *r = cli_wait(child);
    cr_assert_eq(r->code, 3, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->err, "stopped: ") != NULL, "%s", r->err);
}

/** timeout(1) signals the program and then its process group, which includes the program. */
Test(run, two_interrupts_at_once_count_as_one)
{
    const cli_child child = start_long("--set steps=50000");
    kill(child.pid, SIGINT);
    usleep(20000);
    kill(child.pid, SIGINT);
    const cli_result *r = cli_wait(child);
    cr_assert_eq(r->code, 3, "exit %d: %s", r->code, r->err);
}

Test(run, a_later_second_interrupt_kills)
{
    /* minutes of making niches, which no stop cuts short */
    const cli_child child =
        start_long("--set niche.points=1000000 --set niche.centroids=1000 --set "
                   "niche.iterations=10000");
    kill(child.pid, SIGINT);
    usleep(1200000);
    kill(child.pid, SIGINT);
    cr_assert_eq(cli_wait(child)->code, 128 + SIGINT);
    cr_assert_not(cli_exists(cli_path("out/results.nc")));
}

/** Repeatedly stopped and called again: the bytes are those of a call without interruption. */
Test(run, continues_after_a_stop)
{
    static const char text[] = "agents: 30\nsteps: 20\ngenerations: 1500\nniche: {points: 100}\n"
                               "sweep: {product: {seed: [1, 2, 3]}}\n";
    char command[600];
    cli_file("stop.yaml", text);
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("stop.yaml"), cli_path("whole"))->code, 0);
    snprintf(command, sizeof command, "run %s -o %s -q --device cpu --threads 1",
             cli_path("stop.yaml"), cli_path("out"));
    int calls = 1, code;
    for (;; calls++) {
        const cli_child child = cli_start("%s", command);
        usleep(calls < 4 ? 300000 : 4000000);
        kill(child.pid, SIGUSR1);
        code = cli_wait(child)->code;
        const bool early = code == 128 + SIGUSR1; /* on a busy machine: before it was caught */
        if ((code != 3 && !early) || calls == 20) break;
        cr_assert_not(cli_exists(cli_path("out/results.nc")));
    }
    cr_assert_eq(code, 0, "exit %d", code);
    cr_assert_gt(calls, 1, "it was never stopped");
    contents_expect_same_bytes(cli_path("out/results.nc"), cli_path("whole/results.nc"));
}

/** A killed call leaves no result, and the next call makes the same result. */
Test(run, continues_after_a_kill)
{
    static const char text[] = "agents: 30\nsteps: 20\ngenerations: 1500\nniche: {points: 100}\n"
                               "checkpoint: {minutes: 0.002}\n"
                               "sweep: {product: {seed: [1, 2, 3]}}\n";
    cli_file("kill.yaml", text);
    cr_assert_eq(cli_run("run %s -o %s -q", cli_path("kill.yaml"), cli_path("whole"))->code, 0);
    const cli_child child = cli_start("run %s -o %s --device cpu --threads 1 -q",
                                      cli_path("kill.yaml"), cli_path("out"));
    usleep(300000);
    kill(child.pid, SIGKILL);
    cr_assert_eq(cli_wait(child)->code, 128 + SIGKILL);
    cr_assert_not(cli_exists(cli_path("out/results.nc")));
    const cli_result *r = cli_run("run %s -o %s -q", cli_path("kill.yaml"), cli_path("out"));
    cr_assert_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    contents_expect_same_bytes(cli_path("out/results.nc"), cli_path("whole/results.nc"));
}

Test(run, stops_before_its_walltime)
{
    const cli_child child = start_long("--threads 2 --walltime 0:03");
    const cli_result *r = cli_wait(child);
    cr_assert_eq(r->code, 3, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->err, "stopped: ") != NULL, "%s", r->err);
    cr_assert_not(cli_exists(cli_path("out/results.nc")));
}

/* ---- shards ---------------------------------------------------------------------------------- */

Test(run, merge_names_missing_runs_or_writes_a_partial_result)
{
    const char *file = cli_file("small.yaml", small);
    const cli_result *r =
        cli_run("run %s -o %s -q --set seed=[1,2,3] --shard 2/3", file, cli_path("out"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = cli_run("merge %s", cli_path("out"));
    cr_assert_eq(r->code, 5, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_assert(strstr(r->err, "2 of 3 runs are missing, the first is run 0 (seed 1)") != NULL, "%s",
              r->err);
    cr_assert_not(cli_exists(cli_path("out/results.nc")));
    r = cli_run("merge %s --partial", cli_path("out"));
    cr_assert_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->err, "1 completed / 3 planned") != NULL, "%s", r->err);
    r = cli_run("summary %s", cli_path("out"));
    cr_assert(strstr(r->out, "1 completed / 3 planned") != NULL, "%s", r->out);
    r = cli_run("merge %s", cli_path("absent"));
    cr_assert_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_assert_not(cli_exists(cli_path("absent")));
}

Test(run, shards_may_start_at_the_same_time)
{
    enum { SHARDS = 8 };
    cli_child child[SHARDS];
    cli_file("small.yaml", small);
    for (int i = 0; i < SHARDS; i++)
        child[i] =
            cli_start("run %s -o %s -q --set seed=[1,2,3,4,5,6,7,8] --threads 1 --shard %d/%d",
                      cli_path("small.yaml"), cli_path("out"), i + 1, SHARDS);
    for (int i = 0; i < SHARDS; i++) {
        const cli_result *r = cli_wait(child[i]);
        cr_assert_eq(r->code, 0, "shard %d: exit %d: %s", i + 1, r->code, r->err);
    }
    const cli_result *r = cli_run("merge %s", cli_path("out"));
    cr_assert_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->err, "8 completed / 8 planned") != NULL, "%s", r->err);
}

/* ---- other commands -------------------------------------------------------------------------- */

Test(run, config_prints_yaml_that_can_be_loaded)
{
    const cli_result *r = cli_run("config %s", cli_file("small.yaml", small));
    char first[sizeof r->out];
    cr_assert_eq(r->code, 0, "%s", r->err);
    strcpy(first, r->out);
    r = cli_run("config %s", cli_file("again.yaml", first));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_str_eq(r->out, first);
}

Test(run, config_shows_overrides_and_checks_the_run)
{
    const char *file = cli_file("small.yaml", small);
    const cli_result *r = cli_run("config %s --set steps=7", file);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "steps: 7") != NULL);
    cr_assert_eq(cli_run("config %s --run 1", file)->code, 2);
}

Test(run, plan_writes_nothing)
{
    const cli_result *r = cli_run("plan %s", cli_file("small.yaml", small));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "runs         1\n") != NULL, "%s", r->out);
    cr_assert(strstr(r->out, "memory") != NULL);
    cr_assert(strstr(r->out, "time") != NULL);
    cr_assert(strstr(r->out, "disk") != NULL);
}

Test(run, summary_warns_if_the_sweep_has_grown_since_the_result)
{
    const char *out = small_result();
    const cli_result *r = cli_run("summary %s", out);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_eq(r->err[0], '\0', "%s", r->err);
    r = cli_run("run %s -o %s -q --set seed=[1,2,3] --shard 1/3", cli_path("small.yaml"), out);
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = cli_run("summary %s", out);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_assert(strstr(r->err, "has changed since this result was written: 3 runs planned") != NULL,
              "%s", r->err);
}

Test(run, summary_and_verify_read_a_result)
{
    const char *out = small_result();
    const cli_result *r = cli_run("summary %s", out);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "1 / 1") != NULL || strstr(r->out, "1/1") != NULL, "%s", r->out);
    r = cli_run("verify %s", cli_path("out"));
    cr_assert_eq(r->code, 0, "%s%s", r->out, r->err);
}

Test(run, counts_runs_that_converged)
{
    const char *file = cli_file("small.yaml", small);
    /* there are 10 beliefs, so the most common one always has a share of at least 0.1 */
    const cli_result *r = cli_run("run %s -o %s --set early_stop.generations=2 "
                                  "--set early_stop.share=[null,0.1] --set seed=[1,2,3]",
                                  file, cli_path("out"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->err, "done: 3 completed / 6 planned, 3 converged early, ") != NULL, "%s",
              r->err);
    r = cli_run("summary %s", cli_path("out"));
    cr_assert(strstr(r->out, "3 completed / 6 planned, 3 converged early") != NULL, "%s", r->out);
    r = cli_run("verify %s --runs all", cli_path("out"));
    cr_assert_eq(r->code, 0, "%s%s", r->out, r->err);
    cr_assert(strstr(r->out, "6 of 6 finished runs (6 planned) repeated: 6 same") != NULL, "%s",
              r->out);
}

/** Runs must be repeated without leaving files in TMPDIR. */
Test(run, verify_of_echo_chambers_leaves_no_files)
{
    const char *file = cli_file("echo.yaml", "model: echo-chamber\necho: {steps: 100, "
                                             "snapshot_every: 50}\n"
                                             "sweep: {product: {seed: [1, 2, 3]}}\n");
    cr_assert_eq(cli_run("run %s -o %s -q", file, cli_path("out"))->code, 0);
    cr_assert_eq(mkdir(cli_path("scratch"), 0700), 0);
    setenv("TMPDIR", cli_path("scratch"), 1);
    const cli_result *r = cli_run("verify %s", cli_path("out"));
    cr_assert_eq(r->code, 0, "exit %d: %s%s", r->code, r->out, r->err);
    cr_assert(strstr(r->out, "3 same, 0 differ") != NULL, "%s", r->out);
    cr_assert_eq(rmdir(cli_path("scratch")), 0, "files are left");
}

Test(run, verify_finds_a_changed_hash)
{
    const unsigned long long other = 1;
    const size_t first = 0;
    int file, variable;
    small_result();
    cr_assert_eq(nc_open(cli_path("out/results.nc"), NC_WRITE, &file), NC_NOERR);
    cr_assert_eq(nc_inq_varid(file, "hash", &variable), NC_NOERR);
    cr_assert_eq(nc_put_var1_ulonglong(file, variable, &first, &other), NC_NOERR);
    cr_assert_eq(nc_close(file), NC_NOERR);
    const cli_result *r = cli_run("verify --trust %s", cli_path("out"));
    cr_assert_eq(r->code, 4, "exit %d: %s", r->code, r->err);
    cr_assert(strstr(r->out, "DIFFERS") != NULL);
}

/** A file that is not the one that was written is refused, or said not to be checked. */
Test(run, summary_and_verify_compare_the_hash)
{
    static const char *const reader[] = {"summary", "verify"};
    size_t length;
    small_result();
    for (size_t i = 0; i < 2; i++) {
        const cli_result *r = cli_run("%s %s", reader[i], cli_path("out"));
        cr_assert_eq(r->code, 0, "exit %d: %s", r->code, r->err);
        cr_expect_null(strstr(r->err, "checked"), "%s", r->err);
    }
    char *bytes = file_bytes(cli_path("out/provenance.json"), &length);
    *strstr(bytes, "xxh3_64") = 'y';
    file_put(cli_path("out/provenance.json"), bytes, length);
    for (size_t i = 0; i < 2; i++) {
        const cli_result *r = cli_run("%s %s", reader[i], cli_path("out"));
        cr_assert_eq(r->code, 0, "exit %d: %s", r->code, r->err);
        cr_expect(strstr(r->err, "results.nc: not checked: there is no provenance.json") != NULL,
                  "%s", r->err);
    }
    *strstr(bytes, "yxh3_64") = 'x';
    file_put(cli_path("out/provenance.json"), bytes, length);
    free(bytes);
    FILE *file = fopen(cli_path("out/results.nc"), "ab"); /* HDF5 does not look at what is behind */
    cr_assert(file && fputc('x', file) == 'x' && fclose(file) == 0);
    for (size_t i = 0; i < 2; i++) {
        const cli_result *r = cli_run("%s %s", reader[i], cli_path("out"));
        cr_expect_eq(r->code, 2, "exit %d", r->code);
        cr_expect_str_empty(r->out);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
        cr_expect(strstr(r->err, "results.nc: damaged or replaced") != NULL, "%s", r->err);
        r = cli_run("%s --trust %s", reader[i], cli_path("out"));
        cr_expect_eq(r->code, 0, "exit %d: %s", r->code, r->err);
        cr_expect(strstr(r->err, "results.nc: not checked: --trust\n") != NULL, "%s", r->err);
    }
    cr_expect_eq(cli_run("status --check %s", cli_path("out"))->code, 1);
}

Test(run, summary_and_verify_refuse_an_invalid_result)
{
    static const char *const reader[] = {"summary", "verify"};
    cr_assert_eq(mkdir(cli_path("invalid"), 0700), 0);
    cli_file("invalid/results.nc", "this is no netCDF");
    for (size_t i = 0; i < 2; i++) {
        const cli_result *r = cli_run("%s %s", reader[i], cli_path("absent"));
        cr_assert_eq(r->code, 2, "exit %d", r->code);
        cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
        r = cli_run("%s %s", reader[i], cli_path("invalid"));
        cr_assert_eq(r->code, 2, "exit %d", r->code);
        cr_assert_eq(cli_lines(r->err), 1, "%s", r->err);
    }
}

/** The configuration of a run is read after the file was opened: that is the same input. */
Test(run, verify_of_a_damaged_configuration_is_invalid_input)
{
    int file, variable;
    const size_t start[2] = {0, 0}, count[2] = {1, 1};
    const char *out = small_result();
    cr_assert_eq(nc_open(cli_path("out/results.nc"), NC_WRITE, &file), NC_NOERR);
    cr_assert_eq(nc_inq_varid(file, "configuration", &variable), NC_NOERR);
    cr_assert_eq(nc_put_vara_text(file, variable, start, count, ""), NC_NOERR);
    cr_assert_eq(nc_close(file), NC_NOERR);
    const cli_result *r = cli_run("verify --trust %s", out);
    cr_expect_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_expect(strstr(r->err, "run 0: empty configuration") != NULL, "%s", r->err);
}

Test(run, info_names_backends_and_vector_sets)
{
    const cli_result *r = cli_run("info");
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "cpu") != NULL);
    cr_assert(strstr(r->out, dg_backend_cpu_vector("generic")) != NULL);
    cr_assert(strstr(r->out, "\ncuda") != NULL, "expected a GPU, or why there is none: %s", r->out);
}
