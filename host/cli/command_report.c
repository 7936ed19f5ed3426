/** digico report: the page of a result, made by tools/report of the same checkout (Python). */
#include "host/base/source_tree.h"
#include "host/cli/command.h"
#include "host/base/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOOL "tools/report"

/** argv as the tool takes it: its path, the command, what the user said. */
static dg_exit hand_over(char *tool, int argc, char **argv)
{
    static char command[] = "sweep";
    char **given = calloc((size_t)argc + 2, sizeof *given);
    if (!given) return dg_command_fail(dg_fail(DG_ERR_MEMORY, "no memory for the arguments"));
    given[0] = tool;
    given[1] = command;
    for (int k = 1; k < argc; k++) given[k + 1] = argv[k];
    fflush(NULL);
    execv(tool, given);
    const dg_status status = dg_fail_errno(tool, "cannot start");
    free(given);
    return dg_command_fail(status);
}

int dg_command_report(int argc, char **argv)
{
    const char *named = getenv("DIGICO_REPORT");
    char *tool = named && *named ? dg_text("%s", named) : dg_source_tree_find(TOOL, X_OK);
    if (!tool)
        return dg_command_fail(dg_fail(DG_ERR_IO,
                                       TOOL ": not found above this program; DIGICO_REPORT names "
                                            "another place of it"));
    const dg_exit code = hand_over(tool, argc, argv);
    free(tool);
    return code;
}
