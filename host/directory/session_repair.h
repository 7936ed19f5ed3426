/** Mending what is damaged in a result directory. */
#ifndef DG_SESSION_REPAIR_H
#define DG_SESSION_REPAIR_H

#include "host/directory/session.h"

/** Is there anything to mend? */
bool dg_session_repair_is_due(const dg_session *session);

/** Mend; *changed: the inventory is of yesterday. */
DG_MUST_CHECK dg_status dg_session_repair(dg_session *session, const dg_options *options,
                                          bool *changed);

#endif
