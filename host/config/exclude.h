/**
 * Which runs sweep.exclude takes out. Exclusions are looked up by the values of a run, as there may
 * be tens of thousands of them in a sweep of hundreds of thousands of runs.
 */
#ifndef DG_EXCLUDE_H
#define DG_EXCLUDE_H

#include "host/config/settings.h"

typedef struct dg_exclude_index dg_exclude_index;

/** Index the exclusions of a sweep; it lives in `pool`. DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_exclude_index_make(dg_exclude_index **out, dg_pool *pool,
                                              dg_sweep *sweep);

/** Does any exclusion match? All that do are marked as `hit`. */
bool dg_excludes(dg_exclude_index *index, const dg_config *config);

#endif
