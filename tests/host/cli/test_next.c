/** Every command that the program suggests, pasted into a shell, does what is said. */
#include "cli.h"

#include "host/directory/inventory.h"
#include "host/directory/manifest.h"
#include "host/store/store.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SMALL "agents: 6\ngenerations: 2\nsteps: 3\nniche: {points: 50}\n"

static char printed[16384];

/** The program is `digico` for a shell, as it is in what it prints. */
static void set_up(void)
{
    char path[4400];
    cr_assert_eq(mkdir(cli_path("bin"), 0777), 0);
    cr_assert_eq(symlink(cli_program(), cli_path("bin/digico")), 0);
    snprintf(path, sizeof path, "%s:%s", cli_path("bin"), getenv("PATH"));
    cr_assert_eq(setenv("PATH", path, 1), 0);
    cli_file("a.yaml", SMALL "sweep: {product: {seed: [1, 2]}}\n");
}

TestSuite(next, .init = set_up, .fini = cli_clean, .timeout = 120);

/** Exit code of a command line in a folder of the test; `printed` receives both outputs. */
static int shell(const char *folder, const char *command)
{
    char line[6000];
    snprintf(line, sizeof line, "cd \"%s/%s\" && { %s\n} 2>&1", cli_folder(), folder, command);
    FILE *pipe = popen(line, "r");
    cr_assert_not_null(pipe);
    printed[fread(printed, 1, sizeof printed - 1, pipe)] = '\0';
    const int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void in_order(const char *command)
{
    cr_assert_eq(shell(".", command), 0, "%s: %s", command, printed);
}

/** Run what is suggested between the back quotes that begin with `with`; what it printed is in `printed`. */
static void paste(const char *folder, const char *with)
{
    char command[4096], begin[200];
    snprintf(begin, sizeof begin, "`%s", with);
    const char *from = strstr(printed, begin);
    cr_assert_not_null(from, "no `%s in: %s", with, printed);
    const char *to = strchr(from + 1, '`');
    cr_assert_not_null(to, "%s", printed);
    snprintf(command, sizeof command, "%.*s", (int)(to - from - 1), from + 1);
    cr_expect_eq(shell(folder, command), 0, "%s: %s", command, printed);
}

static const char *out(const char *name)
{
    return folder_path(cli_path("out"), name);
}

/** The manifest says that another build began the sweep. */
static void begin_by_another_build(void)
{
    archive_change(out(DG_MANIFEST_NAME), DG_ARCHIVE_MANIFEST, dg_manifest_build(), "0.1.0 abcdef");
}

Test(next, command_of_a_sweep_that_is_not_finished)
{
    in_order("digico run a.yaml -o out -q --shard 1/2");
    cr_expect_eq(shell(".", "digico status out"), 3);
    paste(".", "digico run a.yaml -o out --shard 2/2`");
    in_order("digico status out");
    paste(".", "digico merge out`");
    in_order("digico status out");
    paste(".", "digico summary out`");
}

Test(next, command_of_a_sweep_of_another_build)
{
    in_order("digico run a.yaml -o out -q --shard 1/2");
    begin_by_another_build();
    cr_expect_eq(shell(".", "digico status out"), 3);
    paste(".", "digico run a.yaml -o out --shard 2/2 --mixed-builds`");
    begin_by_another_build();
    in_order("digico status out");
    paste(".", "digico merge out --mixed-builds`");
}

Test(next, commands_of_a_summary_without_a_result)
{
    in_order("digico run a.yaml -o out -q --shard 1/2");
    begin_by_another_build();
    cr_expect_eq(shell(".", "digico summary out"), 2);
    paste(".", "digico merge out --partial --mixed-builds`");
    in_order("digico summary out"); /* it is outdated once the other run has ended */
    in_order("digico run a.yaml -o out -q --shard 2/2 --mixed-builds");
    begin_by_another_build();
    in_order("digico summary out");
    paste(".", "digico merge out --mixed-builds`");
    in_order("digico summary out");
    cr_expect_not(strstr(printed, "`digico"), "%s", printed);
}

Test(next, command_of_a_result_that_is_none)
{
    static const char *const how[] = {":>out/results.nc", "mkdir out/results.nc",
                                      "mkfifo out/results.nc", "echo text >out/results.nc",
                                      "cp b/results.nc out"};
    in_order("digico run a.yaml -o out -q && digico run a.yaml --set 'seed=[7, 8]' -o b -q");
    for (size_t k = 0; k < 2 * sizeof how / sizeof *how; k++) {
        in_order("rm -r out/results.nc");
        in_order(how[k / 2]);
        cr_expect_eq(shell(".", k % 2 ? "digico summary out" : "digico status out"), k % 2 ? 2 : 1,
                     "%s: %s", how[k / 2], printed);
        cr_expect_not(strstr(printed, "`digico summary"), "%s: %s", how[k / 2], printed);
        paste(".", "digico merge out`");
        in_order("digico status out");
        paste(".", "digico summary out`");
    }
}

/** A copy without provenance.json, of the runs of another experiment: what would read it refuses it. */
Test(next, command_of_an_unrecorded_result_of_another_experiment)
{
    in_order("digico run a.yaml -o out -q && digico run a.yaml --set 'seed=[7, 8]' -o b -q");
    in_order("cp b/results.nc out; rm out/provenance.json");
    cr_expect_eq(shell(".", "digico status out"), 1, "%s", printed);
    paste(".", "digico merge out`");
}

Test(next, command_quotes_names)
{
    in_order("mkdir \"it's a\" && cp a.yaml \"it's a/b c.yaml\"");
    in_order("cd \"it's a\" && digico run 'b c.yaml' --set 'steps=4' -o '-o $x' -q --shard 1/2");
    in_order("cd \"it's a\" && ! digico status './-o $x'");
    paste("it's a", "digico run 'b c.yaml' --set steps=4 -o './-o $x' --shard 2/2`");
}

/** From another folder the file is not found: the folder of the result is named as a whole. */
Test(next, command_names_the_folder_where_the_file_is_elsewhere)
{
    in_order("digico run a.yaml -o out -q --shard 1/2");
    cr_expect_eq(shell("out", "digico status ."), 3);
    cr_expect(strstr(printed, "a.yaml cannot be read from here"), "%s", printed);
    paste(".", "digico run a.yaml -o /");
}

/** The file has changed since: the directory refuses it, and the line says so instead. */
Test(next, command_is_none_where_the_file_has_changed)
{
    in_order("digico run a.yaml -o out -q --shard 1/2");
    cli_file("a.yaml", SMALL "sweep: {product: {seed: [3, 4]}}\n");
    cr_expect_eq(shell(".", "digico status out"), 3);
    cr_expect(strstr(printed, "no command continues this as it is: out: holds another "
                              "configuration: seed: stored [1, 2], given [3, 4]"),
              "%s", printed);
}

/** A program of this version cannot go on with what an older one left, so nothing here says it could. */
Test(next, command_is_none_in_a_folder_of_an_older_version)
{
    static const char *const command[] = {"digico summary out", "digico status out"};
    in_order("digico run a.yaml -o out -q --shard 1/2");
    archive_of_version(folder_file(cli_path("out"), DG_BATCH_FOLDER, 0), 1, DG_ARCHIVE_VERSION);
    for (int k = 0; k < 6; k++) {
        if (k == 2) archive_of_version(out(DG_MANIFEST_NAME), 1, DG_ARCHIVE_VERSION);
        if (k == 4) cr_assert_eq(unlink(out(DG_MANIFEST_NAME)), 0);
        cr_expect_eq(shell(".", command[k % 2]), 2, "%s", printed);
        cr_expect(k == 5 || strstr(printed, "model version 1, expected"), "%d: %s", k, printed);
        cr_expect_not(strstr(printed, "`digico run") || strstr(printed, "`digico merge"), "%d: %s",
                      k, printed);
    }
}
