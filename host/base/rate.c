/** Moving average of the rate; see rate.h. */
#include "host/base/rate.h"

#include <math.h>

#define SAMPLE_SECONDS 1.0

void dg_rate_note(dg_rate *recent, const dg_progress *p)
{
    const size_t last = (recent->count + DG_RATE_SAMPLES - 1) % DG_RATE_SAMPLES;
    if (recent->count > 0 && p->seconds - recent->sample[last].seconds < SAMPLE_SECONDS) return;
    const size_t next = recent->count % DG_RATE_SAMPLES;
    recent->sample[next].seconds = p->seconds;
    recent->sample[next].agent_steps = p->agent_steps_done;
    recent->count++;
}

double dg_rate_now(const dg_rate *recent, const dg_progress *p)
{
    const size_t oldest = recent->count > DG_RATE_SAMPLES ? recent->count % DG_RATE_SAMPLES : 0;
    if (recent->count == 0) return dg_progress_rate(p);
    const double seconds = p->seconds - recent->sample[oldest].seconds;
    const int64_t agent_steps = p->agent_steps_done - recent->sample[oldest].agent_steps;
    /* no generations finish while runs start or are saved: use the average of the whole call */
    if (!(seconds > 0) || agent_steps <= 0) return dg_progress_rate(p);
    return (double)agent_steps / seconds;
}

double dg_rate_left(const dg_progress *p, double rate)
{
    if (p->runs_planned > 0 && p->runs_done >= p->runs_planned) return 0;
    if (!(rate > 0)) return (double)NAN;
    const int64_t left = p->agent_steps_planned - p->agent_steps_done;
    return left > 0 ? (double)left / rate : 0;
}
