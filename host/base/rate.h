/**
 * Current rate of a call: agent-steps per second over its last half minute, so that the estimate of
 * the remaining time follows the present speed of the machine.
 */
#ifndef DG_RATE_H
#define DG_RATE_H

#include "digico/digico.h"

/** a + b of counts, at most INT64_MAX: a sweep may plan more agent-steps than 64 bits can count. */
static inline int64_t dg_count_add(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* samples are at least a second apart */
#define DG_RATE_SAMPLES 30

/** Zero-initialise. */
typedef struct dg_rate {
    struct {
        double seconds;
        int64_t agent_steps;
    } sample[DG_RATE_SAMPLES]; /* ring buffer */
    size_t count;              /* samples since the call began */
} dg_rate;

/** Record the progress of the call; may be called at any frequency. */
void dg_rate_note(dg_rate *recent, const dg_progress *progress);

/**
 * Agent-steps per second over the last samples; the average of the whole call if there was no
 * progress in them; 0 if nothing is done yet.
 */
double dg_rate_now(const dg_rate *recent, const dg_progress *progress);

/** Seconds to the end at that rate; NaN if the rate is 0, 0 once all runs have ended. */
double dg_rate_left(const dg_progress *progress, double rate);

#endif
