/** Memory that this machine has left, so that batches and plans fit it. */
#ifndef DG_MEMORY_H
#define DG_MEMORY_H

#include <stdint.h>

/** MemAvailable of /proc/meminfo in bytes: free memory and caches that give way; 0 if unknown. */
int64_t dg_memory_available(void);

#endif
