/**
 * How fast a call goes now: agent-steps per second of its last half minute, so that the time left follows
 * what the machine does and not what it did an hour ago.
 */
#ifndef DG_RATE_H
#define DG_RATE_H

#include "digico/digico.h"

/* samples are taken a second apart or more */
#define DG_RATE_SAMPLES 30

/** Zero-initialise. */
typedef struct dg_rate {
    struct {
        double seconds;
        int64_t agent_steps;
    } sample[DG_RATE_SAMPLES]; /* a ring */
    size_t taken;              /* since the call began */
} dg_rate;

/** Note how far the call has come; as often as one likes. */
void dg_rate_note(dg_rate *recent, const dg_progress *progress);

/** Agent-steps per second; those of the whole call where nothing moved lately; 0: none yet. */
double dg_rate_now(const dg_rate *recent, const dg_progress *progress);

/** Seconds until all is done at that rate; NaN where there is none yet, 0 once all runs have ended. */
double dg_rate_left(const dg_progress *progress, double rate);

#endif
