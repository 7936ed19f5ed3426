/** The monotonic clock: durations and timed waits that ignore changes of the system time. */
#ifndef DG_CLOCK_H
#define DG_CLOCK_H

#include <pthread.h>
#include <time.h>

/** Seconds since an arbitrary fixed moment. */
static inline double dg_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** Initialise a condition variable whose timed waits use this clock; the caller destroys it. */
static inline void dg_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

#endif
