/** A progress callback that requests a stop during the computation. */
#ifndef DG_TEST_STOPPER_H
#define DG_TEST_STOPPER_H

#include "digico/digico.h"

typedef struct stopper {
    volatile int stop;
    int64_t after; /* number of generations done before the stop */
} stopper;

static inline void stop_later(void *user, const dg_progress *progress)
{
    stopper *s = (stopper *)user;
    if (progress->generations_done >= s->after) __atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
}

#endif
