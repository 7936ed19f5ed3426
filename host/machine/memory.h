/** Memory that this process may still take, which limits the size of batches and estimates. */
#ifndef DG_MEMORY_H
#define DG_MEMORY_H

#include <stdint.h>

/**
 * Bytes that this process may still take: the least of
 * - its part of the machine's MemAvailable (free memory and caches that can be given back);
 * - its part of what the memory limit of its control group, and of each group above it, leaves;
 * - its part of Slurm's allocation on this node (SLURM_MEM_PER_NODE, or SLURM_MEM_PER_CPU for its CPUs);
 * - what the limit on its own address space (ulimit -v) leaves beside the stacks of its threads.
 *
 * The processes that share are `sharing`, or the tasks of its Slurm step on this node if those are more.
 * But a task of a job array has an allocation and groups of its own: only the tasks of its step share
 * them, whatever runs beside it on the node.
 *
 * @param sharing  processes at work on this machine that divide its memory; 0 and 1: this one alone
 * @return 0 if unknown, else at least 1
 */
int64_t dg_memory_available(int32_t sharing);

/** The same, with /proc and /sys of another tree of files. */
int64_t dg_memory_available_in(const char *root, int32_t sharing);

#endif
