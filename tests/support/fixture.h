/**
 * Small runs for the science tests: a configuration made in C, without the loader, and the results
 * of its run on the CPU backend.
 */
#ifndef DG_TEST_FIXTURE_H
#define DG_TEST_FIXTURE_H

#include "host/models/world.h"
#include "kernels/backend.h"

/** A run and its results; free it with fixture_free(). */
typedef struct fixture_run {
    dg_config config;
    dg_shape shape;
    dg_params params;
    void *block;      /* dg_state_bytes(&shape) */
    dg_state state;   /* pointers into block */
    int64_t *records; /* [generations][dg_record_words] */
    int16_t *trace;   /* [generations][DG_TRACES][steps][agents] */
} fixture_run;

/** How to compute; zero-initialised: widest vectors, one thread, no trace. */
typedef struct fixture_how {
    const char *vector;
    int32_t threads;
    int32_t trace; /* 1: every generation */
} fixture_how;

/** Defaults of MODEL.md for the reading `text`; groups of 4, 4 and 5, 6 steps, 3 generations. */
dg_config fixture_config(uint64_t seed);

/** Replace the groups: `count` sizes; the first `ai` groups are AI, the others human. */
void fixture_groups(dg_config *config, int32_t count, const int64_t *size, int32_t ai);

/** Set the keys of the reading `tables` (MODEL.md, section 7). */
void fixture_tables(dg_config *config);

/** Shape, parameters and the state at generation 0, without a backend. */
fixture_run fixture_begin(const dg_config *config);

/** Compute all generations on the CPU backend. */
fixture_run fixture_finish(const dg_config *config, fixture_how how);

void fixture_free(fixture_run *run);

/** Zeroed memory, aligned to 64 bytes; fails the test if out of memory. */
void *fixture_memory(int64_t bytes);

/** One field of the trace at a generation and step: [agents]. */
const int16_t *fixture_trace(const fixture_run *run, int32_t generation, dg_trace_field field,
                             int32_t step);

#endif
