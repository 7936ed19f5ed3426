/** When a call must stop so that its work is saved before the walltime is over. */
#ifndef DG_WALLTIME_H
#define DG_WALLTIME_H

#include <stdbool.h>

/**
 * Time at which a call must stop: a twentieth of the walltime, at least 1 s and at most 60 s, is
 * reserved for saving.
 *
 * @param begin     start of the call, seconds of any clock
 * @param walltime  seconds; 0: no limit, returns INFINITY
 */
double dg_walltime_stop_at(double begin, double walltime);

/** Is it time to save and stop? The last save may take twice as long as the slowest one so far. */
bool dg_walltime_save_due(double now, double slowest_save, double stop_at);

#endif
