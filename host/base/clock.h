/** A steady clock: durations, and waits that nobody lengthens by setting the time. */
#ifndef DG_CLOCK_H
#define DG_CLOCK_H

#include <pthread.h>
#include <time.h>

static inline double dg_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** A condition whose timed waits are of the steady clock; the caller destroys it. */
static inline void dg_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &steady);
    pthread_condattr_destroy(&steady);
}

#endif
