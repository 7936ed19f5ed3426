/** The two output formats of `digico status`: text for users, JSON for programs. */
#ifndef DG_COMMAND_STATUS_H
#define DG_COMMAND_STATUS_H

#include "host/directory/standing.h"

#include <stdio.h>

/** Print text; if `conditions`, also a table of all conditions. command_status_text.c */
DG_MUST_CHECK dg_status dg_status_print_text(FILE *file, const dg_standing *status,
                                             bool conditions);

/** Print one JSON object; if `conditions`, with a list of them. command_status_json.c */
DG_MUST_CHECK dg_status dg_status_print_json(FILE *file, const dg_standing *status,
                                             bool conditions);

#endif
