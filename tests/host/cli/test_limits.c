/** The program under limits of the system: it does with less and says so, or names the limit. */
#include "cli.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

TestSuite(limits, .fini = cli_clean, .timeout = 120);

static const char four[] = "agents: 6\ngenerations: 2\nsteps: 3\nniche: {points: 50}\n"
                           "sweep: {product: {seed: [1, 2, 3, 4]}}\n";

/* ---- threads --------------------------------------------------------------------------------- */

/** An OpenMP library would end the program: libgomp with "Thread creation failed". */
Test(limits, threads_that_cannot_be_started_are_done_without)
{
    cli_file("four.yaml", four);
    setenv("OMP_STACKSIZE", "200000G", 1); /* larger than any address space */
    const cli_result *r =
        cli_run("run %s -o %s --threads 4 --device cpu", cli_path("four.yaml"), cli_path("out"));
    cr_expect_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_expect(strstr(r->err, "digico: 4 threads: more than can be started here") != NULL, "%s",
              r->err);
    cr_expect(strstr(r->err, "computing with 1\n") && strstr(r->err, ", 1 thread"), "%s", r->err);
    r = cli_run("verify %s --threads 3", cli_path("out"));
    cr_expect_eq(r->code, 0, "exit %d: %s", r->code, r->err);
    cr_expect(strstr(r->err, "3 threads: more than can be started here") != NULL, "%s", r->err);
    unsetenv("OMP_STACKSIZE");
    r = cli_run("verify %s --threads 3", cli_path("out"));
    cr_expect_str_empty(r->err);
}
