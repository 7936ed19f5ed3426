/** The program started in odd surroundings: closed descriptors, outputs that fail, small stacks. */
#include "cli.h"

#include "tests/support/folders.h"
#include "tests/support/sanitizer.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(startup, .fini = cli_clean, .timeout = 120);

static const char two[] =
    "agents: 6\ngenerations: 2\nsteps: 3\nniche: {points: 50}\nsweep: {product: {seed: [1, 2]}}\n";

/** Run `how` in a shell, in which $d is the program and $f the folder of the test; exit code. */
static int shell(const char *how)
{
    char command[600];
    snprintf(command, sizeof command, "d=${DIGICO:-build/digico}; f=%s; %s", cli_folder(), how);
    const int result = system(command);
    return WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
}

/** What the last command wrote to $f/err; freed with the next call. */
static const char *err(void)
{
    static char *text;
    size_t length = 0;
    free(text);
    text = file_bytes(cli_path("err"), &length);
    text = realloc(text, length + 1);
    cr_assert_not_null(text);
    text[length] = '\0';
    return text;
}

/* ---- closed descriptors ---------------------------------------------------------------------- */

/** No file of the folder gets the number of a closed stderr, so none holds a message. */
Test(startup, messages_are_in_no_file)
{
    static const char *const closed[] = {"2>&-", "<&- 2>&-", "<&- >&- 2>&-", "<&-", ">&-"};
    char how[200];
    cli_file("two.yaml", two);
    cr_assert_eq(shell("$d run $f/two.yaml -o $f/whole -q"), 0);
    for (size_t k = 0; k < sizeof closed / sizeof *closed; k++) {
        snprintf(how, sizeof how, "rm -rf $f/out; $d run $f/two.yaml -o $f/out %s", closed[k]);
        cr_expect_eq(shell(how), 0, "%s", closed[k]);
        cr_expect_eq(shell("cmp $f/out/results.nc $f/whole/results.nc"), 0, "%s", closed[k]);
        cr_expect_neq(shell("grep -rqs 'digico: ' --exclude=run.log $f/out $f/out/.lock"), 0, "%s",
                      closed[k]);
    }
}

/* ---- outputs that fail ----------------------------------------------------------------------- */

Test(startup, an_output_that_cannot_be_written_is_an_error)
{
    static const char *const output[] = {"--help", "run --help", "--version", "info",
                                         "config $f/two.yaml"};
    char how[200];
    cli_file("two.yaml", two);
    for (size_t k = 0; k < sizeof output / sizeof *output; k++) {
        snprintf(how, sizeof how, "$d %s >/dev/full 2>$f/err", output[k]);
        cr_expect_eq(shell(how), 1, "%s", output[k]);
        cr_expect_str_eq(err(),
                         "digico: cannot write to standard output: No space left on device\n");
        snprintf(how, sizeof how, "$d %s >&- 2>$f/err", output[k]);
        cr_expect_eq(shell(how), 1, "%s", output[k]);
        cr_expect_eq(cli_lines(err()), 1, "%s", err());
    }
}

/* ---- threads and their stacks ---------------------------------------------------------------- */

Test(startup, numbers_of_threads_are_shown_in_quotes)
{
    cli_file("two.yaml", two);
    cr_expect_eq(shell("OMP_NUM_THREADS=2,, $d config $f/two.yaml >$f/out 2>$f/err"), 2);
    cr_expect(strstr(err(), "OMP_NUM_THREADS: `2,,', expected an integer"), "%s", err());
}

#ifndef SHADOWED /* sanitizers take more of the stack */
/** Kernels would end by a signal. */
Test(startup, small_stacks_are_refused)
{
    static const char *const small[][2] = {
        {"OMP_STACKSIZE=20k",
         "threads have stacks of 20 KiB (OMP_STACKSIZE), expected at least 256\n"},
        {"OMP_STACKSIZE=36",
         "threads have stacks of 36 KiB (OMP_STACKSIZE), expected at least 256\n"},
        {"GOMP_STACKSIZE=255",
         "threads have stacks of 255 KiB (OMP_STACKSIZE), expected at least 256\n"},
        {"ulimit -s 100;", "stacks may have 100 KiB here (ulimit -s), expected at least 256\n"},
        {"ulimit -S -s 200;", "stacks may have 200 KiB here (ulimit -s), expected at least 256\n"},
    };
    char how[200];
    cli_file("two.yaml", two);
    for (size_t k = 0; k < sizeof small / sizeof *small; k++) {
        snprintf(how, sizeof how, "%s $d run $f/two.yaml -o $f/out 2>$f/err", small[k][0]);
        cr_expect_eq(shell(how), 2, "%s", small[k][0]);
        cr_expect_eq(cli_lines(err()), 1, "%s", err());
        cr_expect(strstr(err(), small[k][1]), "%s", err());
        cr_expect_not(cli_exists(cli_path("out")));
    }
}

/** The least that is taken is enough for kernels of each instruction set, and for HDF5. */
Test(startup, the_smallest_stacks_are_enough)
{
    static const char *const set[] = {"generic", "avx2", "avx512"};
    char how[400];
    cli_file("large.yaml", "agents: 60\noutput.agents: true\ngenerations: 2\nsteps: 3\n"
                           "policy.hidden: 64\nsweep: {product: {seed: [1, 2, 3]}}\n");
    for (size_t k = 0; k < sizeof set / sizeof *set; k++) {
        snprintf(how, sizeof how,
                 "ulimit -s 256; export OMP_STACKSIZE=256k; rm -rf $f/out; "
                 "$d run $f/large.yaml -o $f/out --threads 3 --device cpu --vector %s 2>$f/err && "
                 "rm $f/out/provenance.json && $d summary $f/out >$f/text 2>$f/err",
                 set[k]);
        const int code = shell(how);
        cr_expect(code == 0 || (code != 0 && strstr(err(), "--vector")), "%s: exit %d: %s", set[k],
                  code, err());
    }
}
#endif
