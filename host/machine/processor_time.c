/** The limit on processor time; see processor_time.h. */
#include "host/machine/processor_time.h"

#include <sys/resource.h>

/* a generation may end and the runs be saved, while all threads compute */
#define THREAD_SECONDS 5

void dg_processor_time_reserve(int threads)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return;
    const rlim_t wanted = (rlim_t)threads * THREAD_SECONDS, half = limit.rlim_max / 2;
    const rlim_t soft = limit.rlim_max - (wanted < half ? wanted : half);
    if (limit.rlim_cur <= soft) return; /* RLIM_INFINITY is the largest number */
    limit.rlim_cur = soft;
    (void)setrlimit(RLIMIT_CPU, &limit); /* to lower it is always allowed */
}
