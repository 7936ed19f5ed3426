/** The CPU schedule of the echo-chamber model: steps of one run, per instruction set. */
#ifndef DG_ECHO_CPU_H
#define DG_ECHO_CPU_H

#include "kernels/cpu/schedule.h"

#include "kernels/science/echo.h"

/** The run that a thread computes. */
typedef struct dg_echo_run {
    uint64_t seed;
    int32_t agents; /* >= 2 where agents meet */
    dg_echo_params params;
    int32_t first, last;   /* steps first ... last-1 are computed, first < last */
    float *belief;         /* [agents] read and written */
    const float *evidence; /* [agents] */
    float *other;          /* [agents] scratch */
    double *mean_utility;  /* of step last-1, before its update */
} dg_echo_run;

#define DG_ECHO_DECLARE(set) void dg_echo_##set(const dg_echo_run *run);
DG_VECTOR_LIST(DG_ECHO_DECLARE)
#undef DG_ECHO_DECLARE

#endif
