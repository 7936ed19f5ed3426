/** The state of a sweep by condition, each over its seeds. */
#ifndef DG_STANDING_CONDITIONS_H
#define DG_STANDING_CONDITIONS_H

#include "host/directory/standing.h"

/** Runs that differ only in their seed. */
typedef struct dg_sweep_condition {
    size_t first; /* index of its first run, to read its values from */
    size_t planned;
    size_t count[DG_STANDING_RUNS];
} dg_sweep_condition;

/** All conditions, [*count], in the order of the sweep; the caller frees *out. DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_sweep_conditions(dg_sweep_condition **out, size_t *count,
                                            const dg_standing *status);

/** Does this axis distinguish conditions? All swept keys do, except the seed. */
bool dg_sweep_axis_is_condition(const dg_axis *axis);

/** Value of an axis in a run, cut to `size` bytes; returns `text`. */
const char *dg_sweep_axis_text(const dg_experiment *experiment, const dg_axis *axis, size_t run,
                               char *text, size_t size);

#endif
