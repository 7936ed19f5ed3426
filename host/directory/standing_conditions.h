/** How the conditions of a sweep stand, each over its seeds. */
#ifndef DG_STANDING_CONDITIONS_H
#define DG_STANDING_CONDITIONS_H

#include "host/directory/standing.h"

/** Runs that differ in nothing but their seed. */
typedef struct dg_sweep_condition {
    size_t first; /* run, for its values */
    size_t planned;
    size_t count[DG_STANDING_RUNS];
} dg_sweep_condition;

/** All conditions in the order of the sweep, freed by the caller. */
DG_MUST_CHECK dg_status dg_sweep_conditions(dg_sweep_condition **out, size_t *count,
                                            const dg_standing *status);

/** Swept keys but the seed: does this axis tell conditions apart? */
bool dg_sweep_axis_tells(const dg_axis *axis);

/** Value of an axis in a run, at most `size` bytes; returns `text`. */
const char *dg_sweep_axis_text(const dg_experiment *experiment, const dg_axis *axis, size_t run,
                               char *text, size_t size);

#endif
