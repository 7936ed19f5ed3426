/** host/cli/command_status*.c, progress.c: the state of a sweep while it runs and afterwards. */
#include "cli.h"

#include "host/config/tree.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char small[] = "generations: 3\n"
                            "steps: 5\n"
                            "niche: {points: 100, iterations: 2}\n"
                            "sweep: {product: {ai_type: [none, act], seed: [1, 2, 3]}}\n";

/* takes minutes */
static const char endless[] = "generations: 100000\n"
                              "niche: {points: 100, iterations: 2}\n"
                              "sweep: {product: {seed: [1, 2, 3]}}\n";

TestSuite(status, .fini = cli_clean);

/** The result directory of a test. */
static const char *folder_of_result(void)
{
    static char path[256];
    snprintf(path, sizeof path, "%s", cli_path("out"));
    return path;
}

/** Expect this exit code and this text in the output. */
static void expect_status(const char *folder, int code, const char *part)
{
    const cli_result *r = cli_run("status %s", folder);
    cr_expect_eq(r->code, code, "exit %d: %s%s", r->code, r->out, r->err);
    cr_expect(strstr(r->out, part) != NULL, "no `%s' in: %s", part, r->out);
}

/** Expect one JSON object, checked by the YAML parser and by Python if it is installed. */
static void expect_json(const char *text)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    char command[600];
    cr_assert_eq(dg_tree_parse(&root, &pool, "JSON", 0, text, strlen(text)), DG_OK, "%s: %s",
                 dg_error(), text);
    cr_expect_eq(root->kind, DG_NODE_MAP);
    dg_pool_free(&pool);
    snprintf(command, sizeof command,
             "if command -v python3 >/dev/null; then python3 -m json.tool '%s' >/dev/null; fi",
             cli_file("text.json", text));
    cr_expect_eq(system(command), 0, "%s", text);
}

/** Contents of a file; valid until the next call. */
static const char *contents(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/** Wait until a call has written its status file, at most 30 s. */
static void await_status(const char *name)
{
    for (int k = 0; k < 600 && !cli_exists(cli_path(name)); k++) usleep(50000);
    cr_assert(cli_exists(cli_path(name)), "%s", name);
}

Test(status, a_finished_sweep_has_exit_code_0)
{
    const char *out = folder_of_result();
    cr_assert_eq(cli_run("run %s -o %s -q", cli_file("small.yaml", small), out)->code, 0);
    expect_status(out, 0, "6 planned: 6 completed");
    expect_status(out, 0, "nothing is left to do");
    const cli_result *r = cli_run("status %s --runs --check", out);
    cr_expect_eq(r->code, 0);
    cr_expect(strstr(r->out, "ai_type  planned  completed") != NULL, "%s", r->out);
}

Test(status, json_output_is_valid)
{
    const char *out = folder_of_result();
    cr_assert_eq(cli_run("run %s -o %s -q --shard 1/2", cli_file("small.yaml", small), out)->code,
                 0);
    const cli_result *r = cli_run("status %s --json --runs", out);
    cr_expect_eq(r->code, 3, "exit %d: %s", r->code, r->err);
    cr_expect(strstr(r->out, "\"state\": \"open\"") != NULL, "%s", r->out);
    cr_expect(strstr(r->out, "\"completed\": 3") != NULL, "%s", r->out);
    expect_json(r->out);
    expect_json(contents(cli_path("out/status-1-of-2.json")));
    cr_expect(cli_exists(cli_path("out/run-1-of-2.log")));
    cr_expect_not(cli_exists(cli_path("out/run.log")));
}

Test(status, a_killed_call_is_shown_as_dead)
{
    const char *out = folder_of_result();
    const cli_child child =
        cli_start("run %s -o %s -q --threads 1", cli_file("endless.yaml", endless), out);
    await_status("out/status.json");
    expect_status(out, 3, "running");
    expect_json(contents(cli_path("out/status.json")));
    kill(child.pid, SIGKILL);
    cli_wait(child);
    expect_status(out, 1, "dead");
    expect_status(out, 1, "to continue");
}

Test(status, a_stopped_call_can_continue)
{
    const char *out = folder_of_result();
    const cli_child child =
        cli_start("run %s -o %s -q --threads 1", cli_file("endless.yaml", endless), out);
    await_status("out/status.json");
    usleep(300000);
    kill(child.pid, SIGTERM);
    cr_expect_eq(cli_wait(child)->code, 3);
    expect_status(out, 3, "stopped");
    expect_json(contents(cli_path("out/status.json")));
    const cli_result *r = cli_run("summary %s", out);
    cr_expect_eq(r->code, 2);
    cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_expect(strstr(r->err, "0 of 3 runs have ended") != NULL, "%s", r->err);
    cr_expect(strstr(r->err, "to continue") != NULL, "%s", r->err);
}

Test(status, works_for_echo_chambers)
{
    const char *out = folder_of_result();
    cr_assert_eq(cli_run("run configs/echo/episode1.yaml -o %s -q", out)->code, 0);
    expect_status(out, 0, "5 planned: 5 completed");
    expect_json(contents(cli_path("out/status.json")));
}

Test(status, shows_shards_and_their_merge)
{
    const char *out = folder_of_result();
    const char *file = cli_file("small.yaml", small);
    cr_assert_eq(cli_run("run %s -o %s -q --shard 2/3", file, out)->code, 0);
    expect_status(out, 3, "unstarted");
    cr_assert_eq(cli_run("run %s -o %s -q --shard 1/3", file, out)->code, 0);
    cr_assert_eq(cli_run("run %s -o %s -q --shard 3/3", file, out)->code, 0);
    expect_status(out, 0, "digico merge");
    cr_assert_eq(cli_run("merge %s -q", out)->code, 0);
    expect_status(out, 0, "merge  done");
    expect_json(contents(cli_path("out/status-merge.json")));
}

/** Expect exit code 2 and one line with the reason. */
static void expect_refused(const char *folder, const char *why)
{
    const cli_result *r = cli_run("status %s", folder);
    cr_expect_eq(r->code, 2, "exit %d: %s", r->code, r->err);
    cr_expect_eq(cli_lines(r->err), 1, "%s", r->err);
    cr_expect(strstr(r->err, why) != NULL, "no `%s' in: %s", why, r->err);
    cr_expect_eq(r->out[0], '\0', "%s", r->out);
}

Test(status, refuses_what_is_not_a_result_directory)
{
    expect_refused(cli_path("absent"), "No such file or directory");
    expect_refused(cli_file("a.yaml", small), "a file, expected a directory");
    expect_refused(cli_folder(), "no sweep there");
}

Test(status, watch_needs_a_terminal)
{
    const cli_result *r = cli_run("status %s --watch", cli_folder());
    cr_expect_eq(r->code, 2);
    cr_expect(strstr(r->err, "terminal") != NULL, "%s", r->err);
    cr_expect_eq(cli_run("status %s --watch --json", cli_folder())->code, 2);
    cr_expect_eq(cli_run("status %s --watch=0", cli_folder())->code, 2);
}
