/** How many threads can this process start? OpenMP libraries end the program where one cannot be. */
#ifndef DG_THREADS_H
#define DG_THREADS_H

#include <stddef.h>

/**
 * Threads that can be there at a time, this one among them: `wanted`, or fewer, half of what can be started, where stacks find no memory
 * (ulimit -v, OMP_STACKSIZE) or the number is limited (ulimit -u, the control group). Found out by starting
 * them, once for the largest number asked for. At least 1.
 */
int dg_threads_possible(int wanted);

/** Bytes of the stack of each thread that OpenMP starts (OMP_STACKSIZE, else ulimit -s). */
size_t dg_threads_stack(void);

/** Bytes of address space that the stacks of the threads found possible so far take. */
double dg_threads_stacks(void);

#endif
