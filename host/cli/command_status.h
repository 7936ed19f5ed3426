/** The two forms of `digico status`: for people, and for programs. */
#ifndef DG_COMMAND_STATUS_H
#define DG_COMMAND_STATUS_H

#include "host/directory/standing.h"

#include <stdio.h>

/** @param conditions  a table of all conditions, too */
DG_MUST_CHECK dg_status dg_status_print_text(FILE *file, const dg_standing *status,
                                             bool conditions);

/** One JSON object. command_status_json.c */
DG_MUST_CHECK dg_status dg_status_print_json(FILE *file, const dg_standing *status,
                                             bool conditions);

#endif
