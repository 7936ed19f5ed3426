/** Stopping before the walltime is over; see walltime.h. */
#include "host/engine/walltime.h"

#include <math.h>

/* share of the walltime that is reserved for saving, at least and at most these seconds */
#define WALLTIME_SHARE 0.05
#define WALLTIME_LEAST 1.0
#define WALLTIME_MOST  60.0

double dg_walltime_stop_at(double begin, double walltime)
{
    const double share = WALLTIME_SHARE * walltime;
    const double saving = share < WALLTIME_LEAST  ? WALLTIME_LEAST
                          : share > WALLTIME_MOST ? WALLTIME_MOST
                                                  : share;
    return walltime > 0 ? begin + walltime - saving : (double)INFINITY;
}

bool dg_walltime_save_due(double now, double slowest_save, double stop_at)
{
    return now + 2 * slowest_save >= stop_at;
}
