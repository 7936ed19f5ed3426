/** host/cli/main.c and the argument parsers of the commands: help, version, invalid arguments. */
#include "cli.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const commands[] = {"run",     "plan",   "submit", "config",
                                       "summary", "verify", "info"};
#define COMMANDS (sizeof commands / sizeof *commands)

Test(usage, help_lists_every_command_and_exit_code)
{
    const cli_result *r = cli_run("--help");
    cr_assert_eq(r->code, 0);
    for (size_t i = 0; i < COMMANDS; i++) cr_assert(strstr(r->out, commands[i]) != NULL);
    cr_assert(strstr(r->out, "Exit codes:") != NULL);
    cr_assert(strstr(r->out, "  3  stopped") != NULL);
}

Test(usage, every_command_has_help_and_usage)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const cli_result *r = cli_run("%s --help", commands[i]);
        cr_assert_eq(r->code, 0);
        cr_assert(strstr(r->out, "Usage: digico") != NULL, "%s", r->out);
        cr_assert(strstr(r->out, commands[i]) != NULL);
        cr_assert_eq(cli_run("%s --usage", commands[i])->code, 0);
    }
}

Test(usage, version_includes_the_model_version)
{
    const cli_result *r = cli_run("--version");
    cr_assert_eq(r->code, 0);
    cr_assert(strncmp(r->out, "digico ", 7) == 0);
    cr_assert(strstr(r->out, "model version") != NULL);
    cr_assert_eq(cli_run("run --version")->code, 0);
}

Test(usage, invalid_arguments_give_exit_code_2)
{
    static const char *const misuse[] = {
        "",
        "fly",
        "--fly",
        "run",
        "run configs/quickstart.yaml",
        "run one.yaml two.yaml -o x",
        "run configs/quickstart.yaml -o x --threads none",
        "run configs/quickstart.yaml -o x --threads 0",
        "run configs/quickstart.yaml -o x --batch 2x",
        "run configs/quickstart.yaml -o x --walltime 0:00:01",
        "run configs/quickstart.yaml -o x --shard",
        "run configs/quickstart.yaml -o x --shard 1",
        "run configs/quickstart.yaml -o x --shard 0/2",
        "run configs/quickstart.yaml -o x --shard 3/2",
        "run configs/quickstart.yaml -o x --shard -1/2",
        "run configs/quickstart.yaml -o x --shard 1/0",
        "run configs/quickstart.yaml -o x --shard 1/2x",
        "run configs/quickstart.yaml -o x --shard 1/1000001",
        "run configs/quickstart.yaml -o x --shard 1/2 --overwrite",
        "run configs/quickstart.yaml -o x --walltime",
        "run configs/quickstart.yaml -o x --walltime soon",
        "run configs/quickstart.yaml -o x --walltime 0",
        "run configs/quickstart.yaml -o x --walltime 1:2:3:4",
        "merge",
        "merge x y",
        "merge x",
        "plan",
        "submit",
        "submit configs/quickstart.yaml -o x",
        "config",
        "status",
        "status one two",
        "summary",
        "summary x --by=",
        "verify",
        "info extra",
    };
    for (size_t i = 0; i < sizeof misuse / sizeof *misuse; i++) {
        const cli_result *r = cli_run("%s", misuse[i]);
        cr_assert_eq(r->code, 2, "digico %s: exit %d", misuse[i], r->code);
        cr_assert(strstr(r->err, "digico") != NULL, "digico %s: %s", misuse[i], r->err);
        cr_assert_eq(r->out[0], '\0');
    }
    cr_assert_not(cli_exists("x"));
}

/** OpenMP takes any number, and then has no memory for the stacks or forgets the high bits; for what is no
    number it computes with all processors. */
Test(usage, a_number_of_threads_out_of_range_is_refused)
{
    static const char *const counts[] = {"4097",    "65536", "99999999999", "4294967297", " 65536",
                                         "65536,2", "abc",   "1e3",         "0",          "-3",
                                         "2,",      "2,x",   "2 3",         "0x4",        "1.5"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        setenv("OMP_NUM_THREADS", counts[i], 1);
        const cli_result *r = cli_run("config configs/quickstart.yaml");
        cr_expect_eq(r->code, 2, "%s: exit %d", counts[i], r->code);
        /* the OpenMP library may print a line of its own before */
        const char *line = strstr(r->err, "digico: ");
        cr_assert_not_null(line, "%s", r->err);
        cr_expect_eq(cli_lines(line), 1, "%s", r->err);
        cr_expect(strstr(line, "OMP_NUM_THREADS") && strstr(r->err, "expected an integer from 1"),
                  "%s", r->err);
    }
    static const char *const valid[] = {"4096", " 2 ", "+2", "4,2", "4 , 2,1", ""};
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        setenv("OMP_NUM_THREADS", valid[i], 1);
        cr_expect_eq(cli_run("config configs/quickstart.yaml")->code, 0, "%s", valid[i]);
    }
    unsetenv("OMP_NUM_THREADS");
    const cli_result *r = cli_run("plan configs/quickstart.yaml --threads 010");
    cr_expect_eq(r->code, 2);
    cr_expect(strstr(r->err, "010") != NULL, "%s", r->err);
}

/** Names, keys and options with control characters stand in one line, and never as they are. */
Test(usage, control_characters_are_escaped_in_messages)
{
    static const char *const calls[] = {
        "fro\x1b[31mb",
        "run --fro\x1b[31mb",
        "run a\nb -o c\x1b[0m",
        "summary a\nb\x1b[0m",
        "status a\nb\x1b[0m",
        "merge a\nb\x1b[0m c\nd",
        "plan configs/quickstart.yaml --threads 1\x1b\n",
        "plan configs/quickstart.yaml --device a\n\x1b",
        "plan configs/quickstart.yaml --set a\n\x1b[31mb=3",
        "plan configs/quickstart.yaml --set seed=a\n\x1b[31mb",
        "run configs/quickstart.yaml -o x --walltime \x1b\n",
        "run configs/quickstart.yaml -o x --shard \x1b\n",
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const cli_result *r = cli_run("%s", calls[i]);
        const size_t hint = strstr(r->err, "Try `digico") != NULL;
        cr_expect(r->code == 2 || r->code == 1, "exit %d", r->code);
        cr_expect_eq(cli_lines(r->err), 1 + hint, "%s", r->err);
        cr_expect_null(strchr(r->err, '\x1b'), "%s", r->err);
    }
    const cli_result *r =
        cli_run("config %s", cli_file("g.yaml", "\"groups.a\\nb\\e[31mR.size\": 3\n"));
    cr_expect_eq(r->code, 2);
    cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_expect(strstr(r->err, "\"a\\nb\\x1b[31mR.size\"") != NULL, "%s", r->err);
}

/** Run a command on a folder with control characters in its name: no output has them. */
static const cli_result *run_on_odd_folder(const char *command)
{
    const cli_result *r = cli_run("%s %s", command, cli_path("a\nb\x1b[31mc"));
    cr_expect_eq(r->code, 0, "%s: %s", command, r->err);
    cr_expect_null(strchr(r->out, '\x1b'), "%s: %s", command, r->out);
    cr_expect_null(strchr(r->err, '\x1b'), "%s: %s", command, r->err);
    return r;
}

Test(usage, a_folder_with_control_characters_is_part_of_one_line)
{
    static const char *const printing[] = {"summary", "status"};
    static const char *const noting[] = {"summary --trust", "summary", "verify"};
    static const char shown[] = "a\\nb\\x1b[31mc";
    char run[512];
    snprintf(run, sizeof run, "run %s -o",
             cli_file("e\n.yaml", "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n"));
    run_on_odd_folder(run);
    for (int k = 0; k < 2; k++) {
        const cli_result *r = run_on_odd_folder(printing[k]);
        cr_expect(strstr(r->out, shown) != NULL, "%s", r->out);
    }
    cr_assert_eq(unlink(cli_path("a\nb\x1b[31mc/provenance.json")), 0);
    for (int k = 0; k < 3; k++) {
        const cli_result *r = run_on_odd_folder(noting[k]);
        cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
        cr_expect(strstr(r->err, shown) != NULL, "%s", r->err);
    }
    cli_clean();
}
