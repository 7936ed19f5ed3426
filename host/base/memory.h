/** Available memory of this machine, which limits the size of batches and estimates. */
#ifndef DG_MEMORY_H
#define DG_MEMORY_H

#include <stdint.h>

/** MemAvailable of /proc/meminfo in bytes: free memory and reclaimable caches; 0 if unknown. */
int64_t dg_memory_available(void);

#endif
