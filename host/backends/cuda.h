/**
 * Inside of the CUDA backend.
 *
 * A batch keeps a ring of records on the device, two stretches of generations long: while one stretch is
 * computed, the records of the one before are copied and taken over into the host's table. The host waits
 * once a stretch, never within a generation.
 */
#ifndef DG_BACKEND_CUDA_H
#define DG_BACKEND_CUDA_H

#include "host/backends/cuda_cublas.h"
#include "kernels/backend.h"

/** Generations of one stretch at most. */
#define DG_STRETCH_MOST 32

/** A stretch whose records are on their way to the host. */
typedef struct dg_stretch {
    int32_t first;
    int32_t count; /* 0: none */
} dg_stretch;

struct dg_batch {
    dg_shape shape;
    dg_batch_options options;
    dg_device_batch on_device;
    void *memory; /* one allocation holds all arrays of on_device */
    dg_cublas *cublas;
    cudaStream_t compute, copy;
    cudaEvent_t computed[2], copied[2]; /* by half of the ring */
    cudaGraphExec_t generation[2]; /* a whole generation: without, with diversity; NULL: none */
    int32_t stretch;               /* generations of a half of the ring */
    int32_t begun;                 /* first genotypes were made, or taken from a restored state */
    int32_t enqueued;              /* generations handed to the device */
    int32_t over;                  /* runs that have ended, as the host knows by now */
    dg_stretch pending[2];
    int32_t failed; /* a call failed half-way: what is on the device is not known any more */
    /* staging, pinned, laid out as on the device */
    int64_t *staged_record; /* [runs][ring][dg_record_words] */
    int16_t *staged_trace;  /* [runs][ring][trace page], NULL without a trace */
    int32_t *staged_ended;  /* [2][runs] */
    /* the host's tables */
    int64_t *records;     /* [runs][generations][dg_record_words] */
    int16_t *trace;       /* [runs][traced generations][trace page] */
    int32_t *generations; /* [runs] finished */
    dg_traffic traffic;
};

/** The layout for batches of a shape on options->device; DG_ERR_UNSUPPORTED where none fits. cuda_layout.c */
DG_MUST_CHECK dg_status dg_cuda_layout_of(dg_cuda_layout *out, const dg_shape *shape,
                                          const dg_batch_options *options);

/** Choose the layout again, with half the blocks per run, for the launches that follow. cuda_layout.c */
DG_MUST_CHECK dg_status dg_cuda_layout_halve(dg_batch *batch);

/** As dg_backend.advance; cuda_queue.c */
DG_MUST_CHECK dg_status dg_cuda_advance(dg_batch *batch, int32_t generations,
                                        const dg_watch *watch);

/**
 * Logits of a run's agents in their current state, through cuBLAS: for checks of its tolerance.
 *
 * @param batch   made with options.cublas = 1, no call of it under way
 * @param logits  [agents][values], written
 */
DG_MUST_CHECK dg_status dg_cuda_logits(dg_batch *batch, int32_t run, float *logits);

#endif
