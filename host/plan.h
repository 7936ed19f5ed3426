/** What an experiment will take - runs, memory, time, disk - found out before anything starts. */
#ifndef DG_PLAN_H
#define DG_PLAN_H

#include "host/config.h"

/** Runs that agree on their sizes; the engine holds them in batches of their own. */
typedef struct dg_plan_shape {
    dg_config config; /* of the first of them */
    size_t runs;
    int64_t agent_steps;  /* of one run: agents x steps x generations */
    int64_t run_bytes;    /* memory of one run while it is held */
    int64_t file_bytes;   /* of one run in the result, before compression */
    double start_seconds; /* of one run on one thread: tessellation, weights; nan: not measured */
    double run_seconds;   /* of one run on one thread, start included; nan: not measured */
} dg_plan_shape;

typedef struct dg_plan {
    size_t runs;
    dg_plan_shape *shape; /* [shapes] in order of first appearance */
    size_t shapes;
    size_t batches;      /* the engine's, one after the other */
    int64_t held_bytes;  /* memory of the largest batch */
    int threads;         /* that the time is for */
    int64_t memory_free; /* of this machine now, bytes; 0: unknown */
    int64_t agent_steps; /* of all runs */
    int64_t file_bytes;  /* of the result, before compression */
    double seconds;      /* wall time of all runs; nan: not measured */
} dg_plan;

/**
 * Count, add up and time: the first run of each shape is advanced for a moment, 0.3 s in all.
 *
 * @param out      filled in; freed with dg_plan_free()
 * @param options  threads, vector and batch count; may be NULL
 * @return DG_OK, DG_ERR_ARGUMENT (options), DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_plan_make(dg_plan *out, const dg_experiment *experiment,
                                     const dg_options *options);

/** Free what the plan holds. */
void dg_plan_free(dg_plan *plan);

#endif
