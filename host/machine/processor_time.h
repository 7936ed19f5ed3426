/** The limit on processor time (ulimit -t). */
#ifndef DG_PROCESSOR_TIME_H
#define DG_PROCESSOR_TIME_H

/**
 * Lower the soft limit, at which SIGXCPU comes, so far below the hard one, at which the system kills, that this many
 * threads can save and stop meanwhile: by 5 s of each, but no more than half of the hard limit. Only a finite hard
 * limit matters; a soft limit that is lower stays.
 */
void dg_processor_time_reserve(int threads);

#endif
