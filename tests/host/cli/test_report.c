/** host/cli/command_report.c: the program that it starts, and the error if there is none. */
#include "cli.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

Test(report, passes_its_arguments_to_the_tool_and_returns_its_exit_code)
{
    setenv("DIGICO_REPORT", "tests/host/cli/report_tool", 1);
    const cli_result *r = cli_run("report out --output page");
    cr_assert_eq(r->code, 7, "exit %d: %s", r->code, r->err);
    cr_assert_str_eq(r->out, "<sweep>\n<out>\n<--output>\n<page>\n");
}

Test(report, names_a_tool_that_does_not_exist)
{
    setenv("DIGICO_REPORT", "tests/host/cli/no_such_tool", 1);
    const cli_result *r = cli_run("report out");
    cr_assert_eq(r->code, 1);
    cr_assert(strstr(r->err, "tests/host/cli/no_such_tool") != NULL, "%s", r->err);
}
