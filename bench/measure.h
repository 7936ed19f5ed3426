/** Timing short runs of the engine, without storing them. */
#ifndef DG_BENCH_MEASURE_H
#define DG_BENCH_MEASURE_H

#include "host/backends/devices.h"

/** What to time: `runs` seeds of the default experiment with some keys laid over it. */
typedef struct bench_case {
    const char *name;
    const char *set[4]; /* "key=value", NULL where unused */
    const char *vector; /* instruction set, NULL: the widest */
    int threads;        /* 0: all */
    int runs;           /* seeds 1 ... runs */
    int generations;
} bench_case;

/** What came out. */
typedef struct bench_figure {
    double seconds;           /* advancing, the least of the repeats */
    double start_seconds;     /* starts of runs */
    int64_t agent_steps;      /* agents x steps x generations x runs */
    int64_t simulation_steps; /* steps x generations x runs */
    uint64_t hash;            /* of all final states */
} bench_figure;

/**
 * Time cases in turn on a device, `repeats` times each.
 */
DG_MUST_CHECK dg_status bench_measure_on(const dg_device *device, bench_figure *figure,
                                         const bench_case *cases, int count, int repeats);

/**
 * Time cases in turn on the CPU, `repeats` times each.
 *
 * @param stage_seconds  [DG_STAGES], added to (first case; threads = 1); may be NULL
 */
DG_MUST_CHECK dg_status bench_measure(bench_figure *figure, const bench_case *cases, int count,
                                      int repeats, double *stage_seconds);

/** Nanoseconds per agent-step. */
double bench_nanoseconds(const bench_figure *figure);

#endif
