/** Starting as many threads as OpenMP will, to see whether it can; see threads.h. */
#include "host/machine/threads.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* of this program beside those of OpenMP: one that computes with it, one that reports progress */
#define OTHERS 2

/* ---- stacks ---------------------------------------------------------------------------------- */

/** The size that a variable of OpenMP asks for, "512k", "8 M", "4096" (KiB); 0: none, no size, or beyond 64 bits. */
static size_t size_in(const char *text)
{
    static const char units[] = "bkmg";
    char *end = NULL;
    if (text == NULL || strchr(text, '-') != NULL) return 0;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    if (end == text || errno != 0) return 0;
    end += strspn(end, " \t");
    const char lower = (char)(*end | 0x20);
    const char *unit = *end == '\0' ? units + 1 : strchr(units, lower);
    if (unit == NULL || *unit == '\0' || (*end != '\0' && end[1 + strspn(end + 1, " \t")] != '\0'))
        return 0;
    const int shift = 10 * (int)(unit - units);
    return number > SIZE_MAX >> shift ? 0 : (size_t)number << shift;
}

/** Set the size of stacks that OpenMP will use; what it does not take leaves the default. */
static void set_stack(pthread_attr_t *how)
{
    size_t size = size_in(getenv("OMP_STACKSIZE"));
    if (size == 0) size = size_in(getenv("GOMP_STACKSIZE"));
    if (size > 0) (void)pthread_attr_setstacksize(how, size);
}

size_t dg_threads_first_stack(void)
{
    struct rlimit limit;
    const bool limited = getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return limited ? (size_t)limit.rlim_cur : SIZE_MAX;
}

size_t dg_threads_stack(void)
{
    pthread_attr_t how;
    size_t bytes = 0;
    if (pthread_attr_init(&how) != 0) return 0;
    set_stack(&how);
    (void)pthread_attr_getstacksize(&how, &bytes);
    pthread_attr_destroy(&how);
    return bytes;
}

/* ---- starting threads ------------------------------------------------------------------------ */

/** It takes some memory, too: the C library then reserves an area for each thread, and keeps it. */
static void *wait_at(void *gate)
{
    void *volatile any = malloc(1);
    free(any);
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

/** How many of these can be started together. */
static int start_all(pthread_t *thread, int count, const pthread_attr_t *how)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int started = 0;
    pthread_mutex_lock(&gate);
    while (started < count && pthread_create(&thread[started], how, wait_at, &gate) == 0) started++;
    pthread_mutex_unlock(&gate);
    for (int k = 0; k < started; k++) pthread_join(thread[k], NULL);
    return started;
}

/* ---- what is known --------------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int tried = 1, possible = 1;
static size_t stack;

/** Address space is scarce: the C library reserves no further areas of 64 MiB of it for threads. */
static void save_space(void)
{
#ifdef M_ARENA_MAX
    (void)mallopt(M_ARENA_MAX, 1);
#endif
}

/**
 * Where a limit is met, half of the threads up to it: the rest is for what is computed. Without memory
 * for the list of threads nothing is learnt.
 */
static void try(int wanted)
{
    pthread_attr_t how;
    const int count = wanted - 1 + OTHERS;
    pthread_t *thread = calloc((size_t)count, sizeof *thread);
    if (thread != NULL && pthread_attr_init(&how) == 0) {
        set_stack(&how);
        const int started = start_all(thread, count, &how);
        possible = started == count ? wanted : started > OTHERS ? (started - OTHERS) / 2 + 1 : 1;
        if (started < count) save_space();
        tried = wanted;
        (void)pthread_attr_getstacksize(&how, &stack);
        pthread_attr_destroy(&how);
    }
    free(thread);
}

int dg_threads_possible(int wanted)
{
    pthread_mutex_lock(&lock);
    if (wanted > tried) try(wanted);
    const int count = wanted > tried || wanted < possible ? wanted : possible;
    pthread_mutex_unlock(&lock);
    return count;
}

double dg_threads_stacks(void)
{
    pthread_mutex_lock(&lock);
    const double bytes = (double)(possible - 1) * (double)stack;
    pthread_mutex_unlock(&lock);
    return bytes;
}
