/** Memory that this process may still take, which limits the size of batches and estimates. */
#ifndef DG_MEMORY_H
#define DG_MEMORY_H

#include <stdint.h>

/**
 * Bytes that this process may still take: the least of
 * - the machine's MemAvailable (free memory and caches that can be given back);
 * - what the memory limit of its control group, and of each group above it, leaves;
 * - what the limit on its address space (ulimit -v) leaves;
 * - Slurm's allocation on this node (SLURM_MEM_PER_NODE, or SLURM_MEM_PER_CPU for its CPUs);
 * shared with the other tasks of its Slurm step on this node.
 *
 * @return 0 if unknown, else at least 1
 */
int64_t dg_memory_available(void);

/** The same, with /proc and /sys of another tree of files. */
int64_t dg_memory_available_in(const char *root);

#endif
