/**
 * gpu-bench: how fast a CUDA device runs Digico, beside the two floors of DESIGN.md, section 5.
 *
 * Results are compared with the CPU's before anything is timed. What is compared is timed in turn,
 * A B A B; a figure is the median of its repeats, and its spread (largest - smallest, in % of the
 * median) stands beside it.
 */
#ifndef DG_BENCH_GPU_H
#define DG_BENCH_GPU_H

#include "host/config/config.h"
#include "kernels/backend.h"

#include <stdio.h>

enum { GPU_REPEATS_MOST = 9, GPU_WORDS = 8 };

/** The bench under way. */
typedef struct gpu_bench {
    const dg_backend *backend;
    dg_device_info info;
    int32_t device;
    int quick;
    int repeats;
    double began, limit; /* seconds of dg_clock(): begin, and when to start nothing new */
    double peak; /* float32 operations/s by multiprocessors x 128 lanes x 2 x clock; 0: unknown */
    const char *file; /* JSON, rewritten whole after each section; NULL: none */
    FILE *json;       /* a memory stream */
    char *text;       /* what it holds */
    size_t size;
    int first; /* no member written yet in the open object */
} gpu_bench;

/** What to time: `runs` seeds of the default experiment with some keys laid over it. */
typedef struct gpu_case {
    const char *name;
    const char *set[GPU_WORDS]; /* "key=value", NULL where unused; a list multiplies the runs */
    int seeds;
    int generations;   /* of one repeat */
    int blocks, warps; /* 0: chosen */
} gpu_case;

/** What came out. */
typedef struct gpu_figure {
    double seconds;       /* of `generations` generations, median */
    double spread;        /* (largest - smallest) / median */
    double start_seconds; /* starts of all runs, once */
    double agent_steps;   /* of one repeat */
    double steps;         /* of one repeat, as one run counts them: the chain */
    int32_t runs, generations, agents;
    dg_traffic traffic; /* of all repeats */
    int missing;        /* it does not fit this device, or time was out: no figure */
} gpu_figure;

/* ---- measure.c ------------------------------------------------------------------------------- */

/** Time cases in turn, each in one batch that goes on from repeat to repeat. */
DG_MUST_CHECK dg_status gpu_measure(gpu_figure *figure, const gpu_bench *b, const gpu_case *cases,
                                    int count);

/** Time whole runs: start, all generations, end; bench->repeats times. */
DG_MUST_CHECK dg_status gpu_measure_whole(gpu_figure *figure, const gpu_bench *b,
                                          const gpu_case *c);

/** Final states of a case on the CPU and on the device: DG_ERR_MISMATCH if they differ. */
DG_MUST_CHECK dg_status gpu_compare(const gpu_bench *b, const gpu_case *c);

/* ---- report.c -------------------------------------------------------------------------------- */

void gpu_section_open(gpu_bench *b, const char *name, const char *title);

/** Close it and bring the file up to date. */
DG_MUST_CHECK dg_status gpu_section_close(gpu_bench *b);

/** One figure. */
void gpu_put(gpu_bench *b, const char *name, double value, const char *unit);

/** Throughput of a case, its spread, and the fractions of the floors; that of arithmetic is N = 30's. */
void gpu_put_figure(gpu_bench *b, const char *name, const gpu_figure *f);

/** Device, version and commit; opens the JSON. */
void gpu_put_machine(gpu_bench *b);

/* ---- sections.c, peak.c ---------------------------------------------------------------------- */

/** A part of the bench. */
typedef struct gpu_section {
    const char *name;
    dg_status (*run)(gpu_bench *b);
} gpu_section;

extern const gpu_section gpu_sections[]; /* ends with name == NULL */

/** Clock of a CUDA device in Hz; 0: unknown. */
double gpu_clock(int32_t device);

#endif
