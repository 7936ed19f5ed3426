/**
 * cuBLAS, loaded when it is first asked for (`policy.forward: cublas`), so that the program starts on
 * machines without it.
 */
#ifndef DG_BACKEND_CUDA_CUBLAS_H
#define DG_BACKEND_CUDA_CUBLAS_H

#include "digico/digico.h"
#include "kernels/cuda/schedule.h"

/** A handle of cuBLAS and the pointers of a batch's products. */
typedef struct dg_cublas dg_cublas;

/** Can cuBLAS be loaded? DG_ERR_UNSUPPORTED says what was looked for. */
DG_MUST_CHECK dg_status dg_cublas_load(void);

/** Bytes of device memory that the products of one run need for their pointers. */
int64_t dg_cublas_bytes(const dg_shape *shape);

/**
 * Prepare the products of a batch on its current device.
 *
 * @param pointers  device memory, batch->runs x dg_cublas_bytes(shape), written
 * @param out       the caller frees it with dg_cublas_free()
 */
DG_MUST_CHECK dg_status dg_cublas_create(dg_cublas **out, const dg_device_batch *batch,
                                         void *pointers, cudaStream_t stream);

/** Free and set *cublas to NULL; accepts NULL inside. */
void dg_cublas_free(dg_cublas **cublas);

/** Enqueue all logits of a step: hidden = W1 o + b1, tanh, logits = W2 hidden + b2. */
DG_MUST_CHECK dg_status dg_cublas_logits(dg_cublas *cublas, const dg_device_batch *batch,
                                         int64_t *launches);

#endif
