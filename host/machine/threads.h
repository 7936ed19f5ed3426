/** How many threads can this process start? OpenMP libraries end the program where one cannot be. */
#ifndef DG_THREADS_H
#define DG_THREADS_H

#include <stddef.h>

/**
 * Threads that can be there at a time, this one among them: `wanted`, or fewer, half of what can be started,
 * where stacks find no memory (ulimit -v, OMP_STACKSIZE) or the number is limited (ulimit -u, the control
 * group). Found out by starting them, once for the largest number asked for. At least 1.
 */
int dg_threads_possible(int wanted);

/**
 * Bytes that the stack of each thread has at least. Kernels end by SIGSEGV with 36 KiB, HDF5 as it reads a result
 * with 100 KiB; sanitizers take about twice that.
 */
#define DG_STACK_LEAST ((size_t)256 << 10)

/** Bytes that the stack of the first thread may have (ulimit -s); SIZE_MAX: no limit. */
size_t dg_threads_first_stack(void);

/** Bytes of the stack of each thread that OpenMP starts (OMP_STACKSIZE, else ulimit -s). */
size_t dg_threads_stack(void);

/** Bytes of address space that the stacks of the threads found possible so far take. */
double dg_threads_stacks(void);

#endif
