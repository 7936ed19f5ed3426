/** digico report: makes the page of a result with tools/report (Python) of the source tree. */
#include "host/base/source_tree.h"
#include "host/cli/command.h"
#include "host/base/files.h"
#include "host/directory/manifest.h"
#include "host/directory/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOOL "tools/report"

/** Replace this process by the tool, with its command `sweep` and the arguments of the user. */
static dg_exit exec_tool(char *tool, int argc, char **argv)
{
    static char command[] = "sweep";
    char **arguments = calloc((size_t)argc + 2, sizeof *arguments);
    if (!arguments) return dg_command_fail(dg_fail(DG_ERR_MEMORY, "no memory for the arguments"));
    arguments[0] = tool;
    arguments[1] = command;
    for (int k = 1; k < argc; k++) arguments[k + 1] = argv[k];
    fflush(NULL);
    execv(tool, arguments);
    const dg_status status = dg_fail_errno(tool, "cannot start");
    free(arguments);
    return dg_command_fail(status);
}

/**
 * The tool cannot read manifests: whether a result is of the sweep beside it is found out here. Every
 * argument that is the folder of a sweep is looked at, as only the tool knows which are its options.
 */
static dg_status check_owners(int argc, char **argv)
{
    for (int k = 1; k < argc; k++)
        if (strcmp(argv[k], "--trust") == 0) return DG_OK;
    for (int k = 1; k < argc; k++)
        if (argv[k][0] != '-' && dg_directory_has(argv[k], DG_MANIFEST_NAME))
            DG_TRY(dg_result_check_owner(argv[k]));
    return DG_OK;
}

int dg_command_report(int argc, char **argv)
{
    const char *named = getenv("DIGICO_REPORT");
    char *tool = named && *named ? dg_text("%s", named) : dg_source_tree_find(TOOL, X_OK);
    if (!tool)
        return dg_command_fail(dg_fail(DG_ERR_IO,
                                       TOOL ": not found in the folders above this program; set "
                                            "DIGICO_REPORT to its path"));
    const dg_status status = check_owners(argc, argv);
    const dg_exit code = status == DG_OK ? exec_tool(tool, argc, argv) : dg_command_fail(status);
    free(tool);
    return code;
}
