/** A moving rate; see pace.h. */
#include "host/base/pace.h"

#include <math.h>

#define SAMPLE_SECONDS 1.0

void dg_pace_note(dg_pace *pace, const dg_progress *p)
{
    const size_t last = (pace->taken + DG_PACE_SAMPLES - 1) % DG_PACE_SAMPLES;
    if (pace->taken > 0 && p->seconds - pace->sample[last].seconds < SAMPLE_SECONDS) return;
    const size_t next = pace->taken % DG_PACE_SAMPLES;
    pace->sample[next].seconds = p->seconds;
    pace->sample[next].agent_steps = p->agent_steps_done;
    pace->taken++;
}

double dg_pace_rate(const dg_pace *pace, const dg_progress *p)
{
    const size_t oldest = pace->taken > DG_PACE_SAMPLES ? pace->taken % DG_PACE_SAMPLES : 0;
    if (pace->taken == 0) return dg_progress_rate(p);
    const double seconds = p->seconds - pace->sample[oldest].seconds;
    const int64_t agent_steps = p->agent_steps_done - pace->sample[oldest].agent_steps;
    /* runs that are started or saved do not move: no reason to expect eternity */
    if (!(seconds > 0) || agent_steps <= 0) return dg_progress_rate(p);
    return (double)agent_steps / seconds;
}

double dg_pace_left(const dg_progress *p, double rate)
{
    if (p->runs_planned > 0 && p->runs_done >= p->runs_planned) return 0;
    if (!(rate > 0)) return (double)NAN;
    const int64_t left = p->agent_steps_planned - p->agent_steps_done;
    return left > 0 ? (double)left / rate : 0;
}
