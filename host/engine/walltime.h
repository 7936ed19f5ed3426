/** When a call must stop so that all it has done is saved before its walltime is over. */
#ifndef DG_WALLTIME_H
#define DG_WALLTIME_H

#include <stdbool.h>

/**
 * When a call of `walltime` seconds that began at `begin` stops at the latest: a twentieth of it is left for
 * saving, but no less than 1 s and no more than 60 s. INFINITY where the walltime is 0, no limit.
 */
double dg_walltime_stop_at(double begin, double walltime);

/** Is it time to save and stop? The last save may take twice as long as the slowest one so far. */
bool dg_walltime_save_due(double now, double slowest_save, double stop_at);

#endif
