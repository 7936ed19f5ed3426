/** A case run on a backend, with everything that comes back. */
#ifndef DG_TEST_CUDA_OUTCOME_H
#define DG_TEST_CUDA_OUTCOME_H

#include "cases.h"

#include "kernels/backend.h"

/** A processor, and how it is asked. */
typedef struct processor {
    const dg_backend *backend;
    int32_t device;
    const char *vector; /* of a CPU; NULL: the widest */
    const char *name;   /* in messages */
} processor;

/** What all runs of a case left; free with outcome_free(). */
typedef struct outcome {
    dg_shape shape;
    dg_batch_options options;
    int32_t runs;
    char *block;          /* [runs][dg_state_bytes] */
    int64_t *records;     /* [runs][generations][dg_record_words] */
    int16_t *trace;       /* [runs][outcome_trace_words] */
    int32_t *generations; /* [runs] finished */
    int64_t watched[3];   /* generations, agent-steps and runs that the watch counted */
} outcome;

/** Words of the trace of one run; 0 without a trace. */
int64_t outcome_trace_words(const outcome *o);

/** Words of the records of one run, those of generations never reached included (0). */
int64_t outcome_record_words(const outcome *o);

/**
 * Run a case.
 *
 * @param target  the side that blocks, warps, `alone` and `resume` are for
 */
DG_MUST_CHECK dg_status outcome_make(outcome *out, const cuda_case *c, const processor *on,
                                     int target);

/** Accepts a zeroed outcome. */
void outcome_free(outcome *o);

#endif
