/** How many threads this process should compute with. */
#ifndef DG_PROCESSORS_H
#define DG_PROCESSORS_H

/**
 * Processors that this process may use: those of its affinity, or fewer where its control group, or one
 * above it, may use fewer at a time. At least 1.
 */
int dg_processors(void);

/** The same, with /proc and /sys of another tree of files. */
int dg_processors_in(const char *root);

/** `asked`; if that is 0, OMP_NUM_THREADS or dg_processors(). */
int dg_threads_wanted(int asked);

/** Threads to compute with: those wanted, or as many of them as can be started (threads.h). */
int dg_thread_count(int asked);

#endif
