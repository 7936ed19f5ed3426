/**
 * The bench: how fast this machine runs Digico, and where the time goes.
 *
 * Results are checked before anything is timed. Whatever is compared is timed in turn, A B A B, and
 * the least of the repeats is kept: machines are shared, and nothing makes a run faster than it is.
 */
#ifndef DG_BENCH_H
#define DG_BENCH_H

#include "digico/digico.h"

#include <stdio.h>

typedef struct dg_bench_options {
    int quick;        /* non-zero: seconds instead of minutes, to see that it works */
    const char *json; /* file to write the figures to; NULL: none */
} dg_bench_options;

/**
 * Run all benches and print them to `out`.
 *
 * @return DG_OK, DG_ERR_MISMATCH (instruction sets disagree), DG_ERR_IO (json), or what a run returned
 */
DG_MUST_CHECK dg_status dg_bench_run(FILE *out, const dg_bench_options *options);

#endif
